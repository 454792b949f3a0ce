"""`flow.note`: words for people who read the graph."""

from typing import Annotated

from pydantic import Field

from weft.sdk import Block, BlockCategory, Multiline, Schema


class Note(Block, id="flow.note", categories=[BlockCategory.UTILITY]):
    """Say something about the graph, beside its nodes; a note never runs."""

    class Input(Schema):
        text: Annotated[str, Multiline(rows=8)] = Field(default="", description="What to say")

    class Output(Schema):
        pass

    runs = False
