"""Nothing that a stranger writes in Markdown becomes a script or foreign markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.blocks.emitting import only
from weft.blocks.codec.markdown_to_html import MarkdownToHtml

TAG = re.compile(
    r"</?(?:p|h[1-6]|em|strong|s|ul|ol(?: start=\"\d+\")?|li|blockquote|pre|hr|br|table|thead|tbody|tr"
    r"|code(?: class=\"[^\"<>]*\")?|t[hd](?: style=\"text-align:(?:left|right|center)\")?"
    r"|a(?: href=\"(?!\s*(?:javascript|vbscript|data|file):)[^\"<>]*\")?(?: title=\"[^\"<>]*\")?"
    r"|img src=\"(?!\s*(?:javascript|vbscript|file):)[^\"<>]*\" alt=\"[^\"<>]*\"(?: title=\"[^\"<>]*\")?)(?: /)?>",
    re.IGNORECASE,
)


async def to_html(text: str) -> str:
    return str(await only(MarkdownToHtml(), text=text))


def assert_harmless(html: str) -> None:
    assert not set(TAG.sub("", html)) & set("<>")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt&colon;alert(1))",
        "[a](<java\tscript:alert(1)>)",
        "![a](data:text/html;base64,PHNjcmlwdD4=)",
        "<javascript:alert(1)>",
        '[a](/x "\\" onclick=alert(1)")',
        "[a]: javascript:alert(1)\n\n[a]",
        '```"onclick=alert(1)\nx\n```',
        "a\n\n<!-- b -->\n\n&lt;script&gt;",
    ],
)
async def test_markup_of_strangers_does_no_harm(text: str) -> None:
    assert_harmless(await to_html(text))


@given(
    st.lists(st.sampled_from([*"<>\"'`*_[]()!#|~:/&;=- \n\\", "a", "script", "javascript:", "http://", "on"])).map(
        "".join
    )
)
async def test_whatever_is_written_gives_known_tags_only(text: str) -> None:
    assert_harmless(await to_html(text))
