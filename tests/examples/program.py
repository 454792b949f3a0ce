"""The program as a user runs it: in a process of its own, with nothing but what it is told."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Finished:
    """What a run of the program left."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Program:
    """`weft` with a database of its own; `folder` is where it runs."""

    url: str
    home: Path
    folder: Path = ROOT

    async def __call__(self, *args: str, folder: Path | None = None) -> Finished:
        """Run `weft` with these arguments to its end."""
        return await self.run("weft", *args, folder=folder)

    async def run(self, name: str, *args: str, folder: Path | None = None) -> Finished:
        """Run one of the programs that are installed beside Python, with the same database."""
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name(name)),
            *args,
            cwd=folder or self.folder,
            env=self._environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        stdout, stderr = await process.communicate()
        return Finished(process.returncode or 0, stdout.decode(), stderr.decode())

    def _environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEFT_")}
        return kept | {"WEFT_DATABASE_URL": self.url, "WEFT_HOME": str(self.home), "COLUMNS": "100", "TERM": "dumb"}
