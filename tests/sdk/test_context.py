"""What the platform lends, and what a block raises, as values."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pydantic import SecretStr

from weft.sdk import (
    ApiKey,
    ControlFlow,
    ImpureUse,
    NotStarted,
    OAuth2,
    RetryLater,
    Stop,
    UserContext,
    UserPassword,
    Wait,
)

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("Europe/Zurich", 14), ("Asia/Shanghai", 20), ("UTC", 12), ("No/Such", 12), ("../etc", 12), ("", 12)],
)
def test_local_time_is_the_users_and_utc_where_the_zone_is_unknown(zone: str, hour: int) -> None:
    local = UserContext(UUID(int=1), timezone=zone).get_local_time(NOON)

    assert local == NOON
    assert local.hour == hour


def test_local_time_without_a_time_is_now() -> None:
    before = datetime.now(UTC)

    local = UserContext(UUID(int=1), timezone="Asia/Tokyo").get_local_time()

    assert before <= local <= datetime.now(UTC)
    assert local.utcoffset() == timedelta(hours=9)


@pytest.mark.parametrize(
    ("credential", "valid"),
    [
        (ApiKey(key=SecretStr("k")), True),
        (ApiKey(key=SecretStr("")), False),
        (UserPassword(username="u", password=SecretStr("p")), True),
        (UserPassword(username=" ", password=SecretStr("p")), False),
        (OAuth2(access_token=SecretStr("t"), expires_at=NOON.replace(year=2020)), False),
        (OAuth2(access_token=SecretStr("t"), expires_at=datetime.now(UTC) + timedelta(hours=1)), True),
    ],
)
def test_credentials_know_whether_they_can_be_used(credential: ApiKey | OAuth2, valid: bool) -> None:
    assert credential.is_valid is valid


def test_credentials_print_masked() -> None:
    shown = f"{ApiKey(key=SecretStr('hunter2'))!r} {UserPassword(username='u', password=SecretStr('hunter2'))}"

    assert "hunter2" not in shown


def test_control_flow_is_no_failure() -> None:
    assert RetryLater("busy", timedelta(seconds=3)).delay == timedelta(seconds=3)
    assert RetryLater("busy").delay is None
    assert NotStarted("refused").reason == "refused"
    assert Stop().reason == ""
    assert all(issubclass(kind, ControlFlow) for kind in (RetryLater, NotStarted, Stop, Wait))


def test_a_wait_for_time_says_until_when() -> None:
    assert Wait("time", until=NOON).until == NOON
    with pytest.raises(ValueError, match="needs `until`"):
        Wait("time")
    with pytest.raises(ValueError, match="aware"):
        Wait("person", until=datetime(2026, 1, 1))  # noqa: DTZ001


def test_an_impure_use_names_block_and_fix() -> None:
    error = ImpureUse("text.x", "ctx.now()")

    assert str(error).startswith("block text.x is pure and may not use ctx.now(): declare `effect = Effect.IDEMPOTENT`")
    assert error.error_code == "BLOCK_NOT_PURE"
