"""A text taken apart into words, for names and addresses."""

import re
from collections.abc import Iterator

from weft.blocks.text.characters import kinds

_RUN = re.compile("[LC][LCMZ]*")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_PART = re.compile("U+(?=Ul)|[lM]+d*|d*U?l[lM]*d*|U+d*|d+")


def runs_of_letters(text: str) -> list[str]:
    """Return the runs of letters and digits, apostrophes inside of words left out."""
    plain = _APOSTROPHE.sub("", text)
    return [plain[found.start() : found.end()] for found in _RUN.finditer(kinds(plain))]


def words_of_name(text: str) -> Iterator[str]:
    """Yield the words of a text or of a name in any spelling, such as `userName`, `HTTPServer`, `user-name`."""
    for run in runs_of_letters(text):
        for found in _PART.finditer("".join(map(_size, run))):
            yield run[found.start() : found.end()]


def _size(sign: str) -> str:
    if sign.isdigit():
        return "d"
    return "U" if sign.isupper() else "l"
