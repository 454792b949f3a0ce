"""Files: data addresses, names that servers give, tables as people store them; large ones piece by piece."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pytest

from weft.blocks.codec.hash_digest import Hash
from weft.blocks.data_address import read_data_address
from weft.blocks.files.contents import MOST_AT_ONCE
from weft.blocks.files.from_text import FileFromText
from weft.blocks.files.read import ReadFile
from weft.blocks.files.read_spreadsheet import ReadSpreadsheet
from weft.blocks.files.store import StoreFile
from weft.blocks.files.to_text import FileToText
from weft.blocks.text.bounds import LARGEST_TEXT, MOST_ITEMS
from weft.cli.example_context import LendExample
from weft.sdk import Block, BlockError, Example, File, Reply
from weft.sdk.file import INLINE_BYTES

pytestmark = pytest.mark.asyncio(loop_scope="module")

MB = 1 << 20


def stored(content: bytes, name: str = "file") -> File:
    """Return a reference to these bytes."""
    return File(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())


async def run(
    lend: LendExample, block: Block, *, files: Sequence[bytes] = (), http: Sequence[Reply] = (), **inputs: Any
) -> dict[str, list[Any]]:
    """Return what the block emits, by pin; `files` stand in the store."""
    found: dict[str, list[Any]] = {}
    async with lend(block, Example(inputs, http=http, files=files)) as ctx:
        async for pin, value in block.run(block.Input.model_validate(inputs), ctx=ctx):
            found.setdefault(pin, []).append(value)
    return found


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("data:,a%20b", File(name="file.txt", media_type="text/plain", content=b"a b")),
        ("data:;base64,aGk=", File(name="file.txt", media_type="text/plain", content=b"hi")),
        ("DATA:image/PNG;base64,aG\nk=", File(name="file.png", media_type="image/png", content=b"hi")),
        (
            "data:text/html;charset=utf-8,<b>%C3%A9",
            File(name="file.html", media_type="text/html", content="<b>é".encode()),
        ),
        ("data:x/unheard-of,%00", File(name="file", media_type="x/unheard-of", content=b"\x00")),
    ],
)
async def test_a_data_address_is_a_file(address: str, file: File) -> None:
    assert read_data_address(address) == file


@pytest.mark.parametrize("address", ["data:text/plain;base64,a", "data:;base64,ä", "data:"])
async def test_other_data_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="data address"):
        read_data_address(address)


async def test_a_text_is_no_file() -> None:
    with pytest.raises(ValueError, match="a text is no file, unless it begins with data:"):
        ReadFile.Input.model_validate({"file_input": "https://example.com/a.txt"})


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="../../etc/passwd"', ".._.._etc_passwd"),
        ("inline", "get"),
        ("attachment; filename=..", "file"),
        ("\x7f;;=", "get"),
    ],
)
async def test_a_server_cannot_name_a_file_what_names_must_not_be(lend: LendExample, header: str, name: str) -> None:
    reply = Reply("GET https://example.com/a/get", content=b"x", headers={"Content-Disposition": header})

    found = await run(lend, StoreFile(), http=[reply], file_in="https://example.com/a/get")

    assert found["file_out"][0].name == name


async def test_rows_beyond_what_one_firing_may_emit_are_refused(lend: LendExample) -> None:
    with pytest.raises(BlockError, match=f"more than {MOST_ITEMS} pieces"):
        await run(lend, ReadFile(), file_input=File(content=b"x" * (MOST_ITEMS + 1)), size_limit=1)


@pytest.mark.parametrize(
    ("content", "inputs", "chunks"),
    [
        (b"a,b,", {"delimiter": ","}, ["a", "b"]),
        (b"a,,b", {"delimiter": ","}, ["a", "", "b"]),
        (b"a\\n-b", {"delimiter": "\\n-"}, ["a\\n-b"]),
        (b"a\r\nb\n", {"skip_rows": 1}, ["b"]),
        (b"a\nb", {"skip_rows": 9}, []),
        ("日本語".encode("shift_jis"), {"encoding": "shift_jis", "size_limit": 2}, ["日本", "語"]),
        (b"\xef\xbb\xbfa", {}, ["a"]),
    ],
)
async def test_a_file_is_cut_into(lend: LendExample, content: bytes, inputs: dict[str, Any], chunks: list[str]) -> None:
    assert (await run(lend, ReadFile(), file_input=File(content=content), **inputs)).get("chunk", []) == chunks


async def test_a_table_is_laid_out_as_the_input_says(lend: LendExample) -> None:
    async def table(contents: str, **inputs: Any) -> Any:
        return (await run(lend, ReadSpreadsheet(), contents=contents, **inputs))["rows"][0]

    assert await table("a,b\n\nx;y\n1;2", skip_rows=2) == [{"x": "1", "y": "2"}]
    assert await table("x;y\n1;2", delimiter=",") == [{"x;y": "1;2"}]
    assert await table("x|'y|z'", quotechar="'", has_header=False) == [["x", "y|z"]]


async def test_a_file_is_taken_as_it_is() -> None:
    file = File(content=b"x")

    assert ReadFile.Input(file_input=file).file_input is file


# Large files.


async def test_a_large_file_is_read_in_pieces_and_not_given_as_one_text(lend: LendExample) -> None:
    content = "".join(f"line {number} é {'x' * 9}\r\n" for number in range(1_000_000)).encode()
    assert len(content) > MOST_AT_ONCE

    found = await run(
        lend, ReadFile(), files=[content], file_input=stored(content), delimiter="\\n", skip_rows=1, row_limit=900_000
    )

    assert list(found) == ["chunk"]
    assert len(found["chunk"]) == 900_000
    assert (found["chunk"][0], found["chunk"][-1]) == ("line 1 é xxxxxxxxx", "line 900000 é xxxxxxxxx")


async def test_a_large_file_that_nobody_cuts_is_refused_with_a_way_out(lend: LendExample) -> None:
    content = b"x" * (MOST_AT_ONCE + 1)

    with pytest.raises(BlockError, match="give a delimiter or a size limit to read it in pieces"):
        await run(lend, ReadFile(), files=[content], file_input=stored(content))
    with pytest.raises(BlockError, match="a row of the file is too large for one value"):
        await run(lend, ReadFile(), files=[content], file_input=stored(content), delimiter=",")


async def test_a_text_of_the_most_bytes_is_given_as_one(lend: LendExample) -> None:
    content = b"y" * LARGEST_TEXT

    assert (await run(lend, ReadFile(), files=[content], file_input=stored(content)))["content"] == [content.decode()]
    assert (await run(lend, FileToText(), files=[content], file=stored(content)))["text"] == [content.decode()]


async def test_a_file_that_is_no_text_is_told_by_the_byte_where_that_shows(lend: LendExample) -> None:
    content = b"x" + "é".encode() * MB + b"\xff"  # pieces end in the middle of a letter

    with pytest.raises(BlockError, match=f"invalid start byte at byte {2 * MB + 1}") as caught:
        await run(lend, ReadFile(), files=[content], file_input=stored(content, "a.bin"), size_limit=100_000)

    assert caught.value.error_code == "NOT_TEXT"


async def test_a_large_table_is_given_row_by_row_and_not_as_one_list(lend: LendExample) -> None:
    content = "name,note\n" + "".join(f'{number},"a ""b""\n{"x" * 40}"\n' for number in range(400_000))

    found = await run(lend, ReadSpreadsheet(), files=[content.encode()], file_input=stored(content.encode()))

    assert list(found) == ["row"]
    assert len(found["row"]) == 400_000
    assert found["row"][-1] == {"name": "399999", "note": 'a "b"\n' + "x" * 40}


async def test_a_file_that_is_not_there_is_told_so(lend: LendExample) -> None:
    made_up: dict[str, Any]
    for block, pin in ((ReadFile(), "file_input"), (FileToText(), "file"), (Hash(), "value")):
        made_up = {pin: stored(b"abc")}
        with pytest.raises(BlockError, match="there is no stored file of 3 bytes") as caught:
            await run(lend, block, **made_up)
        assert caught.value.error_code == "FILE_NOT_FOUND"


async def test_a_file_that_a_block_makes_is_stored_if_it_is_large(lend: LendExample) -> None:
    small, large = "x" * INLINE_BYTES, "x" * (INLINE_BYTES + 1)

    assert (await run(lend, FileFromText(), text=small))["file"][0].content == small.encode()
    assert (await run(lend, FileFromText(), text=large, name="a.txt"))["file"] == [
        File(
            name="a.txt",
            media_type="text/plain",
            size=len(large),
            sha256=hashlib.sha256(large.encode()).hexdigest(),
        )
    ]


async def test_a_large_file_is_hashed_piece_by_piece(lend: LendExample) -> None:
    content = b"abc" * MB

    found = await run(lend, Hash(), files=[content], value=stored(content), algorithm="sha512")

    assert found["digest"] == [hashlib.sha512(content).hexdigest()]
