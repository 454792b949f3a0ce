"""The graph file: text to `GraphContent` and back, byte for byte.

The document holds what decides how a graph runs and looks, and nothing else: no graph id, owner or time.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, BinaryIO

from pydantic import ValidationError

from weft.graphs.errors import DocumentInvalid
from weft.graphs.issues import Code
from weft.graphs.json_text import check_storable, format_steps, is_storable, parse_json
from weft.graphs.limits import DEFAULT_LIMITS, GraphLimits
from weft.graphs.types import GraphContent, Position
from weft.sdk.graph_file import FORMAT, canonical_bytes

_FORMAT_KEY = "weft"
_POSITION = "position"
_AXES = Position.model_fields.keys()
_NUMBERS = {int, float}
_LONGEST_PIN_BYTES = 1000  # both pins of a link stand in one index entry of the database
_SURELY_SHORT = _LONGEST_PIN_BYTES // 4  # characters; UTF-8 has at most four bytes for one

_ID = "must be a text of 1 to 64 characters without control characters"
_PIN = "must be a pin's name, a text of 1 to 500 characters"
EXPECTED = {
    "id": _ID,
    "source_id": _ID,
    "sink_id": _ID,
    "source_name": _PIN,
    "sink_name": _PIN,
    "block_id": "must be a text of 1 to 200 characters",
    "label": "must be a text of 1 to 100 characters",
    "name": "must be a text of 1 to 100 characters",
    "description": "must be a text of at most 500 characters",
    "input_default": "must be an object",
    "metadata": "must be an object",
    "policy": "must be an object",
    "is_static": "must be true or false",
    "optional_path": "must be true or false",
    "attempts": "must be a whole number from 1 to 100",
    "backoff_s": "must be a number from 0 to 3600",
    "timeout_s": "must be a number above 0 and at most 86400",
    "ordered": "must be true or false",
    "parallel": "must be a whole number from 1 to 10,000",
}
"""What a field must be, for messages about files that hold something else."""


def read_limited(stream: BinaryIO, *, place: str, limits: GraphLimits = DEFAULT_LIMITS) -> bytes:
    """Return all bytes of the stream, of which no more than the limit and one are read.

    Raises:
        DocumentInvalid: The stream holds more than a document may.
    """
    data = stream.read(limits.document_bytes + 1)
    if len(data) > limits.document_bytes:
        message = f"the document is larger than {limits.document_bytes:,} bytes"
        raise DocumentInvalid(Code.TOO_LARGE, message, place=place)
    return data


def parse_document(data: bytes | str, *, place: str = "", limits: GraphLimits = DEFAULT_LIMITS) -> GraphContent:
    """Return the graph that the text holds; what it says about blocks and pins is not checked here.

    Args:
        data: JSON as UTF-8 bytes or text.
        place: Where it comes from, as a file's name; messages begin with it.
        limits: Upper bounds of size and depth.

    Raises:
        DocumentInvalid: It holds no graph; the message names the first place that is wrong.
    """
    return _content(parse_json(data, place=place, limits=limits), place=place)


def content_from(document: Mapping[str, Any], *, place: str = "") -> GraphContent:
    """Return the graph that a document given as plain data holds, checked like a file.

    Raises:
        DocumentInvalid: It holds no graph, or a value that cannot be stored.
    """
    plain = dict(document)
    check_storable(plain, place=place)
    return _content(plain, place=place)


def check_content(content: GraphContent) -> None:
    """Check that content made in the program, not parsed, can be stored and read back.

    Raises:
        DocumentInvalid: It holds a value that JSON or the database cannot hold.
    """
    if not is_storable(_values(content)):
        check_storable(to_document(content))
    _check_parts(content, place="")


def _values(content: GraphContent) -> list[Any]:
    """Return all values of the content; making a document of them would take several times as long."""
    values: list[Any] = [content.name, content.description]
    for node in content.nodes:
        values += (node.id, node.block_id, node.label, node.input_default, node.metadata)
        values += vars(node.policy).values()
    for link in content.links:
        values += vars(link).values()
    return values


def to_document(content: GraphContent) -> dict[str, Any]:
    """Return the content as plain data of JSON's types; graph id, owner and times are left out."""
    return {
        "name": content.name,
        "description": content.description,
        "nodes": [node.model_dump(mode="python", exclude={"policy"}) | _policy(node.policy) for node in content.nodes],
        "links": [link.model_dump(mode="python") for link in content.links],
    }


