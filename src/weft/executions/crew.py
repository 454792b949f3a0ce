"""Who works on an installation: what each process says of itself, and how it does."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """What kind of process it is."""

    WORKER = "worker"
    SCHEDULER = "scheduler"
    PROGRAM = "program"
    """A program that runs executions of its own, as `weft run` does."""


class Condition(StrEnum):
    """How a process does, as far as others can see."""

    WORKING = "working"
    DRAINING = "draining"
    SILENT = "silent"
    """It has given no sign of life for so long that others take over what it ran."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a process says of itself; `slots` is how many executions it runs at once."""

    role: Role
    name: str
    host: str
    pid: int
    slots: int

    @classmethod
    def of_this_process(cls, role: Role, *, slots: int, name: str | None = None) -> "Facts":
        """Return the facts of this process; its name is `host:pid` unless it is given one."""
        host, pid = socket.gethostname(), os.getpid()
        return cls(role, name or f"{host}:{pid}", host, pid, slots)


@dataclass(frozen=True, slots=True)
class Member:
    """A process that works on the installation.

    Attributes:
        id: Its number: random, new for each start and after each time it was taken for dead.
        facts: What it said of itself; None when it has not yet.
        running: How many executions it holds.
        started_at: Since when it is known under this number.
        beat_age: How long ago it gave its last sign of life.
        ttl: After so long without one it counts as dead.
        is_draining: It was told to stop, and claims nothing more.
    """

    id: int
    facts: Facts | None
    running: int
    started_at: datetime
    beat_age: timedelta
    ttl: timedelta
    is_draining: bool

    @property
    def condition(self) -> Condition:
        """How it does."""
        if self.beat_age > self.ttl:
            return Condition.SILENT
        return Condition.DRAINING if self.is_draining else Condition.WORKING
