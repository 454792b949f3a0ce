"""An execution that this worker holds, from its claim until it is let go."""

import asyncio
from dataclasses import dataclass, field

from weft.executions.loop import Drive
from weft.executions.ports import Claim


@dataclass(slots=True)
class Held:
    """One claimed execution; what it is asked before it is driven, it is told when that begins."""

    claim: Claim
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    drive: Drive | None = None
    task: asyncio.Task[None] | None = None
    _cancelled: bool = False
    _handed_back: bool = False

    def begin(self, drive: Drive) -> None:
        """Note what drives it, and tell that what was asked meanwhile."""
        self.drive = drive
        if self._cancelled or self.claim.cancel_requested:
            drive.cancel()
        if self._handed_back:
            drive.hand_back()

    def drop(self) -> None:
        """Stop it at once: it belongs to somebody else by now."""
        if self.task is not None:
            self.task.cancel()

    def cancel(self) -> None:
        """Have it end as cancelled."""
        self._cancelled = True
        if self.drive is not None:
            self.drive.cancel()

    def hand_back(self) -> None:
        """Have it stop in good order, for another worker to go on."""
        self._handed_back = True
        if self.drive is not None:
            self.drive.hand_back()
