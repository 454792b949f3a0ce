"""The loop of a sandbox worker: one request in, one answer out, as JSON behind its length in four bytes."""

import json
import os
import signal
import struct
import sys
import warnings
from typing import Any

from weft.sandbox.child import patterns, templates
from weft.sandbox.child.walls import raise_walls

_STDIN, _STDOUT = 0, 1
_WARM_UP = "{% macro m(x) %}{{ x|upper|tojson }}{% endmacro %}{% for a in [1] %}{{ m('é') ~ loop.index }}{% endfor %}"


def main() -> None:
    """Warm up, raise the walls, answer requests until the parent closes the pipe.

    Command line: address space in bytes, the parent's process id.
    """
    memory_bytes, parent = int(sys.argv[1]), int(sys.argv[2])
    warnings.simplefilter("ignore")
    _warm_up()
    _write({"ok": raise_walls(memory_bytes, parent)})
    while (request := _read()) is not None:
        signal.setitimer(signal.ITIMER_PROF, request["cpu_s"])
        answer = _answer(request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(answer)
    os._exit(0)


def _warm_up() -> None:
    """Load everything that rendering and reporting load lazily: behind the walls no file can be opened."""
    for source in (
        _WARM_UP,
        "{{ 1 + }}",
        "{{ nothing }}",
        "{{ 1 / 0 }}",
        "{{ [1]|join|urlize|wordwrap|pprint }}",
    ):
        _answer(
            {
                "operation": "render",
                "template": source,
                "values": {},
                "escape_html": False,
                "output_chars": 99,
            }
        )
    _answer({"operation": "search", "pattern": "(?i)ß(", "text": "", "flags": 0, "most": 1, "complain": False})
    json.loads(json.dumps({"a": [1.5, "é", None]}))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    render = request["operation"] == "render"
    try:
        if render:
            output = templates.render(
                request["template"], request["values"], request["escape_html"], request["output_chars"]
            )
            return {"ok": output}
        return {
            "ok": patterns.search(
                request["pattern"], request["text"], request["flags"], request["most"], request["complain"]
            )
        }
    except MemoryError:
        return {"error": {"kind": "memory", "message": "it needs more memory than it may use"}}
    except Exception as error:  # noqa: BLE001 - whatever the user's text raises is the answer
        return {"error": templates.describe_error(error) if render else patterns.describe_error(error)}


def _read() -> dict[str, Any] | None:
    head = _read_exactly(4)
    if head is None:
        return None
    body = _read_exactly(struct.unpack(">I", head)[0])
    return None if body is None else json.loads(body)


def _read_exactly(size: int) -> bytes | None:
    body = bytearray()
    while len(body) < size:
        part = os.read(_STDIN, min(size - len(body), 1 << 20))
        if not part:
            return None
        body += part
    return bytes(body)


def _write(answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    data = memoryview(struct.pack(">I", len(body)) + body)
    while data:
        data = data[os.write(_STDOUT, data) :]
