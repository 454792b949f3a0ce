"""`testing.trace`: a line in a file, with effect `pure`."""

from weft.blocks.testing.appending import AppendingBlock
from weft.sdk import Effect


class Trace(AppendingBlock, id="testing.trace"):
    """Append a line to a file behind the engine's back; the key is empty."""

    effect = Effect.PURE
