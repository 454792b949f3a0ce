"""The blocks that this program knows, as the settings say."""

from weft.sdk import Catalog
from weft.settings import Settings


def load_catalog() -> Catalog:
    """Return the blocks of all installed packages; those for tests only where the settings allow them.

    Raises:
        ConfigurationError: A setting is wrong.
    """
    return Catalog.load(testing=Settings.load().engine.testing_blocks)
