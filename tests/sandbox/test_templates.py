"""Templates render plain data, say what is wrong, and reach nothing else."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.payloads import ESCAPES, MORE_RESOURCES, RESOURCES
from weft.sandbox.errors import SandboxTimeout, TemplateError
from weft.sandbox.limits import SandboxLimits
from weft.sandbox.service import Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

HARMLESS = {"[Undefined]", "[(Undefined, [&#39;a&#39;])]", "[(Undefined, ['a'])]"}
"""Filters that look up an attribute per item say so, instead of failing."""
CANARY = "canary-0a1b2c3d4e5f"
USER = {"name": "Ann", "items": 3, "tags": ["x", "y"], "none": None}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Hello {{ user.name|upper }}", "Hello ANN"),
        ("{{ user.items }} {{ user['items'] }} {{ user.keys()|list|length }}", "3 3 4"),
        ("{% for k, v in {'a': 1}.items() %}{{ loop.index }}{{ k }}={{ v }}{% endfor %}", "1a=1"),
        ("{{ user.tags|join(', ') }} {{ user.tags[0] }} {{ user.tags[-1] }} {{ 'abc'[1:] }}", "x, y x y bc"),
        ("{{ missing|default('none') }} {{ user.missing|default('none') }}", "none none"),
        (
            "{% if missing is defined %}a{% else %}b{% endif %}{% if user.missing %}a{% else %}b{% endif %}",
            "bb",
        ),
        (
            "{% set n = namespace(x=1) %}{% for a in [1, 2] %}{% set n.x = n.x + a %}{% endfor %}{{ n.x }}",
            "4",
        ),
        ("{% macro m(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}", "12"),
        ("{{ [{'a': 2}, {'a': 1}]|sort(attribute='a')|map(attribute='a')|join }}", "12"),
        (
            "{% for g in [{'a': 1}, {'a': 1}]|groupby('a') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}",
            "12",
        ),
        ("{{ user|tojson }}", '{"items": 3, "name": "Ann", "none": null, "tags": ["x", "y"]}'),
        ("{{ '%s-%03d'|format('a', 7) }} {{ 'a b'.split() }} {{ '7'.zfill(3) }}", "a-007 ['a', 'b'] 007"),
        ("{{ 2 ** 10 }} {{ 7 % 4 }} {{ 'ab' * 2 }} {{ 7 // 2 }}", "1024 3 abab 3"),
        ("{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}", "aba"),
        ("{% set j = joiner('|') %}{% for a in [1, 2] %}{{ j() }}{{ a }}{% endfor %}", "1|2"),
        ("{{ '<b>' }}{{ range(3)|sum }} {{ 'ä'|urlencode }} 你好\n", "<b>3 %C3%A4 你好\n"),
        ("{{ [3, 1]|pprint }} {{ user.none }} {{ 'a b c'|wordwrap(3) }}", "[3, 1] None a b\nc"),
        ("", ""),
    ],
)
async def test_a_template_is_filled(sandbox: Sandbox, template: str, expected: str) -> None:
    output = await sandbox.render(template, {"user": USER})

    assert output == expected


async def test_html_is_escaped_only_when_asked(sandbox: Sandbox) -> None:
    values = {"x": "<b>&"}

    assert await sandbox.render("{{ x }}", values) == "<b>&"
    assert await sandbox.render("{{ x }}<i>", values, escape_html=True) == "&lt;b&gt;&amp;<i>"


@pytest.mark.parametrize(
    ("template", "line", "name", "message"),
    [
        ("{{ a }}\n{{ usr }}", 2, "usr", "the name 'usr' is unknown (line 2)"),
        ("{{ a }}\n\n{{ user.nam }}", 3, "nam", "an object has no 'nam' (line 3)"),
        ("{% if usr %}{% endif %}", 1, "usr", "the name 'usr' is unknown (line 1)"),
        ("{% for x in usr %}{% endfor %}", 1, "usr", "the name 'usr' is unknown (line 1)"),
        ("a\n{% if %}", 2, None, "Expected an expression, got 'end of statement block' (line 2)"),
        ("{{ 1|nofilter }}", 1, None, "No filter named 'nofilter'. (line 1)"),
        ("{{ 1 / 0 }}", 1, None, "ZeroDivisionError: division by zero (line 1)"),
        ("{{ user.tags.append(1) }}", 1, "append", "a list has no 'append' (line 1)"),
    ],
)
async def test_an_error_names_its_place(
    sandbox: Sandbox, template: str, line: int, name: str | None, message: str
) -> None:
    with pytest.raises(TemplateError) as failed:
        await sandbox.render(template, {"a": 1, "user": USER})

    assert failed.value.message == message
    assert failed.value.details == {"line": line, "name": name}


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", float("nan"), {"a": {1: object()}}])
async def test_only_plain_json_is_taken(sandbox: Sandbox, value: Any) -> None:
    with pytest.raises(TemplateError, match="no plain JSON"):
        await sandbox.render("{{ x }}", {"x": value})


async def test_too_large_templates_values_and_outputs_are_refused() -> None:
    limits = SandboxLimits(workers=1, template_chars=50, output_chars=100, request_bytes=1_000)
    async with await Sandbox.start(limits) as small:
        assert await small.render("{{ x }}", {"x": "a" * 100}) == "a" * 100
        for template, values in (("a" * 51, {}), ("{{ x }}", {"x": "a" * 101}), ("", {"x": "a" * 1_001})):
            with pytest.raises(TemplateError):
                await small.render(template, values)


def fill(template: str, canary_file: Path) -> str:
    return template.replace("CANARY_FILE", str(canary_file)).replace("CANARY_ENV", "WEFT_TEST_CANARY")


async def test_there_are_as_many_payloads_as_promised() -> None:
    assert (len(ESCAPES), len(RESOURCES)) == (30, 6)


@pytest.mark.parametrize("escape_html", [False, True])
@pytest.mark.parametrize("payload", [template for _, template in ESCAPES], ids=[name for name, _ in ESCAPES])
async def test_an_escape_is_refused(sandbox: Sandbox, payload: str, escape_html: bool, tmp_path: Path) -> None:
    canary_file = tmp_path / "canary"
    canary_file.write_text(CANARY)
    refused = ""
    try:
        output = await sandbox.render(fill(payload, canary_file), {"user": USER}, escape_html=escape_html)
    except TemplateError as error:
        output, refused = "", str(error)

    assert refused or output in HARMLESS
    assert CANARY not in refused
    assert "object at 0x" not in refused


@pytest.mark.parametrize(
    "payload",
    [template for _, template in (*RESOURCES, *MORE_RESOURCES)],
    ids=[name for name, _ in (*RESOURCES, *MORE_RESOURCES)],
)
async def test_a_bomb_is_stopped_and_the_next_template_renders(sandbox: Sandbox, payload: str) -> None:
    try:
        output = await sandbox.render(payload, {})
    except (TemplateError, SandboxTimeout):
        output = ""

    assert len(output) <= SandboxLimits().output_chars
    assert await sandbox.render("{{ 1 + 1 }}", {}) == "2"


async def test_one_render_leaves_nothing_for_the_next(sandbox: Sandbox) -> None:
    poison = "{% set range = 1 %}{% set x = namespace(a=1) %}{% macro join() %}{% endmacro %}{{ range }}"

    await sandbox.render(poison, {"secret": CANARY})

    assert await sandbox.render("{{ range(2)|list }}{{ secret is defined }}", {}) == "[0, 1]False"
