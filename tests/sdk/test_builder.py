"""Graphs written as scripts."""

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.sdk.toys import TOYS, Gather, OpenIssues, OutputValue, TextInput, WordCount
from weft.errors import InvalidInput
from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder, GraphNode
from weft.sdk.graph_file import canonical_bytes


def test_a_script_gives_the_same_file_each_time(tmp_path: Path) -> None:
    def build() -> GraphBuilder:
        g = GraphBuilder("Count", "Counts words")
        text = g.input("the text", str, value="a b")
        count = g.add(WordCount)
        g.link(text, count)
        g.output("words", count)
        return g

    path = build().write(tmp_path / "count.json")

    assert path.read_bytes() == build().to_bytes()
    assert canonical_bytes(json.loads(path.read_bytes())) == path.read_bytes()
    written = json.loads(path.read_bytes())
    assert [(node["id"], node["block_id"]) for node in written["nodes"]] == [
        ("the-text", "input.text"),
        ("word-count", "text.word_count"),
        ("words", "output.value"),
    ]
    assert written["nodes"][0]["input_default"] == {"name": "the text", "value": "a b"}
    assert [(link["source_name"], link["sink_name"]) for link in written["links"]] == [
        ("result", "text"),
        ("words", "value"),
    ]


def ends(g: GraphBuilder) -> list[tuple[str, str]]:
    return [(link["source_name"], link["sink_name"]) for link in g.to_document()["links"]]


def test_ids_come_from_labels_and_are_unique() -> None:
    g = GraphBuilder("G")

    ids = [g.add(WordCount, label).id for label in ("Wörter zählen!", "Wörter zählen", "字数", "***", "x" * 90)]

    assert ids[:4] == ["wörter-zählen", "wörter-zählen-2", "字数", "node"]
    assert len(ids[4]) <= 64


def test_link_ids_are_short_and_unique() -> None:
    g = GraphBuilder("G")
    first, second = g.add(WordCount, "x" * 90), g.add(Gather, "y" * 90)

    ids = [g.link(first, second["values"]), g.link(first, second["limit"])]

    assert len(set(ids)) == 2
    assert all(len(id) <= 64 for id in ids)


def test_pins_and_parts_are_named_by_index() -> None:
    g = GraphBuilder("G")
    source, sink = g.add(Gather, values=[]), g.add(Gather)

    g.link(source["result"][0]["Published URL"], sink["values"]["Product"], static=True, optional=True)
    g.link(source["result[0].name"], sink["values"])

    assert ends(g) == [('result[0]["Published URL"]', "values.Product"), ("result[0].name", "values")]
    assert g.to_document()["links"][0]["is_static"]
    assert g.to_document()["links"][0]["optional_path"]


def test_a_node_stands_for_the_one_input_that_is_missing() -> None:
    g = GraphBuilder("G")
    count = g.add(WordCount)

    g.link(count, g.add(Gather))
    g.link(count, g.add(OutputValue, name="n"))
    g.link(count, g.add(OpenIssues))

    assert ends(g) == [("words", "values"), ("words", "value"), ("words", "repo")]


def two_outputs(g: GraphBuilder) -> Any:
    return g.link(g.add(OpenIssues), g.add(WordCount))


def two_inputs(g: GraphBuilder) -> Any:
    return g.link(g.add(WordCount), g.add(OutputValue))


def from_an_input(g: GraphBuilder) -> Any:
    return g.link(g.add(WordCount)["text"], g.add(WordCount))


def into_an_output(g: GraphBuilder) -> Any:
    return g.link(g.add(WordCount), g.add(WordCount)["words"])


def no_such_pin(g: GraphBuilder) -> Any:
    return g.add(WordCount)["wrods"]


def no_pin_reference(g: GraphBuilder) -> Any:
    return g.add(WordCount)["words["]


def no_such_input(g: GraphBuilder) -> Any:
    return g.add(WordCount, txt="a")


def taken_id(g: GraphBuilder) -> Any:
    return [g.add(WordCount, id="a"), g.add(WordCount, id="a")]


def long_id(g: GraphBuilder) -> Any:
    return g.add(WordCount, id="a" * 65)


