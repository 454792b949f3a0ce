"""The walls around a worker hold even for code that runs inside it, and workers come and go in order."""

import ast
import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from weft.sandbox.errors import SandboxTimeout, SandboxUnavailable, TemplateError
from weft.sandbox.limits import SandboxLimits
from weft.sandbox.process import Worker, _import_paths
from weft.sandbox.service import Sandbox

INTRUDER = """
import sys; sys.path[:0] = sys.argv[4:]
import ctypes, os, socket, subprocess
libc = ctypes.CDLL(None, use_errno=True)
names = ("open", "socket", "fork", "execve", "kill", "ptrace", "mkdir")
native = {name: getattr(libc, name) for name in names}
from weft.sandbox.child.walls import _make_audit_hook, raise_walls
who = sys.argv.pop(1)
if who == "user":
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
if who == "hook":
    walls = {"system_calls": False}
    sys.addaudithook(_make_audit_hook())
else:
    walls = raise_walls(256 * 1024 * 1024, int(sys.argv[2]))
tried = {
    "read": lambda: open(sys.argv[1]).read(),
    "write": lambda: open("/tmp/never", "w"),
    "list": lambda: os.listdir("/"),
    "connect": lambda: socket.create_connection(("127.0.0.1", 9), 1),
    "start": lambda: subprocess.run(["/bin/true"]),
    "system": lambda: os.system("true"),
    "fork": lambda: os.fork(),
    "import": lambda: __import__("sqlite3"),
    "ctypes": lambda: ctypes.CDLL("libc.so.6"),
    "memory": lambda: bytearray(10**9),
    "native_open": lambda: check(native["open"](sys.argv[1].encode(), 0)),
    "native_socket": lambda: check(native["socket"](2, 1, 0)),
    "native_fork": lambda: check(native["fork"]()),
    "native_execve": lambda: check(native["execve"](b"/bin/true", None, None)),
    "native_kill": lambda: check(native["kill"](int(sys.argv[2]), 0)),
    "native_ptrace": lambda: check(native["ptrace"](16, int(sys.argv[2]), 0, 0)),
    "native_mkdir": lambda: check(native["mkdir"](b"/tmp/never", 0o777)),
}
def check(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), "refused")
done = []
for name, attempt in tried.items():
    if who == "hook" and name.startswith("native"):
        continue
    try:
        attempt()
        done.append(name)
    except (OSError, MemoryError, ImportError):
        pass
sys.stdout.write(repr((done, sorted(name for name, stands in walls.items() if not stands))))
sys.stdout.flush()
os._exit(0)
"""


@pytest.mark.parametrize("who", ["service", "user", "hook"])
def test_an_intruder_inside_a_worker_can_do_nothing(who: str, tmp_path: Path) -> None:
    if who == "user" and os.geteuid() != 0:
        pytest.skip("is an ordinary user already")
    canary = tmp_path / "canary"
    canary.write_text("canary")
    arguments = [who, str(canary), str(os.getpid()), *_import_paths()]

    command = [sys.executable, "-I", "-S", "-B", "-c", INTRUDER, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, env={}, check=True)

    done, missing_walls = ast.literal_eval(ended.stdout)
    if "system_calls" not in missing_walls:
        assert done == []
    else:
        assert not {"read", "write", "list", "connect", "start", "system", "fork", "import", "ctypes"} & set(done)


async def test_the_environment_of_a_worker_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEFT_TEST_CANARY", "canary")
    worker = await Worker.start(SandboxLimits())

    try:
        assert _environment(worker.pid) == {}
    finally:
        await worker.stop()


async def test_a_worker_is_replaced_after_its_share_of_requests() -> None:
    async with await Sandbox.start(SandboxLimits(workers=1, requests_per_worker=2)) as sandbox:
        seen = []
        for _ in range(4):
            seen.append(await workers_after_render(sandbox))

    assert [len(workers) for workers in seen] == [1, 0, 1, 0]
    assert seen[0] != seen[2]


