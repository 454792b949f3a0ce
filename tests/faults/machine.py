"""Another machine, as far as the network goes: a network namespace, and one line between it and this machine."""

import os
import random
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

SUBNETS = 256


class NamespaceRefused(Exception):
    """This machine lends no network namespace; the sentence says why. Nothing is left of the attempt."""


@dataclass(frozen=True)
class Machine:
    """A network namespace; nothing but the line leads out of it.

    Attributes:
        name: Of the namespace.
        near: Network device at this machine's end of the line.
        far: The one at the other end.
        number: Of the subnet: its third byte.
    """

    name: str
    near: str
    far: str
    number: int

    @property
    def subnet(self) -> str:
        """The addresses of both ends."""
        return f"10.231.{self.number}.0/24"

    @property
    def address_here(self) -> str:
        """The address by which that machine reaches this one."""
        return f"10.231.{self.number}.1"

    @property
    def command(self) -> list[str]:
        """What runs the program named after it there; it becomes that program, with the same process id."""
        return ["ip", "netns", "exec", self.name]

    def cut(self) -> None:
        """Take the line away: what is sent is lost, and no connection is told."""
        _ip("-n", self.name, "link", "set", self.far, "down")

    def mend(self) -> None:
        """Bring the line back."""
        _ip("-n", self.name, "link", "set", self.far, "up")

    def make(self) -> None:
        """Make the namespace and the line.

        Raises:
            NamespaceRefused: The kernel does not allow it; `remove` clears what there is by then.
        """
        _ip("netns", "add", self.name)
        _ip("link", "add", self.near, "type", "veth", "peer", "name", self.far, "netns", self.name)
        _ip("addr", "add", f"{self.address_here}/24", "dev", self.near)
        _ip("link", "set", self.near, "up")
        _ip("-n", self.name, "addr", "add", f"10.231.{self.number}.2/24", "dev", self.far)
        _ip("-n", self.name, "link", "set", "lo", "up")
        self.mend()

    def remove(self) -> None:
        """Remove both, whatever of them is there; a process in the namespace keeps it, without the line, until it ends."""
        for words in (("link", "del", self.near), ("netns", "del", self.name)):
            with suppress(NamespaceRefused):
                _ip(*words)


@contextmanager
def another_machine() -> Iterator[Machine]:
    """Lend another machine; at the end nothing of it is left.

    Raises:
        NamespaceRefused: There is no right to make one, or no program for it.
    """
    if os.geteuid() != 0:
        raise NamespaceRefused("a network namespace needs root")
    if shutil.which("ip") is None:
        raise NamespaceRefused("a network namespace needs the program `ip`")
    word = secrets.token_hex(4)
    machine = Machine(f"weft-faults-{word}", f"weft{word}a", f"weft{word}b", _free_subnet())
    try:
        machine.make()
        yield machine
    finally:
        machine.remove()


def _free_subnet() -> int:
    """Return the number of a subnet that no route of this machine leads to."""
    for number in random.sample(range(SUBNETS), SUBNETS):
        if not _ip("route", "show", "table", "all", "root", f"10.231.{number}.0/24"):
            return number
    raise NamespaceRefused("all subnets of 10.231.0.0/16 are taken")


def _ip(*words: str) -> str:
    """Run `ip`, out of reach of a Ctrl-C in the terminal, and return what it says."""
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True, start_new_session=True)
    if done.returncode:
        raise NamespaceRefused(f"a network namespace is refused: ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()
