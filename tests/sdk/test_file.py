"""A file is bytes in Python and base64 text in JSON."""

import pytest
from pydantic import ValidationError

from weft.sdk import File


def test_a_file_survives_the_trip_through_json() -> None:
    file = File(name="a.bin", content=b"\x00\xff")

    assert file.model_dump()["content"] == b"\x00\xff"
    assert file.model_dump(mode="json")["content"] == "AP8="
    assert File.model_validate(file.model_dump(mode="json")) == file
    assert File.model_validate_json(file.model_dump_json()) == file


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
