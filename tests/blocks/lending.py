"""A firing of one block outside any run, for tests that need more of it than an example tells."""

from uuid import UUID

from weft.executions.firing import Lending
from weft.executions.journal import Journal
from weft.executions.limits import Limits
from weft.executions.planner import Firing, Planner
from weft.executions.ports import Claim
from weft.executions.program import compile_program
from weft.executions.state import State
from weft.graphs.types import GraphContent, Node
from weft.sdk import Block, Catalog, Effect

NOBODY = UUID(int=0)
CLAIM = Claim(NOBODY, 1, NOBODY, NOBODY, NOBODY, 0, 1, 0, cancel_requested=False, seconds_left=None)


def lending_for(block: Block, *, index: int = 0) -> Lending:
    content = GraphContent(name="example", nodes=(Node(id="node", block_id=block.id, label="Node"),))
    program = compile_program(content, Catalog([block]), Limits())
    state = State(CLAIM, program, Planner(program.plan), Journal(CLAIM))
    key = "" if block.spec.effect is Effect.PURE else "key"
    return Lending(state, program.node(0), Firing(0, index, ()), 1, key, lambda: True, {})
