"""Settings have one place, one name of ours, checked values; secrets are made once and never shown."""

import stat
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter
from pathlib import Path

import pytest
from pydantic import SecretStr

from weft.errors import ConfigurationError
from weft.settings import Secrets, Settings

KEY = "A" * 43
LONG = "s" * 32
EXTERNAL = "postgresql://weft:hunter2@db.example.org/weft?password=hunter2"


def load(**env: str) -> Settings:
    return Settings.load(env, env_file=None)


def test_without_anything_set_the_defaults_are_those_of_the_specification() -> None:
    settings = load(HOME="/home/ada")

    assert settings.database.is_embedded
    assert (settings.database.pool_size, settings.database.max_overflow) == (20, 30)
    assert (settings.database.pool_timeout_s, settings.database.schema_name) == (30, "public")
    assert settings.engine.max_concurrent_executions == 10
    assert settings.engine.max_retry_attempts == 3
    assert settings.server.port == 8000


@pytest.mark.parametrize(
    ("ours", "theirs", "value", "place"),
    [
        ("WEFT_DATABASE_SCHEMA", "PRISMA_SCHEMA_NAME", "mine", "database.schema_name"),
        ("WEFT_DATABASE_CONNECTION_LIMIT", "DB_CONNECTION_LIMIT", "7", "database.connection_limit"),
        ("WEFT_DATABASE_CONNECT_TIMEOUT", "DB_CONNECT_TIMEOUT", "7.0", "database.connect_timeout_s"),
        ("WEFT_DATABASE_POOL_TIMEOUT", "DB_POOL_TIMEOUT", "7.0", "database.pool_timeout_s"),
        ("WEFT_DATABASE_URL", "DATABASE_URL", "postgresql://h/x", "database.url"),
        ("WEFT_JWT_SECRET", "JWT_SECRET", LONG, "secrets.jwt_secret"),
        ("WEFT_ENCRYPTION_KEY", "ENCRYPTION_KEY", KEY, "secrets.encryption_key"),
    ],
)  # fmt: skip
def test_the_specifications_name_is_read_where_ours_is_absent(ours: str, theirs: str, value: str, place: str) -> None:
    def read(settings: Settings) -> str:
        found = attrgetter(place)(settings)
        return str(found.get_secret_value() if isinstance(found, SecretStr) else found)

    other = {"mine": "other", KEY: "B" * 42 + "A", LONG: "t" * 32}.get(
        value, "postgresql://h/y" if "://" in value else "9"
    )
    assert read(load(**{theirs: value})) == value
    assert read(load(**{ours: value, theirs: other})) == value
    assert read(load(**{ours: "", theirs: value})) == value
    described = {line.name: line for line in load(**{theirs: value}).describe()}[ours]
    assert described.source == f"environment ({theirs})"


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("WEFT_PORT", "eighty", "valid integer"),
        ("WEFT_PORT", "70000", "less than or equal to 65535"),
        ("DB_POOL_TIMEOUT", "soon", "valid number"),
        ("WEFT_DATABASE_POOL_TIMEOUT", "inf", "finite"),
        ("WEFT_DATABASE_POOL_SIZE", "0", "greater than or equal to 1"),
        ("WEFT_DATABASE_URL", "mysql://u:hunter2@h/x", "must begin with postgresql://"),
        ("PRISMA_SCHEMA_NAME", "a;b", "cannot be the name of a schema"),
        ("WEFT_HOME", "relative", "absolute"),
        ("WEFT_POSTGRES_MAJOR", "17", "16 or 18"),
        ("WEFT_JWT_SECRET", "hunter2", "32 characters"),
        ("WEFT_ENCRYPTION_KEY", "hunter2", "32 bytes"),
    ],
)
def test_a_bad_value_names_its_variable_and_the_problem(variable: str, value: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(**{variable: value})

    assert str(caught.value).startswith(f"{variable}: ")
    assert problem in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("WEFT_PORT=9001\nexport WEFT_HOST='::1'  # all here\n")

    settings = Settings.load({"WEFT_PORT": "9002"}, env_file=file)

    assert (settings.server.port, settings.server.host) == (9002, "::1")
    sources = {line.name: line.source for line in settings.describe()}
    assert (sources["WEFT_PORT"], sources["WEFT_HOST"]) == ("environment", str(file))


def test_the_environment_wins_also_under_the_specifications_name(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("WEFT_DATABASE_SCHEMA=of_the_file\n")

    settings = Settings.load({"PRISMA_SCHEMA_NAME": "of_the_environment"}, env_file=file)

    assert settings.database.schema_name == "of_the_environment"


def test_the_connection_limit_bounds_pool_and_overflow_together() -> None:
    assert load().database.limited_pool == (20, 30)
    assert load(DB_CONNECTION_LIMIT="25").database.limited_pool == (20, 5)
    assert load(DB_CONNECTION_LIMIT="5").database.limited_pool == (5, 0)


def test_each_setting_is_described_and_no_secret_is_shown() -> None:
    lines = load(WEFT_DATABASE_URL=EXTERNAL, WEFT_JWT_SECRET="hunter2" * 5, WEFT_ENCRYPTION_KEY=KEY).describe()

    assert all(line.name.startswith("WEFT_") and line.description for line in lines)
    assert len({line.name for line in lines}) == len(lines)
    assert not any("hunter2" in str(line) or KEY in str(line) for line in lines)
    assert "db.example.org/weft" in {line.name: line.value for line in lines}["WEFT_DATABASE_URL"]


def test_missing_secrets_are_made_once_for_the_embedded_database(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: load(WEFT_HOME=str(home)).require_secrets(), range(8)))

    file = home / "secrets.env"
    assert {secrets.jwt_secret.get_secret_value() for secrets in made} == {
        load(WEFT_HOME=str(home)).require_secrets().jwt_secret.get_secret_value()
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["secrets.env"]
    assert len(made[0].key_bytes) == 32
    assert made[0].jwt_secret.get_secret_value() not in repr(made[0])


def test_a_secret_of_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    load(WEFT_HOME=str(tmp_path)).require_secrets()

    secrets = load(WEFT_HOME=str(tmp_path), JWT_SECRET=LONG).require_secrets()

    assert isinstance(secrets, Secrets)
    assert secrets.jwt_secret.get_secret_value() == LONG


def test_an_external_database_without_a_secret_is_refused_with_the_command(tmp_path: Path) -> None:
    for given, missing in (({}, "WEFT_JWT_SECRET"), ({"JWT_SECRET": LONG}, "WEFT_ENCRYPTION_KEY")):
        settings = load(WEFT_HOME=str(tmp_path), WEFT_DATABASE_URL=EXTERNAL, **given)
        with pytest.raises(ConfigurationError, match=f"export {missing}="):
            settings.require_secrets()

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_or_open_file_of_secrets_is_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text(f"WEFT_JWT_SECRET={LONG}\n")
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load(WEFT_HOME=str(tmp_path))
    file.chmod(0o600)
    with pytest.raises(ConfigurationError, match="lacks WEFT_ENCRYPTION_KEY"):
        load(WEFT_HOME=str(tmp_path)).require_secrets()

    assert file.read_text() == f"WEFT_JWT_SECRET={LONG}\n"
