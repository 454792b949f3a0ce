"""What a block is lent when its examples run: the engine's own context, over replies and a clock that stands."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from weft.executions.context import FiringContext
from weft.executions.firing import Lending
from weft.executions.journal import Journal
from weft.executions.limits import Limits
from weft.executions.planner import Firing, Planner
from weft.executions.ports import Claim
from weft.executions.program import compile_program
from weft.executions.state import State
from weft.files.memory import MemoryFileStore
from weft.files.pieces import ranged
from weft.graphs.types import GraphContent, Node
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox
from weft.sdk import Block, Catalog, Context, Effect, Example
from weft.sdk.replies import ReplyTransport

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
"""What `ctx.now()` says in every example."""

_NOBODY = UUID(int=0)
_CLAIM = Claim(
    execution_id=_NOBODY,
    token=1,
    user_id=_NOBODY,
    graph_id=_NOBODY,
    version_id=_NOBODY,
    seq=0,
    semantics=1,
    claims_without_progress=0,
    cancel_requested=False,
    seconds_left=None,
)

LendExample = Callable[[Block, Example], AbstractAsyncContextManager[Context]]


class ExampleContext(FiringContext):
    """A firing's context whose clock stands still and whose pauses take no time."""

    def now(self) -> datetime:
        """Return the same moment in every run."""
        self._refuse_if_pure("the clock")
        return NOW

    async def sleep(self, seconds: float) -> None:
        """Return at once.

        Raises:
            ValueError: The block asked for a negative pause.
        """
        if seconds < 0:
            raise ValueError("a pause cannot be negative")


def example_lender(sandbox: Sandbox) -> LendExample:
    """Return what lends a context for one run of an example: the real sandbox, the real client over its replies."""

    @asynccontextmanager
    async def lend(block: Block, example: Example) -> AsyncIterator[Context]:
        transport = ReplyTransport(example.http)
        async with GuardedClient(transport=transport) as client:
            store = MemoryFileStore()
            for content in example.files:
                await store.put(_NOBODY, ranged(content))
            yield ExampleContext(_lending(block), client, sandbox, store)
        transport.check_spent()

    return lend


def _lending(block: Block) -> Lending:
    content = GraphContent(name="example", nodes=(Node(id="node", block_id=block.id, label="Node"),))
    program = compile_program(content, Catalog([block]), Limits())
    state = State(_CLAIM, program, Planner(program.plan), Journal(_CLAIM))
    key = "" if block.spec.effect is Effect.PURE else "key"
    return Lending(state, program.node(0), Firing(0, 0, ()), 1, key, lambda: True, {})
