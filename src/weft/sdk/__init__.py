"""What block authors import: blocks, schemas, marks, credentials, examples, and what a block may raise.

The graph builder is `weft.sdk.builder`, the file format `weft.sdk.graph_file`.
"""

from weft.sdk.block import Block, Emissions
from weft.sdk.catalog import Catalog, CatalogProblem
from weft.sdk.context import (
    Context,
    Files,
    FiringIdentity,
    Http,
    Log,
    Match,
    Response,
    StreamedResponse,
    UserContext,
)
from weft.sdk.costs import BlockCost, Price
from weft.sdk.credentials import ApiKey, Credential, Needs, OAuth2, UserPassword
from weft.sdk.errors import (
    BlockDefinitionError,
    BlockError,
    Call,
    ControlFlow,
    ExampleFailed,
    ImpureUse,
    NotStarted,
    RetryLater,
    Stop,
    Wait,
)
from weft.sdk.example import Example, Reply
from weft.sdk.file import File
from weft.sdk.kinds import BlockCategory, BlockCostType, BlockType, Effect
from weft.sdk.schema import Advanced, Choices, Collecting, Keyed, Many, Multiline, Placeholder, Schema, Secret
from weft.sdk.spec import BlockSpec, InputPin, OutputPin

__all__ = [
    "Advanced",
    "ApiKey",
    "Block",
    "BlockCategory",
    "BlockCost",
    "BlockCostType",
    "BlockDefinitionError",
    "BlockError",
    "BlockSpec",
    "BlockType",
    "Call",
    "Catalog",
    "CatalogProblem",
    "Choices",
    "Collecting",
    "Context",
    "ControlFlow",
    "Credential",
    "Effect",
    "Emissions",
    "Example",
    "ExampleFailed",
    "File",
    "Files",
    "FiringIdentity",
    "Http",
    "ImpureUse",
    "InputPin",
    "Keyed",
    "Log",
    "Many",
    "Match",
    "Multiline",
    "Needs",
    "NotStarted",
    "OAuth2",
    "OutputPin",
    "Placeholder",
    "Price",
    "Reply",
    "Response",
    "RetryLater",
    "Schema",
    "Secret",
    "Stop",
    "StreamedResponse",
    "UserContext",
    "UserPassword",
    "Wait",
]
