"""Reading the settings: from the environment, from `.env`, from the file of generated secrets."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from pydantic import AliasChoices, SecretStr, ValidationError

from weft.errors import ConfigurationError
from weft.settings.areas import (
    Area,
    DatabaseSettings,
    EngineSettings,
    FileSettings,
    HomeSettings,
    LogSettings,
    RedisSettings,
    SandboxSettings,
    SecretSettings,
    ServerSettings,
)
from weft.settings.secret_file import (
    ENCRYPTION_KEY,
    FILE_NAME,
    JWT_SECRET,
    Secrets,
    make_file,
    read_env_file,
    read_file,
    required,
)

MASK = "********"
ROOT = 0
HOME_OF_ROOT = Path("/var/lib/weft")
"""Not below /root, which the user as whom PostgreSQL runs cannot enter."""

A = TypeVar("A", bound=Area)

_AREAS: tuple[type[Area], ...] = (
    HomeSettings,
    DatabaseSettings,
    RedisSettings,
    EngineSettings,
    FileSettings,
    SandboxSettings,
    ServerSettings,
    LogSettings,
    SecretSettings,
)


@dataclass(frozen=True)
class Setting:
    """One line of `weft doctor --settings`.

    Attributes:
        name: The variable to set.
        value: What is in force; secrets and passwords are masked, "" is nothing.
        default: What would be without it.
        source: "default", or where the value came from and under which name.
    """

    name: str
    value: str
    default: str
    source: str
    description: str


@dataclass(frozen=True)
class Layer:
    """Variables of one origin; an earlier layer wins over a later one, under whichever of its names."""

    source: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """A value that was set, the name it was set under, and where."""

    value: str
    name: str
    source: str


@dataclass(frozen=True)
class Settings:
    """All settings of one process; frozen. `layers` is where they were read from, first wins."""

    home: HomeSettings
    database: DatabaseSettings
    redis: RedisSettings
    engine: EngineSettings
    files: FileSettings
    sandbox: SandboxSettings
    server: ServerSettings
    logs: LogSettings
    secrets: SecretSettings
    layers: tuple[Layer, ...]

    @classmethod
    def load(
        cls,
        env: Mapping[str, str] | None = None,
        *,
        env_file: Path | None = Path(".env"),
        given: Mapping[str, str] | None = None,
    ) -> Self:
        """Read all settings; writes nothing.

        Args:
            env: Instead of the environment of this process.
            env_file: Read where `env` is silent; None: no file.
            given: Wins over both; only names that Weft knows.

        Raises:
            ConfigurationError: A value is bad, or a given name is none of Weft's; the sentence names the variable
                and the problem.
        """
        environment = os.environ if env is None else env  # noqa: TID251 - the one place that reads it
        _refuse_unknown(given or {})
        layers: tuple[Layer, ...] = (
            Layer("argument", given or {}),
            Layer("environment", environment),
            Layer(str(env_file), read_env_file(env_file) if env_file is not None else {}),
        )
        layers += (Layer("default", {"WEFT_HOME": str(_default_home(layers))}),)
        home = _read(HomeSettings, layers)
        database = _read(DatabaseSettings, layers)
        if database.is_embedded:
            layers += (Layer(str(home.path / FILE_NAME), read_file(home.path)),)
        return cls(
            home,
            database,
            _read(RedisSettings, layers),
            _read(EngineSettings, layers),
            _read(FileSettings, layers),
            _read(SandboxSettings, layers),
            _read(ServerSettings, layers),
            _read(LogSettings, layers),
            _read(SecretSettings, layers),
            layers,
        )

    def require_secrets(self) -> Secrets:
        """Return both secrets; with the embedded database missing ones are made into WEFT_HOME/secrets.env.

        Raises:
            ConfigurationError: One is missing with a database server of one's own; the sentence holds the
                command that makes one. Or the file cannot be written, or lacks one: it is never changed
                once it is there.
        """
        given = self.secrets
        if not self.database.is_embedded or (given.jwt_secret and given.encryption_key):
            return required(given)
        path = make_file(self.home.path)
        layers = (*self.layers, Layer(str(path), read_file(self.home.path)))
        complete = _read(SecretSettings, layers)
        for name, value in ((JWT_SECRET, complete.jwt_secret), (ENCRYPTION_KEY, complete.encryption_key)):
            if value is None:
                raise ConfigurationError(f"{path} lacks {name}; restore the file from a backup", variable=name)
        return required(complete)

    @property
    def areas(self) -> tuple[Area, ...]:
        """Return all settings without where they come from; equal for settings that mean the same, and hashable."""
        return (
            self.home,
            self.database,
            self.redis,
            self.engine,
            self.files,
            self.sandbox,
            self.server,
            self.logs,
            self.secrets,
        )

    @property
    def secret_values(self) -> tuple[str, ...]:
        """All secrets among the settings; of an address the passwords in it."""
        values = [getattr(area, field) for area in self.areas for field in type(area).model_fields]
        texts = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        return tuple(secret for text in texts for secret in (_passwords(text) if "://" in text else [text]))

    @property
    def shown_database(self) -> str:
        """Which database this is, for people; without the password."""
        if self.database.url is None:
            return f"the embedded database in {self.home.path}"
        return _without_password(self.database.url.get_secret_value())

    def describe(self) -> list[Setting]:
        """Return every setting with its value, default, source and description, in the order of the areas."""
        return [line for area in self.areas for line in self._describe_area(area)]

    def _describe_area(self, area: Area) -> list[Setting]:
        lines = []
        for field, info in type(area).model_fields.items():
            names = _names(info.validation_alias)
            used = _find(names, self.layers)
            source = "default" if used is None else used.source
            if used is not None and used.name != names[0]:
                source = f"{used.source} ({used.name})"
            default = _default_home(self.layers) if names[0] == "WEFT_HOME" else info.default
            lines.append(
                Setting(names[0], _shown(getattr(area, field)), _shown(default), source, info.description or "")
            )
        return lines


def _refuse_unknown(given: Mapping[str, str]) -> None:
    known = {name for area in _AREAS for info in area.model_fields.values() for name in _names(info.validation_alias)}
    for name in given:
        if name not in known:
            raise ConfigurationError(f"{name} is no setting of Weft; weft doctor --settings lists all", variable=name)


def _find(names: Sequence[str], layers: Iterable[Layer]) -> Found | None:
    """Return the value of the first layer that has one, there under the first name that has one."""
    for layer in layers:
        for name in names:
            if layer.values.get(name):
                return Found(layer.values[name], name, layer.source)
    return None


def _read(area: type[A], layers: Iterable[Layer]) -> A:
    values: dict[str, str] = {}
    variables: dict[str, str] = {}
    for field, info in area.model_fields.items():
        found = _find(_names(info.validation_alias), layers)
        if found is not None:
            values[field], variables[field] = found.value, found.name
    try:
        return area.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = str(first["loc"][0])
        variable = variables.get(field, field)
        raise ConfigurationError(f"{variable}: {_sentence(first['msg'])}", variable=variable) from None


def _names(alias: Any) -> list[str]:
    assert isinstance(alias, AliasChoices), "each setting says from which variables it is read"
    return [str(choice) for choice in alias.choices]


def _default_home(layers: Iterable[Layer]) -> Path:
    """Return the folder below which a user keeps such data; for root one that service users can enter."""
    if os.getuid() == ROOT:
        return HOME_OF_ROOT
    data, home = _find(["XDG_DATA_HOME"], layers), _find(["HOME"], layers)
    if data is not None and Path(data.value).is_absolute():
        return Path(data.value) / "weft"
    if home is not None:
        return Path(home.value) / ".local/share/weft"
    try:
        return Path.home() / ".local/share/weft"
    except RuntimeError as error:
        raise ConfigurationError("this user has no home folder; set WEFT_HOME to a folder") from error


def _shown(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, SecretStr):
        return str(value)
    text = value.get_secret_value()
    return _without_password(text) if "://" in text else MASK


def _passwords(url: str) -> list[str]:
    """Return the passwords in an address, as written and as meant."""
    parts = urlsplit(url)
    named = [value for name, value in parse_qsl(parts.query) if "password" in name or "secret" in name]
    return [secret for secret in {parts.password or "", unquote(parts.password or ""), *named} if secret]


def _without_password(url: str) -> str:
    """Return a database address as it may be shown: no password, no parameters (they may hold one)."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    netloc = f"{name}{colon}{MASK if colon else ''}{at}{host}"
    return urlunsplit((parts.scheme, netloc, parts.path, "…" if parts.query else "", ""))


def _sentence(message: str) -> str:
    words = message.removeprefix("Value error, ")
    return words[:1].lower() + words[1:]
