"""Files that hold no agent are refused with a place; files of other programs by name."""

import json
from typing import Any

import pytest

from tests.interop import agents
from tests.interop.agents import Agent
from tests.interop.reading import issues_of, read
from weft.graphs.errors import DocumentInvalid
from weft.graphs.limits import GraphLimits
from weft.interop.service import parse_file
from weft.sdk import Catalog


def refused(data: bytes | dict[str, Any] | list[Any]) -> str:
    """Return the sentence by which a file is refused."""
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(DocumentInvalid) as caught:
        parse_file(text, place="agent.json", key="agent.json")
    return caught.value.message


def changed(*path: Any, value: Any) -> dict[str, Any]:
    """Return a sound agent with one place changed; a value of `...` takes the place away."""
    document: Any = agents.accumulator().document()
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return dict(document)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("nodes",), ..., "nodes: is missing"),
        (("nodes",), {}, "nodes: must be a list"),
        (("nodes", 2), "x", "nodes[2]: must be an object"),
        (("nodes", 2), None, "nodes[2]: must be an object"),
        (("nodes", 1, "id"), ..., "nodes[1].id: is missing"),
        (("nodes", 1, "id"), 7, "nodes[1].id: must be a text of 1 to 64 characters without control characters"),
        (("nodes", 1, "id"), "x" * 65, "nodes[1].id: must be a text of 1 to 64 characters without control characters"),
        (("nodes", 1, "block_id"), "", "nodes[1].block_id: must be a text of 1 to 200 characters"),
        (("nodes", 1, "input_default"), [], "nodes[1].input_default: must be an object"),
        (("nodes", 1, "metadata"), "x", "nodes[1].metadata: must be an object"),
        (("links",), "x", "links: must be a list"),
        (("links", 0, "sink_id"), ..., "links[0].sink_id: is missing"),
        (("links", 0, "sink_name"), "x" * 501, "links[0].sink_name: must be a pin's name, a text of 1 to 500 characters"),
        (("links", 0, "is_static"), "yes", "links[0].is_static: must be true or false"),
        (("name",), 7, "name: must be a text"),
        (("sub_graphs",), [7], "sub_graphs[0]: must be an object"),
        (("sub_graphs",), [{"nodes": [{}]}], "sub_graphs[0].nodes[0].id: is missing"),
        (("nodes", 3, "id"), "each", "nodes[3].id: is 'each', as nodes[1].id of 'Squares' is; an id stands once"),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_refused_with_its_place(path: tuple[Any, ...], value: Any, sentence: str) -> None:
    assert refused(changed(*path, value=value)) == f"agent.json: {sentence}"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "agent.json: line 1, column 1: this is not JSON: Expecting value"),
        (b"{", "agent.json: line 1, column 2: this is not JSON: Expecting property name enclosed in double quotes"),
        (b"[]", "agent.json: a graph is a JSON object, this is a list"),
        (b"{}", "agent.json: name: is missing"),
        (b'{"sub_graphs": []}', "agent.json: nodes: is missing"),
        (b'{"nodes": [], "is_active": true, "name": NaN}', "agent.json: name: must be a finite number"),
        (b'{"nodes": [], "id": 1, "id": 2}', "agent.json: id: stands twice in its object"),
        (b'{"nodes": [], "user_id": "\\u0000"}', "agent.json: user_id: holds a NUL character, which no text may"),
        (b"[" * 200, "agent.json: nested more than 100 deep at character 100"),
    ],
)
def test_what_is_no_graph_at_all_is_refused(data: bytes, sentence: str) -> None:
    assert refused(data) == sentence


def test_a_file_that_is_too_large_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(DocumentInvalid, match="larger than 1,000 bytes"):
        parse_file(agents.chain(20).data(), place="", key="", limits=GraphLimits(document_bytes=1000))


def test_too_many_agents_in_one_file_are_refused() -> None:
    many = [Agent(id=f"child-{number}").document() for number in range(502)]

    assert "more than 500 agents" in refused(Agent(sub_graphs=many).document())


@pytest.mark.parametrize(
    ("document", "program"),
    [
        ({"nodes": [{"type": "n8n-nodes-base.set", "parameters": {}}], "connections": {}, "settings": {}}, "n8n"),
        ({"name": "flow", "data": {"nodes": [], "edges": [], "viewport": {}}}, "Langflow"),
        ({"nodes": [{"type": "customNode", "data": {}}], "edges": []}, "Flowise"),
    ],
)
def test_a_file_of_another_program_is_refused_by_name(document: dict[str, Any], program: str) -> None:
    assert refused(document) == (
        f"agent.json: this is a file of {program}; "
        "Weft reads its own graphs and agents exported from the AutoGPT Platform"
    )


def test_weft_s_own_format_is_told_by_its_number_whatever_else_it_holds() -> None:
    assert refused({"weft": 1, "name": "x", "nodes": [], "edges": []}) == "agent.json: edges: is no field of the format"


@pytest.mark.parametrize("end", ["source_id", "sink_id"])
def test_a_link_to_a_node_that_is_not_there_is_refused_by_the_validator(end: str, catalog: Catalog) -> None:
    issues = issues_of(read(changed("links", 0, end, value="ghost"), catalog), catalog)

    (refusal,) = [issue for issue in issues if issue.level == "refused"]
    assert refusal.code == ("UNKNOWN_SOURCE_NODE" if end == "source_id" else "UNKNOWN_SINK_NODE")
    assert "the node 'ghost', which the graph does not have" in refusal.message


def test_two_links_of_one_id_are_refused_and_one_link_named_twice_is_one(catalog: Catalog) -> None:
    agent = agents.chain(3)
    agent.links.append(dict(agent.links[0]))
    repeated = read(agent, catalog)
    agent.links[-1]["sink_name"] = "data"

    assert len(repeated.main.content.links) == 2
    assert "1 link stood twice and counted once" in repeated.main.notes
    with pytest.raises(DocumentInvalid, match=r"links\[2\].id: is 'link-0', as that of an earlier link is"):
        read(agent, catalog)


def test_two_links_between_the_same_pins_are_one(catalog: Catalog) -> None:
    agent = agents.chain(3)
    agent.links.append(agent.links[0] | {"id": "again"})

    imported = read(agent, catalog)

    assert [link.id for link in imported.main.content.links] == ["link-0", "link-1"]
    assert imported.main.notes == ("1 link stood twice and counted once",)


def test_links_that_only_stand_at_their_nodes_are_found_there(catalog: Catalog) -> None:
    document = agents.chain(4).document()
    del document["links"]

    imported = read(document, catalog)

    assert [link.id for link in imported.main.content.links] == ["link-0", "link-1", "link-2"]
    assert imported.main.notes == ()


def test_links_without_an_id_get_one_that_is_free(catalog: Catalog) -> None:
    document = agents.chain(4).document()
    for link in document["links"]:
        del link["id"]
    document["links"][1]["id"] = "link-0"

    assert [link.id for link in read(document, catalog).main.content.links] == ["link-1", "link-0", "link-2"]


def test_fields_that_nobody_knows_are_passed_over(catalog: Catalog) -> None:
    document = agents.chain(2).document() | {"novelty": {"x": [1]}}
    document["nodes"][0]["novelty"] = 7
    document["links"][0]["novelty"] = None

    assert issues_of(read(document, catalog), catalog) == []


def test_an_agent_without_nodes_is_kept_and_cannot_run(catalog: Catalog) -> None:
    assert [issue.code for issue in issues_of(read(Agent(), catalog), catalog)] == ["NO_NODES", "NO_ENTRY_NODE"][:1]
