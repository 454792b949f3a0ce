"""What is on record of the processes that work on an installation."""

from weft.db.database import Database
from weft.executions.crew import Facts, Member, Role

_ENTER = "UPDATE workers SET role = $2, name = $3, host = $4, pid = $5, slots = $6 WHERE id = $1"
_DRAINS = "UPDATE workers SET draining = true WHERE id = $1"
_MEMBERS = """
SELECT w.id, w.role, w.name, w.host, w.pid, w.slots, w.started_at, w.draining, w.ttl,
    greatest(clock_timestamp() - w.beat, interval '0') AS beat_age,
    (SELECT count(*) FROM leases l WHERE l.worker = w.id) AS running
FROM workers w ORDER BY w.started_at, w.id
"""


class PostgresCrew:
    """The rows of `workers` but for the beat, which is the dispatch's.

    Args:
        database: As the role that sees the leases of all users.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enter(self, worker: int, facts: Facts) -> None:
        """Note what a registered process says of itself; nothing happens when it was taken for dead meanwhile."""
        async with self._database.transaction() as tx:
            await tx.raw.execute(_ENTER, worker, facts.role, facts.name, facts.host, facts.pid, facts.slots)

    async def drains(self, worker: int) -> None:
        """Note that a process claims nothing more."""
        async with self._database.transaction() as tx:
            await tx.raw.execute(_DRAINS, worker)

    async def members(self) -> list[Member]:
        """Return all that are registered, the dead that nobody has swept yet too; the oldest first."""
        async with self._database.transaction() as tx:
            rows = await tx.raw.fetch(_MEMBERS)
        return [
            Member(
                id=row["id"],
                facts=None
                if row["name"] is None
                else Facts(Role(row["role"]), row["name"], row["host"], row["pid"], row["slots"]),
                running=row["running"],
                started_at=row["started_at"],
                beat_age=row["beat_age"],
                ttl=row["ttl"],
                is_draining=row["draining"],
            )
            for row in rows
        ]
