"""`uuid.create`: a unique id."""

from typing import Annotated, ClassVar, Literal
from uuid import NAMESPACE_DNS, NAMESPACE_OID, NAMESPACE_URL, NAMESPACE_X500, UUID, uuid5

from pydantic import Field

from weft.sdk import Advanced, Block, BlockCategory, BlockError, Choices, Context, Emissions, Example, Schema

_NAMESPACES = {"dns": NAMESPACE_DNS, "url": NAMESPACE_URL, "oid": NAMESPACE_OID, "x500": NAMESPACE_X500}


class CreateUuid(Block, id="uuid.create", name="Create UUID", categories=[BlockCategory.UTILITY]):
    """Make an id by chance (version 4), or the id that belongs to a name (version 5).

    A firing that runs again, after a crash or a failure, makes the same id. Ids by chance can be foretold by who knows
    the ids of the run, so they are no secrets.
    """

    class Input(Schema):
        version: Literal[4, 5] = Field(default=4, description="4: by chance; 5: equal names have equal ids")
        name: str = Field(
            default="", max_length=100_000, description="For version 5: the name, e.g. https://example.org/a"
        )
        namespace: Annotated[str, Choices(*_NAMESPACES), Advanced()] = Field(
            default="url", description="For version 5: what the name is unique in: url, dns, oid, x500, or any UUID"
        )

    class Output(Schema):
        uuid: str = Field(description="The id: 32 hex digits in five groups")

    examples: ClassVar = [
        Example(
            Input(version=5, name="python.org", namespace="dns"),
            emits=[("uuid", "886313e1-3b8a-5372-9b90-0c9aee199e5d")],
        ),
        Example(
            Input(version=5, name="ä", namespace="886313E1-3b8a-5372-9b90-0c9aee199e5d"),
            emits=[("uuid", "7e4797b6-9b31-597a-86db-b8ffe54bdffc")],
        ),
        Example(Input(version=5), raises=BlockError("an id of version 5 needs a name", "NO_NAME")),
        Example(
            Input(version=5, name="a", namespace="uri"),
            raises=BlockError("the namespace 'uri' is neither dns, url, oid or x500 nor a UUID", "NO_NAMESPACE"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        if input.version == 4:
            yield "uuid", str(UUID(int=ctx.random.getrandbits(128), version=4))
        elif not input.name:
            raise BlockError("an id of version 5 needs a name", "NO_NAME")
        else:
            yield "uuid", str(uuid5(_namespace(input.namespace), input.name))


def _namespace(name: str) -> UUID:
    known = _NAMESPACES.get(name.strip().lower())
    try:
        return known or UUID(name.strip())
    except ValueError as error:
        raise BlockError(
            f"the namespace {name[:80]!r} is neither dns, url, oid or x500 nor a UUID", "NO_NAMESPACE"
        ) from error
