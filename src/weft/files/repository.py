"""All SQL of stored files. Each function may be called again after a lost connection: it then changes nothing more."""

from dataclasses import dataclass
from uuid import UUID

from weft.db.transaction import Transaction
from weft.files.ports import Stored

# The commit that finishes a file is durable, and with it all that was written before; pieces need no commit of their own.
_UNHURRIED = "SET LOCAL synchronous_commit = off"
_BEGIN = """
INSERT INTO files (id, user_id, execution_id, size) VALUES (:id, :user_id, :execution_id, 0) ON CONFLICT (id) DO NOTHING
"""
_APPEND = """
INSERT INTO file_pieces (file_id, number, user_id, bytes)
SELECT id, :number, user_id, :bytes FROM files WHERE id = :id AND user_id = :user_id AND sha256 IS NULL
ON CONFLICT (file_id, number) DO NOTHING
"""
_GROW = """
UPDATE files SET size = :size, touched_at = now() WHERE id = :id AND user_id = :user_id AND sha256 IS NULL
"""
_USAGE = """
SELECT coalesce((SELECT bytes FROM file_usage WHERE user_id = :user_id), 0) AS of_user,
    (SELECT coalesce(sum(size), 0)::bigint FROM files WHERE execution_id = :execution_id AND user_id = :user_id) AS of_execution
"""
_TOUCH = "UPDATE files SET touched_at = now() WHERE user_id = :user_id AND sha256 = :sha256 AND size = :size"
_FINISH = """
UPDATE files SET sha256 = :sha256, touched_at = now()
WHERE id = :id AND user_id = :user_id AND sha256 IS NULL AND size = :size AND size =
    (SELECT coalesce(sum(octet_length(bytes)), 0) FROM file_pieces WHERE file_id = :id AND number < :count)
"""
_DROP = "DELETE FROM files WHERE id = :id AND user_id = :user_id AND sha256 IS NULL"
_SWEEP = """
DELETE FROM files WHERE id = (SELECT id FROM files WHERE sha256 IS NULL AND touched_at < now() - interval '1 hour'
    ORDER BY touched_at LIMIT 1 FOR UPDATE SKIP LOCKED)
"""
_FIND = "SELECT id FROM files WHERE user_id = :user_id AND sha256 = :sha256 AND size = :size"
_READ = "SELECT substr(bytes, :first, :length) FROM file_pieces WHERE file_id = :id AND number = :number"


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that is being put: nobody finds it yet."""

    id: UUID
    user_id: UUID
    execution_id: UUID | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes in the store, with what is being put."""

    of_user: int
    of_execution: int


async def begin(tx: Transaction, draft: Draft) -> None:
    """Make an empty file, unless it is there."""
    values = {"id": draft.id, "user_id": draft.user_id, "execution_id": draft.execution_id}
    await tx.execute(_BEGIN, values)


async def append(tx: Transaction, draft: Draft, number: int, piece: bytes, *, size: int) -> Usage | None:
    """Write a piece and return how much is used now; None if the file is gone.

    Args:
        tx: Its commit need not be durable.
        draft: What it belongs to; the first piece makes it.
        number: Which piece it is, from 0.
        piece: Its bytes.
        size: Bytes of all pieces so far, this one included.
    """
    await tx.execute(_UNHURRIED)
    if number == 0:
        await begin(tx, draft)
    own = {"id": draft.id, "user_id": draft.user_id}
    await tx.execute(_APPEND, {**own, "number": number, "bytes": piece})
    if not await tx.execute(_GROW, {**own, "size": size}):
        return None
    used = await tx.one_or_none(_USAGE, {"user_id": draft.user_id, "execution_id": draft.execution_id})
    assert used is not None, "a row of two numbers always comes"
    return Usage(used["of_user"], used["of_execution"])


async def is_known(tx: Transaction, user_id: UUID, stored: Stored) -> bool:
    """Return whether the user has this content already; it then counts as written just now."""
    values = {"user_id": user_id, "sha256": bytes.fromhex(stored.sha256), "size": stored.size}
    return await tx.execute(_TOUCH, values) > 0


async def finish(tx: Transaction, draft: Draft, stored: Stored, *, count: int) -> bool:
    """Give the file its name, by which it is found from then on; False if any of its `count` pieces is gone.

    Raises:
        DatabaseError: The user has this content already (constraint `UNIQUE_CONTENT`).
    """
    name = {"sha256": bytes.fromhex(stored.sha256), "size": stored.size}
    return await tx.execute(_FINISH, {"id": draft.id, "user_id": draft.user_id, "count": count, **name}) > 0


UNIQUE_CONTENT = "uq_files_user_id_sha256"


async def drop(tx: Transaction, draft: Draft) -> None:
    """Remove a file that was not finished, and its pieces."""
    await tx.execute(_DROP, {"id": draft.id, "user_id": draft.user_id})


async def sweep_one(tx: Transaction) -> bool:
    """Remove one file that was begun and abandoned; False if there is none."""
    return await tx.execute(_SWEEP) > 0


async def find(tx: Transaction, user_id: UUID, stored: Stored) -> UUID | None:
    """Return the id of a finished file; None if the user has no such one."""
    values = {"user_id": user_id, "sha256": bytes.fromhex(stored.sha256), "size": stored.size}
    found: UUID | None = await tx.scalar(_FIND, values)
    return found


async def read(tx: Transaction, file_id: UUID, number: int, *, first: int, last: int) -> bytes | None:
    """Return the bytes from `first` to before `last` of one piece; None if it is gone."""
    values = {"id": file_id, "number": number, "first": first + 1, "length": last - first}
    found: bytes | None = await tx.scalar(_READ, values)
    return found
