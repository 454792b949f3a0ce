"""Read a body up to a limit, decompressing step by step: no bomb ever unfolds."""

import zlib
from collections.abc import AsyncIterator, Iterator

import httpx

from weft.net.errors import NetworkError, ResponseTooLarge
from weft.net.policy import EgressPolicy

_STEP = 64 * 1024
_RATIO_FROM = 64 * 1024
_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})


def check_header_size(response: httpx.Response, policy: EgressPolicy) -> None:
    """Refuse an answer with too many bytes of headers.

    Raises:
        ResponseTooLarge: They are over the limit.
    """
    if sum(len(name) + len(value) + 4 for name, value in response.headers.raw) > policy.max_header_bytes:
        raise ResponseTooLarge(f"the answer's headers are larger than {policy.max_header_bytes} bytes")


async def read_body(response: httpx.Response, policy: EgressPolicy) -> bytes:
    """Return the whole body, decompressed.

    Raises:
        ResponseTooLarge: The body, or what it decompresses to, is over the limit, or it grows out of
            proportion.
        NetworkError: The body is compressed in a way that was not asked for, or broken.
    """
    body = bytearray()
    async for piece in body_pieces(response, policy, most=policy.max_response_bytes):
        body += piece
    return bytes(body)


async def body_pieces(response: httpx.Response, policy: EgressPolicy, *, most: int) -> AsyncIterator[bytes]:
    """Yield the body as it comes, decompressed, in pieces of 64 KB or as the server sends them.

    Raises:
        ResponseTooLarge: The body, or what it decompresses to, has more than `most` bytes, or it grows out of
            proportion.
        NetworkError: The body is compressed in a way that was not asked for, or broken.
    """
    length = response.headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > most:
        raise _too_large(most)
    if response.is_stream_consumed:
        # An offline transport answers with a body that is whole and decompressed already.
        if len(response.content) > most:
            raise _too_large(most)
        yield response.content
        return
    unpack = _Unpacker(response)
    received = given = 0
    async for part in response.aiter_raw():
        received += len(part)
        if received > most:
            raise _too_large(most)
        for piece in unpack.steps(part):
            given += len(piece)
            if given > most:
                raise _too_large(most)
            if given > max(_RATIO_FROM, received * policy.max_ratio):
                raise ResponseTooLarge(f"the answer decompresses to more than {policy.max_ratio} times its size")
            yield piece
    unpack.finish()


def _too_large(most: int) -> ResponseTooLarge:
    return ResponseTooLarge(f"the answer is larger than {most} bytes")


class _Unpacker:
    """Undoes one layer of gzip or deflate, a bounded piece at a time."""

    def __init__(self, response: httpx.Response) -> None:
        self._host = response.request.url.host
        coding = response.headers.get("content-encoding", "").strip().lower()
        self._coding = coding
        self._started = False
        self._stream: zlib._Decompress | None = None
        if coding in _GZIP:
            self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        elif coding == "deflate":
            self._stream = zlib.decompressobj()
        elif coding not in _PLAIN:
            raise NetworkError(
                f"{self._host} answered in an encoding that was not asked for", transient=False, sent=True
            )

    def steps(self, part: bytes) -> Iterator[bytes]:
        """Give what `part` decompresses to, in pieces of at most 64 KB."""
        if self._stream is None:
            yield part
            return
        while part:
            try:
                yield self._step(part)
            except zlib.error:
                raise self._broken() from None
            part = b"" if self._stream.eof else self._stream.unconsumed_tail

    def finish(self) -> None:
        """Refuse a compressed body that stops in the middle."""
        if self._stream is not None and self._started and not self._stream.eof:
            raise self._broken()

    def _step(self, part: bytes) -> bytes:
        assert self._stream is not None, "only called for compressed bodies"
        first, self._started = not self._started, True
        try:
            return self._stream.decompress(part, _STEP)
        except zlib.error:
            if not first or self._coding != "deflate":
                raise
            # Some servers mean raw deflate by "deflate".
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._stream.decompress(part, _STEP)

    def _broken(self) -> NetworkError:
        return NetworkError(f"the compressed answer of {self._host} is broken", transient=True, sent=True)
