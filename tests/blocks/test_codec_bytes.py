"""Base64, hashes and ids: bytes come back, and chance is the same when a firing runs again."""

import base64
import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.blocks.emitting import only
from tests.blocks.lending import lending_for
from weft.blocks.codec.base64_decode import DecodeBase64
from weft.blocks.codec.base64_encode import EncodeBase64
from weft.blocks.codec.hash_digest import Hash
from weft.blocks.codec.uuid_create import CreateUuid
from weft.executions.context import FiringContext
from weft.files.memory import MemoryFileStore
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox
from weft.sdk import BlockError, File


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans(), st.booleans())
async def test_a_text_comes_back_from_base64(text: str, url_safe: bool, padding: bool) -> None:
    encoded = await only(EncodeBase64(), value=text, url_safe=url_safe, padding=padding)

    assert await only(DecodeBase64(), encoded=encoded) == text
    assert not set(encoded) & set("+/" if url_safe else "-_")
    assert padding or "=" not in encoded


@given(st.binary(max_size=100), st.booleans())
async def test_a_file_comes_back_from_base64(content: bytes, url_safe: bool) -> None:
    encoded = await only(EncodeBase64(), value=File(content=content), url_safe=url_safe)

    assert (await only(DecodeBase64(), encoded=encoded, to="file")).content == content


async def test_base64_in_lines_and_in_addresses_is_read() -> None:
    content = bytes(range(256))
    lines = base64.encodebytes(content).decode().replace("\n", "\r\n")

    file = await only(DecodeBase64(), encoded=f"data:Image/PNG;charset=x;base64,{lines}", to="file")

    assert (file.content, file.media_type, file.name) == (content, "Image/PNG", "file")


@pytest.mark.parametrize("encoded", ["a", "ab=c", "é", "ab\x00c", "data:,a", "abcde===="])
async def test_what_is_no_base64_is_refused(encoded: str) -> None:
    with pytest.raises(BlockError) as caught:
        await only(DecodeBase64(), encoded=encoded)

    assert caught.value.error_code == "NOT_BASE64"


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512", "blake2b"])
async def test_a_hash_is_the_one_that_all_others_compute(algorithm: str) -> None:
    content = "ä" * 200_000
    expected = hashlib.new(algorithm, content.encode()).digest()

    assert await only(Hash(), value=content, algorithm=algorithm) == expected.hex()
    assert base64.b64decode(await only(Hash(), value=content, algorithm=algorithm, encoding="base64")) == expected
    assert await only(Hash(), value=content, algorithm=algorithm, key="k") != expected.hex()


async def test_an_id_by_chance_is_the_same_when_its_firing_runs_again() -> None:
    async with GuardedClient() as client, await Sandbox.start() as sandbox:

        async def create(index: int) -> UUID:
            context = FiringContext(lending_for(CreateUuid(), index=index), client, sandbox, MemoryFileStore())
            _, value = await anext(CreateUuid().run(CreateUuid.Input(), ctx=context))
            return UUID(value)

        ids = [await create(index) for index in range(50)]
        again = [await create(index) for index in range(50)]

    assert ids == again
    assert len(set(ids)) == 50
    assert {id.version for id in ids} == {4}