async def workers_after_render(sandbox: Sandbox) -> frozenset[int]:
    await sandbox.render("x", {})
    return workers_of_this_process()


def workers_of_this_process() -> frozenset[int]:
    living = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return frozenset(child.pid for child in living if "weft.sandbox.child" in " ".join(child.cmdline()))


async def test_no_process_runs_before_it_is_needed_or_after_the_end() -> None:
    sandbox = await Sandbox.start()
    before = workers_of_this_process()
    await sandbox.render("x", {})
    during = workers_of_this_process()
    await sandbox.close()

    assert (len(before), len(during), len(workers_of_this_process())) == (0, 1, 0)
    with pytest.raises(SandboxUnavailable):
        await sandbox.render("x", {})


async def test_a_worker_killed_from_outside_is_replaced() -> None:
    async with await Sandbox.start(SandboxLimits(workers=1)) as sandbox:
        for pid in await workers_after_render(sandbox):
            os.kill(pid, signal.SIGKILL)

        assert await sandbox.render("{{ 1 }}", {}) == "1"


async def test_many_requests_share_few_workers() -> None:
    async with await Sandbox.start(SandboxLimits(workers=2)) as sandbox:
        outputs = await asyncio.gather(*(sandbox.render("{{ n }}", {"n": n}) for n in range(50)))

        assert outputs == [str(n) for n in range(50)]
        assert len(workers_of_this_process()) <= 2


async def test_too_many_waiting_requests_are_refused() -> None:
    async with await Sandbox.start(SandboxLimits(workers=1, max_waiting=3)) as sandbox:
        results = await asyncio.gather(*(sandbox.render("x", {}) for _ in range(10)), return_exceptions=True)

    refused = [result for result in results if isinstance(result, SandboxUnavailable)]
    assert results.count("x") + len(refused) == 10
    assert refused


async def test_a_cancelled_request_takes_its_worker_with_it_and_no_other() -> None:
    spin = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    async with await Sandbox.start(SandboxLimits(workers=1)) as sandbox:
        await sandbox.render("x", {})
        spinning = asyncio.create_task(sandbox.render(spin, {}))
        await asyncio.sleep(0)
        spinning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await spinning

        assert await sandbox.render("{{ 2 }}", {}) == "2"


async def test_the_wall_clock_ends_what_the_processor_clock_does_not() -> None:
    spin = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    async with await Sandbox.start(SandboxLimits(workers=1, cpu_s=60, wall_s=0.2)) as sandbox:
        with pytest.raises(SandboxTimeout):
            await sandbox.render(spin, {})


async def test_memory_is_bounded() -> None:
    limits = SandboxLimits(workers=1, memory_bytes=96 * 1024 * 1024)
    async with await Sandbox.start(limits) as sandbox:
        assert await sandbox.render("{{ 'a'.ljust(10**6)|length }}", {}) == "1000000"
        with pytest.raises(TemplateError, match="memory"):
            await sandbox.render("{{ 'a'.ljust(10**8)|length }}", {})


@pytest.mark.slow
def test_a_worker_dies_with_its_parent() -> None:
    program = (
        "import asyncio, os, psutil\n"
        "from weft.sandbox.service import Sandbox\n"
        "async def main():\n"
        "    sandbox = await Sandbox.start()\n"
        "    await sandbox.render('x', {})\n"
        "    print(psutil.Process().children()[0].pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    worker = int(ended.stdout)

    try:
        psutil.Process(worker).wait(timeout=5)
    except psutil.NoSuchProcess:
        return
    assert not psutil.pid_exists(worker)


def _environment(pid: int) -> dict[str, str]:
    """Return what a process was started with; where the kernel lets only root look into one that is not dumpable, skip."""
    try:
        return psutil.Process(pid).environ()
    except psutil.AccessDenied:
        pytest.skip("only root may look into a worker")
