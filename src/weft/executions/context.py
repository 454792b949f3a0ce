"""What a firing is lent: HTTP behind the guard, files, the sandbox, a log, a meter, chance with a seed."""

from collections.abc import Awaitable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from weft.errors import InvalidInput, LimitExceeded, WeftError
from weft.executions.firing import Lend, Lending
from weft.executions.identity import identity_of
from weft.executions.lent_base import BaseContext
from weft.executions.lent_files import Files
from weft.executions.lent_http import Http
from weft.executions.lent_log import Log, LogRules
from weft.files.ports import FileStore
from weft.files.service import UserFiles
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox
from weft.sdk import BlockError, Context, Match, RetryLater

T = TypeVar("T")

_FLAGS = frozenset("ims")


class FiringContext(BaseContext):
    """`Context` for one attempt of one firing."""

    def __init__(
        self,
        lending: Lending,
        client: GuardedClient,
        sandbox: Sandbox,
        store: FileStore,
        log_rules: LogRules | None = None,
    ) -> None:
        program = lending.program
        identity = identity_of(lending.state, program, lending.firing, attempt=lending.attempt, key=lending.key)
        super().__init__(program.block, identity)
        claim = lending.state.claim
        self.files = Files(UserFiles(store, claim.user_id, claim.execution_id))
        self._lending = lending
        self._client = client
        self._sandbox = sandbox
        self._log_rules = log_rules or LogRules()

    @property
    def http(self) -> Http:
        """Return the guarded HTTP client."""
        self._refuse_if_pure("the network")
        return self._http

    @cached_property
    def log(self) -> Log:
        """Return the log of this firing."""
        return Log(self._lending, self._log_rules)

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

    @cached_property
    def _http(self) -> Http:
        return Http(self._client, self._lending, self.files)

    def _count_use(self, unit: str, amount: float) -> None:
        usage = self._lending.usage
        usage[unit] = usage.get(unit, 0.0) + amount
        self._lending.state.journal.notes.measure(self._lending.firing.node, f"used_{unit}s", amount, unit)


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
