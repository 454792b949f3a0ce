"""Names and titles are spelled as people expect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.blocks.emitting import only
from weft.blocks.text.change_case import Case, ChangeCase
from weft.blocks.text.slug import Slug
from weft.blocks.text.words import words_of_name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("userName", ["user", "Name"]),
        ("HTTPServer", ["HTTP", "Server"]),
        ("parseURL", ["parse", "URL"]),
        ("user_ID2", ["user", "ID2"]),
        ("item2Go 3rd", ["item2", "Go", "3rd"]),
        ("__init__", ["init"]),
        ("don’t-stop", ["dont", "stop"]),
        ("naïveÉté", ["naïve", "Été"]),
        ("cafe\u0301Bar", ["cafe\u0301", "Bar"]),
        ("你好World", ["你好", "World"]),
        ("2024", ["2024"]),
        ("", []),
    ],
)
def test_a_name_falls_into_its_words(text: str, words: list[str]) -> None:
    assert list(words_of_name(text)) == words


@given(st.text(), st.sampled_from(["snake", "kebab"]))
async def test_a_name_stays_as_it_is_when_spelled_again(text: str, case: Case) -> None:
    once = await only(ChangeCase(), text=text, case=case)

    assert await only(ChangeCase(), text=once.replace("ß", "ss"), case=case) == once.replace("ß", "ss")


@given(st.text(), st.sampled_from(["title", "sentence"]))
async def test_large_and_small_letters_are_all_that_changes(text: str, case: Case) -> None:
    changed = await only(ChangeCase(), text=text, case=case)

    # In upper case, as some small letters (ı, ſ) share their large one with others.
    assert changed.upper() == text.lower().upper()


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("ΑΒΓ Привет", "αβγ-привет"),
        ("İstanbul ﬁn ½", "istanbul-fin-1-2"),
        ("Ａｂ１ ㎏", "ab1-kg"),
        ("Łódź Øre Þing", "lodz-ore-thing"),
        ("ガギ", "ガギ"),
        ("a" + "\u0301\u0316" * 10_000, "a"),
    ],
)
async def test_a_slug_keeps_what_can_be_read(text: str, slug: str) -> None:
    assert await only(Slug(), text=text) == slug


@given(st.text(), st.integers(1, 12), st.booleans())
async def test_a_slug_is_short_and_holds_no_sign_of_its_own(text: str, length: int, ascii_only: bool) -> None:
    given = {"text": f"x{text}", "max_length": length, "ascii_only": ascii_only}
    slug = await only(Slug(), **given)

    assert 0 < len(slug) <= length
    assert slug.strip("-") == slug
    assert not set(slug) & set(" /?#%&'\"")
    assert slug.isascii() or not ascii_only
