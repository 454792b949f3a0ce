"""Code between fences of Markdown."""

import re
from dataclasses import dataclass

_OPENING = re.compile(r"([ \t]*)(?:(`{3,})([^`\n]*)|(~{3,})([^\n]*))")


@dataclass(frozen=True, slots=True)
class Fenced:
    """A block of code as it stands in a text: the first word after its fence, lower case, and its lines."""

    language: str
    code: str


@dataclass(frozen=True, slots=True)
class _Fence:
    indent: str
    marks: str
    language: str

    def closes(self, line: str) -> bool:
        marks = line.strip()
        return len(marks) >= len(self.marks) and not marks.strip(self.marks[0])

    def inside(self, line: str) -> str:
        """Return a line of the code without the blanks that the fence stands behind."""
        shared = len(line) - len(line.lstrip(" \t"))
        return line[min(shared, len(self.indent)) :]


def take_apart(text: str) -> tuple[list[Fenced], str]:
    """Return the blocks of code between fences, and the text without them.

    A fence is three or more backticks or tildes at the start of a line, however far to the right, so that code in
    lists is found too. A fence that is never closed reaches to the end.
    """
    blocks: list[Fenced] = []
    rest: list[str] = []
    code: list[str] = []
    fence: _Fence | None = None
    for line in text.splitlines(keepends=True):
        if fence is None:
            fence = _opening(line)
            if fence is None:
                rest.append(line)
        elif fence.closes(line):
            blocks.append(Fenced(fence.language, "".join(code)))
            fence, code = None, []
        else:
            code.append(fence.inside(line))
    if fence is not None:
        blocks.append(Fenced(fence.language, "".join(code)))
    return blocks, "".join(rest)


def _opening(line: str) -> _Fence | None:
    found = _OPENING.match(line)
    if found is None or (found[2] and "`" in line[found.end() :]):
        return None
    words = (found[3] or found[5] or "").split()
    return _Fence(found[1], found[2] or found[4], words[0].strip("{.}").lower() if words else "")


def without_fence(text: str) -> str:
    """Return the code of a text that is nothing but one fenced block of code, and any other text as it is."""
    if not text.lstrip().startswith(("```", "~~~")):
        return text
    blocks, rest = take_apart(text)
    return blocks[0].code if len(blocks) == 1 and not rest.strip() else text
