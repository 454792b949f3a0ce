"""Files that hold a graph and those it runs."""

import json
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import pytest

from tests.unit.graphs.test_calls import CATALOG
from tests.unit.graphs.toy_blocks import sound_graph
from weft.graphs.documents import to_bytes, to_document
from weft.graphs.errors import DocumentInvalid
from weft.graphs.sub_graphs import GraphDocument, document_bytes, document_from
from weft.interop.reading import judge, parse_file
from weft.interop.types import Imported
from weft.sdk.builder import GraphBuilder

ID = "0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10"


def child(name: str = "Shout") -> GraphBuilder:
    g = GraphBuilder(name, catalog=CATALOG)
    question = g.add("toy.text_input", "question", name="question")
    up = g.add("toy.upper", "Up")
    g.link(question, up["text"])
    g.link(up, g.add("toy.output", "answer", name="answer")["value"])
    return g


def parent(*children: GraphBuilder, name: str = "Parent", **given: Any) -> GraphBuilder:
    g = GraphBuilder(name, catalog=CATALOG)
    for one in children:
        g.call(one, **(given or {"question": "why"}))
    return g


def read(document: GraphBuilder | dict[str, Any]) -> Imported:
    plain = document.to_document() if isinstance(document, GraphBuilder) else document
    return parse_file(json.dumps(plain).encode(), place="a.json", key="/a.json").read(CATALOG)


def codes(document: GraphBuilder | dict[str, Any]) -> list[list[str]]:
    """Return what is told of each graph of the file, the main one last."""
    return [[issue.code for issue in one.issues] for one in judge(read(document), CATALOG, with_order=True)]


def test_a_file_is_read_with_each_graph_after_those_it_runs() -> None:
    inner = child()
    imported = read(parent(parent(inner, name="Middle"), inner))

    leaf, middle, main = imported.graphs
    assert [one.key for one in imported.graphs] == ["/a.json//shout", "/a.json//middle", "/a.json"]
    assert [one.content.name for one in imported.graphs] == ["Shout", "Middle", "Parent"]
    assert middle.children == {"shout": leaf.ref}
    assert main.children == {"middle": middle.ref, "shout": leaf.ref}
    assert main.content.nodes[1].input_default == {"graph": str(leaf.ref), "inputs": {"question": "why"}, "version": 1}


def test_a_file_comes_back_byte_for_byte() -> None:
    data = parent(parent(child(), name="Middle"), child()).to_bytes()

    assert document_bytes(document_from(json.loads(data))) == data
    assert document_bytes(GraphDocument(sound_graph())) == to_bytes(sound_graph())


def test_calls_between_graphs_of_a_file_are_judged_without_a_database() -> None:
    assert codes(parent(child())) == [[], []]
    assert codes(parent(child(), tone="low")) == [[], ["UNKNOWN_CALL_INPUT", "MISSING_CALL_INPUT"]]
    assert codes({"weft": 1, **to_document(sound_graph()), "sub_graphs": {}}) == [[]]


def test_a_graph_outside_of_the_file_is_not_looked_for() -> None:
    g = GraphBuilder("Parent", catalog=CATALOG)
    g.call(ID)

    assert codes(g) == [[]]


def test_a_key_that_the_file_does_not_have_is_told() -> None:
    document = parent(child()).to_document()
    document["nodes"][0]["input_default"]["graph"] = "whisper"

    *_, main = judge(read(document), CATALOG, with_order=False)

    assert [issue.message for issue in main.issues] == [
        "node 'Shout' (shout): 'whisper' is neither the id of a graph nor a sub-graph of the file"
    ]


def test_a_called_graph_that_cannot_run_forbids_to_run_the_file() -> None:
    broken = child()
    broken.add("toy.upper", "Lost")

    inner, main = judge(read(parent(broken)), CATALOG, with_order=False)

    assert "MISSING_REQUIRED_INPUT" in [issue.code for issue in inner.issues]
    assert (main.issues, main.runnable) == ((), False)


def test_the_text_of_another_block_is_no_key_even_if_it_looks_like_one() -> None:
    g = parent(child())
    g.add("toy.form", "Form", inputs={"values": {"graph": "shout"}})
    document = g.to_document()
    document["nodes"].append(
        {"id": "odd", "block_id": "toy.upper", "label": "Odd", "input_default": {"graph": "shout"}}
    )
    document["nodes"].append(
        {"id": "lost", "block_id": "no.such", "label": "Lost", "input_default": {"graph": "shout"}}
    )

    main = read(document).main

    assert set(main.children) == {"shout", "lost"}
    assert main.content.nodes[2].input_default == {"graph": "shout"}


