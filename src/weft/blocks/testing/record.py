"""`testing.record`: a line in a file, with effect `idempotent`."""

from weft.blocks.testing.appending import AppendingBlock
from weft.sdk import Effect


class Record(AppendingBlock, id="testing.record"):
    """Append a line to a file each time the firing runs, as if that were no effect."""

    effect = Effect.IDEMPOTENT
