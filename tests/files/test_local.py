"""Files of this machine into the store and back."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.files.scene import LIMITS, MB, Scene, content_of
from weft.assembly import Platform, open_platform
from weft.errors import InvalidInput
from weft.files.errors import FileNotFound, FileTooLarge
from weft.local.files import save_file, store_file
from weft.sdk import Catalog, File


@pytest.fixture
async def platform(scene: Scene) -> AsyncIterator[Platform]:
    """A platform on the scene's database, with its limits."""
    async with open_platform(scene.url, catalog=Catalog([]), file_limits=LIMITS) as opened:
        yield opened


def in_folder(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


async def test_what_is_stored_already_is_not_sent_again(platform: Platform, scene: Scene, tmp_path: Path) -> None:
    path, passed = tmp_path / "a.bin", list[int]()
    path.write_bytes(content_of(2 * MB + 5))

    files = [await store_file(platform, path, passed=passed.append) for _ in range(2)]

    assert files[0] == files[1]
    assert passed == [MB, MB, 5, 2 * MB + 5]
    assert await scene.counts() == (1, 3)


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(platform: Platform, tmp_path: Path) -> None:
    path, passed = tmp_path / "a.bin", list[int]()
    with path.open("wb") as stream:
        stream.truncate(LIMITS.file_bytes + 1)

    with pytest.raises(FileTooLarge, match="a file may have 4,194,304 bytes, and this one has more"):
        await store_file(platform, path, passed=passed.append)

    assert passed == []


async def test_a_file_that_cannot_be_written_whole_leaves_what_was_there(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    missing = File(name="a.txt", size=MB, sha256=hashlib.sha256().hexdigest())

    with pytest.raises(FileNotFound):
        await save_file(platform, missing, tmp_path, taken=set())
    with pytest.raises(InvalidInput, match="there is no file"):
        await save_file(platform, File(name="a.txt", content=b"new"), tmp_path / "nowhere", taken=set())

    assert in_folder(tmp_path) == {"a.txt": "old"}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("x" * 255, "x" * 200),
        ("é" * 200 + ".txt", "é" * 98 + ".txt"),
        ("a." + "b" * 250, "a." + "b" * 198),
        (".profile", ".profile"),
    ],
)
async def test_a_name_is_cut_to_what_file_systems_take(
    platform: Platform, tmp_path: Path, name: str, written: str
) -> None:
    path = await save_file(platform, File(name=name, content=b"x"), tmp_path, taken=set())

    assert path.name == written
    assert path.read_bytes() == b"x"
