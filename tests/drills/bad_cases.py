"""Broken files and inputs as data: what is given to `weft run`, and what the answer must say."""

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Document = dict[str, Any]
Write = Callable[[Path], None]

GOOD: Document = {
    "weft": 1,
    "name": "Good",
    "nodes": [
        {"id": "in", "block_id": "input.number", "label": "In", "input_default": {"name": "n", "value": 1}},
        {"id": "list", "block_id": "data.store_value", "label": "Keep", "input_default": {"data": 2}},
        {"id": "out", "block_id": "output.value", "label": "Out", "input_default": {"name": "answer"}},
    ],
    "links": [
        {"id": "a", "source_id": "in", "source_name": "result", "sink_id": "list", "sink_name": "input"},
        {"id": "b", "source_id": "list", "source_name": "output", "sink_id": "out", "sink_name": "value"},
    ],
}
"""A graph that runs; each broken one differs from it in one place."""

NEEDY: Document = copy.deepcopy(GOOD)
del NEEDY["nodes"][0]["input_default"]["value"]
TEXT = "holds"


@dataclass(frozen=True)
class Case:
    """One thing that must be refused.

    Attributes:
        name: What is wrong.
        write: Writes the graph's file.
        said: What the one sentence must contain: the place, or the rule.
        arguments: Given to `weft run` after the file; `{folder}` is where files lie.
        files: Further files, by name.
    """

    name: str
    write: Write
    said: Sequence[str]
    arguments: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)


def raw(data: bytes | str) -> Write:
    """Return what writes these bytes."""
    return lambda path: _write(path, data.encode() if isinstance(data, str) else data)


def changed(change: Callable[[Document], object]) -> Write:
    """Return what writes the good graph after a change."""

    def write(path: Path) -> None:
        document = copy.deepcopy(GOOD)
        change(document)
        path.write_text(json.dumps(document))

    return write


def put(*steps: Any, value: Any) -> Write:
    """Return what writes the good graph with another value in one place."""

    def change(document: Document) -> None:
        place: Any = document
        for step in steps[:-1]:
            place = place[step]
        place[steps[-1]] = value

    return changed(change)


def text(old: str, new: str) -> Write:
    """Return what writes the good graph with other signs in its text."""
    whole = json.dumps(GOOD)
    assert old in whole
    return raw(whole.replace(old, new, 1))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _deep(depth: int) -> str:
    return json.dumps(GOOD).replace('"data": 2', f'"data": {"[" * depth}{"]" * depth}')


def _huge(path: Path) -> None:
    head, tail = json.dumps(GOOD).replace('"data": 2', '"data": "@"').split("@")
    with path.open("w") as file:
        file.write(head)
        for _ in range(100):
            file.write("x" * 1_000_000)
        file.write(tail)


def _link(id: str, source: str, sink: str) -> Document:
    source_id, source_name = source.split(":")
    sink_id, sink_name = sink.split(":")
    return {
        "id": id,
        "source_id": source_id,
        "source_name": source_name,
        "sink_id": sink_id,
        "sink_name": sink_name,
    }


def _cycle(document: Document) -> None:
    document["nodes"].append({"id": "m", "block_id": "flow.merge", "label": "M"})
    document["nodes"].append({"id": "m2", "block_id": "flow.merge", "label": "M2"})
    document["links"] += [
        _link("c", "in:result", "m:value"),
        _link("d", "m:value", "m2:value"),
        _link("e", "m2:value", "m:value"),
    ]


def _self_loop(document: Document) -> None:
    document["nodes"].append({"id": "m", "block_id": "flow.merge", "label": "M"})
    document["links"] += [_link("c", "in:result", "m:value"), _link("d", "m:value", "m:value")]


