"""Use cases of executions: start, look, list, cancel, answer. The engine itself runs them elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from weft.db.base import new_id
from weft.db.transaction import Transaction
from weft.errors import InvalidInput
from weft.executions.errors import AlreadyEnded, ExecutionNotFound, RequestKeyUsed
from weft.executions.limits import Limits
from weft.executions.planning.model import SEMANTICS
from weft.executions.queueing import queued_waits
from weft.executions.recent import Recent
from weft.executions.repository import start as writes
from weft.executions.repository import turns, views
from weft.executions.repository.views import ExecutionRecord
from weft.executions.room import Room
from weft.executions.starting import Order, beginning
from weft.executions.types import (
    Execution,
    ExecutionId,
    ExecutionStatus,
    NodeSummary,
    NotFired,
    RunError,
    Waiting,
)
from weft.failpoints import failpoint
from weft.graphs.callees import check_calls
from weft.graphs.errors import GraphInvalid
from weft.graphs.interface import graph_outputs
from weft.graphs.types import GraphContent, GraphVersion
from weft.graphs.validation import validate_graph
from weft.sdk import BlockType, Catalog

_DECISIONS = ("retry", "output", "skip")


@dataclass(frozen=True, slots=True)
class Page:
    """Some executions, newest first, and where the next page begins; None at the end."""

    items: list[Execution]
    next: str | None = None


@dataclass(slots=True)
class Executions:
    """The executions of all users; each call names the one who asks, and sees only that user's."""

    catalog: Catalog
    limits: Limits
    wake: Callable[[], None] = field(default=lambda: None)
    changed: Callable[[UUID], None] = field(default=lambda _: None)
    _contents: Recent[GraphContent] = field(default_factory=Recent)
    _runnable: Recent[bool] = field(default_factory=Recent)
    _room: Room = field(default_factory=Room)

    async def start(
        self,
        tx: Transaction,
        user_id: UUID,
        *,
        version: GraphVersion,
        inputs: Mapping[str, Any],
        context: Mapping[str, Any] | None = None,
        key: str | None = None,
        priority: int = 0,
        request_key: str | None = None,
    ) -> ExecutionId:
        """Queue a run of a saved version and return its id; a worker takes it once `tx` is committed.

        Where limits leave no place for it, it is held back until there is one.

        Args:
            tx: An open transaction.
            user_id: Who runs it, and whose it will be.
            version: What to run.
            inputs: Values by the names of the graph's INPUT nodes; defaults fill the rest.
            context: Time zone, locale and preferences of the user, as blocks see them.
            key: What it works on: limits per key count executions with the same one together.
            priority: 1 before the user's other executions, -1 behind them; others' do not notice.
            request_key: Names this request: asked again for the same, nothing starts and the id is the same, for a day at least.

        Raises:
            GraphInvalid: The graph, or one that it runs, cannot run; nothing was written.
            InvalidInput: An input is missing, unknown or of the wrong type, or an option is; nothing was written.
            RequestKeyUsed: Something else was started under this request key; nothing was written.
            QueueFull: Too much waits for workers already; nothing was written.
        """
        order = Order(key, priority, request_key)
        await self._require_runnable(tx, user_id, version)
        given, start = beginning(version.content, self.catalog, inputs, context or {}, largest=self.limits.value_bytes)
        execution_id = ExecutionId(new_id())
        earlier = await self._admit(tx, user_id, order, order.digest(version.id, given), execution_id)
        if earlier is not None:
            return earlier
        await writes.insert_execution(
            tx,
            execution_id,
            user_id=user_id,
            graph_id=version.graph_id,
            version_id=version.id,
            graph_version=version.version,
            semantics=SEMANTICS,
            run_limit_s=self.limits.run_limit_s,
            priority=order.priority,
            key=order.key,
            inputs=given,
            start=start,
        )
        tx.after_commit(self.wake)
        failpoint("start.written")
        return execution_id

    async def _admit(
        self, tx: Transaction, user_id: UUID, order: Order, digest: bytes, execution_id: ExecutionId
    ) -> ExecutionId | None:
        """Return None if this execution may be queued; else the one that was started for the same request."""
        if (earlier := await self._earlier(tx, user_id, order, digest)) is not None:
            return earlier
        await self._room.require(tx, user_id, self.limits)
        if order.request_key is None or await turns.claim_start(
            tx, user_id, order.request_key, request_hash=digest, execution_id=execution_id
        ):
            return None
        earlier = await self._earlier(tx, user_id, order, digest)
        assert earlier is not None, "who asked at the same time, and was faster, has committed"
        return earlier

    async def _earlier(self, tx: Transaction, user_id: UUID, order: Order, digest: bytes) -> ExecutionId | None:
        """Return what was started under the order's request key; None if nothing was, or the order has none."""
        if order.request_key is None:
            return None
        found = await turns.find_start(tx, user_id, order.request_key)
        if found is None:
            return None
        if found[1] != digest:
            raise RequestKeyUsed(order.request_key, found[0])
        return ExecutionId(found[0])

    async def _require_runnable(self, tx: Transaction, user_id: UUID, version: GraphVersion) -> None:
        if self._runnable.get(version.id):
            return
        validate_graph(version.content, self.catalog, for_run=True)
        issues = await check_calls(
            tx, user_id, version.content, self.catalog, graph_id=version.graph_id, version=version.version
        )
        if issues:
            raise GraphInvalid(issues)
        self._runnable.put(version.id, True, nodes=0)

    async def get(self, tx: Transaction, user_id: UUID, execution_id: UUID) -> Execution:
        """Return one execution with its outputs, nodes, waits and what did not run.

        Raises:
            ExecutionNotFound: The user has no such execution.
        """
        record = await views.find_one(tx, execution_id, user_id)
        if record is None:
            raise ExecutionNotFound(execution_id)
        (execution,) = await self._complete(tx, user_id, [record])
        content = await self._content(tx, record)
        return replace(execution, nodes=await _nodes(tx, record, content))

    async def held_by(self, tx: Transaction, execution_id: UUID) -> tuple[Waiting, ...]:
        """Return the limit that keeps an execution out of the queue; nothing for one that none does."""
        waits = (await queued_waits(tx, [execution_id])).get(execution_id, ())
        return tuple(wait for wait in waits if wait.kind == "limit")

    async def history(
        self,
        tx: Transaction,
        user_id: UUID,
        *,
        after: str | None = None,
        limit: int = 20,
        statuses: Sequence[ExecutionStatus] | None = None,
        dead: bool = False,
        orphans: bool = False,
    ) -> Page:
        """Return the user's executions, newest first, without their nodes.

        Args:
            tx: An open transaction.
            user_id: Whose.
            after: `next` of the page before.
            limit: 1 to 100.
            statuses: Only these.
            dead: Only those in which a firing killed its workers.
            orphans: Also those that another execution called, directly or not, which has ended meanwhile.

        Raises:
            InvalidInput: The limit or the cursor is wrong.
        """
        if not 1 <= limit <= 100:
            raise InvalidInput(f"a page holds 1 to 100 executions, not {limit}")
        records = await views.find_page(
            tx, user_id, after=_cursor(after), limit=limit + 1, statuses=statuses, dead=dead, orphans=orphans
        )
        more = len(records) > limit
        items = await self._complete(tx, user_id, records[:limit])
        last = records[limit - 1] if more else None
        return Page(items, None if last is None else f"{last.created_at.isoformat()}|{last.id}")

    async def is_settled(self, tx: Transaction, user_id: UUID, execution_id: UUID, *, wait: bool = False) -> bool:
        """Return whether an execution, and all it called, have ended or, without `wait`, need a person or a call from outside."""
        ended, rests, kinds = await views.state_of_tree(tx, execution_id, user_id)
        return ended or (not wait and rests and bool(kinds & {"person", "webhook"}) and "time" not in kinds)

    async def cancel(self, tx: Transaction, user_id: UUID, execution_id: UUID) -> ExecutionStatus:
        """Cancel an execution and all it called; return its status: `cancelled`, or `running` while its holder winds it down.

        Raises:
            ExecutionNotFound: The user has no such execution.
            AlreadyEnded: There is nothing left to cancel.
        """
        tree = await writes.lock_tree(tx, execution_id)
        await self._lock(tx, user_id, execution_id)
        failpoint("cancel.locked")
        status = await writes.cancel_tree(tx, execution_id, user_id, tree)
        failpoint("cancel.written")
        tx.after_commit(self.wake)
        for ended in tree:
            tx.after_commit(partial(self.changed, ended))
        return ExecutionStatus(status)

    async def answer(self, tx: Transaction, user_id: UUID, execution_id: UUID, *, wait_key: str, data: Any) -> None:
        """Answer a wait; the execution goes on. The first answer stands, later ones change nothing.

        A wait for an unknown outcome is answered with `{"decision": "retry" | "skip"}` or
        `{"decision": "output", "outputs": [[pin, value], …]}`.

        Raises:
            ExecutionNotFound: The user has no such execution.
            AlreadyEnded: The execution has ended.
            InvalidInput: The decision is none of the three, or the wait is for a called graph.
        """
        if wait_key.startswith("child:"):
            raise InvalidInput("only the end of the called graph answers this wait; cancel that one to end it")
        if wait_key.startswith("unknown:") and (not isinstance(data, dict) or data.get("decision") not in _DECISIONS):
            raise InvalidInput(f"a decision is one of {', '.join(_DECISIONS)}")
        await self._lock(tx, user_id, execution_id)
        await writes.insert_answer(tx, execution_id, user_id, wait_key=wait_key, data=data)
        failpoint("answer.written")
        tx.after_commit(self.wake)

    async def _lock(self, tx: Transaction, user_id: UUID, execution_id: UUID) -> ExecutionStatus:
        found = await writes.lock_status(tx, execution_id, user_id)
        if found is None:
            raise ExecutionNotFound(execution_id)
        status = ExecutionStatus(found)
        if status.is_terminal():
            raise AlreadyEnded(execution_id, status)
        return status

    async def _content(self, tx: Transaction, record: ExecutionRecord) -> GraphContent:
        content = self._contents.get(record.version_id)
        if content is None:
            content = await views.version_content(tx, record.version_id)
            self._contents.put(record.version_id, content, nodes=len(content.nodes))
        return content

    async def _complete(self, tx: Transaction, user_id: UUID, records: Sequence[ExecutionRecord]) -> list[Execution]:
        """Add outputs, waits and reports to records, with two queries for all of them."""
        contents = [await self._content(tx, record) for record in records]
        names = [
            (record.id, output.position, output.name)
            for record, content in zip(records, contents, strict=True)
            for output in graph_outputs(content, self.catalog)
        ]
        emissions = await views.emissions(tx, user_id, [(id, position) for id, position, _ in names]) if names else {}
        pins = self._output_pins(contents)
        waits = await views.waits(tx, [record.id for record in records if record.status == ExecutionStatus.WAITING])
        in_line = await queued_waits(tx, [record.id for record in records if record.status == ExecutionStatus.QUEUED])
        executions = []
        for record, content in zip(records, contents, strict=True):
            outputs: dict[str, list[Any]] = {}
            for id, position, name in names:
                if id == record.id:
                    found = emissions.get((id, position), [])
                    wanted = pins[content.nodes[position].block_id]
                    outputs.setdefault(name, []).extend(value for pin, value in found if pin == wanted)
            execution = _execution(record, content, outputs, waits.get(record.id, []))
            executions.append(replace(execution, waiting=execution.waiting + in_line.get(record.id, ())))
        return executions

    def _output_pins(self, contents: Sequence[GraphContent]) -> dict[str, int]:
        """Return the number of the pin `output` by block id, for OUTPUT blocks."""
        numbers = {}
        for block_id in {node.block_id for content in contents for node in content.nodes}:
            block = self.catalog.get(block_id)
            if block is not None and block.spec.block_type is BlockType.OUTPUT:
                numbers[block_id] = list(block.spec.outputs).index("output")
        return numbers


