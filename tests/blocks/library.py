"""All blocks of the library, those for tests too."""

import importlib
import pkgutil

import weft.blocks
from weft.sdk import Block
from weft.sdk.catalog import blocks_of


def all_blocks() -> list[Block]:
    names = sorted(module.name for module in pkgutil.walk_packages(weft.blocks.__path__, "weft.blocks."))
    kinds = [kind for name in names for kind in blocks_of(importlib.import_module(name))]
    return sorted((kind() for kind in kinds), key=lambda block: block.id)


BLOCKS = all_blocks()