def long_label(g: GraphBuilder) -> Any:
    return g.add(WordCount, "a" * 101)


def unknown_pins(g: GraphBuilder) -> Any:
    return g.link(g.add("some.block"), g.add(WordCount))


def another_graph(g: GraphBuilder) -> Any:
    return g.link(GraphBuilder("Other").add(WordCount), g.add(Gather))


def no_input_block(g: GraphBuilder) -> Any:
    return g.input("a", complex)


REFUSED = {
    two_outputs: r"node 'open-issues' \(github\.open_issues\) has 2 outputs \(title, count\); say which",
    two_inputs: r"several inputs \(name, value\); say which",
    from_an_input: "`text` of node 'word-count' .* is an input",
    into_an_output: "is an output; a link ends at an input",
    no_such_pin: "has no pin `wrods`; it has inputs text and outputs words, error",
    no_pin_reference: "no pin reference",
    no_such_input: r"block text\.word_count has no input `txt`",
    taken_id: "'a' is taken",
    long_id: "1 to 64 characters",
    long_label: "longer than 100",
    unknown_pins: r"its pins are not known; name one",
    another_graph: "belongs to another graph",
    no_input_block: "no input block is made for",
}


@pytest.mark.parametrize(("build", "sentence"), REFUSED.items(), ids=lambda item: getattr(item, "__name__", ""))
def test_mistakes_are_told_at_the_line_that_makes_them(build: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        build(GraphBuilder("G"))


def test_blocks_may_be_named_by_id() -> None:
    plain, informed = GraphBuilder("G"), GraphBuilder("G", catalog=Catalog(TOYS))

    for g in (plain, informed):
        count = g.add("text.word_count", "Word Count", text="a")
        g.link(count["words"], g.add("list.gather", "Gather")["values"])

    assert plain.to_bytes() == informed.to_bytes()
    assert informed.add("word-count").spec is WordCount.spec
    with pytest.raises(InvalidInput, match=r"no block 'no\.such' in the catalog"):
        informed.add("no.such")


def test_inputs_and_outputs_use_the_catalog_where_there_is_one() -> None:
    g = GraphBuilder("G", catalog=Catalog(TOYS))
    node = g.input("a", str)

    g.output("b", node)

    assert node.spec is TextInput.spec
    assert ends(g) == [("result", "value")]


@pytest.mark.parametrize(
    ("type", "block_id"),
    [(int, "input.number"), (bool, "input.boolean"), (date, "input.date"), ("long_text", "input.long_text")],
)
def test_types_choose_the_input_block(type: Any, block_id: str) -> None:
    assert GraphBuilder("G").input("a", type).block_id == block_id


def test_input_names_that_are_arguments_go_through_inputs() -> None:
    g = GraphBuilder("G")

    g.add(
        "x.y",
        inputs={"id": 1, "label": 2},
        position=(1.5, 2),
        policy={"attempts": 3},
        metadata={"color": "red"},
    )

    (node,) = g.to_document()["nodes"]
    assert node["input_default"] == {"id": 1, "label": 2}
    assert node["metadata"] == {"position": {"x": 1.5, "y": 2}, "color": "red"}
    assert node["policy"] == {"attempts": 3}


def test_values_become_json() -> None:
    g = GraphBuilder("G")
    g.add(Gather, values=[date(2026, 1, 2), {"a": (1, 2)}])

    assert g.to_document()["nodes"][0]["input_default"] == {"values": ["2026-01-02", {"a": [1, 2]}]}


def test_nodes_stand_right_of_what_they_depend_on() -> None:
    g = GraphBuilder("G")
    nodes: list[GraphNode] = [g.add(WordCount, f"n{number}") for number in range(5)]
    for source, sink in ((0, 3), (1, 2), (2, 3), (1, 3)):
        g.link(nodes[source]["words"], nodes[sink]["text"])

    places = [node["metadata"]["position"] for node in g.to_document()["nodes"]]

    assert [place["x"] for place in places] == [0, 0, 320, 640, 0]
    assert [place["y"] for place in places] == [0, 160, 0, 0, 320]


def test_a_long_chain_and_a_cycle_are_laid_out() -> None:
    g = GraphBuilder("G")
    nodes = [g.add(WordCount) for _ in range(3000)]
    for source, sink in pairwise(nodes):
        g.link(source, sink)

    assert g.to_document()["nodes"][-1]["metadata"]["position"]["x"] == 2999 * 320
    g.link(nodes[-1], nodes[0])
    assert g.to_document()["nodes"][-1]["metadata"]["position"]["x"] == 0


def counting(name: str = "Count words") -> GraphBuilder:
    g = GraphBuilder(name)
    text = g.input("text", str)
    count = g.add(WordCount)
    g.link(text, count)
    g.output("words", count)
    return g


def test_a_graph_that_a_node_runs_stands_in_the_same_file() -> None:
    child, g = counting(), GraphBuilder("All lines")
    lines = g.add(Gather, values=[])
    call = g.call(child, text="a b")

    g.link(lines["result"], call["inputs.text"])
    g.output("words", call["outputs.words"])

    document = g.to_document()
    assert list(document["sub_graphs"]) == ["count-words"]
    inner = document["sub_graphs"]["count-words"]
    assert inner == {key: value for key, value in child.to_document().items() if key != "weft"}
    node = document["nodes"][1]
    assert (node["block_id"], node["label"]) == ("agent.run", "Count words")
    assert node["input_default"] == {"graph": "count-words", "inputs": {"text": "a b"}}
    assert ends(g) == [("result", "inputs.text"), ("outputs.words", "value")]
    assert canonical_bytes(json.loads(g.to_bytes())) == g.to_bytes()


def test_every_block_that_runs_graphs_takes_a_builder() -> None:
    g = GraphBuilder("Repeat")

    g.add(
        "agent.loop",
        "Until it is short",
        graph=counting(),
        until="outputs['words'] < 3",
        inputs={"inputs": {"text": ""}},
    )

    assert g.to_document()["nodes"][0]["input_default"]["graph"] == "count-words"


def test_a_saved_graph_is_run_by_its_id() -> None:
    g = GraphBuilder("Caller")

    g.call("0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10")
    g.call(UUID(int=1), "By id")

    assert "sub_graphs" not in g.to_document()
    assert [node["input_default"] for node in g.to_document()["nodes"]] == [
        {"graph": "0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10"},
        {"graph": str(UUID(int=1))},
    ]


def test_each_graph_stands_once_and_has_a_key_of_its_own() -> None:
    leaf, other, middle, g = counting(), counting(), GraphBuilder("Middle"), GraphBuilder("Main")
    middle.call(leaf)
    for graph in (middle, leaf, other, leaf):
        g.call(graph)

    document = g.to_document()

    assert list(document["sub_graphs"]) == ["middle", "count-words", "count-words-2"]
    assert [node["input_default"]["graph"] for node in document["nodes"]] == [
        "middle",
        "count-words",
        "count-words-2",
        "count-words",
    ]
    assert document["sub_graphs"]["middle"]["nodes"][0]["input_default"] == {"graph": "count-words"}


def test_no_key_is_empty_or_reads_as_an_id() -> None:
    g = GraphBuilder("Main")
    for name in ("***", "0190B0F2-7C1E-7A55-8F3B-5D6C2F7A9E10", "x" * 90):
        g.call(GraphBuilder(name))

    assert list(g.to_document()["sub_graphs"]) == ["graph", "graph-0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10", "x" * 56]


def test_a_graph_that_would_run_itself_is_told_at_the_line_that_makes_it_so() -> None:
    inner, outer = GraphBuilder("Inner"), GraphBuilder("Outer")
    outer.call(inner)

    with pytest.raises(InvalidInput, match="graph 'Inner' runs graph 'Inner', which may not run itself"):
        inner.call(inner)
    with pytest.raises(InvalidInput, match="graph 'Outer' runs graph 'Inner', which may not run itself"):
        inner.call(outer)

    assert inner.to_document()["nodes"] == []


def test_the_blocks_of_called_graphs_are_those_of_the_graph_too() -> None:
    g = GraphBuilder("Main")
    g.add(Gather)
    g.call(counting())

    assert {type(block) for block in g.blocks} == {Gather, WordCount}
