"""Which kind of file a JSON object is; known formats that Weft does not read are named."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from weft.graphs.errors import DocumentInvalid
from weft.graphs.issues import Code
from weft.interop.autogpt.reader import is_agent

_NATIVE_KEY = "weft"


class Format(StrEnum):
    """The formats that Weft reads."""

    NATIVE = "weft"
    AUTOGPT = "autogpt"


def format_of(document: Mapping[str, Any], *, place: str) -> Format:
    """Return how the file is to be read; `NATIVE` for what has no known shape, so that it is refused as such.

    Raises:
        DocumentInvalid: It is a file of another program; the message names it.
    """
    if _NATIVE_KEY in document:
        return Format.NATIVE
    other = _other_program(document)
    if other is not None:
        message = f"this is a file of {other}; Weft reads its own graphs and agents exported from the AutoGPT Platform"
        raise DocumentInvalid(Code.WRONG_SHAPE, message, place=place)
    return Format.AUTOGPT if is_agent(document) else Format.NATIVE


def _other_program(document: Mapping[str, Any]) -> str | None:
    nodes, data = document.get("nodes"), document.get("data")
    if isinstance(nodes, list) and isinstance(document.get("connections"), dict):
        return "n8n"
    if isinstance(data, dict) and isinstance(data.get("nodes"), list) and isinstance(data.get("edges"), list):
        return "Langflow"
    if isinstance(nodes, list) and isinstance(document.get("edges"), list):
        return "Flowise"
    return None
