"""What stands in no file of the project: paths of a machine, hosts that packages come from, unfinished work.

The patterns are put together from pieces, so that this file holds none of what it looks for.
"""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import project_files, shown, text_of

FILES = [path for path in project_files() if text_of(path) is not None]
MACHINE_FOLDERS = "|".join(("w" + "ork", "fa" + "rm", "ro" + "ot", "ho" + "me/[a-z]+", "Us" + "ers/[a-z]+"))
ELSEWHERE = "|".join(("sha" + "red", "sp" + "ec", "relia" + "bility", "scale" + "out"))
PATTERNS = {
    "a path of a machine": rf"(?<![A-Za-z0-9_.~}}\]/-])/(?:{MACHINE_FOLDERS})/[a-z.]",
    "an index of packages": r"--(?:extra-)?ind" + r"ex-url[ =]|--find-li" + r"nks[ =]",
    "a resolved download": r'"resol' + r'ved": *"http',
    "a host of packages": r"\b(?:py" + r"pi\.org|pythonho" + r"sted\.org|registry\.npm" + r"js\.org)",
    "a document that is not in the project": rf"\.\./(?:{ELSEWHERE})/|\b(?:{ELSEWHERE})\.md\b",
    "a word of how it came about": r"\biss" + r"ue [A-Z]\b|\biss" + r"ue #?\d",
    "unfinished work": r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b",
}
MERGE = re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE)


@pytest.mark.parametrize("what", PATTERNS)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(PATTERNS[what])

    assert [f"{shown(path)}: {line}" for path in FILES for line in lines_with(pattern, path)] == []


def lines_with(pattern: re.Pattern[str], path: Path) -> list[str]:
    text = text_of(path) or ""
    return [line.strip()[:100] for line in text.splitlines() if pattern.search(line)] if pattern.search(text) else []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a path of a machine", "cd /" + "ro" + "ot/weft"),
        ("a path of a machine", 'open("/' + "ho" + 'me/ada/x")'),
        ("an index of packages", "pip --ind" + "ex-url=x"),
        ("a host of packages", "https://py" + "pi.org/simple"),
        ("a document that is not in the project", "see sp" + "ec.md"),
        ("a word of how it came about", "as iss" + "ue B says"),
        ("unfinished work", "# TO" + "DO: later"),
    ],
)
def test_each_pattern_finds_what_it_is_for(what: str, text: str) -> None:
    assert re.search(PATTERNS[what], text)


@pytest.mark.parametrize("what", PATTERNS)
def test_ordinary_text_is_not_taken_for_it(what: str) -> None:
    text = "home/pg/run, a frame/work/order, https://example.com/work, src/weft, docs/roots/a, 'todo' list"

    assert not re.search(PATTERNS[what], text)


def test_no_merge_was_left_unresolved() -> None:
    assert [shown(path) for path in FILES if MERGE.search(text_of(path) or "")] == []


def test_files_end_with_one_line_end_and_hold_no_tabs_in_python() -> None:
    for path in FILES:
        text = text_of(path) or ""
        assert not text or text.endswith("\n"), shown(path)
        assert path.suffix != ".py" or "\t" not in text, shown(path)


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) > 200
