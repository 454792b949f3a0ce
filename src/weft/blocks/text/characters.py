"""Characters as people see them, and what each is: part of a word, blank, end of a sentence.

A text is first turned into its *kinds*: a text of equal length with one letter for each code point. Patterns over
kinds are short and run in linear time.

`L` letter or digit, `C` Chinese or Japanese sign, `M` mark that belongs to what stands before it, `Z` joiner of
emoji, `P` picture, `R` half of a flag, `S` blank, `K` carriage return, `N` other line end, `E` end of a sentence
before a blank, `F` end of a sentence wherever it stands, `Q` closing quote or bracket, `A` apostrophe, `O` anything else.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

LINE_ENDS = "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""What ends a line, as Unicode says."""

_ENDS = frozenset(".!?…‽؟۔।॥։።។")
_FULL_ENDS = frozenset("。！？｡．")
_APOSTROPHES = frozenset("'’")
_CHINESE_JAPANESE = re.compile(
    "[\u3005-\u3007\u3041-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9d\U0001aff0-\U0001b16f\U00020000-\U0003ffff]"
)
_ATTACHED = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb\u200c\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_CLUSTER = re.compile("KN|RR[MZ]*|P(?:[MZ]*ZP)*[MZ]*|[^KN][MZ]+")
_BREAK = re.compile("[EF][EFQA]*|[KN][SKN]*")
_LINES = re.compile("[KN][SKN]*")
_BLANKS = "SKN"
_OF_WORDS = "LMZA"
_LETTER = re.compile("[LC]")


class _Kinds(dict[int, str]):
    """Kinds by code point, found out at the first look."""

    def __missing__(self, code: int) -> str:
        self[code] = kind = _kind(chr(code))
        return kind


def kinds(text: str) -> str:
    """Return the kind of each code point of the text."""
    return text.translate(_Kinds())


def _kind(sign: str) -> str:
    if sign in "\r\u200d":
        return "K" if sign == "\r" else "Z"
    if sign in LINE_ENDS or sign.isspace():
        return "N" if sign in LINE_ENDS else "S"
    category = unicodedata.category(sign)
    if category[0] == "M" or _ATTACHED.match(sign):
        return "M"
    if sign.isalnum():
        return "C" if _CHINESE_JAPANESE.match(sign) else "L"
    return _mark(sign, category)


def _mark(sign: str, category: str) -> str:
    for kind, members in (("E", _ENDS), ("F", _FULL_ENDS), ("A", _APOSTROPHES)):
        if sign in members:
            return kind
    if category == "So":
        return "R" if "\U0001f1e6" <= sign <= "\U0001f1ff" else "P"
    return "Q" if category in {"Pe", "Pi", "Pf"} or sign == '"' else "O"


def count_characters(text: str) -> int:
    """Return how many characters people see: a letter with its accents is one, so is an emoji of several parts.

    These are the grapheme clusters of Unicode, except in some rare sequences of old Korean and Indic scripts.
    """
    if text.isascii() and "\r" not in text:
        return len(text)
    return count_clusters(kinds(text))


def count_clusters(kinds: str) -> int:
    """Return how many characters people see in a text of these kinds."""
    return len(kinds) - sum(found.end() - found.start() - 1 for found in _CLUSTER.finditer(kinds))


def end_of_characters(kinds: str, count: int) -> int:
    """Return where the first `count` characters that people see end, as a position in the text."""
    end = 0
    for found in _CLUSTER.finditer(kinds):
        single = found.start() - end
        if count <= single:
            return end + count
        count -= single + 1
        end = found.end()
    return min(end + count, len(kinds))


def end_of_words(kinds: str, end: int) -> int:
    """Return the last place up to `end` where a word has ended; `end` itself if that is not inside of a word."""
    if not 0 < end < len(kinds) or kinds[end - 1 : end + 1].strip(_OF_WORDS):
        return end
    blank = max(kinds.rfind(kind, 0, end) for kind in _BLANKS)
    place = max(blank, kinds.rfind("C", 0, end) + 1)
    return place if place > 0 and kinds[place] not in "MZ" else end


def sentences(kinds: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where each sentence goes; parts without a letter are none.

    A sentence ends at `.`, `!`, `?` or `…` before a blank, at their full-width forms, and at an empty line. A dot
    after an abbreviation looks the same.
    """
    start = 0
    for found in _BREAK.finditer(kinds):
        if _ends_sentence(found[0], kinds[found.end() : found.end() + 1]):
            if has_letter(kinds, start, found.end()):
                yield start, found.end()
            start = found.end()
    if has_letter(kinds, start, len(kinds)):
        yield start, len(kinds)


def _ends_sentence(run: str, following: str) -> bool:
    if run[0] in _BLANKS:
        return count_line_ends(run) > 1
    return "F" in run or ("E" in run and (not following or following in _BLANKS))


def count_line_ends(kinds: str) -> int:
    """Return how many line ends there are; carriage return and line feed together are one."""
    return kinds.count("K") + kinds.count("N") - kinds.count("KN")


def count_paragraphs(kinds: str) -> int:
    """Return how many parts with letters stand between empty lines."""
    edges = (found.end() for found in _LINES.finditer(kinds) if count_line_ends(found[0]) > 1)
    return sum(has_letter(kinds, start, end) for start, end in pairwise([0, *edges, len(kinds)]))


def first_letter(kinds: str, start: int, end: int | None = None) -> int | None:
    """Return where the first letter, digit or sign from `start` up to `end` stands; None if there is none."""
    found = _LETTER.search(kinds, start, len(kinds) if end is None else end)
    return found.start() if found else None


def has_letter(kinds: str, start: int, end: int) -> bool:
    """Return whether there is a letter, digit or sign from `start` up to `end`."""
    return first_letter(kinds, start, end) is not None
