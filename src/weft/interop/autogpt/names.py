"""Names that Weft takes: labels, names of graphs, and the names of a graph's inputs and outputs."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from weft.graphs.secrets import cut_secrets

_LONGEST = 100
_CUT = "…"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def one_line(text: Any, *, longest: int = _LONGEST) -> str:
    """Return a text without secrets on one line, cut to a length; empty for what is no text or blank."""
    if not isinstance(text, str):
        return ""
    line = _CONTROL.sub(" ", cut_secrets(text)).strip()
    return line if len(line) <= longest else line[: longest - 1] + _CUT


class InterfaceNames:
    """Names of what a graph takes, or of what it shows: the file's own wherever Weft can have them."""

    def __init__(self, fallback: str, given: Iterable[Any]) -> None:
        """Begin with no names.

        Args:
            fallback: What is called so that has no name.
            given: All names of the file, with which a changed one must not clash.
        """
        self.by_given: dict[str, str] = {}
        self._fallback = fallback
        self._used = {name for name in given if isinstance(name, str)}
        self._counts: Counter[str] = Counter()

    def choose(self, given: Any) -> str:
        """Return the name that stands for `given`, and remember it."""
        if isinstance(given, str) and given in self.by_given:
            return self.by_given[given]
        text = str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given
        name = cut_secrets(text) if isinstance(text, str) and text.strip() else self._fallback
        if name != given or len(name) > _LONGEST:
            name = self._free(name if len(name) <= _LONGEST else name[: _LONGEST - 1] + _CUT)
        self._used.add(name)
        if isinstance(given, str) and given.strip():
            self.by_given[given] = name
        return name

    def _free(self, name: str) -> str:
        free = name
        while free in self._used:
            self._counts[name] += 1
            free = f"{name[: _LONGEST - 8]} {self._counts[name] + 1}"
        return free
