"""Which firing runs next: the deepest node's, so that few are ready at a time (engine rule 37)."""

import heapq
from collections import deque
from collections.abc import Iterable

from weft.executions.planner import Firing
from weft.executions.program import NodeProgram


class Ready:
    """Firings that may run now, deepest node first; inline ones apart from those that need a task.

    Of a node with a limit, so many firings are under way at most, from their start to their end, waits included; the
    others are held.
    """

    def __init__(self, depths: tuple[int, ...], nodes: tuple[NodeProgram | None, ...]) -> None:
        self._depths = depths
        self._inline_nodes = [node is not None and node.inline for node in nodes]
        self._inline: list[tuple[int, int, Firing]] = []
        self._tasks: list[tuple[int, int, Firing]] = []
        self._count = 0
        self._limited = {
            node.position: _Limited(node.parallel) for node in nodes if node is not None and node.parallel is not None
        }

    def __len__(self) -> int:
        return len(self._inline) + len(self._tasks) + sum(len(one.held) for one in self._limited.values())

    def add(self, firings: Iterable[Firing]) -> None:
        """Add firings; among equals the older one runs first."""
        for firing in firings:
            limited = self._limited.get(firing.node)
            if limited is None or limited.admit(firing):
                self._push(firing)

    def _push(self, firing: Firing) -> None:
        self._count += 1
        heap = self._inline if self._inline_nodes[firing.node] else self._tasks
        heapq.heappush(heap, (-self._depths[firing.node], self._count, firing))

    def by_task(self, node: int) -> None:
        """Have a node's firings run by tasks from now on: what they do cannot be done inside the loop."""
        if self._inline_nodes[node]:
            self._inline_nodes[node] = False
            moved = [entry for entry in self._inline if entry[2].node == node]
            if moved:
                self._inline = [entry for entry in self._inline if entry[2].node != node]
                heapq.heapify(self._inline)
                self._tasks += moved
                heapq.heapify(self._tasks)

    def occupy(self, node: int, index: int) -> None:
        """Count a firing as under way that is not to be run now: it waits."""
        if node in self._limited:
            self._limited[node].under_way.add(index)

    def ended(self, node: int, index: int) -> None:
        """Let the next firing of a limited node run."""
        limited = self._limited.get(node)
        if limited is not None:
            limited.under_way.discard(index)
            if limited.held:
                self.add([limited.held.popleft()])

    @property
    def holds(self) -> bool:
        """Whether firings are held until others of their node have ended."""
        return any(limited.held for limited in self._limited.values())

    def pop_inline(self) -> Firing | None:
        """Return the deepest firing that runs without a task, or None."""
        return heapq.heappop(self._inline)[2] if self._inline else None

    def pop_task(self) -> Firing | None:
        """Return the deepest firing that needs a task, or None."""
        return heapq.heappop(self._tasks)[2] if self._tasks else None

    def pop(self) -> Firing | None:
        """Return the deepest firing of those that run without a task, then of the others; None when none is ready."""
        return self.pop_inline() or self.pop_task()

    def has_inline(self) -> bool:
        """Return whether a firing waits that runs without a task."""
        return bool(self._inline)

    def has_tasks(self) -> bool:
        """Return whether a firing waits for a task."""
        return bool(self._tasks)

    def clear(self) -> None:
        """Forget all; the execution is closing."""
        self._inline.clear()
        self._tasks.clear()
        for limited in self._limited.values():
            limited.held.clear()


class _Limited:
    """The firings of one node that may have only so many under way."""

    __slots__ = ("held", "most", "under_way")

    def __init__(self, most: int) -> None:
        self.most = most
        self.under_way: set[int] = set()
        self.held: deque[Firing] = deque()

    def admit(self, firing: Firing) -> bool:
        """Return whether the firing may run now; else it is held."""
        if firing.index not in self.under_way:
            if len(self.under_way) >= self.most:
                self.held.append(firing)
                return False
            self.under_way.add(firing.index)
        return True
