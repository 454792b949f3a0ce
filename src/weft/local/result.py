"""`Result`: a run as a Python program sees it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import orjson

from weft.executions.types import Execution, ExecutionStatus, NodeSummary, NotFired, RunError, Waiting
from weft.graphs.drawing.states import run_words
from weft.graphs.drawing.text import ELLIPSIS, clean, escape
from weft.graphs.types import GraphContent
from weft.local.drawing import Drawing
from weft.local.errors import OutputMissing, RunFailed
from weft.sdk import Catalog

_LINES = 4
_WIDTH = 160
_SHOWN_VALUES = 5
_DRAWN_NODES = 150
"""Larger graphs are no help in a cell of a notebook; `drawing` has them all the same."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Result:
    """How a run ended, or what it waits for. `result["name"]` is the last value of an output.

    Attributes:
        execution: What is recorded of it.
        content: The graph that ran.
        catalog: The blocks that it ran with.
        timed_out: It was cancelled because the time that its caller gave it had passed.
    """

    execution: Execution
    content: GraphContent
    catalog: Catalog
    timed_out: bool = False

    @property
    def execution_id(self) -> UUID:
        """Return the id under which the command line knows the run."""
        return self.execution.id

    @property
    def status(self) -> ExecutionStatus:
        """Return where it stands; equal to a text such as "completed", "failed" or "waiting"."""
        return self.execution.status

    @property
    def outputs(self) -> Mapping[str, list[Any]]:
        """Return all values of each output by name, in order; an output that got none has an empty list."""
        return self.execution.outputs

    @property
    def error(self) -> RunError | None:
        """Return why it failed, with the node, or None."""
        return self.execution.error

    @property
    def nodes(self) -> tuple[NodeSummary, ...]:
        """Return the nodes that ran, with the number of firings and attempts, and milliseconds."""
        return self.execution.nodes

    @property
    def not_fired(self) -> tuple[NotFired, ...]:
        """Return the nodes that never ran, such as those of a way not taken, and which pins got no value."""
        return self.execution.not_fired

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """Return what it waits for; empty once it has ended."""
        return self.execution.waiting

    @property
    def duration(self) -> float | None:
        """Return the seconds from its start to its end, or to now; None before it started."""
        return self.execution.duration

    @property
    def drawing(self) -> Drawing:
        """Return the graph as a picture, with the state of each node."""
        return Drawing(self.content, self.catalog, self.execution)

    def __getitem__(self, name: str) -> Any:
        """Return the last value of an output.

        Raises:
            OutputMissing: There is no such output, or nothing reached it; a KeyError too.
        """
        values = self.outputs.get(name)
        if values:
            return values[-1]
        if values is None:
            message = f"the graph has no output {name!r}; it has: {', '.join(self.outputs) or 'none'}"
        else:
            message = f"output {name!r} got no value: {self._why_not()}"
        raise OutputMissing(message, output=name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the last value of an output; `default` if nothing reached it.

        Raises:
            OutputMissing: The graph has no such output; a KeyError too.
        """
        return default if self.outputs.get(name) == [] else self[name]

    def raise_for_error(self) -> Self:
        """Return the result itself if the run completed.

        Raises:
            RunFailed: It failed, was cancelled, ran out of time or waits; `error_code` says which.
        """
        if self.status is ExecutionStatus.COMPLETED:
            return self
        code = f"RUN_{self.status.upper()}" if self.error is None else self.error.code
        message = f"the run of {self.content.name!r} {self._why_not()}"
        raise RunFailed(message, error_code=code, execution_id=str(self.execution_id))

    def _why_not(self) -> str:
        """Return what the run did instead of what was hoped for."""
        if self.error is not None:
            return f"{_verb(self.status)}: {_error_words(self.error)}"
        if self.waiting:
            return ", ".join(_wait_words(wait) for wait in self.waiting)
        if self.timed_out:
            return "was cancelled: its time was over"
        return "completed without one" if self.status is ExecutionStatus.COMPLETED else _verb(self.status)

    def __repr__(self) -> str:
        lines = [f"<weft.Result: {clean(self.content.name)!r} {self._state()}, execution {self.execution_id}>"]
        facts = [*self._problems(), *(f"{name}: {text}" for name, text in self._shown_outputs()), *self._gaps()]
        if len(facts) > _LINES:
            facts[_LINES - 1 :] = [f"{ELLIPSIS} and {len(facts) - _LINES + 1} more"]
        return "\n".join([*lines, *(f"  {_cut(fact)}" for fact in facts)])

    def _repr_html_(self) -> str:
        rows = [
            *(("", text) for text in self._problems()),
            *((name, text) for name, text in self._shown_outputs(_SHOWN_VALUES)),
            *(("", text) for text in self._gaps()),
        ]
        cells = "".join(
            f'<tr><th style="text-align:left;vertical-align:top">{_html(name)}</th>'
            f'<td style="text-align:left;white-space:pre-wrap">{_html(text)}</td></tr>'
            for name, text in rows
        )
        head = f"<p><b>{_html(self.content.name)}</b> {_html(self._state())} <code>{self.execution_id}</code></p>"
        return f'<div class="weft-result">{head}<table>{cells}</table>{self._picture()}</div>'

    def _picture(self) -> str:
        if len(self.content.nodes) > _DRAWN_NODES:
            return f"<p>{len(self.content.nodes):,} nodes; <code>result.drawing</code> shows them.</p>"
        return f'<div style="overflow-x:auto">{self.drawing.svg()}</div>'

    def _state(self) -> str:
        return run_words(self.execution) + (", its time was over" if self.timed_out else "")

    def _problems(self) -> Iterator[str]:
        if self.error is not None:
            yield f"error: {_error_words(self.error)}"
        for wait in self.waiting:
            yield _wait_words(wait)

    def _gaps(self) -> Iterator[str]:
        if self.not_fired:
            yield f"not run: {', '.join(clean(node.label) for node in self.not_fired)}"

    def _shown_outputs(self, most: int = 1) -> Iterator[tuple[str, str]]:
        """Yield name and values of each output; of many values the last ones."""
        for name, values in self.outputs.items():
            texts = [_cut(_value_text(value)) for value in values[-most:]]
            left = len(values) - len(texts)
            text = "\n".join([f"{ELLIPSIS} {left:,} before", *texts] if left and most > 1 else texts)
            yield clean(name), f"{len(values):,} values, the last: {text}" if left and most == 1 else text or "no value"


def _verb(status: ExecutionStatus) -> str:
    match status:
        case ExecutionStatus.TIMEOUT:
            return "ran out of time"
        case ExecutionStatus.CANCELLED:
            return "was cancelled"
        case ExecutionStatus.QUEUED | ExecutionStatus.RUNNING:
            return f"is {status}"
        case _:
            return str(status)


def _error_words(error: RunError) -> str:
    where = f"node {error.node_label!r} ({error.node_id}): " if error.node_id else ""
    return clean(f"{where}{error.message}")


def _wait_words(wait: Waiting) -> str:
    if not wait.node_id:
        return clean(f"waits for {wait.title}")
    until = "" if wait.until is None else f" until {wait.until:%Y-%m-%d %H:%M:%S} UTC"
    title = f": {wait.title}" if wait.title else ""
    return clean(f"waits for {wait.kind}{until} at {wait.label!r}{title} (key {wait.key})")


def _value_text(value: Any) -> str:
    return clean(value if isinstance(value, str) else orjson.dumps(value).decode())


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + ELLIPSIS


def _html(text: str) -> str:
    return escape("\n".join(map(clean, text.split("\n"))))
