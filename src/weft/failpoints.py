"""Named places where a process can be made to die or to freeze, to show that nothing is lost there.

`WEFT_FAILPOINT=NAME[:N][:ACTION]` arms one place of a process: at its N-th pass, the first by default, the process ends at
once with exit code 137 as if it had been killed (`kill`), or is stopped until somebody continues it (`stop`). The places
stand before and after what the database is told; none stands where a firing that is not written by itself would pass it.
"""

import os
import signal
from dataclasses import dataclass
from typing import Literal

from weft.errors import ConfigurationError

POINTS = (
    "worker.registered",
    "worker.draining",
    "worker.left",
    "claim.sent",
    "claim.committed",
    "recall.loaded",
    "beat.sent",
    "flush.sent",
    "flush.committed",
    "family.locked",
    "family.flushed",
    "family.children_queued",
    "family.parents_told",
    "family.orphans_asked",
    "family.written",
    "snapshot.made",
    "end.begun",
    "end.durable",
    "park.locked",
    "park.written",
    "park.committed",
    "back.sent",
    "back.committed",
    "sweep.begun",
    "sweep.requeued",
    "timers.taken",
    "timers.answered",
    "timers.committed",
    "start.written",
    "answer.written",
    "cancel.locked",
    "cancel.written",
    "transaction.committed",
)
"""All places; each stands in the program, where two ways lead past it on both."""

KILLED = 137
_ACTIONS = ("kill", "stop")


@dataclass(slots=True)
class _Armed:
    """What is armed in this process, if anything; a process has one end, so this is the process's own."""

    name: str = ""
    passes_left: int = 0
    action: Literal["kill", "stop"] = "kill"


_armed = _Armed()


def failpoint(name: str) -> None:
    """Pass a place; nothing happens unless it is armed and this is the pass that was asked for."""
    if _armed.name == name:
        _armed.passes_left -= 1
        if _armed.passes_left == 0:
            _act()


def _act() -> None:
    if _armed.action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        os._exit(KILLED)


def arm(text: str | None) -> None:
    """Arm the place that `NAME[:N][:ACTION]` names, in place of what was armed; None disarms.

    Raises:
        ConfigurationError: There is no such place or action, or N is no number above zero; nothing was changed.
    """
    name, *rest = (text or "").split(":")
    action = rest.pop() if rest and rest[-1] in _ACTIONS else "kill"
    count = rest.pop() if rest else "1"
    if name and name not in POINTS:
        raise ConfigurationError(f"{name[:80]!r} is no failpoint; there are {', '.join(POINTS)}")
    if rest or not (count.isascii() and count.isdigit() and 0 < int(count) < 10**9):
        raise ConfigurationError(f"a failpoint is armed by NAME[:N][:kill|stop], not by {(text or '')[:80]!r}")
    _armed.name, _armed.passes_left = name, int(count)
    _armed.action = "stop" if action == "stop" else "kill"
