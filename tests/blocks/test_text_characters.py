"""Characters are counted and cut as people see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.blocks.text import characters

FAMILY, THUMB, FLAG = "👩‍👩‍👧", "👍🏽", "🇩🇪"
WHOLE = st.lists(
    st.sampled_from(["a", " ", "\n", "\r\n", "你", "e\u0301", "ক্", FAMILY, THUMB, FLAG, "1\ufe0f\u20e3", "각"])
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("a\r\nb", 3),
        ("e\u0301", 1),
        ("\u0301", 1),
        (FAMILY + FAMILY, 2),
        (THUMB, 1),
        (FLAG + "🇫🇷", 2),
        ("🇩🇪🇫", 2),
        ("각", 1),
        ("नि", 1),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 1),
        ("\n\u0301", 2),
        ("好\U000e0100", 1),
    ],
)
def test_what_people_see_as_one_counts_as_one(text: str, count: int) -> None:
    assert characters.count_characters(text) == count


@given(WHOLE, st.integers(0, 15))
def test_a_cut_never_goes_through_a_character(parts: list[str], length: int) -> None:
    text = "".join(parts)

    end = characters.end_of_characters(characters.kinds(text), length)

    assert text[:end] == "".join(parts[:length])


@given(st.text(max_size=40), st.integers(0, 40))
def test_what_was_cut_off_has_at_most_the_characters_asked_for(text: str, length: int) -> None:
    kinds = characters.kinds(text)
    end = characters.end_of_characters(kinds, length)

    assert characters.count_clusters(kinds[:end]) == min(length, characters.count_clusters(kinds))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three", ["One.", "Two!", "Three"]),
        ("Pi is 3.14, I said.", ["Pi is 3.14, I said."]),
        ('"Go!" he said. Really?!', ['"Go!"', "he said.", "Really?!"]),
        ("你好。「再见！」他说", ["你好。", "「再见！」", "他说"]),
        ("Heading\n\nText\nin lines", ["Heading", "Text\nin lines"]),
        ("Heading\r\n\r\nText\r\nin lines", ["Heading", "Text\r\nin lines"]),
        ("… ... !", []),
    ],
)
def test_sentences_end_where_people_end_them(text: str, sentences: list[str]) -> None:
    found = characters.sentences(characters.kinds(text))

    assert [text[start:end].strip() for start, end in found] == sentences


@pytest.mark.parametrize(
    ("text", "end", "place"),
    [
        ("one two", 7, 7),
        ("one two", 5, 3),
        ("one two", 3, 3),
        ("onetwo", 4, 4),
        (" onetwo", 4, 4),
        ("你好world", 4, 2),
        ("你好世界", 3, 3),
        ("one two, three", 7, 7),
        ("one isn't", 8, 3),
        ("one two", 4, 4),
        ("好\U000e0100ab", 3, 3),
        ("", 0, 0),
    ],
)
def test_a_cut_moves_back_to_the_end_of_a_word(text: str, end: int, place: int) -> None:
    assert characters.end_of_words(characters.kinds(text), end) == place
