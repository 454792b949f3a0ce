"""Finding out which firing ends its workers (engine rule 35).

An execution whose workers were lost twice before anything became durable runs on with care: one firing at a time, and each
start is durable before the block runs. If the worker is lost again, the journal says which firing ran: the last start
without an outcome. The sign is the record itself, not a count beside it, so no flush can wipe it out. One sign proves nothing,
since workers are also lost for other reasons; only the same firing, in several claims without a gap, is named.
"""

from weft.executions.errors import FiringFailed
from weft.executions.journal import Journal

WORKER_LOST = "WORKER_LOST"
"""The code of a firing that ended its workers."""

_LOST_BEFORE = 2
_FIRINGS = 1_000
_SIGN, _WEAK_SIGN, _ENOUGH = 2, 1, 4
_LOSS = 2
"""By so much a token rises from a claim that was lost to the next: once when it is taken away, once when it is claimed."""

Place = tuple[int, int]


class Care:
    """What is known of the firings of one execution that may have ended its workers.

    Args:
        claims: How many claims in a row, this one included, began where nothing had become durable since.
        token: That of this claim.

    Attributes:
        taken: Firings run one at a time, each with a start on record. It ends after a thousand firings: in a claim that
            left nothing durable, not so many could have run.
        lost_nodes: Nodes of which a firing has ended its workers; others of theirs run in block hosts.
    """

    __slots__ = ("_begun", "_left", "_signs", "_token", "lost_nodes", "taken")

    def __init__(self, claims: int, token: int) -> None:
        self.lost_nodes: set[int] = set()
        self.taken = claims > _LOST_BEFORE
        self._token = token
        self._left = _FIRINGS
        self._signs: dict[Place, dict[int, int]] = {}
        self._begun: set[Place] = set()

    def started(self, place: Place, *, token: int, hosted: bool) -> None:
        """Note a start on record.

        Args:
            place: The firing.
            token: That of the claim which started it.
            hosted: Whether a block host ran it: then a lost worker is a weaker sign.
        """
        signs = self._signs.pop(place, {})
        self._signs[place] = {**signs, token: _WEAK_SIGN if hosted else _SIGN}

    def begin(self, journal: Journal, place: Place, *, attempt: int, hosted: bool) -> int:
        """Record the start of a firing; return the record's number, to be durable before the block runs."""
        self.started(place, token=self._token, hosted=hosted)
        self._begun.add(place)
        return journal.event("start", *place, data={"attempt": attempt, "hosted": hosted, "token": self._token})

    def ended(self, place: Place) -> None:
        """Note that a firing ended, waits, or is tried again: it did not end its worker."""
        if self._signs.pop(place, None) is not None and place in self._begun:
            self._begun.discard(place)
            self._left -= 1
            self.taken = self._left > 0

    def void(self, journal: Journal) -> None:
        """Record that firings under way are stopped in good order: their starts are no signs."""
        for place in self._begun:
            journal.event("start_void", *place)
            self._signs.pop(place, None)
        self._begun.clear()

    def culprit(self) -> Place | None:
        """Return the firing that ended its workers, if the journal says so; to be asked once, after the replay.

        Where it says too little, the execution runs with care.
        """
        if not self._signs:
            return None
        last = next(reversed(self._signs))
        signs, token, weight = self._signs[last], self._token - _LOSS, 0
        while token in signs:
            weight += signs[token]
            token -= _LOSS
        if weight >= _ENOUGH:
            return last
        self.taken = True
        return None


def worker_lost() -> FiringFailed:
    """Return the failure of a firing that ended its workers."""
    return FiringFailed("each process that ran it was lost, so it is not tried again", code=WORKER_LOST)