NOT_JSON: list[Case] = [
    Case("an empty file", raw(""), ["bad.json", "line 1"]),
    Case("words", raw("this is no graph"), ["bad.json", "line 1", "not JSON"]),
    Case("a brace that never closes", raw('{"name": "x", "nodes": ['), ["bad.json", "not JSON"]),
    Case("two documents", raw("{} {}"), ["bad.json", "not JSON"]),
    Case("Python instead of JSON", raw("{'name': 'x'}"), ["bad.json", "line 1"]),
    Case("bytes that are no UTF-8", raw(b'{"name": "\xff\xfe"}'), ["bad.json", "UTF-8"]),
    Case("UTF-16", raw(json.dumps(GOOD).encode("utf-16")), ["bad.json", "UTF-8"]),
    Case("a picture", raw(b"\x89PNG\r\n\x1a\n" + bytes(range(256))), ["bad.json", "UTF-8"]),
    Case("a NUL byte", raw(b'{"name": "a\x00b"}'), ["bad.json"]),
    Case("NaN", text('"data": 2', '"data": NaN'), ["bad.json", "nodes[1].input_default.data", "finite"]),
    Case("Infinity", text('"data": 2', '"data": -Infinity'), ["nodes[1].input_default.data", "finite"]),
    Case("a number beyond floats", text('"data": 2', '"data": 1e999'), ["nodes[1].input_default.data"]),
    Case("a number of 5,000 digits", text('"data": 2', f'"data": {"9" * 5000}'), ["bad.json", "digits"]),
    Case("a number beyond 64 bits", text('"data": 2', f'"data": {2**64}'), ["nodes[1].input_default.data"]),
    Case("a key twice", text('"name": "Good"', '"name": "Good", "name": "Bad"'), ["name", "twice"]),
    Case("100 MB", _huge, ["bad.json", "larger than"]),
    Case("100,000 deep", raw(_deep(100_000)), ["bad.json", "deep"]),
    Case("100,000 deep and never closed", raw("[" * 100_000), ["bad.json", "deep"]),
    Case("100,000 objects deep", raw('{"a":' * 100_000), ["bad.json", "deep"]),
    Case("NUL in a text", text('"Keep"', '"Ke\\u0000ep"'), ["nodes[1].label", "NUL"]),
    Case("NUL in a key", text('"data": 2', '"da\\u0000ta": 2'), ["nodes[1].input_default", "NUL"]),
    Case("a lone surrogate", text('"Keep"', '"Ke\\ud800ep"'), ["nodes[1].label", "surrogate"]),
    Case("a lone low surrogate in a value", text('"data": 2', '"data": ["\\udc00"]'), ["nodes[1]", "surrogate"]),
    Case("a lone surrogate in a key", text('"data": 2', '"\\ud800": 2'), ["nodes[1]", "surrogate"]),
]

WRONG_SHAPE: list[Case] = [
    Case("null", raw("null"), ["bad.json", "null"]),
    Case("a list", raw("[]"), ["bad.json", "a list"]),
    Case("a number", raw("7"), ["bad.json", "number 7"]),
    Case("a text", raw('"graph"'), ["bad.json", "text"]),
    Case("an empty object", raw("{}"), ["bad.json", "name"]),
    Case("no name", changed(lambda document: document.pop("name")), ["bad.json: name", "missing"]),
    Case("an unknown field", put("nods", value=[]), ["bad.json: nods"]),
    Case("a format of the future", put("weft", value=99), ["bad.json: weft"]),
    Case("nodes as an object", put("nodes", value={}), ["bad.json: nodes", "list"]),
    Case("no nodes", put("nodes", value=[]), ["bad.json"]),
    Case("a label that is a number", put("nodes", 1, "label", value=3), ["nodes[1].label"]),
    Case("a label of 101 signs", put("nodes", 1, "label", value="x" * 101), ["nodes[1].label"]),
    Case("an id of 65 signs", put("nodes", 1, "id", value="x" * 65), ["nodes[1].id"]),
    Case("an empty id", put("nodes", 1, "id", value=""), ["nodes[1].id"]),
    Case("defaults as a list", put("nodes", 1, "input_default", value=[1]), ["nodes[1].input_default"]),
    Case("a policy of no attempts", put("nodes", 1, "policy", value={"attempts": 0}), ["nodes[1].policy.attempts"]),
    Case("a link without an end", changed(lambda d: d["links"][0].pop("sink_id")), ["links[0].sink_id"]),
    *(
        Case(f"null as {'.'.join(map(str, place))}", put(*place, value=None), [said])
        for place, said in (
            (("weft",), "bad.json: weft"),
            (("name",), "bad.json: name"),
            (("nodes",), "bad.json: nodes"),
            (("links",), "bad.json: links"),
            (("nodes", 1), "nodes[1]"),
            (("nodes", 1, "id"), "nodes[1].id"),
            (("nodes", 1, "block_id"), "nodes[1].block_id"),
            (("nodes", 1, "label"), "nodes[1].label"),
            (("nodes", 1, "input_default"), "nodes[1].input_default"),
            (("nodes", 1, "metadata"), "nodes[1].metadata"),
            (("nodes", 1, "policy"), "nodes[1].policy"),
            (("links", 0), "links[0]"),
            (("links", 0, "source_id"), "links[0].source_id"),
            (("links", 0, "sink_name"), "links[0].sink_name"),
            (("links", 0, "is_static"), "links[0].is_static"),
        )
    ),
]

