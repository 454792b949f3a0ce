"""Pins that all HTTP blocks have, and how their examples show a server that refuses."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from weft.blocks.values import Text
from weft.sdk import Advanced, BlockError, Example, Placeholder, Reply, RetryLater

Url = Annotated[
    str,
    Placeholder("https://api.example.com/items"),
    Field(description="The address, beginning with https:// or http://"),
]
"""Input: where the request goes."""

Query = Annotated[dict[str, Text], Field(description="Values to add to the address behind the ?")]
"""Input: parameters by name."""

Headers = Annotated[
    dict[str, Text], Advanced(), Field(description="Headers of the request by name; never put a key into them")
]
"""Input: headers by name."""

Status = Annotated[int, Field(description="The status of the answer, e.g. 200")]
"""Output: the answer's status."""

AnswerHeaders = Annotated[dict[str, str], Field(description="The headers of the answer, names in lower case")]
"""Output: the answer's headers."""

REFUSALS: Sequence[Example] = (
    Example(
        {"url": "https://example.com/gone"},
        http=[Reply("GET https://example.com/gone", status=404)],
        raises=BlockError,
    ),
    Example(
        {"url": "https://example.com/busy"},
        http=[Reply("GET https://example.com/busy", status=503)],
        raises=RetryLater,
    ),
    Example(
        {"url": "https://example.com/often"},
        http=[Reply("GET https://example.com/often", status=429)],
        raises=RetryLater,
    ),
)
"""Examples of every block that reads: what a failing status does."""
