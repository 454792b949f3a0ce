"""The documents, and what stands in their fences."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import ROOT, project_files

DOCUMENTS = [path for path in project_files() if path.suffix == ".md"]
SESSIONS = (
    ROOT / "docs" / "start.md",
    ROOT / "docs" / "guides" / "run-from-python.md",
    ROOT / "docs" / "guides" / "graphs-in-graphs.md",
)
"""Documents that are worked through from top to bottom, in a folder of one's own: files are written, commands run."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DURATION = r"[\d.]+ (?:ms|s|min|h)"
_SLOW = re.compile(r"(?:connecting|starting the database in .*) …")  # told where it takes more than a moment


@dataclass(frozen=True)
class Snippet:
    """One fenced part of a document."""

    document: Path
    language: str
    text: str


def all_snippets(document: Path) -> list[Snippet]:
    """Return all fenced parts, in order."""
    return [Snippet(document, *match) for match in _FENCE.findall(document.read_text(encoding="utf-8"))]


def prose(document: Path) -> str:
    """Return the document without what it shows as code."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", document.read_text(encoding="utf-8")))


def snippets(document: Path, *languages: str) -> list[Snippet]:
    """Return the fenced parts in these languages, in order."""
    return [one for one in all_snippets(document) if one.language in languages]


def transcript(snippet: Snippet) -> tuple[str, str]:
    """Return the command and what it printed."""
    command, _, printed = snippet.text.partition("\n")
    return command.removeprefix("$ "), printed


def without_chance(text: str) -> str:
    """Return what a program printed without ids, times and durations, which are other ones each time."""
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>", text)
    text = re.sub(r"\b\d\d-\d\d \d\d:\d\d:\d\d\b", "<time>", text)
    text = re.sub(rf"  \((?:[^()]*, )?{_DURATION}\)$", "", text, flags=re.MULTILINE)
    text = re.sub(rf" +{_DURATION}(?=[ ,]|$)", " <duration>", text, flags=re.MULTILINE)
    told = (line.rstrip() for line in text.splitlines() if not _SLOW.fullmatch(line))
    return _steps_in_order("\n".join(told))


def _steps_in_order(text: str) -> str:
    """Return the text with the lines of a run's steps sorted: side by side, nodes end in any order."""
    lines = text.split("\n")
    places = [at for at, line in enumerate(lines) if re.match(r"  (completed|failed|waiting|cancelled|timeout) ", line)]
    for at, line in zip(places, sorted(lines[place] for place in places), strict=True):
        lines[at] = line
    return "\n".join(lines)


__all__ = [
    "DOCUMENTS",
    "ROOT",
    "SESSIONS",
    "Snippet",
    "all_snippets",
    "prose",
    "snippets",
    "transcript",
    "without_chance",
]
