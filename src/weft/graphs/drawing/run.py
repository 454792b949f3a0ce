"""A run as a picture sees it. `weft.executions.types.Execution` fits as it is, though this package knows it not."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class RunNode(Protocol):
    """All firings of one node, added up."""

    @property
    def node_id(self) -> str:
        """Which node."""
        ...

    @property
    def status(self) -> str:
        """Where it stands: a status of executions."""
        ...

    @property
    def firings(self) -> int:
        """How often it fired."""
        ...

    @property
    def attempts(self) -> int:
        """How often it was tried in all."""
        ...

    @property
    def duration_ms(self) -> float:
        """How long its block ran in all."""
        ...


class RunError(Protocol):
    """Why a run failed."""

    @property
    def node_id(self) -> str | None:
        """At which node; None where it was none."""
        ...

    @property
    def message(self) -> str:
        """One sentence."""
        ...


class RunGap(Protocol):
    """A node that never fired."""

    @property
    def node_id(self) -> str:
        """Which node."""
        ...

    @property
    def missing(self) -> Sequence[str]:
        """Its pins that never got a value."""
        ...


class RunWait(Protocol):
    """A firing that waits."""

    @property
    def node_id(self) -> str:
        """Of which node."""
        ...

    @property
    def kind(self) -> str:
        """What for: time, person, webhook or child."""
        ...

    @property
    def until(self) -> datetime | None:
        """Until when at most."""
        ...

    @property
    def title(self) -> str | None:
        """What it is called."""
        ...


class Run(Protocol):
    """A run as a picture shows it; `weft.executions.types.Execution` is one."""

    @property
    def status(self) -> str:
        """Where it stands."""
        ...

    @property
    def duration(self) -> float | None:
        """Seconds from its start to its end or to now; None before it started."""
        ...

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What it was given by name; defaults are not among them."""
        ...

    @property
    def error(self) -> RunError | None:
        """Why it failed."""
        ...

    @property
    def nodes(self) -> Sequence[RunNode]:
        """The nodes that fired."""
        ...

    @property
    def not_fired(self) -> Sequence[RunGap]:
        """The nodes that never fired, once it has ended."""
        ...

    @property
    def waiting(self) -> Sequence[RunWait]:
        """What it waits for."""
        ...
