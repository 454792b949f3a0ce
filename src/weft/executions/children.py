"""Graphs that call graphs: what becomes of a `Call`, and what its answer holds (engine rule 34)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

import orjson

from weft.errors import InvalidInput, WeftError
from weft.executions.errors import FiringFailed
from weft.executions.limits import Limits
from weft.executions.planner import Firing
from weft.executions.planning.model import SEMANTICS
from weft.executions.ports import Callee, Child, Claim, EngineStore
from weft.executions.recent import Recent
from weft.executions.starting import beginning
from weft.executions.state import State
from weft.graphs.interface import graph_outputs
from weft.graphs.types import GraphContent
from weft.graphs.validation import validate_graph
from weft.sdk import Call, Catalog, Wait

CHILD = "child"
_LAST_VERSION = 2**31 - 1


class Called(Wait):
    """A call that was looked into and can be recorded: the wait for it, and the execution that it queues."""

    def __init__(self, call: Call, child: Child, name: str) -> None:
        super().__init__("child", state=call.state, key=f"child:{child.id}", title=call.title or name)
        self.child = child


class Children:
    """Prepares calls and reads what they brought; shared by all executions of a worker."""

    def __init__(self, store: EngineStore, catalog: Catalog, limits: Limits) -> None:
        self._store = store
        self._catalog = catalog
        self._limits = limits
        self._contents: Recent[GraphContent] = Recent()

    async def prepare(self, state: State, firing: Firing, call: Call, *, number: int) -> Called:
        """Return the call as it will be recorded; nothing is written yet.

        Args:
            state: The calling execution.
            firing: Which firing calls.
            call: What it asks for.
            number: Which wait of the firing this is, from 1; the child's id depends on it.

        Raises:
            FiringFailed: There is no such graph, it cannot run, an input is wrong, or calls are nested too deep
                or too many.
        """
        claim = state.claim
        if claim.depth >= self._limits.depth:
            raise FiringFailed(f"graphs may call each other {self._limits.depth} deep", code="CALLS_TOO_DEEP")
        if state.calls.count >= self._limits.calls:
            raise FiringFailed(f"an execution may call {self._limits.calls} others", code="TOO_MANY_CALLS")
        graph_id, callee = await self._callee(claim, call)
        content = await self._content(callee.version_id)
        try:
            inputs, start = beginning(
                content, self._catalog, call.inputs, state.context, largest=self._limits.value_bytes
            )
        except InvalidInput as error:
            raise FiringFailed(f"{content.name}: {error.message}", code="BAD_CALL_INPUT") from error
        child = Child(
            id=uuid5(claim.execution_id, f"{firing.node}:{firing.index}:{number}"),
            graph_id=graph_id,
            version_id=callee.version_id,
            graph_version=callee.version,
            node=firing.node,
            index=firing.index,
            depth=claim.depth + 1,
            root_id=claim.root_id or claim.execution_id,
            semantics=SEMANTICS,
            run_limit_s=self._limits.run_limit_s,
            inputs=orjson.dumps(inputs).decode(),
            given=orjson.dumps(start.values).decode(),
            context=orjson.dumps(start.context).decode(),
        )
        return Called(call, child, content.name)

    async def _callee(self, claim: Claim, call: Call) -> tuple[UUID, Callee]:
        wanted = call.graph if call.version is None else f"{call.graph} in version {call.version}"
        try:
            graph_id = UUID(call.graph)
        except ValueError as error:
            raise FiringFailed(f"{call.graph[:80]!r} is no graph id", code="CALLED_GRAPH_NOT_FOUND") from error
        known = call.version is None or call.version <= _LAST_VERSION
        callee = await self._store.callee(claim, graph_id, call.version) if known else None
        if callee is None:
            raise FiringFailed(f"there is no graph {wanted}", code="CALLED_GRAPH_NOT_FOUND")
        return graph_id, callee

    async def _content(self, version_id: UUID) -> GraphContent:
        """Return what a version holds, once it has been found fit to run."""
        content = self._contents.get(version_id)
        if content is None:
            content = await self._store.version(version_id)
            try:
                validate_graph(content, self._catalog, for_run=True)
            except WeftError as error:
                raise FiringFailed(f"{content.name}: {error.message}", code="CALLED_GRAPH_INVALID") from error
            self._contents.put(version_id, content, nodes=len(content.nodes))
        return content

    async def answer(self, state: State, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return what `on_answer` gets of a call that has ended: how, and its outputs."""
        child_id = UUID(answer["execution_id"])
        content = await self._content(UUID(answer["version_id"]))
        names = {output.position: output.name for output in graph_outputs(content, self._catalog)}
        pins = {position: self._output_pin(content, position) for position in names}
        found = await self._store.outputs(state.claim, child_id, list(names))
        outputs = [[names[node], orjson.loads(value)] for node, pin, value in found if pin == pins[node]]
        error = answer["error"]
        return {
            "execution_id": answer["execution_id"],
            "status": answer["status"],
            "error": None if error is None else {"code": error["code"], "message": error["message"]},
            "outputs": outputs,
        }

    def _output_pin(self, content: GraphContent, position: int) -> int:
        block = self._catalog.get(content.nodes[position].block_id)
        assert block is not None, "it ran, so its blocks are there"
        return list(block.spec.outputs).index("output")
