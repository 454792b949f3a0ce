"""`file.info`: what is known of a file without reading it."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.data_address import AnyFile
from weft.sdk import Block, BlockCategory, Emissions, Example, File, Schema

_MADE_UP = "5b0e" * 16


class FileInfo(Block, id="file.info", categories=[BlockCategory.DATA]):
    """Tell name, kind, size and checksum of a file."""

    class Input(Schema):
        file: AnyFile = Field(description="A file, or a data address")

    class Output(Schema):
        name: str = Field(description="The file's name")
        extension: str = Field(
            description="What follows the last dot of the name, in lower case; empty if nothing does"
        )
        media_type: str = Field(description="The kind of the file, e.g. image/png")
        size: int = Field(description="How many bytes it has")
        sha256: str = Field(description="Its SHA-256 checksum, in hexadecimal digits")

    examples: ClassVar = [
        Example(
            Input(file=File(name="Hello.TXT", media_type="text/plain", content=b"hello")),
            emits=[
                ("name", "Hello.TXT"),
                ("extension", "txt"),
                ("media_type", "text/plain"),
                ("size", 5),
                ("sha256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"),
            ],
        ),
        Example(
            Input(file=File(name="films", media_type="video/mp4", size=700_000_000, sha256=_MADE_UP)),
            emits=[
                ("name", "films"),
                ("extension", ""),
                ("media_type", "video/mp4"),
                ("size", 700_000_000),
                ("sha256", _MADE_UP),
            ],
            title="a large file is not read",
        ),
        Example(
            {"file": "data:,"},
            emits=[
                ("name", "file.txt"),
                ("extension", "txt"),
                ("media_type", "text/plain"),
                ("size", 0),
                ("sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ],
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        file = input.file
        stem, dot, ending = file.name.rpartition(".")
        yield "name", file.name
        yield "extension", ending.lower() if stem and dot else ""
        yield "media_type", file.media_type
        yield "size", file.size
        yield "sha256", file.sha256
