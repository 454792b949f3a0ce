"""The engines that are compared, and the environment in which the peers live."""

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements" / "bench.txt"
ENVIRONMENT = ROOT / ".bench"
_PEER_PYTHON = ENVIRONMENT / "bin" / "python"
_MADE_FROM = ENVIRONMENT / "made-from"
_GRACE_S = 10.0
_PATIENCE_S = 1200.0
"""Far more than any measurement or installation takes, even on a slow machine."""


class NotMeasured(Exception):
    """An engine gave no figures; the text says why."""


@dataclass(frozen=True)
class Contestant:
    """One of the engines.

    Attributes:
        module: Run with `-m` in the project's folder; prints what `measure.main` prints.
        is_peer: Lives in the environment of the peers, and is what Weft is compared with.
    """

    name: str
    module: str
    is_peer: bool = False


CONTESTANTS = (
    Contestant("weft", "benchmarks.weft_engine"),
    Contestant("langgraph", "benchmarks.peers.langgraph_peer", is_peer=True),
    Contestant("dbos", "benchmarks.peers.dbos_peer", is_peer=True),
    Contestant("floor", "benchmarks.peers.floor"),
)


async def output_of(*command: str | Path) -> str:
    """Run a program in the project's folder and return what it prints; it is ended when we are.

    Raises:
        NotMeasured: It failed, the text is the last line it wrote; or it did not end.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C reaches us alone, and we end it in order
    )
    try:
        async with _ended(process), asyncio.timeout(_PATIENCE_S):
            out, errors = await process.communicate()
    except TimeoutError:
        raise NotMeasured(f"it had not ended after {_PATIENCE_S:.0f} s") from None
    if process.returncode:
        lines = errors.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise NotMeasured(f"{lines[-1].strip()} (exit {process.returncode})")
    return out.decode()


async def measured(contestant: Contestant, *arguments: str) -> str:
    """Run one engine's measurement; return its JSON line.

    Raises:
        NotMeasured: It failed, or the database did not hold what was run.
    """
    python = str(_PEER_PYTHON) if contestant.is_peer else sys.executable
    return await last_line_of(python, "-m", contestant.module, *arguments)


async def last_line_of(*command: str | Path) -> str:
    """Run a program in the project's folder and return the last line it prints.

    Raises:
        NotMeasured: It failed, did not end, or printed nothing.
    """
    lines = (await output_of(*command)).splitlines()
    if not lines:
        raise NotMeasured("it printed nothing")
    return lines[-1]


def has_environment() -> bool:
    """Return whether the peers are installed as requirements/bench.txt says now."""
    return _MADE_FROM.is_file() and _MADE_FROM.read_text() == _fingerprint()


async def make_environment() -> None:
    """Install the peers at their pinned versions into an environment made anew.

    Raises:
        NotMeasured: They cannot be installed, for want of a network perhaps.
    """
    await output_of(sys.executable, "-m", "venv", "--clear", ENVIRONMENT)
    pip = (_PEER_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    await output_of(*pip, "--no-deps", "--require-hashes", "-r", REQUIREMENTS)
    _MADE_FROM.write_text(_fingerprint())


def _fingerprint() -> str:
    return f"{sys.version} {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}"


@asynccontextmanager
async def _ended(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """See to it that the program and all it started have ended when the block is left, however that happens."""
    try:
        yield
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)  # it leads a session of its own
            try:
                async with asyncio.timeout(_GRACE_S):
                    await process.wait()
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
