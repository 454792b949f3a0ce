"""Pins that take a text or a file, where bytes are what counts."""

from collections.abc import AsyncIterator

from weft.sdk import Context, File

TextOrFile = str | File
"""A text, which stands for its bytes in UTF-8, or a file."""


async def octets(value: TextOrFile, ctx: Context, *, limit: int) -> bytes:
    """Return the bytes of a text, or those of a file of at most `limit` bytes."""
    return await ctx.files.read(value, limit=limit) if isinstance(value, File) else value.encode()


async def octet_pieces(value: TextOrFile, ctx: Context) -> AsyncIterator[bytes]:
    """Yield the bytes of a text, or those of a file of any size, piece by piece."""
    if isinstance(value, str):
        yield value.encode()
        return
    async with ctx.files.open(value) as chunks:
        async for chunk in chunks:
            yield chunk
