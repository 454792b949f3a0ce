"""What holds for every store: whole files, parts of them, limits, and other people's names."""

import hashlib
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from tests.files.scene import ADA, LIMITS, MB, chunks_of, content_of, put, read
from weft.db.base import new_id
from weft.errors import WeftError
from weft.files.errors import ExecutionFilesFull, FileNotFound, FilesFull, FileTooLarge
from weft.files.ports import FileStore, Stored

NOBODY = UUID(int=7)


@pytest.mark.parametrize("size", [0, 1, MB - 1, MB, MB + 1, 3 * MB])
async def test_a_file_comes_back_as_it_was_put(store: FileStore, size: int) -> None:
    content = content_of(size)

    stored = await put(store, content)

    assert stored == Stored(hashlib.sha256(content).hexdigest(), size)
    assert await read(store, stored) == content


@pytest.mark.parametrize("size", [1, 1000, MB, 2 * MB + 5])
async def test_it_does_not_matter_in_which_chunks_it_comes(store: FileStore, size: int) -> None:
    content = content_of(MB + 100) if size == 1 else content_of(3 * MB)
    chunks = chunks_of(content[:3000], 1) if size == 1 else chunks_of(content, size)

    stored = await store.put(ADA, chunks)

    assert await read(store, stored) == (content[:3000] if size == 1 else content)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (5, 9), (MB - 1, MB + 1), (MB, 2 * MB), (10, 10), (2 * MB, 99 * MB), (99 * MB, 100 * MB)]
)
async def test_a_part_is_what_a_slice_would_be(store: FileStore, start: int, end: int) -> None:
    content = content_of(2 * MB + 11)
    stored = await put(store, content)

    assert await read(store, stored, start=start, end=end) == content[start:end]


async def test_no_chunk_is_larger_than_a_piece(store: FileStore) -> None:
    stored = await put(store, content_of(2 * MB + 11))

    async with store.open(ADA, stored) as chunks:
        assert [len(chunk) async for chunk in chunks] == [MB, MB, 11]


async def test_a_name_opens_only_for_the_user_whose_file_it_is(store: FileStore) -> None:
    stored = await put(store, b"secret")

    with pytest.raises(FileNotFound) as caught:
        await read(store, stored, NOBODY)
    assert caught.value.message.startswith("there is no stored file of 6 bytes with the checksum")
    assert caught.value.error_code == "FILE_NOT_FOUND"


async def test_a_name_that_was_made_up_opens_nothing(store: FileStore) -> None:
    stored = await put(store, b"abc")

    for made_up in (Stored(stored.sha256, 4), Stored("0" * 64, 3)):
        with pytest.raises(FileNotFound):
            await read(store, made_up)


@pytest.mark.parametrize(
    ("before", "size", "error", "code"),
    [
        ([], LIMITS.file_bytes + 1, FileTooLarge, "FILE_TOO_LARGE"),
        ([4 * MB, 4 * MB], MB + 1, FilesFull, "FILES_FULL"),
        ([4 * MB], 2 * MB + 1, ExecutionFilesFull, "EXECUTION_FILES_FULL"),
    ],
)
async def test_a_limit_refuses_and_keeps_nothing(
    store: FileStore, before: list[int], size: int, error: type[WeftError], code: str
) -> None:
    same = new_id()
    for number, one in enumerate(before, start=1):
        await put(store, content_of(one, number), execution_id=same if error is ExecutionFilesFull else new_id())

    with pytest.raises(error, match=r"[0-9],[0-9]{3} bytes") as caught:
        await put(store, content_of(size), execution_id=same)

    assert caught.value.error_code == code
    with pytest.raises(FileNotFound):
        await read(store, Stored(hashlib.sha256(content_of(size)).hexdigest(), size))
    stored = await put(store, content_of(size - 1), execution_id=same)
    assert stored.size == size - 1


async def test_the_same_content_takes_room_once(store: FileStore) -> None:
    content, same = content_of(4 * MB), new_id()

    names = [await put(store, content, execution_id=same) for _ in range(3)]

    assert names == [names[0]] * 3
    await put(store, content_of(2 * MB, 1), execution_id=same)


async def test_what_the_source_raises_comes_out_and_nothing_is_kept(store: FileStore) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield content_of(MB)
        raise ConnectionError("broke off")

    with pytest.raises(ConnectionError, match="broke off"):
        await store.put(ADA, broken())

    with pytest.raises(FileNotFound):
        await read(store, Stored(hashlib.sha256(content_of(MB)).hexdigest(), MB))
