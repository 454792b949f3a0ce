"""`markdown.to_html`: Markdown as a web page shows it."""

from typing import Annotated, ClassVar

from markdown_it import MarkdownIt
from pydantic import Field

from weft.blocks.text.bounds import check_length, compute
from weft.sdk import Block, BlockCategory, Emissions, Example, Multiline, Schema


class MarkdownToHtml(Block, id="markdown.to_html", categories=[BlockCategory.PROCESSING]):
    """Turn Markdown into HTML: CommonMark with tables and strikethrough.

    HTML in the text is shown as it is written, and links to scripts stay plain text; so the result of a text by
    strangers or by a language model can be put into a page or a mail.
    """

    class Input(Schema):
        text: Annotated[str, Multiline(rows=10)] = Field(max_length=200_000, description="The Markdown")

    class Output(Schema):
        html: str = Field(description="The HTML that belongs into the body of a page")

    examples: ClassVar = [
        Example(
            Input(text="# Tea\n\nA *cup* of ~~milk~~ [tea](https://example.org)\n"),
            emits=[
                (
                    "html",
                    '<h1>Tea</h1>\n<p>A <em>cup</em> of <s>milk</s> <a href="https://example.org">tea</a></p>\n',
                )
            ],
        ),
        Example(
            Input(text="|a|\n|-|\n|1|\n"),
            emits=[
                (
                    "html",
                    "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>\n",
                )
            ],
        ),
        Example(
            Input(text="<script>x</script> [a](javascript:x)"),
            emits=[("html", "<p>&lt;script&gt;x&lt;/script&gt; [a](javascript:x)</p>\n")],
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        html = await compute(20 * len(input.text), _render, input.text)
        check_length(len(html))
        yield "html", html


def _render(text: str) -> str:
    return str(MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(text))
