"""Secrets that are in use now, and texts without them."""

import base64
import html
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, quote_plus

MASK = "********"
SHORTEST = 4
"""Shorter values are not looked for: masking them would tell more than it hides."""


class Masker:
    """Replaces the secrets it was told of, in any of the forms in which they turn up, by `********`.

    A secret is known from `add` to `remove`, or for the length of a `holding` block; whoever decrypts one says so here.
    Known forms: as it is; its lines, if it has several; in base64, also inside a longer text that was encoded; in
    hexadecimal; in URLs, JSON, HTML and Python's own notation. Changes are safe while other threads mask.
    """

    def __init__(self) -> None:
        self._secrets: Counter[str] = Counter()
        self._forms: tuple[str, ...] = ()
        self.longest = 0
        """Length of the longest text it looks for; 0 while it knows none."""

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def add(self, *secrets: str) -> None:
        """Look for these values from now on; one that is added twice is to be removed twice."""
        self._secrets.update(secrets)
        self._prepare()

    def remove(self, *secrets: str) -> None:
        """Look for these values no longer, unless somebody else added them too."""
        self._secrets.subtract(secrets)
        self._secrets = +self._secrets
        self._prepare()

    @contextmanager
    def holding(self, *secrets: str) -> Iterator[None]:
        """Look for these values for the length of the block."""
        self.add(*secrets)
        try:
            yield
        finally:
            self.remove(*secrets)

    def _prepare(self) -> None:
        forms = {form for secret in self._secrets for form in _forms(secret) if len(form) >= SHORTEST}
        self._forms = tuple(sorted(forms, key=len, reverse=True))  # the longest first, or a part of one would be left
        self.longest = len(self._forms[0]) if self._forms else 0


def _forms(secret: str) -> Iterator[str]:
    """Yield the texts that tell a secret."""
    if len(secret.strip()) < SHORTEST:
        return
    for part in {secret, secret.strip(), *_lines(secret)}:
        data = part.encode(errors="surrogatepass")
        yield part
        yield from (
            json.dumps(part)[1:-1],
            json.dumps(part, ensure_ascii=False)[1:-1],
            repr(part)[1:-1],
            html.escape(part),
        )
        for quoted in (quote(data, safe=""), quote_plus(data), quote(data)):
            yield quoted
            yield _lower_escapes(quoted)
        yield data.hex()
        yield data.hex().upper()
        yield from _in_base64(data)


def _lines(secret: str) -> list[str]:
    """Return the lines of a secret that has several, such as a private key; short ones could be anything."""
    lines = secret.split()
    return [line for line in lines if len(line) >= 4 * SHORTEST] if len(lines) > 1 else []


def _lower_escapes(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def _in_base64(data: bytes) -> Iterator[str]:
    """Yield what of a secret's base64 does not depend on what stands before and after it: it may begin at any of three places."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + data)
        text = whole[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6].decode()
        yield text
        yield text.replace("+", "-").replace("/", "_")
