"""`File`: a file as a value that travels along links."""

import base64
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema


def _read_base64(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise ValueError(f"the content of a file must be base64 text: {error}") from error


def _write_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


Content = Annotated[
    bytes,
    BeforeValidator(_read_base64),
    PlainSerializer(_write_base64, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
"""Bytes in Python, base64 text in JSON; text given for them is read as base64."""


class File(BaseModel):
    """A file with its bytes. As JSON: `{"name": …, "media_type": …, "content": base64 text}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="file", min_length=1, max_length=255, description="Name of the file, without folders")
    media_type: str = Field(
        default="application/octet-stream", max_length=255, description="Kind of the file, e.g. image/png"
    )
    content: Content = Field(description="The bytes, as base64 text")
