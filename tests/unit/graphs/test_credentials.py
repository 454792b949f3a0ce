"""Blocks that need credentials, which nodes cannot be given yet."""

from typing import Annotated, Any

import pytest
from pydantic import Field

from tests.unit.graphs.toy_blocks import CATALOG, graph, link, node
from weft.graphs.errors import GraphInvalid
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.types import Node
from weft.graphs.validation import check_graph, require_storable, validate_graph
from weft.sdk import ApiKey, Block, Effect, Emissions, Needs, OAuth2, Schema, Wait

Mail = Annotated[ApiKey, Needs("mail")]
Calendar = Annotated[OAuth2, Needs("calendar")]


class Nothing(Schema):
    pass


class Done(Schema):
    done: bool = Field(description="Always true")


class Invite(Block, id="toy.invite"):
    """Need two credentials, one of them twice."""

    effect = Effect.IDEMPOTENT
    Input, Output = Nothing, Done

    async def run(self, input: Nothing, *, mail: Mail, calendar: Calendar) -> Emissions:
        if input:
            raise Wait("person")
        yield "done", True

    async def on_answer(self, input: Nothing, state: Any, answer: Any, *, sender: Mail) -> Emissions:
        yield "done", True


class Peek(Block, id="toy.peek"):
    """Use a credential if there is one."""

    effect = Effect.IDEMPOTENT
    Input, Output = Nothing, Done

    async def run(self, input: Nothing, *, mail: Mail | None = None) -> Emissions:
        yield "done", True


BLOCKS = CATALOG.with_blocks(Invite, Peek)


def issues(*nodes: Node) -> list[Issue]:
    return check_graph(graph(*nodes), BLOCKS, for_run=True)


def test_each_provider_whose_credential_a_node_lacks_blocks_the_run_once() -> None:
    found = issues(node("i", "invite"))

    assert found == [
        Issue(
            Code.MISSING_CREDENTIAL,
            Level.BLOCKS_RUN,
            f"node 'I' (i): it needs a credential of '{provider}', and has none",
            node_id="i",
            path="nodes[0]",
        )
        for provider in ("mail", "calendar")
    ]


def test_a_credential_that_is_optional_may_be_missing() -> None:
    assert issues(node("p", "peek")) == []


def test_a_node_without_its_credential_reaches_others_all_the_same() -> None:
    parts = graph(node("i", "invite"), node("o", "output", name="r"), link("i.done", "o.value"))

    assert {issue.code for issue in check_graph(parts, BLOCKS, for_run=True)} == {Code.MISSING_CREDENTIAL}


def test_such_a_graph_can_be_stored_and_not_run() -> None:
    content = graph(node("i", "invite"))

    assert validate_graph(content, BLOCKS)
    assert {issue.level for issue in require_storable(content, BLOCKS)} == {Level.BLOCKS_RUN}
    with pytest.raises(GraphInvalid, match="needs a credential of 'mail', and has none"):
        validate_graph(content, BLOCKS, for_run=True)
