"""`text.extract_code`: the code in an answer."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from weft.blocks.text.bounds import LongText, check_count, compute
from weft.blocks.text.fences import Fenced, take_apart
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema

_LANGUAGES = {
    "": "text",
    "c++": "cpp",
    "c#": "csharp",
    "cs": "csharp",
    "htm": "html",
    "js": "javascript",
    "jsonc": "json",
    "md": "markdown",
    "postgresql": "sql",
    "py": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "shell": "bash",
    "ts": "typescript",
    "yml": "yaml",
    "zsh": "bash",
}


class CodeBlock(BaseModel):
    """A block of code and its language, in lower case; `text` if it names none."""

    model_config = ConfigDict(frozen=True)

    language: str
    code: str


class ExtractCode(Block, id="text.extract_code", categories=[BlockCategory.PROCESSING]):
    """Take the blocks of code out of a text in Markdown, e.g. out of the answer of a language model.

    Blocks stand between lines of three or more backticks or tildes. Short names become the usual ones: `py` becomes
    `python`, `js` `javascript`, `c++` `cpp`, `sh` `bash`, `yml` `yaml`.
    """

    class Input(Schema):
        text: LongText = Field(description="A text in Markdown")

    class Output(Schema):
        code: dict[str, str] = Field(
            description="The code by language, e.g. code.python; several blocks of one language with an empty line "
            "between them"
        )
        blocks: list[CodeBlock] = Field(description="Each block with its language, in order")
        remaining_text: str = Field(description="The text without the blocks")

    examples: ClassVar = [
        Example(
            Input(text="Run this:\n```py\nprint(1)\n```\nor:\n~~~ JS title=x\nlog(1);\n~~~\n"),
            emits=[
                ("code", {"python": "print(1)\n", "javascript": "log(1);\n"}),
                (
                    "blocks",
                    [{"language": "python", "code": "print(1)\n"}, {"language": "javascript", "code": "log(1);\n"}],
                ),
                ("remaining_text", "Run this:\nor:"),
            ],
        ),
        Example(
            Input(text="1. first\n   ```sql\n   SELECT 1;\n     -- so\n   ```\n2. then\n   ````SQL\n   ```\n"),
            emits=[
                ("code", {"sql": "SELECT 1;\n  -- so\n\n```\n"}),
                (
                    "blocks",
                    [{"language": "sql", "code": "SELECT 1;\n  -- so\n"}, {"language": "sql", "code": "```\n"}],
                ),
                ("remaining_text", "1. first\n2. then"),
            ],
            title="in a list; longer fences hold shorter ones; the last one is never closed",
        ),
        Example(
            Input(text="```\na < b\n```"),
            emits=[
                ("code", {"text": "a < b\n"}),
                ("blocks", [{"language": "text", "code": "a < b\n"}]),
                ("remaining_text", ""),
            ],
        ),
        Example(
            Input(text="say ```hi``` inline"),
            emits=[("code", {}), ("blocks", []), ("remaining_text", "say ```hi``` inline")],
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        fenced, rest = await compute(len(input.text), take_apart, input.text)
        check_count(len(fenced), "blocks of code")
        blocks = [CodeBlock(language=_language(block), code=block.code) for block in fenced]
        by_language: dict[str, list[str]] = {}
        for block in blocks:
            by_language.setdefault(block.language, []).append(block.code)
        yield "code", {language: "\n".join(parts) for language, parts in by_language.items()}
        yield "blocks", blocks
        yield "remaining_text", rest.strip()


def _language(block: Fenced) -> str:
    return _LANGUAGES.get(block.language, block.language)
