"""Values that nodes set themselves: what passes the check is what the engine takes, converted where nothing is lost."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BeforeValidator, Field

from tests.unit.graphs.random_graphs import VALUES
from tests.unit.graphs.toy_blocks import CATALOG, graph, node
from weft.blocks.io.input_dropdown import InputDropdown
from weft.errors import InvalidInput
from weft.executions.conversion import read_input
from weft.executions.errors import FiringFailed
from weft.executions.limits import Limits
from weft.executions.program import compile_program
from weft.graphs.conversion import convert
from weft.graphs.interface import check_inputs, graph_inputs
from weft.graphs.issues import Code, Issue
from weft.graphs.issues import Level as IssueLevel
from weft.graphs.node_checks import fault_of_default
from weft.graphs.types import Node
from weft.graphs.validation import check_graph
from weft.sdk import Block, BlockType, Catalog, Emissions, Schema


class Everything(Block, id="toy.everything"):
    """Take a value of each type."""

    class Input(Schema):
        text: str = Field(default="", description="A text")
        number: float = Field(default=0, description="A number")
        whole: int = Field(default=0, ge=-100, le=100, description="A small whole number")
        flag: bool = Field(default=False, description="Yes or no")
        texts: list[str] = Field(default=[], description="Texts")
        wholes: list[int] | None = Field(default=None, description="Whole numbers, or nothing")
        counts: dict[str, int] = Field(default={}, description="Whole numbers by name")
        either: int | list[str] = Field(default=0, description="A whole number or texts")
        maybe: int | None = Field(default=None, description="A whole number or nothing")
        code: dict[str, int] | Annotated[str, Field(max_length=1)] = Field(default="", description="Numbers or a sign")
        day: date = Field(default=date(2026, 1, 1), description="A day")
        choice: Literal["a", "b"] = Field(default="a", description="One of two")
        anything: Any = Field(default=None, description="Anything")

    class Output(Schema):
        text: str = Field(description="Nothing much")

    async def run(self, input: Input) -> Emissions:
        yield "text", input.text


def _sort(items: Any) -> Any:
    items.sort()
    return items


class Sorted(Block, id="toy.sorted"):
    """Change its input while reading it, as blocks of others may."""

    class Input(Schema):
        items: Annotated[list[int], BeforeValidator(_sort)] = Field(description="Whole numbers")

    class Output(Schema):
        items: list[int] = Field(description="The same in order")

    async def run(self, input: Input) -> Emissions:
        yield "items", input.items


class Level(Block, id="toy.level", block_type=BlockType.INPUT):
    """Take one of some whole numbers into the graph."""

    class Input(Schema):
        name: str = Field(description="Its name")
        value: int | None = Field(default=None, description="What it is if nothing is given")
        options: list[int] = Field(description="What may be chosen")

    class Output(Schema):
        result: int = Field(description="The choice")

    async def run(self, input: Input) -> Emissions:
        yield "result", input.value


PINS = Everything.spec.inputs
PROGRAM = compile_program(
    graph(Node(id="e", block_id="toy.everything", label="E")), Catalog([Everything]), Limits()
).node(0)
WORDS = st.sampled_from(
    [
        "5",
        " 2.0 ",
        "2.5",
        "yes",
        "No",
        "maybe",
        "a",
        "2026-02-28",
        "[1]",
        '["x"]',
        '{"n": 1}',
        '{"n": "x"}',
        "[",
        "1e999",
        "",
    ]
)


def taken_by_engine(name: str, value: Any) -> bool:
    try:
        read_input(PROGRAM, {name: value})
    except FiringFailed:
        return False
    return True


@settings(max_examples=1500, deadline=None)
@example("text", {"a": [1, None]})
@example("texts", [1, "x", True])
@example("wholes", "[1, 2]")
@example("wholes", ["1", "x"])
@example("counts", '{"n": "7"}')
@example("flag", 7)
@example("code", '{"a": 1}')
@given(st.sampled_from(sorted(PINS)), VALUES | WORDS | st.lists(WORDS, max_size=3))
def test_what_the_engine_takes_is_no_issue_and_nothing_else(name: str, value: Any) -> None:
    fault = fault_of_default(value, PINS[name])

    if value is not None:
        assert (fault is None) == taken_by_engine(name, value), fault


@pytest.mark.parametrize("name", PINS)
def test_null_is_no_value_but_where_a_pin_takes_it(name: str) -> None:
    assert (fault_of_default(None, PINS[name]) is None) == (name in {"wholes", "maybe", "anything"})


def test_items_of_a_list_written_as_text_convert_too() -> None:
    texts = PINS["texts"].schema

    assert convert("[1, true]", texts) == ["1", "true"]
    assert convert(7, texts) == ["7"]


def issues(*parts: Node) -> list[Issue]:
    return check_graph(graph(*parts), CATALOG, for_run=True)


@pytest.mark.parametrize("value", [5, 1.5, True, [1, 2], {"a": 1}])
def test_a_value_that_a_text_can_hold_is_no_issue(value: Any) -> None:
    assert issues(node("u", "upper", text=value)) == []


@pytest.mark.parametrize("value", ["12", " 12 ", 12.0, "12.0", True])
def test_a_value_that_is_a_whole_number_in_other_words_is_no_issue(value: Any) -> None:
    assert issues(node("s", "add", a=value)) == []


@pytest.mark.parametrize(("value", "kind"), [("twelve", "a text"), (1.5, "a number"), ([1], "a list"), (None, "null")])
def test_a_value_that_would_lose_something_blocks_the_run(value: Any, kind: str) -> None:
    (found,) = issues(node("s", "add", a=value))

    assert (found.code, found.level) == (Code.WRONG_INPUT_TYPE, IssueLevel.BLOCKS_RUN)
    assert found.message == f"node 'S' (s): input 'a' must be a whole number, not {kind}"


def test_the_check_leaves_the_values_as_they_were() -> None:
    value = [3, 1, 2]

    assert fault_of_default(value, Sorted.spec.inputs["items"]) is None
    assert value == [3, 1, 2]


def test_the_default_of_an_input_becomes_what_its_type_wants() -> None:
    asking = graph(node("n", "number_input", name="count", value="3"), node("t", "text_input", name="topic", value=5))

    assert check_inputs(asking, CATALOG, {}) == {"count": 3, "topic": "5"}
    assert [wanted.default for wanted in graph_inputs(asking, CATALOG)] == [3, "5"]


def test_a_default_that_nothing_can_be_made_of_stays_for_the_editor_to_show() -> None:
    asking = graph(node("n", "number_input", name="count", value="many"))

    assert graph_inputs(asking, CATALOG)[0].default == "many"


def test_the_title_of_an_input_may_be_a_number() -> None:
    asking = graph(node("t", "text_input", name="year", title=1984))

    assert graph_inputs(asking, CATALOG)[0].title == "1984"


@pytest.mark.parametrize("default", ["rude", "", 1, True])
def test_a_default_that_is_none_of_the_options_blocks_the_run(default: Any) -> None:
    (found,) = issues(node("c", "choice_input", name="tone", value=default, options=["dry", "warm"]))

    assert (found.code, found.level) == (Code.NOT_AN_OPTION, IssueLevel.BLOCKS_RUN)
    assert found.message.startswith("input 'C' (c): ")
    assert found.message.endswith(" is none of its options: 'dry', 'warm'")
    assert (found.node_id, found.pin, found.path) == ("c", "value", "nodes[0].input_default.value")


def test_a_masked_default_is_not_shown() -> None:
    catalog = Catalog([InputDropdown])
    values = {"name": "key", "value": "s3cret", "options": ["a", "b"], "masked": True}
    asking = graph(Node(id="d", block_id="input.dropdown", label="D", input_default=values))

    (found,) = check_graph(asking, catalog, for_run=True)

    assert found.message == "input 'D' (d): the default is none of its options: 'a', 'b'"


@pytest.mark.parametrize("values", [{"value": "dry"}, {"value": None}, {}, {"value": "any", "options": []}])
def test_an_option_or_nothing_may_be_the_default(values: dict[str, Any]) -> None:
    assert issues(node("c", "choice_input", name="tone", **{"options": ["dry", "warm"]} | values)) == []


def test_options_and_default_are_compared_as_what_they_become() -> None:
    asking = graph(node("c", "choice_input", name="size", value=2, options=[1, "2", 3]))

    assert check_graph(asking, CATALOG, for_run=True) == []
    assert check_inputs(asking, CATALOG, {}) == {"size": "2"}
    assert check_inputs(asking, CATALOG, {"size": "3"}) == {"size": "3"}
    with pytest.raises(InvalidInput, match="input 'size' must be one of '1', '2', '3'"):
        check_inputs(asking, CATALOG, {"size": "4"})


@pytest.mark.parametrize("values", [{"value": "x", "options": [1]}, {"value": 1, "options": ["x"]}])
def test_a_value_of_the_wrong_type_is_told_once(values: dict[str, Any]) -> None:
    asking = graph(Node(id="l", block_id="toy.level", label="L", input_default={"name": "level"} | values))

    found = check_graph(asking, Catalog([Level]), for_run=True)

    assert Code.WRONG_INPUT_TYPE in [issue.code for issue in found]
    assert len(found) == 1


def test_what_a_run_gives_is_compared_as_what_it_becomes() -> None:
    values = {"name": "size", "options": [1, 2]}
    asking = graph(Node(id="d", block_id="input.dropdown", label="D", input_default=values))

    assert check_inputs(asking, Catalog([InputDropdown]), {"size": 2}) == {"size": "2"}
    with pytest.raises(InvalidInput, match="input 'size' must be one of '1', '2'"):
        check_inputs(asking, Catalog([InputDropdown]), {"size": 3})


def test_many_and_long_options_are_cut_in_the_message() -> None:
    (found,) = issues(node("c", "choice_input", name="tone", value="x" * 500, options=[f"o{at}" for at in range(50)]))

    assert found.message.endswith("'o19' and 30 more")
    assert len(found.message) < 400
