"""Files on the command line: into a run by `@`, out of it by `--save`."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Answer, Weft
from tests.cli.graphs import CATALOG
from weft.cli.terminal import bytes_text, value_text
from weft.sdk.builder import GraphBuilder

LARGE = b"0123456789abcdef" * 200_000


def copying(folder: Path) -> str:
    """A graph that gives a file back, under two names."""
    g = GraphBuilder("Copy", catalog=CATALOG)
    file = g.input("doc", "file")
    info = g.add("file.info", "Look")
    g.link(file, info["file"])
    g.output("copy", file)
    g.output("size", info["size"])
    return str(g.write(folder / "copy.json"))


def made(folder: Path) -> str:
    """A graph that makes two files of one name, and one of them twice."""
    g = GraphBuilder("Made", catalog=CATALOG)
    for name, text in (("a", "one"), ("b", "two"), ("c", "one")):
        file = g.add("file.from_text", f"Make {name}", text=text, name="letter.txt")
        g.output(name, file["file"])
    return str(g.write(folder / "made.json"))


def reference(content: bytes, name: str) -> dict[str, object]:
    sha256 = hashlib.sha256(content).hexdigest()
    return {"name": name, "media_type": "application/octet-stream", "size": len(content), "sha256": sha256}


def test_a_small_file_goes_in_with_its_content_and_a_large_one_by_reference(weft: Weft, tmp_path: Path) -> None:
    graph = copying(tmp_path)
    (tmp_path / "small.txt").write_bytes(b"hello")
    (tmp_path / "large.bin").write_bytes(LARGE)

    small = weft("run", graph, "--input", "doc=@small.txt", "--json").json()
    large = weft("run", graph, "-i", f"doc=@{tmp_path / 'large.bin'}", "--json").json()

    assert small["outputs"]["copy"] == [{"name": "small.txt", "media_type": "text/plain", "content": "aGVsbG8="}]
    assert large["outputs"] == {"copy": [reference(LARGE, "large.bin")], "size": [len(LARGE)]}


def test_files_among_the_outputs_are_written_into_a_folder(weft: Weft, tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(LARGE)
    graph = copying(tmp_path)

    answer = weft("run", graph, "-i", "doc=@large.bin", "--save", "out/deep", "--json")
    later = weft("executions", answer.json()["execution_id"], "--save", "again")

    assert (tmp_path / "out/deep/large.bin").read_bytes() == LARGE
    assert answer.json()["saved"] == [
        {"output": "copy", "path": "out/deep/large.bin"}
        | {key: reference(LARGE, "")[key] for key in ("size", "sha256")}
    ]
    assert (tmp_path / "again/large.bin").read_bytes() == LARGE
    assert "saved again/large.bin  3.2 MB" in later.err
    assert "copy  large.bin (application/octet-stream, 3.2 MB)" in later.out


def test_files_of_one_name_do_not_overwrite_each_other_and_those_of_an_earlier_run_are_replaced(
    weft: Weft, tmp_path: Path
) -> None:
    graph = made(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/letter.txt").write_text("old")

    saved = [weft("run", graph, "--save", "out", "--json").json()["saved"] for _ in range(2)]

    assert [one["path"] for one in saved[0]] == ["out/letter.txt", "out/letter (2).txt", "out/letter.txt"]
    assert saved[0] == saved[1]
    assert {path.name: path.read_text() for path in (tmp_path / "out").iterdir()} == {
        "letter.txt": "one",
        "letter (2).txt": "two",
    }


def test_a_pipe_goes_in_whole(weft: Weft, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"from a pipe")
    os.close(writing)

    shape = weft("run", copying(tmp_path), "-i", f"doc=@/dev/fd/{reading}", "--json").json()

    os.close(reading)
    assert shape["outputs"]["size"] == [11]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("doc=@nothing.txt", "there is no file nothing.txt"),
        ("doc=@.", ". is a folder, not a file"),
        ("doc=@", "input 'doc' takes a file: give it as --input doc=@PATH"),
        ("doc=small.txt", "input 'doc' takes a file: give it as --input doc=@PATH"),
        ('doc={"name": "x"}', "input 'doc' is wrong: Value error, a file has its content, or the size and sha256"),
    ],
)
def test_what_is_no_file_is_refused_before_anything_starts(
    given: str, message: str, offline: Weft, tmp_path: Path
) -> None:
    answer = offline("run", copying(tmp_path), "-i", given, "--json")

    assert answer.code == 2
    assert answer.json()["error"]["message"].startswith(message)


def test_a_text_that_begins_with_the_mark_stays_a_text_where_no_file_is_wanted(weft: Weft, tmp_path: Path) -> None:
    g = GraphBuilder("Text", catalog=CATALOG)
    g.output("same", g.input("name", str))

    shape = weft("run", str(g.write(tmp_path / "text.json")), "-i", "name=@ada", "--json").json()

    assert shape["outputs"] == {"same": ["@ada"]}


@pytest.mark.parametrize(
    ("variable", "code", "message"),
    [
        ("WEFT_MAX_FILE_BYTES", "FILE_TOO_LARGE", "a file may have 1,000,000 bytes, and this one has more"),
        (
            "WEFT_MAX_USER_FILE_BYTES",
            "FILES_FULL",
            "all files of a user may have 1,000,000 bytes together, and this one is too much",
        ),
    ],
)
def test_a_limit_refuses_with_its_code(
    variable: str, code: str, message: str, weft: Weft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1000000")
    (tmp_path / "large.bin").write_bytes(LARGE + code.encode())

    answer = weft("run", copying(tmp_path), "-i", "doc=@large.bin", "--json")

    assert (answer.code, answer.json()["error"]["code"], answer.json()["error"]["message"]) == (5, code, message)


def test_a_folder_that_cannot_be_made_is_refused_before_anything_starts(offline: Weft, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    for folder in ("taken", "taken/inside"):
        answer: Answer = offline("run", made(tmp_path), "--save", folder, "--json")
        assert (answer.code, answer.json()["error"]["place"]) == (2, folder)


def test_files_are_shown_by_what_they_are_wherever_they_stand() -> None:
    value = [{"a": {"name": "x.png", "media_type": "image/png", "content": "aGk="}}]

    assert json.loads(value_text(value)) == [{"a": "x.png (image/png, 2 bytes)"}]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_960, "1.0 MB"),
        (3_200_000, "3.2 MB"),
        (5_000_000_000, "5.0 GB"),
        (7_000_000_000_000, "7000.0 GB"),
    ],
)
def test_sizes_are_told_in_the_unit_that_suits_them(size: int, text: str) -> None:
    assert bytes_text(size) == text
