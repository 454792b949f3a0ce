"""`hash.digest`: the fingerprint of a text or a file."""

import base64
import hashlib
import hmac
from typing import Annotated, ClassVar, Literal, Protocol

from pydantic import Field

from weft.blocks.codec.octets import TextOrFile, octet_pieces
from weft.blocks.text.bounds import compute
from weft.sdk import Advanced, Block, BlockCategory, Context, Emissions, Example, Schema, Secret

Algorithm = Literal["md5", "sha1", "sha256", "sha512", "blake2b"]


class _Hashed(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class Hash(Block, id="hash.digest", categories=[BlockCategory.UTILITY]):
    """Compute the hash of a text, as UTF-8, or of a file; with a key its HMAC.

    Equal contents have equal hashes. MD5 and SHA-1 are there for other systems that ask for them; where somebody may
    want to deceive use SHA-256 or better. A hash is no way to store passwords.
    """

    class Input(Schema):
        value: TextOrFile = Field(description="A text or a file")
        algorithm: Algorithm = Field(default="sha256", description="How to compute it")
        encoding: Literal["hex", "base64"] = Field(default="hex", description="How the bytes of the hash are written")
        key: Annotated[str, Secret(), Advanced()] = Field(
            default="",
            description="The key of the HMAC, as UTF-8; no HMAC if empty. Link it from a secret input: what is written "
            "here is stored with the graph",
        )

    class Output(Schema):
        digest: str = Field(description="The hash: hex digits in lower case, or base64")

    examples: ClassVar = [
        Example(
            Input(value="abc"),
            emits=[("digest", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")],
        ),
        Example(Input(value="abc", algorithm="md5"), emits=[("digest", "900150983cd24fb0d6963f7d28e17f72")]),
        Example(
            {"value": {"name": "a.txt", "content": "YWJj"}, "algorithm": "sha1", "encoding": "base64"},
            emits=[("digest", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")],
        ),
        Example(
            Input(value="what do ya want for nothing?", key="Jefe"),
            emits=[("digest", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")],
            title="an HMAC, as in RFC 4231",
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        hashed = _begin(input)
        async for piece in octet_pieces(input.value, ctx):
            await compute(len(piece), hashed.update, piece)
        digest = hashed.digest()
        yield "digest", digest.hex() if input.encoding == "hex" else base64.b64encode(digest).decode("ascii")


def _begin(input: Hash.Input) -> _Hashed:
    if input.key:
        return hmac.new(input.key.encode(), digestmod=input.algorithm)
    return hashlib.new(input.algorithm, usedforsecurity=False)
