"""What a figure was measured on."""

import os
import platform
from pathlib import Path

import psutil

Fact = str | int | float


def machine_facts(data: Path) -> dict[str, Fact]:
    """Return processor, memory, system, Python, how busy the machine is already, and the file system under `data`."""
    return {
        "cpu": _processor(),
        "cores": psutil.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(terse=True),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "file_system": _file_system(data),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _file_system(folder: Path) -> str:
    """Return the type of the file system that holds `folder`: the longest mount point above it."""
    above = {str(parent) for parent in (folder, *folder.parents)}
    mounts = [part for part in psutil.disk_partitions(all=True) if part.mountpoint in above]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else "unknown"
