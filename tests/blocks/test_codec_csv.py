"""Tables come back as they were written, whatever their cells hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.blocks.emitting import only
from weft.blocks.codec.csv_parse import ParseCsv
from weft.blocks.codec.csv_render import RenderCsv
from weft.errors import InvalidInput
from weft.sdk import BlockError

CELLS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["a,b", 'say "x"', "a\nb", "a\r\nb", "\r", '"', "'", " a ", "=1", "\t", "\ufeff", ""]
)
DELIMITERS = st.sampled_from([",", ";", "\\t", "|", " "])


async def parse(contents: str, **values: Any) -> list[Any]:
    emitted = [pair async for pair in ParseCsv().execute({"contents": contents, **values})]
    assert [value for pin, value in emitted if pin == "row"] == emitted[-1][1]
    return list(emitted[-1][1])


async def render(rows: list[Any], **values: Any) -> str:
    return str(await only(RenderCsv(), rows=rows, **values))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1), DELIMITERS)
async def test_rows_come_back(rows: list[list[str]], delimiter: str) -> None:
    text = await render(rows, delimiter=delimiter)
    rows[0][0] = rows[0][0].removeprefix("\ufeff")

    assert await parse(text, delimiter=delimiter, has_header=False, strip=False) == rows


@given(st.lists(st.fixed_dictionaries({"a": CELLS, "b c": CELLS, 'd"': CELLS}), min_size=1))
async def test_dictionaries_come_back(rows: list[dict[str, str]]) -> None:
    assert await parse(await render(rows), delimiter=",", strip=False) == rows


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,a,a", ["a", "a_2", "a_3"]),
        ("a,a_2,a", ["a", "a_2", "a_3"]),
        ("a,a,a_2", ["a", "a_2", "a_2_2"]),
        (",,column_1", ["column_1", "column_2", "column_1_2"]),
    ],
)
async def test_every_column_has_a_name_of_its_own(header: str, names: list[str]) -> None:
    assert await parse(f"{header}\n1,2,3") == [dict(zip(names, "123", strict=True))]


@pytest.mark.parametrize(
    ("contents", "values", "row"),
    [
        ("a;b,c;d\n1;2;3", {}, {"a": "1", "b,c": "2", "d": "3"}),
        ("title, of it\na|b\n1|2", {"skip_rows": 1}, {"a": "1", "b": "2"}),
        ("a\tb\n1\t2", {}, {"a": "1", "b": "2"}),
        ("a\n1", {}, {"a": "1"}),
    ],
)
async def test_the_delimiter_is_found_out(contents: str, values: dict[str, Any], row: dict[str, str]) -> None:
    assert await parse(contents, **values) == [row]


@pytest.mark.parametrize(
    "contents",
    ["a," * 1_000_001, "a," * 100_000 + "\n" + "b\n" * 20],
    ids=["in the header", "that rows lack"],
)
async def test_too_many_cells_are_refused(contents: str) -> None:
    with pytest.raises(BlockError, match="there are more than 1000000 cells"):
        await parse(contents)


async def test_too_many_columns_are_refused() -> None:
    with pytest.raises(BlockError, match="there are more than 1000000 cells"):
        await render([{f"{row} {column}": 1 for column in range(100)} for row in range(200)])


@pytest.mark.parametrize("delimiter", ["ab", "\n", '"'])
async def test_what_cannot_delimit_is_refused(delimiter: str) -> None:
    with pytest.raises(InvalidInput, match="delimiter"):
        await render([], delimiter=delimiter)


async def test_formulas_of_strangers_become_texts_if_wished() -> None:
    cells = ["=1", "+1", "-1", "@a", "\ta", -1, "a=1", None]

    assert await render([cells], guard_formulas=True) == "'=1,'+1,'-1,'@a,'\ta,-1,a=1,\n"
