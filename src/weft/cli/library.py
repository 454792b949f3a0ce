"""The blocks that this program knows, as the settings say."""

from collections.abc import Collection

from weft.sdk import Catalog
from weft.settings import Settings


def load_catalog(only: Collection[str] | None = None) -> Catalog:
    """Return the blocks of all installed packages; those for tests only where the settings allow them.

    With `only`, at least the blocks of these ids and aliases, which takes less time.

    Raises:
        ConfigurationError: A setting is wrong.
    """
    return Catalog.load(testing=Settings.load().engine.testing_blocks, only=only)
