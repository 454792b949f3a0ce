"""Secrets in the values of nodes: what is never shown in lists and differences, and never copied for others.

A secret is known by its pin, which its block or the node itself marks, by the name it stands under, or by how
it looks. What is in doubt counts as one: a value too many has to be typed again, a secret too few is told.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from weft.graphs.json_text import Steps, format_steps
from weft.graphs.types import GraphContent, Node
from weft.sdk.catalog import Catalog
from weft.sdk.schema import Secret
from weft.sdk.spec import BlockSpec

REMOVED = "[removed]"
"""Stands in a text where a secret stood."""

_MASKED, _VALUE = "masked", "value"
_NAMES = re.compile(
    r"credential|api_?key|access_?key|client_?key|private_?key|passw|passphrase|passcode|secret|authori[sz]ation"
    r"|cookie|bearer|session_?id|token"
)
_WORD_BREAKS = re.compile(r"[\s.-]+")
_NUMBER = re.compile(r"\s*[+-]?\d+(\.\d*)?\s*")
# Each begins where no word character stands before it, and gives nothing back: no text is looked through twice.
_KEYS = re.compile(
    r"(?<![\w-])(?:sk-(?=[\w-]{0,60}\d)[\w-]{16,}+|[sr]k_(?:live|test)_\w{10,}+|whsec_\w{10,}+|gh[pousr]_\w{20,}+"
    r"|github_pat_\w{20,}+|glpat-[\w-]{16,}+|xox[abeprs]-[\w-]{10,}+|hf_\w{20,}+|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}+"
    r"|ey[\w-]{10,}+\.ey[\w-]{4,}+\.[\w-]*+|(?:Bearer|Basic)\s{1,9}(?=[\w.~+/-]{0,60}\d)[\w.~+/-]{16,}+=*+)"
    r"|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^/\s:@]{1,200}+:[^/\s@]{1,200}+(?=@)"
    r"|(?<=[?&])(?:api_?key|token|access_token|secret|password)=[^&\s#\"']++",
    re.DOTALL,
)


def secret_pins(node: Node, spec: BlockSpec | None) -> frozenset[str]:
    """Return the pins of a node whose values are secrets, whatever these are."""
    marked = (
        ()
        if spec is None
        else (pin.name for pin in spec.inputs.values() if any(isinstance(mark, Secret) for mark in pin.field.metadata))
    )
    return frozenset([*marked, _VALUE] if node.input_default.get(_MASKED) is True else marked)


def without_secrets(values: Mapping[str, Any], pins: Iterable[str] = ()) -> tuple[dict[str, Any], list[Steps]]:
    """Return a copy of a node's values without secrets, and the places where these stood.

    Keys are left out with their values; items of lists stay, so that places in both are the same. Of a text
    only the secret part is replaced.

    Args:
        values: Plain JSON; not changed.
        pins: Keys at the top whose values are secrets.
    """
    found: list[Steps] = []
    hidden = frozenset(pins)
    kept = {key: value for key, value in values.items() if key not in hidden or _is_empty(value)}
    found += [(key,) for key in values if key not in kept]
    return _clean_object(kept, (), found), found


def strip_secrets(content: GraphContent, catalog: Catalog) -> tuple[GraphContent, list[str]]:
    """Return a graph without the secrets of its nodes, and a place in the document for each that was left out."""
    nodes, places = [], []
    for at, node in enumerate(content.nodes):
        block = catalog.get(node.block_id)
        pins = secret_pins(node, None if block is None else block.spec)
        parts = {"input_default": without_secrets(node.input_default, pins), "metadata": without_secrets(node.metadata)}
        for part, (_, found) in parts.items():
            places += [format_steps(("nodes", at, part, *steps)) for steps in found]
        changed = {part: cleaned for part, (cleaned, found) in parts.items() if found}
        nodes.append(node.model_copy(update=changed) if changed else node)
    return content.model_copy(update={"nodes": tuple(nodes)}), places


def cut_secrets(text: str) -> str:
    """Return a text in which whatever looks like a secret is replaced."""
    return _KEYS.sub(REMOVED, text)


def _clean(value: Any, place: Steps, found: list[Steps]) -> Any:
    if isinstance(value, dict):
        return _clean_object(value, place, found)
    if isinstance(value, list):
        return [_clean(item, (*place, at), found) for at, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    cleaned = cut_secrets(value)
    if cleaned != value:
        found.append(place)
    return cleaned


def _clean_object(value: Mapping[str, Any], place: Steps, found: list[Steps]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for key, item in value.items():
        if _is_empty(item) or not names_secret(key, item):
            cleaned[key] = _clean(item, (*place, key), found)
        else:
            found.append((*place, key))
    return cleaned


def _is_empty(value: Any) -> bool:
    return value is None or isinstance(value, bool) or value in ("", [], {})


def names_secret(key: str, value: Any) -> bool:
    """Whether a value that stands under this name is a secret, however it looks."""
    names = set(_NAMES.findall(_WORD_BREAKS.sub("_", key).lower()))
    if names == {"token"} and (isinstance(value, int | float) or _NUMBER.fullmatch(str(value)[:40])):
        return False  # a number of tokens opens nothing
    return bool(names)
