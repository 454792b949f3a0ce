"""A secret is found in whatever form it comes, and nothing else is taken for one."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.logs import Masker
from weft.logs.masking import MASK, SHORTEST
from weft.logs.plain import text_of

SECRET = 'p4ss/w"rd+ü&<ß>'


def masking(*secrets: str) -> Masker:
    masker = Masker()
    masker.add(*secrets)
    return masker


@pytest.mark.parametrize(
    "told",
    [
        SECRET,
        f"Bearer {SECRET}, and more",
        json.dumps({"key": SECRET}),
        json.dumps({"key": SECRET}, ensure_ascii=False),
        repr([SECRET, "'"]),
        urlencode({"q": SECRET}),
        quote(SECRET),
        quote(SECRET, safe=""),
        re.sub("%..", lambda found: found[0].lower(), quote_plus(SECRET)),
        html.escape(SECRET),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
    ],
)
def test_a_secret_is_masked_in_each_form(told: str) -> None:
    masked = masking(SECRET)(told)

    assert MASK in masked
    assert not any(part in masked for part in ("p4ss", "70347373"))


@pytest.mark.parametrize("name", ["", "u", "us", "use", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_a_text_that_holds_a_secret_does_not_give_it_away(name: str, encode: object) -> None:
    assert callable(encode)
    header = encode(f"{name}{SECRET}!".encode()).decode()

    masked = masking(SECRET)(f"Authorization: Basic {header}")

    kept = masked.removeprefix("Authorization: Basic ").replace(MASK, "")
    assert MASK in masked
    assert len(kept) <= len(base64.b64encode(name.encode())) + 8


def test_each_long_line_of_a_private_key_is_a_secret() -> None:
    key = "-----BEGIN KEY-----\n" + "\n".join(f"{number}MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" for number in range(3)) + "\n"

    masked = masking(key)("line two is 1MIIEvQIBADANBgkqhkiG9w0BAQEFAASC here")

    assert masked == f"line two is {MASK} here"


@pytest.mark.parametrize("secret", ["", " ", "abc", "  a  ", "\n\n\n\n\n"])
def test_what_is_too_short_is_no_secret(secret: str) -> None:
    masker = masking(secret)

    assert masker(f"a b {secret} abc") == f"a b {secret} abc"
    assert masker.longest == 0


def test_the_longer_of_two_secrets_wins() -> None:
    masker = masking("token", "token-of-gold")

    assert masker("token-of-gold, token") == f"{MASK}, {MASK}"


def test_a_secret_is_known_as_long_as_somebody_holds_it() -> None:
    masker = Masker()

    with masker.holding("hunter22"), masker.holding("hunter22"):
        inside = masker("hunter22")
    masker.add("hunter22")
    masker.remove("hunter22")

    assert (inside, masker("hunter22"), masker.longest) == (MASK, "hunter22", 0)


@given(st.text(min_size=SHORTEST, max_size=40).filter(lambda text: len(text.strip()) >= SHORTEST), st.text(), st.text())
def test_any_secret_in_any_text_is_gone(secret: str, before: str, after: str) -> None:
    masked = masking(secret)(before + secret + after)

    assert MASK in masked
    assert secret not in masked.replace(MASK, "\x00") or secret in MASK


@given(st.integers(0, 60), st.integers(1, 60))
def test_a_cut_leaves_no_part_of_a_secret(place: int, most: int) -> None:
    masker = masking("SECRETSECRET")
    text = "." * place + "SECRETSECRET" + "." * 60

    assert "S" not in text_of(text, mask=masker, longest=masker.longest, most=most)
