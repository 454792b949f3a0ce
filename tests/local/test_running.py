"""`weft.run` and `weft.arun`: what may be named as a graph, what inputs may be, what comes back."""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import Field

import weft
from tests.local.blocks import WordCount, asking, counting, greeting, sleeping
from weft.errors import ConfigurationError, InvalidInput, NotFound
from weft.graphs.documents import content_from
from weft.graphs.errors import GraphInvalid
from weft.sdk import Block, BlockDefinitionError, Emissions, Schema
from weft.sdk.builder import GraphBuilder


def echo() -> GraphBuilder:
    g = GraphBuilder("Echo")
    g.output("value", g.input("value", "any"))
    return g


def test_a_graph_is_named_by_path_id_builder_content_or_document(tmp_path: Path) -> None:
    g = greeting()
    file = g.write(tmp_path / "greeting.json")
    first = weft.run(file, name="Ada")
    forms: list[Any] = [
        str(file),
        "greeting.json",
        g,
        g.to_document(),
        json.loads(file.read_bytes()),
        content_from(g.to_document()),
        first.execution.graph_id,
        str(first.execution.graph_id),
    ]

    results = [weft.run(form, name="Ada") for form in forms]

    assert {result["greeting"] for result in [first, *results]} == {"Hello Ada!"}
    assert len({result.execution.graph_id for result in results}) == 2  # the file's, and that of what Python made


def test_the_same_content_is_the_same_version_and_other_content_the_next() -> None:
    first, again = weft.run(echo(), value=1), weft.run(echo(), value=2)
    changed = echo()
    changed.add("flow.note", text="now with a note")
    other = weft.run(changed, value=1)

    assert first.execution.graph_id == again.execution.graph_id == other.execution.graph_id
    assert (first.execution.graph_version, again.execution.graph_version) == (1, 1)
    assert other.execution.graph_version == 2


def test_an_agent_from_elsewhere_runs_from_a_dictionary() -> None:
    agent = json.loads((Path(__file__).parents[1] / "interop" / "files" / "letter.json").read_bytes())

    assert weft.run(agent, {"Guest name": "Ada"})["The letter!"] == "Dear Ada, the tea is ready."


def test_blocks_of_ones_own_need_no_package(tmp_path: Path) -> None:
    file = counting().write(tmp_path / "count.json")

    assert weft.run(counting(), text="to be or not")["words"] == 4
    assert weft.run(file, text="to be", blocks=[WordCount])["words"] == 2
    with pytest.raises(GraphInvalid, match=r"acme\.word_count"):
        weft.run(file, text="to be")


def test_a_block_that_is_written_anew_is_the_one_that_runs() -> None:
    def defined(factor: int) -> type[Block]:
        class Times(Block, id="acme.times"):
            """Multiply."""

            class Input(Schema):
                """A number."""

                value: int = Field(description="A number")

            class Output(Schema):
                """Its product."""

                product: int = Field(description="The product")

            async def run(self, input: Input) -> Emissions:
                yield "product", input.value * factor

        return Times

    def products(kind: type[Block]) -> Any:
        g = GraphBuilder("Times")
        times = g.add(kind)
        g.link(g.input("value", int), times)
        g.output("product", times)
        return weft.run(g, value=2)["product"]

    assert (products(defined(3)), products(defined(5))) == (6, 10)


def test_a_block_with_the_id_of_an_installed_one_is_refused() -> None:
    class Mine(Block, id="text.combine"):
        """Something else."""

        class Input(Schema):
            """Nothing."""

        class Output(Schema):
            """One text."""

            text: str = Field(description="A text")

        async def run(self, input: Input) -> Emissions:
            yield "text", ""

    with pytest.raises(BlockDefinitionError, match=r"text\.combine"):
        weft.run(greeting(), name="Ada", blocks=[Mine])


async def test_many_runs_go_side_by_side_each_with_its_own_result() -> None:
    results = await asyncio.gather(*(weft.arun(greeting(), name=str(number)) for number in range(25)))

    assert [result["greeting"] for result in results] == [f"Hello {number}!" for number in range(25)]


async def test_run_works_where_an_event_loop_runs_already() -> None:
    assert weft.run(counting(), text="as in a notebook")["words"] == 4


def test_values_become_what_json_has() -> None:
    given = {"day": date(2026, 1, 2), "pair": (1, 2), "nested": {"a": [None, 1.5, "é"]}}

    assert weft.run(echo(), value=given)["value"] == {"day": "2026-01-02", "pair": [1, 2], "nested": given["nested"]}


def test_inputs_with_the_names_of_options_go_into_the_mapping() -> None:
    g = GraphBuilder("Waits")
    g.output("wait", g.input("wait", "any"))

    assert weft.run(g, {"wait": "long"})["wait"] == "long"


