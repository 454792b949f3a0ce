"""Cutting streams into pieces of one size, and ranges out of pieces."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator

from weft.files.ports import PIECE_BYTES


async def pieces(chunks: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
    """Yield the same bytes in pieces of `PIECE_BYTES`, the last one shorter; none for an empty stream."""
    waiting = bytearray()
    async for chunk in chunks:
        view = memoryview(chunk)
        while view:
            taken = PIECE_BYTES - len(waiting)
            waiting += view[:taken]
            view = view[taken:]
            if len(waiting) == PIECE_BYTES:
                yield bytes(waiting)
                waiting.clear()
    if waiting:
        yield bytes(waiting)


def slices(size: int, start: int, end: int | None) -> Iterator[tuple[int, int, int]]:
    """Yield (number of the piece, first byte in it, byte before which to stop) for a range of a file of `size` bytes."""
    stop = size if end is None else min(end, size)
    at = max(start, 0)
    while at < stop:
        number, first = divmod(at, PIECE_BYTES)
        last = min(stop - number * PIECE_BYTES, PIECE_BYTES)
        yield number, first, last
        at = number * PIECE_BYTES + last


async def ranged(content: bytes, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
    """Yield the bytes from `start` to before `end`, as a store does."""
    for number, first, last in slices(len(content), start, end):
        offset = number * PIECE_BYTES
        yield content[offset + first : offset + last]
