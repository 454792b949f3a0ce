"""`text.change_case`: a text in another spelling."""

import re
from collections.abc import Callable
from typing import ClassVar, Literal

from pydantic import Field

from weft.blocks.text import characters
from weft.blocks.text.bounds import LongText, compute
from weft.blocks.text.words import words_of_name
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema

Case = Literal["upper", "lower", "title", "sentence", "snake", "kebab", "camel", "pascal"]

_WORD = re.compile("[LC][LCMZA]*")


class ChangeCase(Block, id="text.change_case", categories=[BlockCategory.PROCESSING]):
    """Write a text in upper case, lower case or another spelling.

    `title` and `sentence` write the first letter of each word or sentence large and all others small. `snake`, `kebab`,
    `camel` and `pascal` make a name: `two_words`, `two-words`, `twoWords`, `TwoWords`; whatever is neither letter nor
    digit is left out.
    """

    class Input(Schema):
        text: LongText = Field(description="The text")
        case: Case = Field(description="How to write it")

    class Output(Schema):
        output: str = Field(description="The text in the new spelling")

    examples: ClassVar = [
        Example(Input(text="Straße, naïve", case="upper"), emits=[("output", "STRASSE, NAÏVE")]),
        Example(Input(text="ΟΔΟΣ Tea", case="lower"), emits=[("output", "οδος tea")]),
        Example(Input(text="they're WELL-known", case="title"), emits=[("output", "They're Well-Known")]),
        Example(
            Input(text="HELLO! how are you?\nfine.", case="sentence"), emits=[("output", "Hello! How are you?\nFine.")]
        ),
        Example(Input(text="parseHTTPAnswer 2nd", case="snake"), emits=[("output", "parse_http_answer_2nd")]),
        Example(Input(text="Don't stop: now", case="kebab"), emits=[("output", "dont-stop-now")]),
        Example(Input(text="user_name größe2", case="camel"), emits=[("output", "userNameGröße2")]),
        Example(Input(text="user id", case="pascal"), emits=[("output", "UserId")]),
        Example(Input(text="…", case="snake"), emits=[("output", "")]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "output", await compute(len(input.text), _WRITERS[input.case], input.text)


def _title(text: str) -> str:
    lower = text.lower()
    return _capitalise(lower, [found.start() for found in _WORD.finditer(characters.kinds(lower))])


def _sentence(text: str) -> str:
    lower = text.lower()
    kinds = characters.kinds(lower)
    starts = (characters.first_letter(kinds, start) for start, _ in characters.sentences(kinds))
    return _capitalise(lower, [start for start in starts if start is not None])


def _capitalise(text: str, places: list[int]) -> str:
    """Return the text with a large letter at each of the places, which are in order."""
    parts, end = [], 0
    for place in places:
        parts += [text[end:place], text[place].title()]
        end = place + 1
    return "".join([*parts, text[end:]])


def _snake(text: str) -> str:
    return "_".join(word.lower() for word in words_of_name(text))


def _kebab(text: str) -> str:
    return "-".join(word.lower() for word in words_of_name(text))


def _pascal(text: str) -> str:
    return "".join(word[0].title() + word[1:].lower() for word in words_of_name(text))


def _camel(text: str) -> str:
    first, *others = [*words_of_name(text)] or [""]
    return first.lower() + "".join(word[0].title() + word[1:].lower() for word in others)


_WRITERS: dict[Case, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": _title,
    "sentence": _sentence,
    "snake": _snake,
    "kebab": _kebab,
    "camel": _camel,
    "pascal": _pascal,
}
