"""Texts and tables are the same in whatever parts they come."""

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from weft.blocks.codec.tables import Layout, TableReader, read_table
from weft.blocks.files.cutting import Cuts, Cutter
from weft.sdk import BlockError


@settings(max_examples=300)
@given(st.text(st.sampled_from('ab,,""\n\n\r\\'), max_size=60), st.lists(st.integers(0, 60), max_size=5), st.data())
def test_a_table_is_the_same_however_its_text_comes(text: str, cuts: list[int], data: st.DataObject) -> None:
    layout = Layout(
        delimiter=",",
        has_header=data.draw(st.booleans()),
        skip_rows=data.draw(st.integers(0, 2)),
        escapechar=data.draw(st.sampled_from(["", "\\"])),
    )
    ends = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]

    def whole() -> Any:
        return read_table(text, layout)

    def in_parts() -> Any:
        reader = TableReader(layout)
        parts = [text[start:end] for start, end in pairwise(ends)]
        return [row for part in parts for row in reader.take(part)] + reader.take("", final=True)

    assert outcome(in_parts) == outcome(whole)


@settings(max_examples=300)
@given(st.text(st.sampled_from("ab-\n\r"), max_size=40), st.lists(st.integers(0, 40), max_size=5), st.data())
def test_a_text_is_cut_the_same_however_it_comes(text: str, cuts: list[int], data: st.DataObject) -> None:
    numbers = st.integers(0, 3)
    wanted = Cuts(data.draw(st.sampled_from(["", "\n", "--"])), *(data.draw(numbers) for _ in range(4)))
    ends = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]

    whole, parted = Cutter(wanted), Cutter(wanted)
    at_once = whole.take(text, final=True)
    in_parts = [piece for start, end in pairwise(ends) for piece in parted.take(text[start:end])]
    in_parts += parted.take("", final=True)

    assert (in_parts, parted.whole) == (at_once, whole.whole)
    if not wanted.delimiter:
        assert "".join(at_once) == text[wanted.skip_size :]


def outcome(read: Any) -> Any:
    """Return what it returns, or the sentence by which it fails."""
    try:
        return read()
    except BlockError as error:
        return error.message
