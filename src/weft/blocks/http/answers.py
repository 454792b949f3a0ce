"""What a server answered, as a value."""

from email.message import Message
from typing import Any
from urllib.parse import unquote, urlsplit

from weft.blocks.values import read_json
from weft.sdk import Context, Emissions, File, Response, StreamedResponse

_TEXTS = frozenset(
    {"application/xml", "application/javascript", "application/x-www-form-urlencoded", "application/yaml"}
)


async def read_answer(response: Response, url: str, ctx: Context) -> Any:
    """Return the body: parsed if it is JSON, as text if it is text, else as a `File`; None if it is empty.

    What is declared as JSON and is none comes as text. `url` names the file.
    """
    if not response.content:
        return None
    kind = _kind(response)
    if kind.endswith(("/json", "+json")):
        try:
            return read_json(response.text)
        except ValueError:
            return response.text
    if not kind or kind.startswith("text/") or kind.endswith("+xml") or kind in _TEXTS:
        return response.text
    return await ctx.files.put(_name(response, url), kind, response.content)


async def store_answer(response: StreamedResponse, url: str, ctx: Context) -> File:
    """Return the body as a file, stored as it comes; the server may name it, else `url` does."""
    return await ctx.files.put(_name(response, url), _kind(response), response.chunks())


async def emit_answer(answer: Response, url: str, ctx: Context) -> Emissions:
    """Yield an answer on `response`, `client_error` or `server_error`, as its status says; then status and headers."""
    value = await read_answer(answer, url, ctx)
    if answer.status_code < 400:
        yield "response", value
    elif answer.status_code < 500:
        yield "client_error", value
    else:
        yield "server_error", value
    yield "status", answer.status_code
    yield "response_headers", answer_headers(answer)


def _kind(response: Response | StreamedResponse) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def _name(response: Response | StreamedResponse, url: str) -> str:
    header = Message()
    header["Content-Disposition"] = response.headers.get("content-disposition", "")
    return header.get_filename("") or unquote(urlsplit(url).path.rpartition("/")[2])


def answer_headers(response: Response | StreamedResponse) -> dict[str, str]:
    """Return the headers by name, names in lower case."""
    return {name.lower(): value for name, value in response.headers.items()}
