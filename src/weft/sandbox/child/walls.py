"""Lock the worker process in. Each wall stands alone; together they leave it two pipes and its own memory."""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Callable
from typing import Any

_CLONE_NEWUTS, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x04000000, 0x08000000, 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_NOBODY = 65534

# Audit events that rendering and matching raise; every other event (open, socket, exec, import of a new
# module …) is refused once the walls stand. https://docs.python.org/3/library/audit_events.html
_ALLOWED_EVENTS = frozenset(
    {"compile", "exec", "code.__new__", "object.__getattr__", "object.__setattr__", "sys._getframe"}
    | {"builtins.id", "marshal.dumps", "marshal.loads", "sys.unraisablehook", "sys.excepthook"}
)

# System calls of an interpreter that computes, reads and writes pipes. Everything else answers EPERM.
# read write close fstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn sched_yield
# mremap madvise setitimer getpid exit gettimeofday getrusage sigaltstack gettid futex restart_syscall
# clock_gettime clock_getres exit_group tgkill getrandom rseq
_SYSTEM_CALLS: dict[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E,
        (
            *(0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 28, 38, 39, 60, 96, 98),
            131,
            186,
            202,
            219,
            228,
            229,
            231,
            234,
            318,
            334,
        ),
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 124, 216, 233, 103, 172, 93, 169, 165),
            132,
            178,
            98,
            128,
            113,
            114,
            94,
            131,
            278,
            293,
        ),
    ),
}


def raise_walls(memory_bytes: int, parent: int) -> dict[str, bool]:
    """Lock this process in, for good, and say which walls stand.

    The process loses: other users' rights, network, new processes, writing files, opening files, most
    system calls. It dies with its parent. Where the kernel does not allow a wall its entry is False; the
    audit hook always stands.

    Args:
        memory_bytes: Address space, shared libraries included.
        parent: Process id of the parent; the process ends if that one is gone already.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    walls = {"network": _leave_network(libc), "user": os.geteuid() != 0 or _become_nobody()}
    _limit_resources(memory_bytes)
    # After the change of user, which clears it.
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    walls["privileges"] = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    walls["system_calls"] = _filter_system_calls(libc)
    sys.addaudithook(_make_audit_hook())
    return walls


def _leave_network(libc: ctypes.CDLL) -> bool:
    flags = _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS
    if libc.unshare(ctypes.c_int(flags)) == 0:
        return True
    return bool(libc.unshare(ctypes.c_int(flags | _CLONE_NEWUSER)) == 0)


def _become_nobody() -> bool:
    try:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    except OSError:
        return False
    return True


def _limit_resources(memory_bytes: int) -> None:
    for name, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(name, (value, value))


def _filter_system_calls(libc: ctypes.CDLL) -> bool:
    """Install a seccomp filter: the listed calls pass, others fail with EPERM."""
    known = _SYSTEM_CALLS.get(platform.machine())
    if known is None:
        return False
    architecture, calls = known
    load, jump_if_equal, answer = 0x20, 0x15, 0x06
    allow, refuse, kill = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
    program = [(load, 0, 0, 4), (jump_if_equal, 1, 0, architecture), (answer, 0, 0, kill), (load, 0, 0, 0)]
    program += [(jump_if_equal, len(calls) - at, 0, call) for at, call in enumerate(calls)]
    program += [(answer, 0, 0, refuse), (answer, 0, 0, allow)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    # struct sock_fprog: a length, padding, a pointer.
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _make_audit_hook() -> Callable[[str, tuple[Any, ...]], None]:
    allowed = _ALLOWED_EVENTS

    def refuse(event: str, _arguments: tuple[Any, ...]) -> None:
        if event not in allowed:
            raise PermissionError(f"{event} is not allowed here")

    return refuse
