"""Which rows are played."""

import pytest

from tests.faults.__main__ import chosen
from tests.faults.rows import ROWS


def test_short_form_leaves_out_what_needs_a_network_of_its_own() -> None:
    assert [row.name for row in ROWS if row not in chosen(None, long=False)] == ["NET"]


def test_long_form_plays_all_rows() -> None:
    assert chosen(None, long=True) == list(ROWS)


def test_row_is_played_by_its_name_in_either_form() -> None:
    assert [row.name for row in chosen("net, f1", long=False)] == ["F1", "NET"]


def test_unknown_row_is_refused() -> None:
    with pytest.raises(SystemExit, match="there is no row F99"):
        chosen("F1,F99", long=True)
