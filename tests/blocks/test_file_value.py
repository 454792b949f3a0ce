"""A file is bytes in Python and base64 text in JSON."""

import pytest
from pydantic import ValidationError

from weft.blocks.io.file_value import File


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
