"""The source text of a new block, ready to run."""

import keyword
import re

from weft.errors import InvalidInput

_ID = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)+\Z")

_TEXT = '''\
from pydantic import Field

from weft.sdk import Block, Emissions, Example, Schema


class {name}(Block, id="{id}"):
    """Say in one sentence what {words} does."""

    class Input(Schema):
        text: str = Field(description="What goes in")

    class Output(Schema):
        result: str = Field(description="What comes out")

    examples = [Example(Input(text="hello"), emits=[("result", "hello")])]

    async def run(self, input: Input) -> Emissions:
        yield "result", input.text
'''


def class_name(id: str) -> str:
    """Return the class's name for a block id: "github.close_issue" gives "CloseIssue".

    Raises:
        InvalidInput: The id is not of the form "provider.noun", or gives no name that Python allows.
    """
    if not _ID.match(id):
        raise InvalidInput(f'{id!r} is no id for a new block; write "provider.noun", e.g. "github.close_issue"')
    words = re.split(r"[_-]+", id.rsplit(".", 1)[1])
    name = "".join(word[:1].upper() + word[1:] for word in words)
    if not name.isidentifier() or keyword.iskeyword(name):
        raise InvalidInput(f"{id!r} gives the class name {name!r}, which Python does not allow")
    return name


def new_block(id: str) -> str:
    """Return the source text of a new block with this id; it is complete, and its example passes.

    Raises:
        InvalidInput: The id is not of the form "provider.noun".
    """
    name = class_name(id)
    words = " ".join(re.split(r"[._-]+", id))
    return _TEXT.format(name=name, id=id, words=words)
