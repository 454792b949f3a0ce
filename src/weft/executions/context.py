"""What a firing is lent: HTTP behind the guard, files, the sandbox, a log, a meter, chance with a seed."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from weft.errors import InvalidInput, LimitExceeded, WeftError
from weft.executions.firing import Lend, Lending
from weft.executions.lent_files import Files
from weft.executions.lent_http import Http
from weft.executions.lent_log import Log, LogRules
from weft.files.ports import FileStore
from weft.files.service import UserFiles
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox
from weft.sdk import BlockError, Context, Effect, ImpureUse, Match, RetryLater, UserContext

T = TypeVar("T")

_FLAGS = frozenset("ims")


class Identity:
    """Which firing of which node this is, and its key."""

    def __init__(self, lending: Lending) -> None:
        self._lending = lending

    @property
    def idempotency_key(self) -> str:
        """Return the key of this firing's effect; empty in pure blocks."""
        return self._lending.key

    @property
    def execution_id(self) -> UUID:
        """Return the execution's id."""
        return self._lending.state.claim.execution_id

    @property
    def graph_id(self) -> UUID:
        """Return the graph's id."""
        return self._lending.state.claim.graph_id

    @property
    def node_id(self) -> str:
        """Return the node's id in the graph."""
        return self._lending.program.node.id

    @property
    def node_label(self) -> str:
        """Return the node's label in the graph."""
        return self._lending.program.node.label

    @property
    def index(self) -> int:
        """Return which firing of the node this is, from 0."""
        return self._lending.firing.index

    @property
    def attempt(self) -> int:
        """Return which attempt this is, from 1."""
        return self._lending.attempt


class FiringContext(Identity):
    """`Context` for one attempt of one firing."""

    def __init__(
        self,
        lending: Lending,
        client: GuardedClient,
        sandbox: Sandbox,
        store: FileStore,
        log_rules: LogRules | None = None,
    ) -> None:
        super().__init__(lending)
        self._log_rules = log_rules or LogRules()
        self._client = client
        self._sandbox = sandbox
        claim = lending.state.claim
        self._files = Files(UserFiles(store, claim.user_id, claim.execution_id))
        self._http: Http | None = None
        self._random: Random | None = None
        self._log: Log | None = None

    def _refuse_if_pure(self, what: str) -> None:
        if self._lending.program.effect is Effect.PURE:
            raise ImpureUse(self._lending.program.block.id, what)

    @property
    def http(self) -> Http:
        """Return the guarded HTTP client."""
        self._refuse_if_pure("the network")
        if self._http is None:
            self._http = Http(self._client, self._lending, self._files)
        return self._http

    @property
    def files(self) -> Files:
        """Return the files of the user."""
        return self._files

    @property
    def log(self) -> Log:
        """Return the log of this firing."""
        if self._log is None:
            self._log = Log(self._lending, self._log_rules)
        return self._log

    @property
    def random(self) -> Random:
        """Return a generator seeded by execution, node and index: the same in every run of this firing."""
        if self._random is None:
            self._random = Random(f"{self.execution_id}:{self.node_id}:{self.index}")
        return self._random

    @property
    def user(self) -> UserContext:
        """Return for whom the graph runs."""
        context = self._lending.state.context
        return UserContext(
            id=self._lending.state.claim.user_id,
            timezone=context.get("timezone", "UTC"),
            locale=context.get("locale", "en-US"),
            preferences=context.get("preferences", {}),
        )

    def now(self) -> datetime:
        """Return the present, aware, UTC."""
        self._refuse_if_pure("the clock")
        return datetime.now(UTC)

    def meter(self, unit: str, amount: float) -> None:
        """Add use that the block's price counts."""
        if amount < 0:
            raise BlockError("use cannot be negative", "NEGATIVE_USE")
        usage = self._lending.usage
        usage[unit] = usage.get(unit, 0.0) + amount
        self._lending.state.journal.notes.measure(self._lending.firing.node, f"used_{unit}s", amount, unit)

    async def sleep(self, seconds: float) -> None:
        """Pause inside the firing."""
        await asyncio.sleep(seconds)

    async def render(self, template: str, values: Mapping[str, Any], escape_html: bool = False) -> str:
        """Return the template filled with `values`."""
        return await _told(self._sandbox.render(template, values, escape_html=escape_html))

    async def match(self, pattern: str, text: str, *, flags: str = "", limit: int | None = None) -> Sequence[Match]:
        """Return where `pattern` matches in `text`."""
        unknown = set(flags) - _FLAGS
        if unknown:
            raise BlockError(
                f"unknown flags {''.join(sorted(unknown))!r} for a pattern; i, m and s are known", "BAD_FLAGS"
            )
        found = await _told(
            self._sandbox.search(
                pattern,
                text,
                case_sensitive="i" not in flags,
                multiline="m" in flags,
                dot_all="s" in flags,
                find_all=True,
                limit=limit,
            )
        )
        return [Match(one.value or "", one.start, one.end, one.groups, one.named) for one in found]

    async def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """Return the value of an expression over `variables`."""
        return await _told(self._sandbox.evaluate(expression, variables))


async def _told(work: Awaitable[T]) -> T:
    """Await the sandbox; what it refuses is the block's error, in the sandbox's words."""
    try:
        return await work
    except (InvalidInput, LimitExceeded) as error:
        raise BlockError(error.message, error.error_code) from error
    except WeftError as error:
        raise RetryLater(error.message) from error


def lender(client: GuardedClient, sandbox: Sandbox, store: FileStore, log_rules: LogRules | None = None) -> Lend:
    """Return what makes the context of each firing."""

    def lend(lending: Lending) -> Context:
        return FiringContext(lending, client, sandbox, store, log_rules)

    return lend
