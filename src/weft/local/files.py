"""Files of this machine into the store, and stored files onto this machine."""

import asyncio
import hashlib
import secrets
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from weft.assembly import Platform
from weft.errors import InvalidInput
from weft.files.errors import file_too_large
from weft.files.ports import PIECE_BYTES, Stored
from weft.files.service import UserFiles
from weft.sdk import File
from weft.sdk.file import INLINE_BYTES
from weft.users.types import LOCAL_OWNER

Passed = Callable[[int], None]
"""Told of bytes as they pass."""

_LONGEST_NAME = 200
"""Bytes of a name that every file system takes, with room for a number."""


def check_readable(path: Path) -> int | None:
    """Return how many bytes the file has; None if that shows only at its end, as of a pipe.

    Raises:
        InvalidInput: There is no such file, or it cannot be read.
    """
    with _told_of(path, "read"):
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
            return None  # opening a pipe twice would break it
        with path.open("rb"):
            return found.st_size


async def store_file(platform: Platform, path: Path, *, passed: Passed = lambda _: None) -> File:
    """Return the file of this path as a value; a large one is stored, unless the same content is already.

    Raises:
        InvalidInput: There is no such file, or it cannot be read.
        LimitExceeded: It is too large, or the owner has no room for it; nothing was kept.
        DatabaseError: The store failed; nothing was kept.
    """
    size = check_readable(path)
    if size is not None and size > platform.file_limits.file_bytes:
        raise file_too_large(platform.file_limits.file_bytes)
    store = platform.files()
    name = File.name_from(path.name)
    with _told_of(path, "read"), await asyncio.to_thread(path.open, "rb") as stream:
        if size is not None and size > INLINE_BYTES:
            known = await _name_of(stream)
            if await store.has(LOCAL_OWNER, known):
                passed(known.size)
                return File(name=name, media_type=File.kind_of_name(name), size=known.size, sha256=known.sha256)
        return await UserFiles(store, LOCAL_OWNER).put(name, "", _chunks(stream, passed))


async def save_file(platform: Platform, file: File, folder: Path, *, taken: set[str]) -> Path:
    """Write a file into a folder and return where; one of an earlier run under the same name is replaced.

    Args:
        platform: Where it is stored.
        file: Which one, of either kind.
        folder: Where it goes; it must be there.
        taken: Names of this run that must stay; the new one is added.

    Raises:
        InvalidInput: It cannot be written; what was there stays.
        FileNotFound: The owner has no such file any more.
        DatabaseError: The store failed.
    """
    path = folder / _free_name(file.name, taken)
    draft = folder / f".{path.name}.{secrets.token_hex(4)}"
    with _told_of(path, "written"):
        try:
            with await asyncio.to_thread(draft.open, "xb") as stream:
                async with UserFiles(platform.files(), LOCAL_OWNER).open(file) as chunks:
                    async for chunk in chunks:
                        await asyncio.to_thread(stream.write, chunk)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    return path


@contextmanager
def _told_of(path: Path, done: str) -> Iterator[None]:
    """Let what the machine refuses be an error that names the path."""
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidInput(f"there is no file {path}", place=str(path)) from error
    except IsADirectoryError as error:
        raise InvalidInput(f"{path} is a folder, not a file", place=str(path)) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name cannot be used"
        raise InvalidInput(f"{str(path)!r} cannot be {done}: {reason}", place=str(path)) from error


async def _name_of(stream: BufferedReader) -> Stored:
    """Return the name that the content has in the store, and go back to its beginning."""
    digest = await asyncio.to_thread(hashlib.file_digest, stream, "sha256")
    size = stream.tell()
    stream.seek(0)
    return Stored(digest.hexdigest(), size)


async def _chunks(stream: BufferedReader, passed: Passed) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(stream.read, PIECE_BYTES):
        yield chunk
        passed(len(chunk))


def _free_name(name: str, taken: set[str]) -> str:
    """Return the name, shortened if need be, with a number if it is taken."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 20:
        stem, dot, ending = name, "", ""
    while len(f"{stem}{dot}{ending}".encode()) > _LONGEST_NAME:
        stem = stem[:-1]
    found, number = f"{stem}{dot}{ending}", 1
    while found in taken:
        number += 1
        found = f"{stem} ({number}){dot}{ending}"
    taken.add(found)
    return found
