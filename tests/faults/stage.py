"""What all rows share: a server, the blocks, what happens without a fault, a seed, and how much is to be done."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.faults.arena import Arena, Tally, arena_on
from tests.faults.load import Wanted
from tests.faults.nursery import Nursery
from tests.support.postgres import Server
from weft.db.embedded.server import EmbeddedServer
from weft.executions.limits import Limits
from weft.sdk import Catalog


@dataclass(frozen=True)
class Stage:
    """Where rows are played.

    Attributes:
        home: The folder in which rows leave their histories.
        long: Whether to play the sizes of a night rather than those of a change.
        say: Shows how far a long row is.
        kills: How many workers F1 kills; None leaves it to the size.
    """

    server: EmbeddedServer
    home: Path
    catalog: Catalog
    nursery: Nursery
    wanted: Wanted | None
    seed: int
    long: bool
    say: Callable[[str], None]
    kills: int | None = None

    def size(self, short: int, long: int) -> int:
        """Return how many of something this run does."""
        return long if self.long else short

    def chance(self, name: str) -> random.Random:
        """Return the dice of one part of a row; equal seeds throw alike."""
        return random.Random(f"{self.seed} {name}")

    @asynccontextmanager
    async def arena(
        self, name: str, *, server: Server | None = None, limits: Limits | None = None
    ) -> AsyncIterator[Arena]:
        """Lend an arena whose files are kept under this name; `limits` are those of the clients."""
        async with arena_on(
            server or self.server,
            self.home,
            name,
            catalog=self.catalog,
            nursery=self.nursery,
            chance=self.chance(name),
            wanted=self.wanted,
            limits=limits,
        ) as arena:
            yield arena


Play: TypeAlias = Callable[[Stage], Awaitable[Tally]]


@dataclass(frozen=True)
class Row:
    """A row of the matrix: its name, the fault, and how it is played.

    Attributes:
        long_only: The short form leaves it out, unless it is asked for by name.
    """

    name: str
    fault: str
    play: Play
    long_only: bool = False
