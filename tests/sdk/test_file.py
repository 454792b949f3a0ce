"""A file is bytes in Python and base64 text in JSON, or the name of a stored one."""

import hashlib
import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from weft.sdk import File

SOME = "5b0e" * 16
REFERENCE = {"name": "a.bin", "media_type": "x/y", "size": 100_000_000, "sha256": SOME}
SMALL = {"name": "a", "media_type": "x/y", "content": "aGk="}


def test_a_file_survives_the_trip_through_json() -> None:
    file = File(name="a.bin", content=b"\x00\xff")

    assert file.model_dump()["content"] == b"\x00\xff"
    assert file.model_dump(mode="json")["content"] == "AP8="
    assert File.model_validate(file.model_dump(mode="json")) == file
    assert File.model_validate_json(file.model_dump_json()) == file


def test_a_reference_survives_the_trip_through_json() -> None:
    file = File(name="a.bin", media_type="x/y", size=100_000_000, sha256=SOME)

    assert json.loads(file.model_dump_json()) == file.model_dump() == REFERENCE
    assert File.model_validate(file.model_dump(mode="json")) == file
    assert (file.content, file.is_stored) == (None, True)


def test_size_and_checksum_are_there_for_both_kinds() -> None:
    file = File(content=b"hello")

    assert (file.size, file.sha256, file.is_stored) == (5, hashlib.sha256(b"hello").hexdigest(), False)
    assert file.model_dump(exclude_unset=True) == {"content": b"hello"}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"size": 5},
        {"sha256": "0" * 64},
        {"content": None},
        {"content": "aGk=", "size": 2},
        {"content": "aGk=", "size": 2, "sha256": "0" * 64},
        {"size": -1, "sha256": "0" * 64},
        {"size": True, "sha256": "0" * 64},
        {"size": 2**63, "sha256": "0" * 64},
        {"size": 1, "sha256": "A" * 64},
        {"size": 1, "sha256": "0" * 63},
        {"size": 1, "sha256": "0" * 64, "id": 7},
    ],
)
def test_what_is_neither_a_content_nor_a_reference_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        File.model_validate(value)


@pytest.mark.parametrize(
    ("value", "is_file"),
    [
        (REFERENCE, True),
        (SMALL, True),
        (SMALL | {"content": "no base64"}, False),
        (SMALL | {"more": 1}, False),
        ({"content": "aGk="}, False),
        (REFERENCE | {"sha256": "x"}, False),
        ([], False),
        ("a.bin", False),
        (None, False),
    ],
)
def test_a_value_is_a_file_if_it_is_written_as_one_in_full(value: Any, is_file: bool) -> None:
    assert (File.of_value(value) is not None) is is_file


def test_the_schema_of_a_file_is_known_as_one_and_its_example_is_one() -> None:
    schema = TypeAdapter(File).json_schema()

    assert File.is_schema(schema)
    assert schema == TypeAdapter(File).json_schema(mode="serialization")
    assert File.of_value(schema["examples"][0]) == File(name="hello.txt", media_type="text/plain", content=b"hello")
    assert not File.is_schema({"type": "object"})
    assert set(schema["properties"]) == set(File.model_fields)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PNG", "image/png"),
        ("a.csv", "text/csv"),
        ("a", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_name(name: str, kind: str) -> None:
    assert File.kind_of_name(name) == kind


@pytest.mark.parametrize("content", ["not base64!", "AP8", "ä"])
def test_other_text_is_no_content(content: str) -> None:
    with pytest.raises(ValidationError, match="the content of a file must be base64 text"):
        File.model_validate({"content": content})


@pytest.mark.parametrize("name", ["", "a/b.txt", "..\\b.txt", "..", ".", "a\x00.txt", "a\nb", "x" * 256])
def test_a_name_that_could_leave_its_folder_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        File(name=name, content=b"")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("tea.png", "tea.png"),
        ("grün 茶.txt", "grün 茶.txt"),
        (".profile", ".profile"),
        ("../a\\b\x00", ".._a_b_"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300, "x" * 255),
    ],
)
def test_any_text_can_be_made_a_name(text: str, name: str) -> None:
    assert File.name_from(text) == name
    assert File(name=File.name_from(text), content=b"").name == name