def _policy(policy: Any) -> dict[str, Any]:
    return {"policy": policy.model_dump(exclude_none=True)}


def to_bytes(content: GraphContent) -> bytes:
    """Return the canonical file; equal contents give equal bytes, and parsing them gives the content back."""
    return canonical_bytes(to_document(content))


def content_hash(content: GraphContent) -> str:
    """Return the SHA-256 of the canonical file, 64 hexadecimal digits: equal for equal contents."""
    return hashlib.sha256(to_bytes(content)).hexdigest()


def _content(document: Any, *, place: str) -> GraphContent:
    if not isinstance(document, dict):
        message = f"a graph is a JSON object, this is {_kind(document)}"
        raise DocumentInvalid(Code.WRONG_SHAPE, message, place=place)
    _check_format(document.get(_FORMAT_KEY, FORMAT), place=place)
    for part in ("nodes", "links"):
        if not isinstance(document.get(part, []), list):
            raise DocumentInvalid(Code.WRONG_SHAPE, "must be a list", place=place, path=part)
    frozen = {key: value for key, value in document.items() if key != _FORMAT_KEY}
    frozen |= {part: tuple(document[part]) for part in ("nodes", "links") if part in document}
    try:
        content = GraphContent.model_validate(frozen, strict=True)
    except ValidationError as error:
        path, message = _sentence(error)
        raise DocumentInvalid(Code.WRONG_SHAPE, message, place=place, path=path) from None
    _check_parts(content, place=place)
    for code, part in ((Code.DUPLICATE_NODE_ID, "nodes"), (Code.DUPLICATE_LINK_ID, "links")):
        _check_ids(document.get(part, []), code, place=place, part=part)
    return content


def _check_format(number: Any, *, place: str) -> None:
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= FORMAT:
        message = f"must be the number of a format that this program reads, 1 to {FORMAT}"
        raise DocumentInvalid(Code.WRONG_SHAPE, message, place=place, path=_FORMAT_KEY)


def _check_ids(items: list[dict[str, Any]], code: Code, *, place: str, part: str) -> None:
    first: dict[str, int] = {}
    for at, item in enumerate(items):
        earlier = first.setdefault(item["id"], at)
        if earlier != at:
            message = f"is {item['id']!r}, as {part}[{earlier}].id is; an id stands once"
            raise DocumentInvalid(code, message, place=place, path=f"{part}[{at}].id")


def _check_parts(content: GraphContent, *, place: str) -> None:
    for at, node in enumerate(content.nodes):
        if _POSITION in node.metadata:
            _check_position(node.metadata[_POSITION], place=place, path=f"nodes[{at}].metadata.{_POSITION}")
    for at, link in enumerate(content.links):
        for end, name in (("source_name", link.source_name), ("sink_name", link.sink_name)):
            if len(name) > _SURELY_SHORT and len(name.encode()) > _LONGEST_PIN_BYTES:
                message = f"must be at most {_LONGEST_PIN_BYTES} bytes of UTF-8"
                raise DocumentInvalid(Code.WRONG_SHAPE, message, place=place, path=f"links[{at}].{end}")


def _check_position(position: Any, *, place: str, path: str) -> None:
    # That numbers are finite was checked before; so most positions need no model.
    if type(position) is dict and position.keys() == _AXES and {*map(type, position.values())} <= _NUMBERS:
        return
    try:
        Position.model_validate(position, strict=True)
    except ValidationError:
        message = 'must be an object of two numbers, {"x": 0, "y": 0}'
        raise DocumentInvalid(Code.WRONG_SHAPE, message, place=place, path=path) from None


def _sentence(error: ValidationError) -> tuple[str, str]:
    """Return the place and the rule of the first fault, in words that need no knowledge of the program."""
    fault = error.errors(include_url=False, include_context=False)[0]
    path, field = format_steps(fault["loc"]), fault["loc"][-1]
    match fault["type"]:
        case "missing":
            return path, "is missing"
        case "extra_forbidden":
            return path, "is no field of the format"
        case "model_type" | "model_attributes_type" | "dict_type":
            return path, f"must be an object, not {_kind(fault['input'])}"
        case _:
            expected = EXPECTED.get(str(field))
            return path, f"{expected}, not {_kind(fault['input'])}" if expected else fault["msg"]


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"a text of {len(value)} characters"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"
