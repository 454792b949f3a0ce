"""The settings themselves: one model for each area, each field with its names, default and description."""

import base64
import binascii
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, field_validator

from weft.db.urls import check_schema_name, read_address
from weft.errors import ConfigurationError

KEY_BYTES = 32
JWT_SECRET_CHARS = 32

T = TypeVar("T")

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


def named(ours: str, *fallbacks: str) -> AliasChoices:
    """Say from which variables a field is read: from ours, or else from the first fallback that is set."""
    return AliasChoices(ours, *fallbacks)


def _plainly(check: Callable[[str], T], value: str) -> T:
    """Run a check of the database layer so that pydantic takes its sentence for its own."""
    try:
        return check(value)
    except ConfigurationError as error:
        raise ValueError(error.message) from error


class Area(BaseModel):
    """Settings that belong together; frozen, and each with a description."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True, extra="ignore")


class HomeSettings(Area):
    """Where Weft keeps what belongs to this machine, and which PostgreSQL it starts there."""

    path: Path = Field(
        validation_alias=named("WEFT_HOME"),
        description="Folder of the embedded database and of generated secrets",
    )
    postgres_major: int = Field(
        18, validation_alias=named("WEFT_POSTGRES_MAJOR"), description="Embedded PostgreSQL: 18 or 16"
    )
    postgres_bin: Path | None = Field(
        None,
        validation_alias=named("WEFT_POSTGRES_BIN"),
        description="Folder with `postgres` and `initdb` to use instead of the wheel's",
    )

    @field_validator("path")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        if not value.is_absolute():
            raise ValueError("must be an absolute path, beginning with /")
        return value

    @field_validator("postgres_major")
    @classmethod
    def _is_carried(cls, value: int) -> int:
        if value not in {16, 18}:
            raise ValueError("must be 16 or 18")
        return value


class DatabaseSettings(Area):
    """Which PostgreSQL to use and how many connections to hold; docs/design/pool-budget.md has the sums."""

    url: SecretStr | None = Field(
        None,
        validation_alias=named("WEFT_DATABASE_URL", "DATABASE_URL"),
        description="postgresql://… of a server; without it the embedded one is started",
    )
    schema_name: str = Field(
        "public",
        validation_alias=named("WEFT_DATABASE_SCHEMA", "PRISMA_SCHEMA_NAME"),
        description="Schema that holds all tables",
    )
    connection_limit: Count | None = Field(
        None,
        validation_alias=named("WEFT_DATABASE_CONNECTION_LIMIT", "DB_CONNECTION_LIMIT"),
        description="Most connections of one process; lowers pool size and overflow",
    )
    connect_timeout_s: Seconds = Field(
        10.0,
        validation_alias=named("WEFT_DATABASE_CONNECT_TIMEOUT", "DB_CONNECT_TIMEOUT"),
        description="Seconds for one attempt to connect",
    )
    pool_timeout_s: Seconds = Field(
        30.0,
        validation_alias=named("WEFT_DATABASE_POOL_TIMEOUT", "DB_POOL_TIMEOUT"),
        description="Seconds to wait for a free connection",
    )
    pool_size: Count = Field(
        20, validation_alias=named("WEFT_DATABASE_POOL_SIZE"), description="Connections that stay open"
    )
    max_overflow: int = Field(
        30,
        ge=0,
        validation_alias=named("WEFT_DATABASE_MAX_OVERFLOW"),
        description="Connections above the pool size, closed after use",
    )
    notify: bool = Field(
        default=True,
        validation_alias=named("WEFT_NOTIFY"),
        description="Whether processes wake each other by LISTEN and NOTIFY; without it, and without Redis, they poll",
    )

    @property
    def is_embedded(self) -> bool:
        """Whether Weft starts its own PostgreSQL."""
        return self.url is None

    @property
    def limited_pool(self) -> tuple[int, int]:
        """Pool size and overflow with the connection limit taken into account."""
        most = self.connection_limit or self.pool_size + self.max_overflow
        size = min(self.pool_size, most)
        return size, min(self.max_overflow, most - size)

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _plainly(read_address, value.get_secret_value())
        return value

    @field_validator("schema_name")
    @classmethod
    def _is_name(cls, value: str) -> str:
        _plainly(check_schema_name, value)
        return value


class RedisSettings(Area):
    """Redis, where there is one: it makes things faster, and losing it changes nothing else."""

    url: SecretStr | None = Field(
        None,
        validation_alias=named("WEFT_REDIS_URL", "REDIS_URL"),
        description="redis://…, rediss://… or unix://…; signals between processes then go over it",
    )

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parts = urlsplit(value.get_secret_value())
            if parts.scheme not in ("redis", "rediss", "unix"):
                raise ValueError("must begin with redis://, rediss:// or unix://")
            if not (parts.path if parts.scheme == "unix" else parts.hostname):
                raise ValueError("names no server")
        return value


class EngineSettings(Area):
    """Limits of executions on one worker; a graph or node may ask for less."""

    max_concurrent_executions: Count = Field(
        10,
        validation_alias=named("WEFT_MAX_CONCURRENT_EXECUTIONS"),
        description="Executions that one worker runs at the same time",
    )
    max_queued: Count = Field(
        1_000_000,
        validation_alias=named("WEFT_MAX_QUEUED"),
        description="Executions of all users that may wait for workers; above that starts are refused",
    )
    max_queued_per_user: Count = Field(
        100_000,
        validation_alias=named("WEFT_MAX_QUEUED_PER_USER"),
        description="Executions of one user that may wait for workers",
    )
    lease_ttl_s: float = Field(
        15.0,
        ge=1,
        le=3600,
        validation_alias=named("WEFT_LEASE_TTL"),
        description="Seconds without a sign of life after which a worker counts as dead and others take over",
    )
    drain_s: float = Field(
        30.0,
        ge=0,
        le=86_400,
        validation_alias=named("WEFT_DRAIN_TIMEOUT"),
        description="Seconds that a worker which was told to stop lets its executions end; then it hands them over",
    )
    node_timeout_s: Seconds = Field(
        300.0, validation_alias=named("WEFT_NODE_TIMEOUT"), description="Seconds for one attempt of a node"
    )
    run_limit_s: Seconds = Field(
        86_400.0,
        validation_alias=named("WEFT_RUN_LIMIT"),
        description="Seconds for one execution; time spent waiting does not count",
    )
    max_retry_attempts: Count = Field(
        3,
        validation_alias=named("WEFT_MAX_RETRY_ATTEMPTS", "MAX_RETRY_ATTEMPTS"),
        description="Attempts of a node that fails for a passing reason, the first one included",
    )
    block_hosts: Count = Field(
        4,
        validation_alias=named("WEFT_BLOCK_HOSTS"),
        description="Processes of one worker for blocks that would hold up everything else",
    )
    block_memory_mb: int = Field(
        1024, ge=256, validation_alias=named("WEFT_BLOCK_MEMORY_MB"), description="Memory of one such process, in MB"
    )
    testing_blocks: bool = Field(
        default=False,
        validation_alias=named("WEFT_TESTING_BLOCKS"),
        description="Whether graphs may use the blocks testing.…, which write to any file they are given",
    )
    failpoint: str | None = Field(
        None,
        validation_alias=named("WEFT_FAILPOINT"),
        description="Place at which this process dies on purpose: NAME, NAME:N, or NAME:N:stop to freeze; only for tests",
    )
    max_firings: Count = Field(
        10_000_000, validation_alias=named("WEFT_MAX_FIRINGS"), description="Firings of one execution"
    )
    max_emissions: Count = Field(
        10_000_000,
        validation_alias=named("WEFT_MAX_EMISSIONS"),
        description="Values that the nodes of one execution may emit in all",
    )
    max_log_lines: Count = Field(
        10_000,
        validation_alias=named("WEFT_MAX_LOG_LINES"),
        description="Lines that the blocks of one execution may write into its log; later ones are dropped",
    )
    max_value_bytes: Count = Field(
        16_000_000,
        validation_alias=named("WEFT_MAX_VALUE_BYTES"),
        description="Bytes of one value as JSON",
    )
    max_execution_bytes: Count = Field(
        1_000_000_000,
        validation_alias=named("WEFT_MAX_EXECUTION_BYTES"),
        description="Bytes of all values of one execution as JSON",
    )


class FileSettings(Area):
    """How large stored files may be; smaller ones travel inside values, which have limits of their own."""

    max_file_bytes: Count = Field(
        1_000_000_000, validation_alias=named("WEFT_MAX_FILE_BYTES"), description="Bytes of one file"
    )
    max_execution_bytes: Count = Field(
        5_000_000_000,
        validation_alias=named("WEFT_MAX_EXECUTION_FILE_BYTES"),
        description="Bytes of all files that one execution stores; the same content counts once",
    )
    max_user_bytes: Count = Field(
        10_000_000_000,
        validation_alias=named("WEFT_MAX_USER_FILE_BYTES"),
        description="Bytes of all files of one user; the same content counts once",
    )


class SandboxSettings(Area):
    """Limits of templates, patterns and expressions that graphs bring along."""

    workers: Count = Field(
        2, validation_alias=named("WEFT_SANDBOX_WORKERS"), description="Processes for templates and patterns"
    )
    cpu_s: Seconds = Field(1.0, validation_alias=named("WEFT_SANDBOX_CPU"), description="Processor seconds of one call")
    memory_mb: Count = Field(
        256, validation_alias=named("WEFT_SANDBOX_MEMORY_MB"), description="Memory of one process, in MB"
    )


class ServerSettings(Area):
    """The web server, and how the program names itself."""

    host: str = Field(
        "127.0.0.1", validation_alias=named("WEFT_HOST"), description="Address to listen on; 0.0.0.0 is all"
    )
    port: int = Field(
        8000, ge=1, le=65_535, validation_alias=named("WEFT_PORT", "PORT"), description="Port to listen on"
    )
    service_name: str = Field(
        "weft-backend", validation_alias=named("WEFT_SERVICE_NAME"), description="Name in logs and traces"
    )


class LogSettings(Area):
    """What the program writes about itself, to stderr."""

    level: Literal["debug", "info", "warning", "error", "critical"] = Field(
        "warning",
        validation_alias=named("WEFT_LOG_LEVEL", "LOG_LEVEL"),
        description="Lines from this level on are written: debug, info, warning, error or critical",
    )
    format: Literal["json", "text"] | None = Field(
        None,
        validation_alias=named("WEFT_LOG_FORMAT", "LOG_FORMAT"),
        description="json or text; without it servers and workers write JSON unless on a terminal, commands text",
    )

    @field_validator("level", "format", mode="before")
    @classmethod
    def _is_lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value


class SecretSettings(Area):
    """Secrets as the environment gives them; `Settings.require_secrets` completes them."""

    jwt_secret: SecretStr | None = Field(
        None,
        validation_alias=named("WEFT_JWT_SECRET", "JWT_SECRET"),
        description="Signs the tokens of users; at least 32 characters",
    )
    encryption_key: SecretStr | None = Field(
        None,
        validation_alias=named("WEFT_ENCRYPTION_KEY", "ENCRYPTION_KEY"),
        description="Encrypts stored credentials; 32 bytes in URL-safe base64",
    )

    @field_validator("jwt_secret")
    @classmethod
    def _is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < JWT_SECRET_CHARS:
            raise ValueError(f"must have at least {JWT_SECRET_CHARS} characters")
        return value

    @field_validator("encryption_key")
    @classmethod
    def _is_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _plainly(decode_key, value.get_secret_value())
        return value


def decode_key(text: str) -> bytes:
    """Return the 32 bytes that `text` stands for in URL-safe base64, with or without padding.

    Raises:
        ConfigurationError: It stands for something else; the sentence does not repeat it.
    """
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"must be {KEY_BYTES} bytes in URL-safe base64")
    return key
