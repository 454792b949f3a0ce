"""The secrets a running Weft must have, and the file that keeps generated ones."""

import base64
import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, DotEnvSettingsSource

from weft.errors import ConfigurationError
from weft.settings.areas import KEY_BYTES, SecretSettings, decode_key

FILE_NAME = "secrets.env"
JWT_SECRET = "WEFT_JWT_SECRET"  # noqa: S105 - the name of the variable
ENCRYPTION_KEY = "WEFT_ENCRYPTION_KEY"
MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
"""A command that prints a fit value for either secret."""

HEADER = "# Made by Weft at its first start. Losing this file loses all stored credentials: back it up.\n"


@dataclass(frozen=True)
class Secrets:
    """Both secrets, certainly there.

    Attributes:
        jwt_secret: At least 32 characters.
        encryption_key: Text that stands for 32 bytes; `key_bytes` has them.
    """

    jwt_secret: SecretStr
    encryption_key: SecretStr

    @property
    def key_bytes(self) -> bytes:
        """The encryption key as the cipher wants it."""
        return decode_key(self.encryption_key.get_secret_value())


def required(given: SecretSettings) -> Secrets:
    """Return the given secrets if both are there.

    Raises:
        ConfigurationError: One is missing; the sentence names it and the command that makes one.
    """
    if given.jwt_secret is None:
        raise _missing(JWT_SECRET)
    if given.encryption_key is None:
        raise _missing(ENCRYPTION_KEY)
    return Secrets(given.jwt_secret, given.encryption_key)


def _missing(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name} is not set, and with a database server of your own Weft makes no secrets itself; "
        f"make one and keep it: export {name}=$({MAKE_ONE})",
        variable=name,
    )


def make_file(home: Path) -> Path:
    """Make `home`/secrets.env with fresh secrets, mode 0600, unless it is there; return its path.

    Of several processes that do so at once one wins, whole, and the others find its file.

    Raises:
        ConfigurationError: The folder does not take a file.
    """
    target = home / FILE_NAME
    if target.exists():
        return target
    try:
        if not home.exists():
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o755)  # whatever the umask: the database's user must pass; the file itself is 0600
        descriptor, name = tempfile.mkstemp(dir=home, prefix=".secrets-")  # 0600
        scratch = Path(name)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(HEADER)
                file.write(f"{JWT_SECRET}={secrets.token_urlsafe(48)}\n")
                key = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()
                file.write(f"{ENCRYPTION_KEY}={key}\n")
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(scratch, target)
        finally:
            scratch.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"{target} cannot be written ({error.strerror}); set WEFT_HOME to a folder of your own",
            folder=str(home),
        ) from error
    return target


def read_file(home: Path) -> dict[str, str]:
    """Return what `home`/secrets.env says; empty if there is none.

    Raises:
        ConfigurationError: Others may read it, or we may not.
    """
    path = home / FILE_NAME
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror})") from error
    if mode & 0o077:
        raise ConfigurationError(f"{path} can be read by others; run: chmod 600 {path}")
    return read_env_file(path)


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables of a file in the form of `.env`; empty if there is none.

    Raises:
        ConfigurationError: It cannot be read.
    """
    if not path.is_file():
        return {}
    try:
        found = DotEnvSettingsSource(BaseSettings, env_file=path, case_sensitive=True).env_vars
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {type(error).__name__}") from error
    return {key: value for key, value in found.items() if value}
