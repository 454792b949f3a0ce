"""`Catalog`: the blocks there are, by id."""

import importlib
import pkgutil
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from types import ModuleType

from weft.sdk.block import Block
from weft.sdk.errors import BlockDefinitionError

GROUP = "weft.blocks"
"""The entry point group by which packages offer blocks."""

_TESTING = "testing."
_OWN = "weft"
_LITERAL_ID = re.compile(rb"""["']([a-z][a-z0-9_.-]*)["']""")


@dataclass(frozen=True, slots=True)
class CatalogProblem:
    """A package or module whose blocks are missing, and why."""

    source: str
    message: str


class Catalog:
    """Blocks by id; iteration goes by id. Never changes: `with_blocks` makes another one."""

    def __init__(self, blocks: Iterable[Block | type[Block]] = (), problems: Iterable[CatalogProblem] = ()) -> None:
        """Take the blocks, as instances or classes.

        Raises:
            BlockDefinitionError: Two blocks have the same id or alias.
        """
        self.problems: tuple[CatalogProblem, ...] = tuple(problems)
        """What `load` could not load, in the order found."""
        found: dict[str, Block] = {}
        self._by_name: dict[str, Block] = {}
        for offered in blocks:
            block = offered() if isinstance(offered, type) else offered
            for name in (block.id, *block.aliases):
                if name in self._by_name:
                    raise BlockDefinitionError(_clash(name, block, self._by_name[name]))
                self._by_name[name] = block
            found[block.id] = block
        self._blocks = tuple(found[id] for id in sorted(found))

    @classmethod
    def load(cls, *, testing: bool = False, only: Collection[str] | None = None) -> "Catalog":
        """Return the blocks of all installed packages that offer some.

        Weft's own come first. A package that breaks, or a block whose id is taken, is left out and told in
        `problems`.

        Args:
            testing: Also the blocks `testing.…`, which write to any file they are given.
            only: Ids and aliases that will be asked for; modules whose text names none of them are not imported.
                Where one of them is not found so, all modules are.
        """
        if only is not None:
            wanted = frozenset(only)
            found = cls._load(testing=testing, wanted=wanted)
            if all(name in found for name in wanted):
                return found
        return cls._load(testing=testing, wanted=None)

    @classmethod
    def _load(cls, *, testing: bool, wanted: frozenset[str] | None) -> "Catalog":
        found: dict[str, Block] = {}
        problems: list[CatalogProblem] = []
        offers = sorted(entry_points(group=GROUP), key=lambda offer: (offer.name != _OWN, offer.name))
        for offer in offers:
            if wanted is not None and wanted <= found.keys():
                break
            for kind in _load_blocks(offer, problems, wanted):
                block = kind()
                names = (block.id, *block.aliases)
                if block.id.startswith(_TESTING) and not testing:
                    continue
                taken = next((name for name in names if name in found), None)
                if taken is not None:
                    problems.append(CatalogProblem(offer.name, _clash(taken, block, found[taken])))
                    continue
                found |= dict.fromkeys(names, block)
        return cls(dict.fromkeys(found.values()), problems)

    def get(self, id: str) -> Block | None:
        """Return the block with this id or alias, or None."""
        return self._by_name.get(id)

    def get_block(self, block_id: str) -> Block | None:
        """Return the block with this id or alias, or None; the name that plug-ins of the platform know."""
        return self._by_name.get(block_id)

    def with_blocks(self, *extra: Block | type[Block]) -> "Catalog":
        """Return a catalog that holds these blocks too.

        Raises:
            BlockDefinitionError: An id is taken.
        """
        return Catalog([*self._blocks, *extra], self.problems)

    def __iter__(self) -> Iterator[Block]:
        return iter(self._blocks)

    def __len__(self) -> int:
        return len(self._blocks)

    def __contains__(self, id: object) -> bool:
        return id in self._by_name


def _clash(name: str, block: Block, other: Block) -> str:
    first, second = type(other), type(block)
    return (
        f"block id {name!r} is claimed by {first.__module__}.{first.__qualname__} "
        f"and {second.__module__}.{second.__qualname__}"
    )


def _load_blocks(offer: EntryPoint, problems: list[CatalogProblem], wanted: frozenset[str] | None) -> list[type[Block]]:
    top = _import(offer.module, offer.name, problems)
    if top is None:
        return []
    inner = pkgutil.walk_packages(getattr(top, "__path__", []), f"{top.__name__}.", onerror=lambda _: None)
    names = sorted(info.name for info in inner if wanted is None or _names_any(info.name, wanted))
    modules = [top, *(_import(name, offer.name, problems) for name in names)]
    return [kind for module in modules if module is not None for kind in blocks_of(module)]


def _names_any(module: str, wanted: frozenset[str]) -> bool:
    """Whether the module's text holds one of the ids as a literal; True where it has no text to read."""
    spec = find_spec(module)
    if spec is None or not isinstance(spec.loader, SourceFileLoader):
        return True
    try:
        text = spec.loader.get_data(spec.loader.path)
    except OSError:
        return True
    return not wanted.isdisjoint(name.decode() for name in _LITERAL_ID.findall(text))


def _import(name: str, source: str, problems: list[CatalogProblem]) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001  (a stranger's module may raise anything; the others must load)
        problems.append(CatalogProblem(source, f"cannot import {name}: {type(error).__name__}: {error}"))
        return None


def blocks_of(module: ModuleType) -> list[type[Block]]:
    """Return the blocks that `module` itself defines, in the order of its text."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Block)
        and not value.abstract
        and value.__module__ == module.__name__
    ]
