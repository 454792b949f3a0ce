import json
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from tests.unit.graphs.random_graphs import VALUES, graphs
from tests.unit.graphs.toy_blocks import CATALOG, chain, graph, link, node, sound_graph
from weft.graphs.diff import Change, ChangeKind, diff_graphs
from weft.graphs.documents import to_bytes
from weft.graphs.types import GraphContent, Link, Node, Policy
from weft.sdk import Block, Catalog, Emissions, Schema
from weft.sdk.schema import Secret


def sentences(before: GraphContent, after: GraphContent) -> list[str]:
    return [change.sentence for change in diff_graphs(before, after, CATALOG)]


def with_node(content: GraphContent, at: int, **changes: Any) -> GraphContent:
    nodes = list(content.nodes)
    nodes[at] = nodes[at].model_copy(update=changes)
    return content.model_copy(update={"nodes": tuple(nodes)})


def with_link(content: GraphContent, at: int, **changes: Any) -> GraphContent:
    links = list(content.links)
    links[at] = links[at].model_copy(update=changes)
    return content.model_copy(update={"links": tuple(links)})


def renamed(content: GraphContent) -> GraphContent:
    """The same graph as if it had been imported a second time: no id is as it was."""
    return content.model_copy(
        update={
            "nodes": tuple(one.model_copy(update={"id": f"new-{one.id}"}) for one in content.nodes),
            "links": tuple(
                one.model_copy(
                    update={"id": f"x{at}", "source_id": f"new-{one.source_id}", "sink_id": f"new-{one.sink_id}"}
                )
                for at, one in enumerate(content.links)
            ),
        }
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (lambda g: g.model_copy(update={"name": "other"}), "Name changed from 'toy' to 'other'"),
        (lambda g: g.model_copy(update={"description": ""}), "Description set to ''"),
        (lambda g: with_node(g, 1, label="Loud"), "Node 'Up' (toy.upper): renamed to 'Loud'"),
        (
            lambda g: with_node(g, 1, block_id="toy.add"),
            "Node 'Up' (toy.add): block changed from 'toy.upper' to 'toy.add'",
        ),
        (lambda g: with_node(g, 1, input_default={"locale": "de"}), "Node 'Up' (toy.upper): locale set to 'de'"),
        (
            lambda g: with_node(g, 0, input_default={"name": "q"}),
            "Node 'In' (toy.text_input): name changed from 'question' to 'q'",
        ),
        (
            lambda g: with_node(g, 0, input_default={}),
            "Node 'In' (toy.text_input): name removed (was 'question')",
        ),
        (
            lambda g: with_node(g, 1, policy=Policy(attempts=3)),
            "Node 'Up' (toy.upper): policy.attempts set to 3",
        ),
        (
            lambda g: with_node(g, 1, metadata={"colour": "red"}),
            "Node 'Up' (toy.upper): metadata.colour set to 'red'",
        ),
        (lambda g: with_node(g, 1, metadata={"position": {"x": 1, "y": 2}}), "1 node moved"),
        (
            lambda g: g.model_copy(update={"nodes": (*g.nodes, node("more", "add"))}),
            "Node added: 'More' (toy.add)",
        ),
        (lambda g: g.model_copy(update={"links": g.links[1:]}), "Link removed: 'In'.result → 'Up'.text"),
        (
            lambda g: g.model_copy(update={"links": (*g.links, link("in.result", "up.locale"))}),
            "Link added: 'In'.result → 'Up'.locale",
        ),
        (
            lambda g: with_link(g, 0, sink_name="locale"),
            "Link changed: 'In'.result → 'Up'.text is now 'In'.result → 'Up'.locale",
        ),
        (lambda g: with_link(g, 0, is_static=True), "Link 'In'.result → 'Up'.text: static now"),
        (
            lambda g: with_link(g, 0, optional_path=True),
            "Link 'In'.result → 'Up'.text: its path may lead nowhere now",
        ),
        (lambda g: with_link(g, 0, id="l"), "1 link got another id"),
        (lambda g: g.model_copy(update={"nodes": g.nodes[::-1]}), "The order of the nodes changed"),
        (lambda g: g.model_copy(update={"links": g.links[::-1]}), "The order of the links changed"),
    ],
)
def test_each_change_is_one_sentence(changed: Any, sentence: str) -> None:
    assert sentences(sound_graph(), changed(sound_graph())) == [sentence]


def test_a_removed_node_takes_its_links_along_and_each_is_told() -> None:
    after = sound_graph().model_copy(update={"nodes": sound_graph().nodes[:2], "links": sound_graph().links[:1]})

    assert sentences(sound_graph(), after) == [
        "Node removed: 'Out' (toy.output)",
        "Link removed: 'Up'.text → 'Out'.value",
    ]


def test_a_change_says_where_it_is_and_what_it_was() -> None:
    before = with_node(sound_graph(), 1, input_default={"options": {"a b": [1, 2]}})
    after = with_node(sound_graph(), 1, input_default={"options": {"a b": [1, 3]}})

    assert diff_graphs(before, after, CATALOG) == [
        Change(
            ChangeKind.NODE_VALUE,
            "Node 'Up' (toy.upper): options[\"a b\"][1] changed from 2 to 3",
            node_id="up",
            path='nodes[1].input_default.options["a b"][1]',
            before=2,
            after=3,
        )
    ]


def test_values_that_python_holds_for_equal_are_told_apart() -> None:
    before, after = (with_node(sound_graph(), 1, input_default={"n": value}) for value in (1, True))

    assert sentences(before, after) == ["Node 'Up' (toy.upper): n changed from 1 to true"]


def test_the_order_of_values_counts_as_the_files_differ() -> None:
    before, after = (
        with_node(sound_graph(), 1, input_default=dict(items)) for items in ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)])
    )

    assert sentences(before, after) == ["Node 'Up' (toy.upper): the order of its values changed"]


