"""The settings themselves: one model for each area, each field with its names, default and description."""

import base64
import binascii
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, field_validator

from weft.db.urls import check_schema_name, read_address
from weft.errors import ConfigurationError

KEY_BYTES = 32
JWT_SECRET_CHARS = 32

T = TypeVar("T")

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


def setting(name: str, description: str, *, fallback: str | None = None, default: Any = ..., **bounds: Any) -> Any:
    """Return a field that is read from the environment.

    Args:
        name: Its variable.
        description: What `weft doctor --settings` says of it.
        fallback: Another variable, which is read where `name` is not set.
        default: Its value where neither is set; without one it must be.
        bounds: `ge`, `le` and the like, as pydantic's `Field` takes them.
    """
    names = AliasChoices(name, fallback) if fallback else AliasChoices(name)
    return Field(default, validation_alias=names, description=description, **bounds)


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

    path: Path = setting("WEFT_HOME", "Folder of the embedded database and of generated secrets")
    postgres_major: int = setting("WEFT_POSTGRES_MAJOR", "Embedded PostgreSQL: 18 or 16", default=18)
    postgres_bin: Path | None = setting(
        "WEFT_POSTGRES_BIN", "Folder with `postgres` and `initdb` to use instead of the wheel's", default=None
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

    url: SecretStr | None = setting(
        "WEFT_DATABASE_URL",
        "postgresql://… of a server; without it the embedded one is started",
        fallback="DATABASE_URL",
        default=None,
    )
    schema_name: str = setting(
        "WEFT_DATABASE_SCHEMA", "Schema that holds all tables", fallback="PRISMA_SCHEMA_NAME", default="public"
    )
    connection_limit: Count | None = setting(
        "WEFT_DATABASE_CONNECTION_LIMIT",
        "Most connections of one process; lowers pool size and overflow",
        fallback="DB_CONNECTION_LIMIT",
        default=None,
    )
    connect_timeout_s: Seconds = setting(
        "WEFT_DATABASE_CONNECT_TIMEOUT",
        "Seconds for one attempt to connect",
        fallback="DB_CONNECT_TIMEOUT",
        default=10.0,
    )
    pool_timeout_s: Seconds = setting(
        "WEFT_DATABASE_POOL_TIMEOUT", "Seconds to wait for a free connection", fallback="DB_POOL_TIMEOUT", default=30.0
    )
    pool_size: Count = setting("WEFT_DATABASE_POOL_SIZE", "Connections that stay open", default=20)
    max_overflow: int = setting(
        "WEFT_DATABASE_MAX_OVERFLOW", "Connections above the pool size, closed after use", default=30, ge=0
    )
    notify: bool = setting(
        "WEFT_NOTIFY",
        "Whether processes wake each other by LISTEN and NOTIFY; without it, and without Redis, they poll",
        default=True,
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

    url: SecretStr | None = setting(
        "WEFT_REDIS_URL",
        "redis://…, rediss://… or unix://…; signals between processes then go over it",
        fallback="REDIS_URL",
        default=None,
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

    max_concurrent_executions: Count = setting(
        "WEFT_MAX_CONCURRENT_EXECUTIONS", "Executions that one worker runs at the same time", default=10
    )
    max_queued: Count = setting(
        "WEFT_MAX_QUEUED",
        "Executions of all users that may wait for workers; above that starts are refused",
        default=1_000_000,
    )
    max_queued_per_user: Count = setting(
        "WEFT_MAX_QUEUED_PER_USER", "Executions of one user that may wait for workers", default=100_000
    )
    lease_ttl_s: float = setting(
        "WEFT_LEASE_TTL",
        "Seconds without a sign of life after which a worker counts as dead and others take over",
        default=15.0,
        ge=1,
        le=3600,
    )
    drain_s: float = setting(
        "WEFT_DRAIN_TIMEOUT",
        "Seconds that a worker which was told to stop lets its executions end; then it hands them over",
        default=30.0,
        ge=0,
        le=86_400,
    )
    node_timeout_s: Seconds = setting("WEFT_NODE_TIMEOUT", "Seconds for one attempt of a node", default=300.0)
    run_limit_s: Seconds = setting(
        "WEFT_RUN_LIMIT", "Seconds for one execution; time spent waiting does not count", default=86_400.0
    )
    max_retry_attempts: Count = setting(
        "WEFT_MAX_RETRY_ATTEMPTS",
        "Attempts of a node that fails for a passing reason, the first one included",
        fallback="MAX_RETRY_ATTEMPTS",
        default=3,
    )
    block_hosts: Count = setting(
        "WEFT_BLOCK_HOSTS", "Processes of one worker for blocks that would hold up everything else", default=4
    )
    block_memory_mb: int = setting("WEFT_BLOCK_MEMORY_MB", "Memory of one such process, in MB", default=1024, ge=256)
    testing_blocks: bool = setting(
        "WEFT_TESTING_BLOCKS",
        "Whether graphs may use the blocks testing.…, which write to any file they are given",
        default=False,
    )
    failpoint: str | None = setting(
        "WEFT_FAILPOINT",
        "Place at which this process dies on purpose: NAME, NAME:N, or NAME:N:stop to freeze; only for tests",
        default=None,
    )
    max_firings: Count = setting("WEFT_MAX_FIRINGS", "Firings of one execution", default=10_000_000)
    max_emissions: Count = setting(
        "WEFT_MAX_EMISSIONS", "Values that the nodes of one execution may emit in all", default=10_000_000
    )
    max_log_lines: Count = setting(
        "WEFT_MAX_LOG_LINES",
        "Lines that the blocks of one execution may write into its log; later ones are dropped",
        default=10_000,
    )
    max_value_bytes: Count = setting("WEFT_MAX_VALUE_BYTES", "Bytes of one value as JSON", default=16_000_000)
    max_execution_bytes: Count = setting(
        "WEFT_MAX_EXECUTION_BYTES", "Bytes of all values of one execution as JSON", default=1_000_000_000
    )


class FileSettings(Area):
    """How large stored files may be; smaller ones travel inside values, which have limits of their own."""

    max_file_bytes: Count = setting("WEFT_MAX_FILE_BYTES", "Bytes of one file", default=1_000_000_000)
    max_execution_bytes: Count = setting(
        "WEFT_MAX_EXECUTION_FILE_BYTES",
        "Bytes of all files that one execution stores; the same content counts once",
        default=5_000_000_000,
    )
    max_user_bytes: Count = setting(
        "WEFT_MAX_USER_FILE_BYTES",
        "Bytes of all files of one user; the same content counts once",
        default=10_000_000_000,
    )


class SandboxSettings(Area):
    """Limits of templates, patterns and expressions that graphs bring along."""

    workers: Count = setting("WEFT_SANDBOX_WORKERS", "Processes for templates and patterns", default=2)
    cpu_s: Seconds = setting("WEFT_SANDBOX_CPU", "Processor seconds of one call", default=1.0)
    memory_mb: Count = setting("WEFT_SANDBOX_MEMORY_MB", "Memory of one process, in MB", default=256)


class ServerSettings(Area):
    """The web server, and how the program names itself."""

    host: str = setting("WEFT_HOST", "Address to listen on; 0.0.0.0 is all", default="127.0.0.1")
    port: int = setting("WEFT_PORT", "Port to listen on", fallback="PORT", default=8000, ge=1, le=65_535)
    service_name: str = setting("WEFT_SERVICE_NAME", "Name in logs and traces", default="weft-backend")


class LogSettings(Area):
    """What the program writes about itself, to stderr."""

    level: Literal["debug", "info", "warning", "error", "critical"] = setting(
        "WEFT_LOG_LEVEL",
        "Lines from this level on are written: debug, info, warning, error or critical",
        fallback="LOG_LEVEL",
        default="warning",
    )
    format: Literal["json", "text"] | None = setting(
        "WEFT_LOG_FORMAT",
        "json or text; without it servers and workers write JSON unless on a terminal, commands text",
        fallback="LOG_FORMAT",
        default=None,
    )

    @field_validator("level", "format", mode="before")
    @classmethod
    def _is_lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value


class SecretSettings(Area):
    """Secrets as the environment gives them; `Settings.require_secrets` completes them."""

    jwt_secret: SecretStr | None = setting(
        "WEFT_JWT_SECRET", "Signs the tokens of users; at least 32 characters", fallback="JWT_SECRET", default=None
    )
    encryption_key: SecretStr | None = setting(
        "WEFT_ENCRYPTION_KEY",
        "Encrypts stored credentials; 32 bytes in URL-safe base64",
        fallback="ENCRYPTION_KEY",
        default=None,
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
