"""Rounds in which PostgreSQL is killed under a program that runs, and the program goes on by itself."""

import random
from pathlib import Path

import psutil

from tests.drills.crash_rounds import COMPLETED, Counts, Look, check, start_run, until_moment
from tests.drills.crash_scene import Scene, read_lines


async def postgres_round(scene: Scene, chance: random.Random, name: str) -> tuple[Counts, str]:
    """Kill -9 the postmaster and all backends once, in the middle of one run."""
    run, process = await start_run(scene, scene.home / f"{name}.txt")
    share = await until_moment(scene, chance, [run], process)
    killed = kill_postgres(scene.home)
    await scene.reconnect()
    run.looks.append(Look(await scene.committed(run.id), {}))
    answer = await process.end()
    item = answer.json()
    assert answer.code == COMPLETED, f"weft run exits with {answer.code}: {item['status']} {item['error']}"
    lines = read_lines(run.lines)
    seen = run.looks[0].committed
    run.looks[0] = Look(seen, {place: lines[place][:1] for place in seen if place in lines})
    return check(run, scene.references["big"], item), f"at {share:.0%}, {killed} processes"


def kill_postgres(home: Path) -> int:
    """Kill -9 the postmaster of a home and everything below it at once; return how many that were."""
    pid = int((home / "pg" / "data" / "postmaster.pid").read_text().split()[0])
    postmaster = psutil.Process(pid)
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        process.kill()
    return len(family)
