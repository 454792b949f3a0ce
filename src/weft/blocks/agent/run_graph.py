"""`agent.run`: another graph as one node."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.agent.calling import Called, by_name, outputs_of
from weft.sdk import Block, BlockCategory, BlockError, BlockType, Call, Effect, Emissions, Example, Keyed, Schema, Wait

_GRAPH = "0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10"
_RUN = "5f0c1f0e-9d1c-5a57-8a4e-0a4f3a1f4c11"


class RunGraph(Block, id="agent.run", name="Run Graph", block_type=BlockType.AGENT, categories=[BlockCategory.UTILITY]):
    """Run another graph, and pass on what it shows.

    The graph runs on its own, with its own history; nothing waits for it but this node. Each value that it shows leaves
    on `outputs` as `{name: value}`: link from `outputs.Name` to take the values of one output. If it fails or is
    cancelled, so does this node; if this run is cancelled, so is that one.
    """

    class Input(Called):
        pass

    class Output(Schema):
        outputs: Annotated[dict[str, Any], Keyed()] = Field(
            description="One value that the graph showed, under its output's name"
        )
        results: dict[str, list[Any]] = Field(description="All values of each output, once the graph has ended")
        execution_id: str = Field(description="Id of the graph's run")

    effect = Effect.IDEMPOTENT
    ordered = True  # what each call brings comes out in the order of the calls
    examples: ClassVar = [
        Example(
            Input(graph=_GRAPH, inputs={"name": "Ada"}),
            waits=Wait("child"),
            answer={
                "execution_id": _RUN,
                "status": "completed",
                "error": None,
                "outputs": [["greeting", "Hello Ada"]],
            },
            emits=[
                ("outputs", {"greeting": "Hello Ada"}),
                ("results", {"greeting": ["Hello Ada"]}),
                ("execution_id", _RUN),
            ],
        ),
        Example(
            Input(graph=_GRAPH),
            waits=Wait("child"),
            answer={
                "execution_id": _RUN,
                "status": "failed",
                "error": {"code": "BLOCK_ERROR", "message": "no such city"},
                "outputs": [],
            },
            raises=BlockError("the called graph failed: no such city", "CALL_FAILED"),
        ),
        Example(
            Input(graph=_GRAPH),
            waits=Wait("child"),
            answer={"execution_id": _RUN, "status": "cancelled", "error": None, "outputs": []},
            raises=BlockError("the called graph was cancelled", "CALL_CANCELLED"),
        ),
        Example(
            Input(graph=_GRAPH),
            waits=Wait("child"),
            answer={
                "execution_id": _RUN,
                "status": "timeout",
                "error": {"code": "RUN_TIMEOUT", "message": "the run took longer than it may"},
                "outputs": [],
            },
            raises=BlockError("the called graph took too long: the run took longer than it may", "CALL_TIMEOUT"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        raise Call(input.graph, input.inputs, version=input.version)
        yield  # type: ignore[unreachable]  # it emits once the graph has ended, and is a generator for that

    async def on_answer(self, input: Input, state: Any, answer: Any) -> Emissions:  # noqa: ARG002
        """Pass on what the graph showed."""
        outputs = outputs_of(answer)
        for name, value in outputs:
            yield "outputs", {name: value}
        yield "results", by_name(outputs)
        yield "execution_id", answer["execution_id"]
