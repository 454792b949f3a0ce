"""What a server answered, as a value."""

from typing import Any
from urllib.parse import unquote, urlsplit

from weft.blocks.io.file_value import File
from weft.blocks.values import read_json
from weft.sdk import Response

_TEXTS = frozenset(
    {"application/xml", "application/javascript", "application/x-www-form-urlencoded", "application/yaml"}
)


def read_answer(response: Response, url: str) -> Any:
    """Return the body: parsed if it is JSON, as text if it is text, else as a `File`; None if it is empty.

    What is declared as JSON and is none comes as text. `url` names the file.
    """
    if not response.content:
        return None
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.endswith(("/json", "+json")):
        try:
            return read_json(response.text)
        except ValueError:
            return response.text
    if not kind or kind.startswith("text/") or kind.endswith("+xml") or kind in _TEXTS:
        return response.text
    return File(name=_file_name(url), media_type=kind[:255], content=response.content)


def _file_name(url: str) -> str:
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return name.replace("/", "_").replace("\x00", "")[:255] or "file"
