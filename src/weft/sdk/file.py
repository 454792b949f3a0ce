"""`File`: a file as a value that travels along links."""

import base64
import hashlib
import re
from collections.abc import Mapping
from mimetypes import MimeTypes
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema

INLINE_BYTES = 64 * 1024
"""A file of at most so many bytes travels inside its value; a larger one is stored, and its value refers to it."""

UNKNOWN_KIND = "application/octet-stream"
"""The media type of a file of which nothing is known."""

_FORMAT = "file"
_NOT_IN_NAMES = re.compile(r"[/\\\x00-\x1f\x7f]")
_LONGEST_NAME = 255
_LARGEST = 2**50
_KINDS = MimeTypes()
"""Python's own list, without what the machine adds to it."""


def _read_base64(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise ValueError(f"the content of a file must be base64 text: {error}") from error


def _write_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _check_name(value: str) -> str:
    if _NOT_IN_NAMES.search(value) or value in {".", ".."}:
        raise ValueError("the name of a file must be without folders and control characters")
    return value


Content = Annotated[bytes, BeforeValidator(_read_base64), PlainSerializer(_write_base64, when_used="json")]
"""Bytes in Python, base64 text in JSON; text given for them is read as base64."""


class File(BaseModel):
    """A file, for pins: a small one with its bytes, a large one as a reference to the user's stored files.

    As JSON `{"name", "media_type", "content": base64 text}` or `{"name", "media_type", "size", "sha256"}`, never both.
    `ctx.files` reads either kind; `ctx.files.put` makes whichever suits the size.

    Attributes:
        content: The bytes; None of a stored file.
        size: How many bytes there are, whichever kind it is.
        sha256: Their SHA-256 checksum in hexadecimal digits, whichever kind it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(_check_name)] = Field(
        default="file", min_length=1, max_length=_LONGEST_NAME, description="Name of the file, without folders"
    )
    media_type: str = Field(default=UNKNOWN_KIND, max_length=255, description="Kind of the file, e.g. image/png")
    content: Content | None = Field(default=None, repr=False)
    size: int = Field(default=0, ge=0, le=_LARGEST, strict=True)
    sha256: str = Field(default="", pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        refers = {"size", "sha256"} & self.model_fields_set
        if self.content is None:
            if len(refers) < 2:
                raise ValueError("a file has its content, or the size and sha256 of a stored file")
        elif refers:
            raise ValueError("a file has its content, or the size and sha256 of a stored file, not both")
        else:
            # What follows from the content is no change of it.
            object.__setattr__(self, "size", len(self.content))
            object.__setattr__(self, "sha256", hashlib.sha256(self.content).hexdigest())
        return self

    @model_serializer(mode="wrap")
    def _write(self, write: SerializerFunctionWrapHandler) -> Any:
        written = write(self)
        if not isinstance(written, dict):  # something else than a file, where one was expected
            return written
        left_out = {"content"} if written.get("content") is None else {"size", "sha256"}
        return {name: value for name, value in written.items() if name not in left_out}

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return one schema for reading and writing; `format` is how a pin is known to take or give files."""
        return {
            "title": "File",
            "type": "object",
            "format": _FORMAT,
            "properties": {
                "name": {"type": "string", "description": "Name of the file, without folders"},
                "media_type": {"type": "string", "description": "Kind of the file, e.g. image/png"},
                "content": {
                    "type": "string",
                    "contentEncoding": "base64",
                    "description": "The bytes of a small file, as base64 text; or else size and sha256",
                },
                "size": {"type": "integer", "minimum": 0, "description": "How many bytes a stored file has"},
                "sha256": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{64}$",
                    "description": "Checksum of a stored file, in hexadecimal digits",
                },
            },
            "additionalProperties": False,
            "examples": [{"name": "hello.txt", "media_type": "text/plain", "content": "aGVsbG8="}],
        }

    @property
    def is_stored(self) -> bool:
        """Return whether the value refers to a stored file instead of holding the bytes."""
        return self.content is None

    @staticmethod
    def name_from(text: str) -> str:
        """Return a name as near to `text` as names may be: what must not be in it becomes `_`; "file" if nothing is left."""
        name = _NOT_IN_NAMES.sub("_", text)[:_LONGEST_NAME]
        return name if name.strip(". ") else "file"

    @staticmethod
    def kind_of_name(name: str) -> str:
        """Return the media type that a name's ending stands for."""
        return _KINDS.guess_type(name)[0] or UNKNOWN_KIND

    @staticmethod
    def ending_of_kind(media_type: str) -> str:
        """Return the ending, such as ".png", that names of such files have; empty if none is known."""
        return _KINDS.guess_extension(media_type) or ""

    @staticmethod
    def is_schema(schema: Mapping[str, Any]) -> bool:
        """Return whether a JSON schema is that of a file."""
        return schema.get("format") == _FORMAT and schema.get("type") == "object"

    @classmethod
    def of_value(cls, value: Any) -> Self | None:
        """Return the file that a value of JSON is, written in full; None if it is something else."""
        if not isinstance(value, dict) or value.keys() not in _SHAPES:
            return None
        try:
            return cls.model_validate(value)
        except ValueError:
            return None


_SHAPES = ({"name", "media_type", "content"}, {"name", "media_type", "size", "sha256"})
