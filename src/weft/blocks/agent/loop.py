"""`agent.loop`: a graph run again and again until a condition holds."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.agent.calling import Called, outputs_of
from weft.sdk import (
    Advanced,
    Block,
    BlockCategory,
    BlockError,
    BlockType,
    Call,
    Context,
    Effect,
    Emissions,
    Example,
    Schema,
    Wait,
)

_GRAPH = "0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10"
_RUN = "5f0c1f0e-9d1c-5a57-8a4e-0a4f3a1f4c11"
_ENDED = {"execution_id": _RUN, "status": "completed", "error": None}


class Loop(Block, id="agent.loop", name="Loop", block_type=BlockType.AGENT, categories=[BlockCategory.UTILITY]):
    """Run a graph again and again until a condition holds.

    After each round the condition is looked at: an expression over `outputs` (the last value of each output by name),
    `inputs` (what the round was given) and `round` (1, 2, …). While it does not hold, the next round gets the same
    inputs, with each output that is named like an input in its place. Rounds survive restarts.
    """

    class Input(Called):
        until: str = Field(
            description="Stop when this is true, e.g. `outputs['score'] > 0.9 or round == 5`", min_length=1
        )
        rounds: int = Field(default=100, ge=1, le=10_000, description="Most rounds; needing more is an error")
        feed: Annotated[dict[str, str], Advanced()] = Field(
            default_factory=dict,
            description="Which output fills which input of the next round, where their names differ",
        )

    class Output(Schema):
        outputs: dict[str, Any] = Field(description="The last value of each output of the last round")
        rounds: int = Field(description="How many rounds it took")

    effect = Effect.IDEMPOTENT
    ordered = True  # what each call brings comes out in the order of the calls
    examples: ClassVar = [
        Example(
            Input(graph=_GRAPH, inputs={"draft": "hi"}, until="outputs['score'] > 8"),
            waits=Wait("child", state={"round": 1, "inputs": {"draft": "hi"}}),
            answer={**_ENDED, "outputs": [["draft", "Hello"], ["score", 9]]},
            emits=[("outputs", {"draft": "Hello", "score": 9}), ("rounds", 1)],
        ),
        Example(
            Input(graph=_GRAPH, until="outputs['done']", rounds=1),
            waits=Wait("child", state={"round": 1, "inputs": {}}),
            answer={**_ENDED, "outputs": [["done", False]]},
            raises=BlockError("the condition did not hold after 1 round", "TOO_MANY_ROUNDS"),
        ),
        Example(
            Input(graph=_GRAPH, until="True"),
            waits=Wait("child"),
            answer={**_ENDED, "status": "cancelled", "outputs": []},
            raises=BlockError("the called graph was cancelled", "CALL_CANCELLED"),
        ),
        Example(
            Input(graph=_GRAPH, until="True"),
            waits=Wait("child"),
            answer={**_ENDED, "status": "failed", "error": {"code": "BLOCK_ERROR", "message": "no"}, "outputs": []},
            raises=BlockError("the called graph failed: no", "CALL_FAILED"),
        ),
        Example(
            Input(graph=_GRAPH, until="True"),
            waits=Wait("child"),
            answer={**_ENDED, "status": "timeout", "outputs": []},
            raises=BlockError("the called graph took too long: it gave no reason", "CALL_TIMEOUT"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        raise _next(input, input.inputs, round=1)
        yield  # type: ignore[unreachable]  # it emits once the graph has ended, and is a generator for that

    async def on_answer(self, input: Input, state: Any, answer: Any, *, ctx: Context) -> Emissions:
        """Stop, or begin the next round with what this one made."""
        outputs = dict(outputs_of(answer))
        round, inputs = state["round"], state["inputs"]
        if await ctx.evaluate(input.until, {"outputs": outputs, "inputs": inputs, "round": round}):
            yield "outputs", outputs
            yield "rounds", round
            return
        if round >= input.rounds:
            count = "1 round" if round == 1 else f"{round} rounds"
            raise BlockError(f"the condition did not hold after {count}", "TOO_MANY_ROUNDS")
        fed = {name: value for name, value in outputs.items() if name in inputs}
        fed |= {wanted: outputs[name] for name, wanted in input.feed.items() if name in outputs}
        raise _next(input, inputs | fed, round=round + 1)


def _next(input: Loop.Input, inputs: dict[str, Any], *, round: int) -> Call:
    return Call(
        input.graph, inputs, version=input.version, state={"round": round, "inputs": inputs}, title=f"round {round}"
    )