WRONG_GRAPH: list[Case] = [
    Case("an unknown block", put("nodes", 1, "block_id", value="no.such"), ["nodes[1]", "no.such"]),
    Case("a link from nowhere", put("links", 0, "source_id", value="ghost"), ["links[0]", "ghost"]),
    Case("a link to nowhere", put("links", 1, "sink_id", value="ghost"), ["links[1]", "ghost"]),
    Case("an unknown output pin", put("links", 1, "source_name", value="nope"), ["links[1]", "nope"]),
    Case("an unknown input pin", put("links", 1, "sink_name", value="nope"), ["links[1]", "nope"]),
    Case("a path that is none", put("links", 1, "source_name", value="output[["), ["links[1]"]),
    Case("a cycle", changed(_cycle), ["circular", "M"]),
    Case("a self-loop", changed(_self_loop), ["feeds itself", "M"]),
    Case("two nodes with one id", put("nodes", 2, "id", value="list"), ["nodes[2].id", "list"]),
    Case("two links with one id", put("links", 1, "id", value="a"), ["links[1].id", "'a'"]),
    Case("a default for no pin", put("nodes", 1, "input_default", "nope", value=1), ["nodes[1]", "nope"]),
    Case("a default of a wrong type", put("nodes", 0, "input_default", "value", value="x"), ["nodes[0]"]),
    Case("no value for a required pin", changed(lambda d: d["nodes"][2]["input_default"].clear()), ["nodes[2]"]),
]

WRONG_INPUT: list[Case] = [
    Case("a missing input", raw(json.dumps(NEEDY)), ["'n'", "missing"]),
    Case("an input of a wrong type", raw(json.dumps(GOOD)), ["'n'"], ("--input", "n=many")),
    Case("an input that is null", raw(json.dumps(GOOD)), ["'n'"], ("--input", "n=null")),
    Case("an input too many", raw(json.dumps(GOOD)), ["'other'", "it has: n"], ("--input", "other=1")),
    Case("an input without a value", raw(json.dumps(GOOD)), ["--input", "name=value"], ("--input", "n")),
    Case("inputs as a list", raw(json.dumps(GOOD)), ["in.json"], ("--inputs", "{folder}/in.json"), {"in.json": "[1]"}),
    Case(
        "inputs that are no JSON",
        raw(json.dumps(GOOD)),
        ["in.json"],
        ("--inputs", "{folder}/in.json"),
        {"in.json": "{"},
    ),
    Case("inputs that are not there", raw(json.dumps(GOOD)), ["in.json"], ("--inputs", "{folder}/in.json")),
    Case(
        "inputs with NUL",
        raw(json.dumps(GOOD)),
        ["NUL"],
        ("--inputs", "{folder}/in.json"),
        {"in.json": '{"n": "\\u0000"}'},
    ),
    Case(
        "inputs with a lone surrogate",
        raw(json.dumps(GOOD)),
        ["surrogate"],
        ("--inputs", "{folder}/in.json"),
        {"in.json": '{"n": "\\ud800"}'},
    ),
    Case(
        "inputs 100,000 deep",
        raw(json.dumps(GOOD)),
        ["deep"],
        ("--inputs", "{folder}/in.json"),
        {"in.json": "[" * 100_000},
    ),
    Case("an unknown option", raw(json.dumps(GOOD)), ["--no-such"], ("--no-such",)),
    Case("no file at all", lambda _: None, ["bad.json"]),
    Case("a folder instead of a file", lambda path: path.mkdir(), ["bad.json", "folder"]),
]

CASES: list[Case] = [*NOT_JSON, *WRONG_SHAPE, *WRONG_GRAPH, *WRONG_INPUT]
