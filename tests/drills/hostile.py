"""The drill of hostile graphs: templates, patterns and addresses that try to get out, through whole runs.

    python -m tests.drills.hostile [--only WORDS]

Runs 36 template payloads, patterns that take for ever on 50 kB, and every forbidden address as graphs, on a real
database. Each run must end within two seconds of its block's time; whatever is refused must fail with a sentence; no
secret may come out, and the forbidden server must see no connection. Ends with "N passed, N failed, …"; exit code 0
if none failed.
"""

# ruff: noqa: T201 - it prints for a person
import argparse
import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from tests.net.cases import cases as forbidden_addresses
from tests.net.servers import World, open_world
from tests.sandbox.payloads import ESCAPES, RESOURCES
from tests.support.postgres import scratch_home
from weft.assembly import Platform, open_platform
from weft.db.embedded.server import start_embedded
from weft.db.migrate import migrate
from weft.executions.types import Execution, ExecutionStatus
from weft.graphs.documents import content_from
from weft.graphs.service import remember_file
from weft.graphs.types import GraphContent
from weft.local.driving import Driver, drive_to_end, driving
from weft.net.client import GuardedClient
from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder
from weft.users.types import LOCAL_OWNER

LONGEST_MS = 2_000.0
CANARY = "canary-in-a-cage"
VARIABLE = "WEFT_DRILL_CANARY"
LONG_TEXT = "a" * 50_000 + "!"
PATTERNS = (
    ("nested_plus", r"(a+)+$"),
    ("nested_star", r"(a*)*$"),
    ("alternatives", r"(a|a)+$"),
    ("nested_plus_and_back", r"(a+)+\1$"),
    ("behind", r"(?<=(a))(a+)+$"),
    ("possessive", r"(?=(a+))(a+)+$"),
)
USER = {"name": "Ada", "tags": ["x"]}


@dataclass(frozen=True)
class Case:
    """A graph, and whether its run must fail; what need not fail must be harmless."""

    name: str
    content: GraphContent
    must_fail: bool
    secret: str = CANARY


def template_cases(catalog: Catalog, canary: Path) -> Iterator[Case]:
    for kind, payloads in (("escape", ESCAPES), ("bomb", RESOURCES)):
        for name, payload in payloads:
            template = payload.replace("CANARY_FILE", str(canary)).replace("CANARY_ENV", VARIABLE)
            g = GraphBuilder(f"{kind} {name}", catalog=catalog)
            fill = g.add("text.fill_template", "Fill", format=template, values={"user": USER})
            g.output("text", fill)
            yield Case(g.name, content_from(g.to_document()), must_fail=False)


def pattern_cases(catalog: Catalog) -> Iterator[Case]:
    for name, pattern in PATTERNS:
        for block in ("text.match", "text.extract"):
            g = GraphBuilder(f"pattern {name} {block}", catalog=catalog)
            found = g.add(block, "Look", text=LONG_TEXT, pattern=pattern)
            g.output("found", found["positive"])
            yield Case(g.name, content_from(g.to_document()), must_fail=False)


def address_cases(catalog: Catalog, world: World) -> Iterator[Case]:
    for case in forbidden_addresses(public=world.public.port, forbidden=world.forbidden.port):
        g = GraphBuilder(f"address {case.name}", catalog=catalog)
        get = g.add("http.get", "Ask", url=case.url)
        g.output("response", get["response"])
        yield Case(g.name, content_from(g.to_document()), must_fail=True)


def judge(case: Case, execution: Execution) -> list[str]:
    """Return what is wrong with how the run ended; empty if nothing is."""
    problems = []
    if not execution.status.is_terminal():
        problems.append(f"it is {execution.status}")
    if case.must_fail and execution.status is not ExecutionStatus.FAILED:
        problems.append(f"it should have failed, it {execution.status}")
    if execution.status is ExecutionStatus.FAILED:
        message = execution.error_message or ""
        if not message or "\n" in message or "Traceback" in message:
            problems.append(f"not one sentence: {message!r}")
    if case.secret in f"{execution.outputs}{execution.error_message}":
        problems.append("the secret came out")
    slowest = max((node.duration_ms / max(node.attempts, 1) for node in execution.nodes), default=0.0)
    if slowest > LONGEST_MS:
        problems.append(f"an attempt took {slowest:.0f} ms")
    return problems


async def run_case(case: Case, platform: Platform, driver: Driver) -> list[str]:
    """Save and run the case's graph; return what is wrong with how it ended."""
    async with platform.database.transaction(LOCAL_OWNER) as tx:
        version = await remember_file(
            tx, LOCAL_OWNER, source="drill", key=case.name, content=case.content, catalog=platform.catalog
        )
        execution_id = await platform.executions.start(tx, LOCAL_OWNER, version=version, inputs={})
    driver.take(execution_id)
    execution = await drive_to_end(driver, execution_id, case.content, asked=asyncio.Event(), wait=False)
    problems = judge(case, execution)
    said = "; ".join(problems) or execution.error_message or str(dict(execution.outputs))
    print(f"{'FAIL' if problems else 'ok  '} {case.name}: {execution.status}: {said[:100]!r}", flush=True)
    return problems


async def drill(url: str, only: str) -> tuple[int, int, int]:
    """Run all cases; return how many passed, how many failed, and the connections of the forbidden server."""
    os.environ[VARIABLE] = CANARY
    catalog = Catalog.load()
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "canary"
        canary.write_text(CANARY)
        async with open_world() as world, open_platform(url, catalog=catalog) as opened:
            guarded: Any = GuardedClient(world.policy, world.resolver)
            async with guarded as client:
                platform = with_client(opened, client)
                cases = [
                    *template_cases(catalog, canary),
                    *pattern_cases(catalog),
                    *address_cases(catalog, world),
                ]
                async with driving(platform, slots=1) as driver:
                    results = [not await run_case(case, platform, driver) for case in cases if only in case.name]
            return sum(results), len(results) - sum(results), world.forbidden.connections


def with_client(platform: Platform, client: GuardedClient) -> Platform:
    """Return the platform with another way to the network: names and addresses of the drill's own servers."""
    fields = {name: getattr(platform, name) for name in Platform.__dataclass_fields__}
    return Platform(**{**fields, "client": client})


async def run(home: Path, only: str) -> int:
    async with await start_embedded(home) as server:
        await migrate(server.url)
        passed, failed, connections = await drill(server.url, only)
    print(f"{passed} passed, {failed} failed, {connections} connections to the forbidden server")
    return 1 if failed or connections else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Hostile graphs through whole runs.")
    parser.add_argument("--only", default="", help="run the cases whose names hold these words")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with scratch_home() as home:
        return asyncio.run(run(home, parser.parse_args().only))


if __name__ == "__main__":
    sys.exit(main())
