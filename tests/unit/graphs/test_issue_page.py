import re
from pathlib import Path

from weft.graphs.issues import Code, Level

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "graph-issues.md"


def test_every_issue_stands_on_the_page_once_with_a_level() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\w+) \|", PAGE.read_text(), re.MULTILINE)

    assert sorted(code for code, _ in rows) == sorted(Code)
    assert {level for _, level in rows} == set(Level)
