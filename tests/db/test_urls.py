"""Addresses keep everything that is not to be changed, and never show a password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.db.urls import add_param, check_schema_name, quote_identifier, read_address
from weft.errors import ConfigurationError


@pytest.mark.parametrize(
    ("url", "key", "value", "expected"),
    [
        ("postgresql://u:p%40w@h:5432/db", "a", 1, "postgresql://u:p%40w@h:5432/db?a=1"),
        ("postgresql://h/db?x=1&x=2&blank=&y", "a", "b c", "postgresql://h/db?x=1&x=2&blank=&y&a=b%20c"),
        ("postgresql://h/db?a=1&x=2&a=3", "a", 9, "postgresql://h/db?a=9&x=2"),
        ("postgresql:///weft?host=/run/pg", "a", 1, "postgresql:///weft?host=/run/pg&a=1"),
        ("postgresql://h/db?a=1#part", "a", "", "postgresql://h/db?a=#part"),
        ("postgresql://h,i:5433/db?%61=1", "a", 2, "postgresql://h,i:5433/db?a=2"),
    ],
)
def test_one_parameter_is_set_and_nothing_else_changes(url: str, key: str, value: str | int, expected: str) -> None:
    assert add_param(url, key, value) == expected
    assert add_param(expected, key, value) == expected


@given(
    st.lists(st.tuples(st.sampled_from("abcxyz"), st.text("01=%/ +", max_size=4)), max_size=6),
    st.text(max_size=9),
)
def test_other_parameters_survive_in_order(pairs: list[tuple[str, str]], value: str) -> None:
    query = "&".join(f"{key}={text.replace('%', '%25').replace('=', '%3D')}" for key, text in pairs)
    before = f"postgresql://user@host/db?{query}" if query else "postgresql://user@host/db"

    after = add_param(before, "a", value.encode("ascii", "ignore").decode())

    kept = [piece for piece in after.partition("?")[2].split("&") if not piece.startswith("a=")]
    assert kept == [piece for piece in query.split("&") if piece and not piece.startswith("a=")]


def test_our_own_parameters_are_taken_out_and_the_drivers_stay() -> None:
    address = read_address(
        "postgres://u@h/db?connection_limit=7&sslmode=require&pool_timeout=2.5&schema=mine&connect_timeout=3"
    )

    assert address.dsn == "postgresql://u@h/db?sslmode=require"
    assert (address.connection_limit, address.pool_timeout_s, address.connect_timeout_s) == (7, 2.5, 3)
    assert address.schema == "mine"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u:hunter2@h/db", "must begin with postgresql://"),
        ("u:hunter2@h", "must begin with postgresql://"),
        ("postgresql://u:hunter2@[h/db", "cannot be read"),
        ("postgresql://u:hunter2@h/db?pool_timeout=soon", "pool_timeout"),
        ("postgresql://u:hunter2@h/db?connection_limit=0", "connection_limit"),
        ("postgresql://u:hunter2@h/db?connection_limit=1.5", "connection_limit"),
        ("postgresql://u:hunter2@h/db?connect_timeout=nan", "connect_timeout"),
        ("postgresql://u:hunter2@h/db?schema=a-b", "schema"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        read_address(url)

    assert "hunter2" not in str(caught.value)


def test_schema_names_are_checked_and_quoted() -> None:
    assert check_schema_name("Tenant_1$") == "Tenant_1$"
    assert quote_identifier('a"b') == '"a""b"'
    for wrong in ("", "1a", "a b", 'a"', "a;b", "ä", "pg_x", "PG_x", "information_schema", "x" * 64, "a\n"):
        with pytest.raises(ConfigurationError):
            check_schema_name(wrong)