def _cursor(text: str | None) -> tuple[datetime, UUID] | None:
    if text is None:
        return None
    created_at, _, execution_id = text.partition("|")
    try:
        return datetime.fromisoformat(created_at), UUID(execution_id)
    except ValueError as error:
        raise InvalidInput("the cursor is none that a list returned") from error


def _execution(
    record: ExecutionRecord,
    content: GraphContent,
    outputs: dict[str, list[Any]],
    waits: Sequence[tuple[int, int, dict[str, Any]]],
) -> Execution:
    report = record.report or []
    return Execution(
        id=ExecutionId(record.id),
        graph_id=record.graph_id,
        graph_version=record.graph_version,
        user_id=record.user_id,
        status=ExecutionStatus(record.status),
        created_at=record.created_at,
        started_at=record.started_at,
        ended_at=record.ended_at,
        inputs=record.inputs,
        outputs=outputs,
        error=None if record.error is None else RunError(**record.error),
        not_fired=tuple(
            NotFired(entry["node_id"], entry["label"], tuple(entry["missing"]))
            for entry in report
            if entry["kind"] == "never_fired"
        ),
        waiting=tuple(
            Waiting(
                node_id=content.nodes[node].id,
                label=content.nodes[node].label,
                kind=wait["kind"],
                until=datetime.fromisoformat(wait["until"]) if wait["until"] else None,
                title=wait["title"],
                key=wait["key"],
            )
            for node, _, wait in waits
        ),
        attempts=record.attempts,
    )


async def _nodes(tx: Transaction, record: ExecutionRecord, content: GraphContent) -> tuple[NodeSummary, ...]:
    ended = ExecutionStatus(record.status).is_terminal()
    summaries = []
    for found in sorted(await views.node_records(tx, record.id), key=_by_node):
        node = content.nodes[found.node]
        status = ExecutionStatus.COMPLETED
        if found.failed:
            status = ExecutionStatus.FAILED
        elif found.cancelled or (found.waits and ended):
            status = ExecutionStatus.CANCELLED
        elif found.waits:
            status = ExecutionStatus.WAITING
        summaries.append(
            NodeSummary(node.id, node.label, node.block_id, status, found.firings, found.attempts, found.duration_ms)
        )
    return tuple(summaries)


def _by_node(record: views.NodeRecord) -> int:
    return record.node