@pytest.mark.parametrize(
    ("sub_graphs", "sentence"),
    [
        ([], "a.json: sub_graphs: must be an object"),
        ({"": {}}, "a.json: sub_graphs: '' is no key: a text of 1 to 64 printable characters that is no id"),
        ({"x" * 65: {}}, "is no key"),
        ({"a\nb": {}}, "is no key"),
        ({ID: {}}, "is no key"),
        ({"a": 1}, "a.json: sub-graph 'a': a graph is a JSON object"),
        ({"a": {"name": ""}}, "a.json: sub-graph 'a': name: must be a text of 1 to 100 characters"),
        ({"a": {"name": "A", "owner": 1}}, "a.json: sub-graph 'a': owner: is no field of the format"),
        ({"a": {"name": "A", "sub_graphs": {}}}, "a.json: sub-graph 'a': sub_graphs: is no field of the format"),
        ({"a": {"name": "A", "nodes": [{"id": "x"}]}}, r"a.json: sub-graph 'a': nodes\[0\].block_id: is missing"),
        ({f"g{at}": {"name": "A"} for at in range(1_001)}, "sub_graphs: holds 1,001 graphs; at most 1,000 are allowed"),
    ],
)
def test_what_is_no_graph_is_refused_with_its_place(sub_graphs: Any, sentence: str) -> None:
    with pytest.raises(DocumentInvalid, match=sentence):
        read({"weft": 1, "name": "Main", "sub_graphs": sub_graphs})


def calling(key: str, **values: Any) -> dict[str, Any]:
    node = {"id": "n", "block_id": "agent.run", "label": "N", "input_default": {"graph": key, **values}}
    return {"name": f"Calls {key}", "nodes": [node]}


@pytest.mark.parametrize(
    ("sub_graphs", "circle"),
    [
        ({"a": calling("a")}, "'a' -> 'a'"),
        ({"z": calling("a"), "a": calling("b"), "b": calling("a")}, "'a' -> 'b' -> 'a'"),
        (
            {f"g{at}": calling(f"g{(at + 1) % 900}") for at in range(900)},
            "'g0' -> 'g1' -> .* -> 'g9' -> 891 more",
        ),
    ],
)
def test_graphs_of_a_file_that_run_themselves_are_refused(sub_graphs: dict[str, Any], circle: str) -> None:
    with pytest.raises(DocumentInvalid, match=f"a.json: sub_graphs: a graph may not run itself: {circle}") as caught:
        read({"weft": 1, "name": "Main", "sub_graphs": sub_graphs})

    assert caught.value.issues[0].code == "RECURSION"


def test_a_version_beside_a_key_is_refused() -> None:
    main = {"weft": 1, **calling("a", version=2), "sub_graphs": {"a": {"name": "A"}}}

    with pytest.raises(DocumentInvalid, match=r"a.json: nodes\[0\].input_default.version: is left out beside a graph"):
        read(main)

    main["nodes"][0]["input_default"]["version"] = None
    assert read(main).main.content.nodes[0].input_default["version"] == 1


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, ["a"], "", "\u2028", "x" * 100_000])
@pytest.mark.parametrize("pin", ["graph", "version", "inputs", "feed"])
def test_any_value_of_a_call_is_judged_and_none_stops_the_program(pin: str, value: Any) -> None:
    for block in ("agent.run", "agent.loop", "no.such"):
        main = calling("a", inputs={"x": 1})
        main["nodes"][0] |= {"block_id": block, "input_default": main["nodes"][0]["input_default"] | {pin: value}}
        refused = pin == "version" and value is not None
        with pytest.raises(DocumentInvalid) if refused else nullcontext():
            assert len(codes({"weft": 1, **main, "sub_graphs": {"a": {"name": "A"}}})) == 2


def test_the_main_graph_is_known_by_no_key() -> None:
    imported = read({"weft": 1, **calling("a"), "sub_graphs": {"a": {"name": "A"}, "spare": {"name": "B"}}})

    assert imported.main.ref == UUID(int=0)
    assert [one.content.name for one in imported.needed()] == ["Calls a", "A"]
    assert [one.content.name for one in imported.graphs] == ["A", "B", "Calls a"]


def test_the_order_of_graphs_in_a_file_is_that_of_its_author() -> None:
    document = {"weft": 1, **calling("b"), "sub_graphs": {"b": {"name": "B"}, "a": {"name": "A"}}}

    assert list(document_from(document).sub_graphs) == ["b", "a"]
