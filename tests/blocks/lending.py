"""The engine's own context for examples: the real sandbox, the real guarded client over replies, a fixed clock."""

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
from weft.graphs.types import GraphContent, Node
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox
from weft.sdk import Block, Catalog, Context, Effect, Example
from weft.sdk.replies import ReplyTransport

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
NOBODY = UUID(int=0)
CLAIM = Claim(NOBODY, 1, NOBODY, NOBODY, NOBODY, 0, 1, 0, cancel_requested=False, seconds_left=None)


class ExampleContext(FiringContext):
    """A firing's context on a clock that stands still and sleeps no time."""

    def now(self) -> datetime:
        self._refuse_if_pure("the clock")
        return NOW

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0


def lender(sandbox: Sandbox) -> Callable[[Block, Example], AbstractAsyncContextManager[Context]]:
    @asynccontextmanager
    async def lend(block: Block, example: Example) -> AsyncIterator[Context]:
        transport = ReplyTransport(example.http)
        async with GuardedClient(transport=transport) as client:
            yield ExampleContext(lending_for(block), client, sandbox)
        transport.check_spent()

    return lend


def lending_for(block: Block, *, index: int = 0) -> Lending:
    content = GraphContent(name="example", nodes=(Node(id="node", block_id=block.id, label="Node"),))
    program = compile_program(content, Catalog([block]), Limits())
    state = State(CLAIM, program, Planner(program.plan), Journal(CLAIM))
    key = "" if block.spec.effect is Effect.PURE else "key"
    return Lending(state, program.node(0), Firing(0, index, ()), 1, key, lambda: True, {})
