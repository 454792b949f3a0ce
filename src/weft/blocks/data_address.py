"""Files given as text: data addresses."""

import base64
import binascii
from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

from pydantic import BeforeValidator

from weft.sdk import File

DATA = "data:"


def read_data_address(text: str) -> File:
    """Return the file that an address such as data:text/plain;base64,aGVsbG8= holds; its name is made from its kind.

    Raises:
        ValueError: It is none, or its content is no base64 text.
    """
    head, comma, body = text.strip()[len(DATA) :].partition(",")
    if not comma:
        raise ValueError("the data address has no comma before its content")
    kind, *parameters = (part.strip().lower() for part in head.split(";"))
    content = unquote_to_bytes(body)
    if "base64" in parameters:
        try:
            content = base64.b64decode(b"".join(content.split()), validate=True)
        except binascii.Error as error:
            raise ValueError(f"the content of the data address is no base64 text: {error}") from error
    kind = kind[:255] or "text/plain"
    return File(name=f"file{File.ending_of_kind(kind)}", media_type=kind, content=content)


def _read_file(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.strip()[: len(DATA)].lower() == DATA:
        return read_data_address(value)
    raise ValueError("a text is no file, unless it begins with data: as an address; file.store fetches other addresses")


AnyFile = Annotated[File, BeforeValidator(_read_file)]
"""A file; the text of a data address is read as one."""
