"""What is in a file: texts in their encodings."""

import codecs
from collections.abc import AsyncGenerator
from typing import Literal

from weft.blocks.text.bounds import LARGEST_TEXT, check_length, compute
from weft.sdk import BlockError, Context, File

Encoding = Literal[
    "utf-8",
    "utf-16",
    "latin-1",
    "windows-1252",
    "iso-8859-15",
    "koi8-r",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
]

MOST_AT_ONCE = 15_000_000
"""Bytes of UTF-8 up to which what comes piece by piece is also given as one value; with its quotes a value has some more."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MOST_BYTES = 4 * LARGEST_TEXT
"""A text of more bytes has more characters than a text may have, in any encoding."""


async def text_of(file: File, encoding: Encoding, ctx: Context) -> str:
    """Return the text that a file holds; a mark of its encoding at its beginning wins, and is left out.

    Raises:
        BlockError: It holds none in this encoding, or one that is too long to be a value.
    """
    content = await ctx.files.read(file, limit=_MOST_BYTES)
    text = await compute(len(content), Decoder(file, encoding).take, content, final=True)
    check_length(len(text))
    return text


async def text_pieces(file: File, encoding: Encoding, ctx: Context) -> AsyncGenerator[str]:
    """Yield the text that a file of any size holds, piece by piece, as `text_of` returns it.

    Raises:
        BlockError: It holds none in this encoding.
    """
    decoder = Decoder(file, encoding)
    async with ctx.files.open(file) as chunks:
        async for chunk in chunks:
            yield await compute(len(chunk), decoder.take, chunk)
    yield decoder.take(b"", final=True)


def octet_length(text: str) -> int:
    """Return how many bytes the text has in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


class Decoder:
    """Turns the bytes of a file into text as they come; the first ones tell whether a mark says how."""

    def __init__(self, file: File, encoding: Encoding) -> None:
        self._file = file
        self._encoding = encoding
        self._decoder: codecs.IncrementalDecoder | None = None
        self._taken = 0

    def take(self, chunk: bytes, *, final: bool = False) -> str:
        """Return the text that these bytes complete.

        Raises:
            BlockError: They are no text in this encoding.
        """
        if self._decoder is None:
            marked = next((name for mark, name in _MARKS if chunk.startswith(mark)), self._encoding)
            self._decoder = codecs.getincrementaldecoder(marked)()
        before = self._taken - len(self._decoder.getstate()[0])
        self._taken += len(chunk)
        try:
            return self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            raise BlockError(
                f"{self._file.name!r} is no text in {self._encoding}: {error.reason} at byte {before + error.start}",
                "NOT_TEXT",
            ) from error
