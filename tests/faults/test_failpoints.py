"""Failpoints: what is listed is what stands in the program; row F16 of the matrix fails if it cannot reach one."""

import re
import subprocess
import sys

import pytest

from tests.architecture.tree import PACKAGE
from weft.errors import ConfigurationError
from weft.failpoints import KILLED, POINTS, arm, failpoint

PASS = "from weft.failpoints import arm, failpoint; arm({!r}); failpoint('claim.sent'); failpoint('claim.sent'); print('alive')"


def test_places_of_the_program_are_those_that_are_listed() -> None:
    found = {
        name for path in PACKAGE.rglob("*.py") for name in re.findall(r'\bfailpoint\("([^"]+)"\)', path.read_text())
    }

    assert found == set(POINTS)


@pytest.mark.parametrize(
    ("armed", "code"),
    [(None, 0), ("claim.sent", KILLED), ("claim.sent:2", KILLED), ("claim.sent:3", 0), ("flush.sent", 0)],
)
def test_process_ends_at_the_pass_that_was_armed(armed: str | None, code: int) -> None:
    done = subprocess.run([sys.executable, "-c", PASS.format(armed)], capture_output=True, check=False)

    assert done.returncode == code


@pytest.mark.parametrize(
    "text", ["nowhere", "claim.sent:0", "claim.sent:x", "claim.sent:1:explode", "claim.sent:1:kill:2"]
)
def test_unknown_place_or_action_is_refused_and_arms_nothing(text: str) -> None:
    with pytest.raises(ConfigurationError):
        arm(text)

    for name in POINTS:
        failpoint(name)
