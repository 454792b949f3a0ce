"""What processes use: processor time by role, and memory with what they share counted once."""

from collections.abc import Iterable
from pathlib import Path

import psutil

from benchmarks.cases.process import MB


def processor_s(processes: Iterable[psutil.Process]) -> float:
    """Return how long the processes, and the children of theirs that have ended, have computed, in seconds."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def memory_mb(processes: Iterable[psutil.Process]) -> float:
    """Return the memory of the processes in MB: what several share is divided among them where the system tells it."""
    total = 0
    for process in processes:
        try:
            memory = process.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
        except psutil.AccessDenied:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / MB


def with_children(process: psutil.Process) -> list[psutil.Process]:
    """Return a process and all below it that run now; nothing of one that has ended."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def postgres(home: Path) -> psutil.Process:
    """Return the first process of the server in Weft's folder `home`; all others are below it."""
    (file,) = home.glob("pg/**/postmaster.pid")
    return psutil.Process(int(file.read_text().split()[0]))