def test_of_a_long_text_the_place_of_the_change_is_shown() -> None:
    text = "Dear guest, do come to the old library on Friday evening; there will be tea. " * 3
    before, after = (
        with_node(sound_graph(), 1, input_default={"text": one}) for one in (text, text.replace("tea", "wine", 1))
    )

    (sentence,) = sentences(before, after)

    assert "changed at character 73 from '…ning; there will be tea." in sentence
    assert "to '…ning; there will be wine." in sentence


def test_nodes_of_one_label_are_told_apart_by_their_ids() -> None:
    content = graph(node("a", "upper"), node("b", "upper"), link("a.text", "b.text"))
    content = with_node(with_node(content, 0, label="Up"), 1, label="Up")

    assert sentences(content, with_node(content, 1, input_default={"locale": "de"})) == [
        "Node 'Up' (toy.upper, b): locale set to 'de'"
    ]
    assert sentences(content, content.model_copy(update={"links": ()})) == [
        "Link removed: 'Up' (a).text → 'Up' (b).text"
    ]


def test_a_graph_imported_twice_differs_by_its_ids_alone() -> None:
    assert sentences(sound_graph(), renamed(sound_graph())) == ["3 nodes and 2 links got another id"]
    assert sentences(sound_graph(), with_node(renamed(sound_graph()), 1, input_default={"locale": "de"})) == [
        "Node 'Up' (toy.upper): locale set to 'de'",
        "3 nodes and 2 links got another id",
    ]


def test_links_that_swap_their_ids_connect_what_they_did() -> None:
    first, second = sound_graph().links
    swapped = (first.model_copy(update={"id": second.id}), second.model_copy(update={"id": first.id}))

    assert sentences(sound_graph(), sound_graph().model_copy(update={"links": swapped})) == ["2 links got another id"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"name": "pin", "masked": True, "value": "hunter2"}, {"name": "pin", "masked": True, "value": "hunter3"}),
        ({"name": "pin", "value": "hunter2"}, {"name": "pin", "value": "hunter3", "masked": True}),
        ({"headers": {"Authorization": "hunter2"}}, {"headers": {"Authorization": "hunter3"}}),
        ({"api_key": "hunter2"}, {}),
        ({"list": [{"password": "hunter2"}]}, {"list": [{"password": "hunter3"}, 1]}),
        ({"text": "call with sk-hunter2hunter2hunter2"}, {"text": "call with sk-hunter3hunter3hunter3"}),
    ],
)
def test_secrets_are_compared_and_never_shown(before: dict[str, Any], after: dict[str, Any]) -> None:
    changes = diff_graphs(
        with_node(sound_graph(), 0, input_default=before), with_node(sound_graph(), 0, input_default=after), CATALOG
    )

    assert "changed (hidden)" in " ".join(change.sentence for change in changes)
    assert "hunter" not in repr(changes)


class Vault(Block, id="toy.vault"):
    """Open a door."""

    class Input(Schema):
        word: Annotated[str, Secret()] = Field(description="What opens it")

    class Output(Schema):
        is_open: bool = Field(description="Whether it opened")

    async def run(self, input: Input) -> Emissions:
        yield "is_open", True


def test_what_a_block_declares_secret_is_not_shown() -> None:
    before, after = (graph(node("door", "vault", word=word)) for word in ("hunter2", "hunter3"))

    (change,) = diff_graphs(before, after, Catalog([Vault]))

    assert change.sentence == "Node 'Door' (toy.vault): word changed (hidden)"
    assert (change.before, change.after) == (None, None)


@given(graphs(), graphs())
def test_two_graphs_have_no_changes_if_and_only_if_their_files_are_equal(
    before: GraphContent, after: GraphContent
) -> None:
    assert bool(diff_graphs(before, after, CATALOG)) == (to_bytes(before) != to_bytes(after))
    assert diff_graphs(before, before, CATALOG) == []


@given(graphs(), st.data())
def test_no_small_change_of_a_file_goes_unseen(before: GraphContent, data: st.DataObject) -> None:
    parts: list[str] = [part for part in ("nodes", "links") if getattr(before, part)]
    update: dict[str, Any] = {"name": data.draw(st.sampled_from([before.name, "other"]))}
    for part in parts:
        update[part] = tuple(data.draw(st.permutations(getattr(before, part))))
    after = before.model_copy(update=update)
    if after.nodes:
        at = data.draw(st.integers(0, len(after.nodes) - 1))
        field = data.draw(st.sampled_from(["input_default", "metadata"]))
        values = [*getattr(after.nodes[at], field).items(), ("more", data.draw(VALUES))]
        after = with_node(after, at, **{field: dict(data.draw(st.permutations(values)))})

    changes = diff_graphs(before, after, CATALOG)

    assert bool(changes) == (to_bytes(before) != to_bytes(after))
    assert json.dumps([change.sentence for change in changes], ensure_ascii=False).encode()


def test_ten_thousand_nodes_that_all_changed_are_told_one_by_one() -> None:
    before = chain(10_000)
    after = before.model_copy(
        update={"nodes": tuple(one.model_copy(update={"label": f"new {one.id}"}) for one in before.nodes)}
    )

    assert len(diff_graphs(before, after, CATALOG)) == 10_000


def test_links_to_nowhere_have_names_too() -> None:
    before = GraphContent(name="x", nodes=(Node(id="a", block_id="b", label="A"),))
    after = before.model_copy(
        update={"links": (Link(id="l", source_id="a", source_name="o", sink_id="gone", sink_name="i"),)}
    )

    assert sentences(before, after) == ["Link added: 'A'.o → 'gone'.i"]