Loop: list[Any] = []
Loop.append(Loop)


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"nmae": "Ada"}, "the graph has no input 'nmae'; it has: name"),
        ({}, "input 'name' is missing"),
        ({"name": object()}, "input 'name': a object cannot be written as JSON"),
        ({"name": Loop}, "input 'name': a list cannot be written as JSON"),
        ({"name": float("nan")}, "input 'name': must be a finite number"),
        ({"name": 2**64}, "input 'name': must be a whole number of at most 64 bits"),
        ({"name": {"a": ["\0"]}}, "input 'name': a[0]: holds a NUL character"),
        ({"name": [1]}, "input 'name' must be"),
        ([("name", "Ada")], "inputs are a mapping of values by name, not list"),
    ],
)
def test_a_wrong_input_is_told_by_its_name(inputs: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        weft.run(greeting(), inputs)

    assert sentence in raised.value.message


def test_an_input_given_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="input 'name' is given twice"):
        weft.run(greeting(), {"name": "Ada"}, name="Bob")


BAD_LINK = greeting().to_document()
BAD_LINK["links"][0]["sink_id"] = "gone"
DEEP: dict[str, Any] = {}
for _ in range(100_000):
    DEEP = {"name": DEEP}


@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        ("gone.json", "there is no file gone.json"),
        (Path("gone.json"), "there is no file gone.json"),
        (7, "a graph is a path, an id, a GraphBuilder or a document, not int"),
        ({}, "the graph: name: is missing"),
        ({"name": "X", "nodes": [{"id": "a"}]}, "graph 'X': nodes[0].block_id: is missing"),
        ({"name": "X", "nodes": {1}}, "graph 'X': this cannot be written as JSON: Object of type set"),
        ({"name": "X", "nodes": [Loop]}, "graph 'X': this cannot be written as JSON: Circular reference"),
        (DEEP, "the graph: this cannot be written as JSON"),
        (BAD_LINK, "graph 'Greeting': links[0].sink_id: "),
    ],
)
def test_a_bad_graph_is_told_with_its_place(graph: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        weft.run(graph, name="Ada")

    assert sentence in raised.value.message


def test_an_id_of_nothing_is_not_found() -> None:
    with pytest.raises(NotFound, match="there is no graph"):
        weft.run(UUID(int=7))


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(InvalidInput, match="timeout_s is a number of seconds above 0"):
        weft.run(greeting(), name="Ada", timeout_s=seconds)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"WEFT_MAX_FRINGS": 1}, "WEFT_MAX_FRINGS is no setting of Weft"),
        ({"WEFT_MAX_FIRINGS": 0}, "WEFT_MAX_FIRINGS: input should be greater than or equal to 1"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        weft.run(greeting(), name="Ada", settings=settings)

    assert raised.value.message.startswith(sentence)


def test_settings_given_win_over_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEFT_HOME", "/nowhere/at/all")
    monkeypatch.setenv("WEFT_MAX_FIRINGS", "1")

    allowed = weft.run(counting(), text="a b", home=home, settings={"WEFT_MAX_FIRINGS": 10})
    refused = weft.run(counting(), text="a b", home=home)

    assert allowed["words"] == 2
    assert (refused.status, refused.error and refused.error.code) == ("failed", "TOO_MANY_FIRINGS")


def test_a_run_that_takes_too_long_is_cancelled_and_says_so() -> None:
    result = weft.run(sleeping(), timeout_s=0.2)

    assert (result.status, result.timed_out) == ("cancelled", True)
    assert "its time was over" in repr(result)


def test_a_run_that_ends_in_time_has_not_timed_out() -> None:
    result = weft.run(sleeping(0.01), timeout_s=60)

    assert (result["text"], result.timed_out) == ("rested", False)


def test_a_person_is_waited_for_only_when_told_so() -> None:
    result = weft.run(asking())
    waited = weft.run(asking(), wait=True, timeout_s=0.2)

    assert (result.status, result.waiting[0].title) == ("waiting", "What is your name?")
    assert (waited.status, waited.timed_out) == ("cancelled", True)


async def test_a_block_cannot_stop_the_loop_that_it_runs_in() -> None:
    class Inner(Block, id="acme.inner"):
        """Run a graph, which a block must not do so."""

        class Input(Schema):
            """Nothing."""

        class Output(Schema):
            """What it said."""

            said: str = Field(description="What it said")

        async def run(self, input: Input) -> Emissions:
            try:
                weft.run(greeting(), name="Ada")
            except InvalidInput as error:
                yield "said", error.message

    g = GraphBuilder("Inner")
    g.output("said", g.add(Inner))

    assert (await weft.arun(g))["said"].startswith("a block cannot call weft.run")


def test_what_was_closed_opens_again() -> None:
    weft.run(greeting(), name="Ada")
    weft.close()
    weft.close()

    assert weft.run(greeting(), name="Bob")["greeting"] == "Hello Bob!"
