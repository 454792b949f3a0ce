"""The closed vocabularies of the Block API: effects, types, categories, units of cost."""

from enum import StrEnum


class Effect(StrEnum):
    """What may happen when a block runs twice; decides how the engine delivers and recovers."""

    PURE = "pure"
    """Same input, same emissions; reads neither clock, network nor chance of its own."""

    IDEMPOTENT = "idempotent"
    """Reads or computes; an abandoned run leaves nothing behind."""

    AT_LEAST_ONCE = "at_least_once"
    """Writes, and the receiver recognises a repetition by the idempotency key."""

    AT_MOST_ONCE = "at_most_once"
    """Writes, and a repetition would do harm: never started again unless it surely did not start."""


class BlockType(StrEnum):
    """What role a block plays in a graph."""

    STANDARD = "standard"
    INPUT = "input"
    OUTPUT = "output"
    WEBHOOK = "webhook"
    AGENT = "agent"
    AI = "ai"


class BlockCategory(StrEnum):
    """Under which headings the editor lists a block."""

    INPUT = "input"
    OUTPUT = "output"
    PROCESSING = "processing"
    AI_ML = "ai_ml"
    DATA = "data"
    INTEGRATION = "integration"
    UTILITY = "utility"
    CUSTOM = "custom"


class BlockCostType(StrEnum):
    """What a cost is counted by."""

    RUN = "run"
    BYTE = "byte"
    SECOND = "second"
    TOKEN = "token"  # noqa: S105  (a unit of text, not a password)
    REQUEST = "request"
