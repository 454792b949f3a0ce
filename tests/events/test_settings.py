"""Which Redis to use, as the environment says it."""

import pytest

from weft.errors import ConfigurationError
from weft.settings import Settings


def load(**env: str) -> Settings:
    return Settings.load({"HOME": "/home/ada", **env}, env_file=None)


def test_without_a_setting_there_is_no_redis_and_processes_notify_each_other() -> None:
    settings = load()

    assert settings.redis.url is None
    assert settings.database.notify


def test_the_name_of_the_requirements_is_read_where_ours_is_absent() -> None:
    url = load(REDIS_URL="redis://h:6379").redis.url
    ours = load(WEFT_REDIS_URL="rediss://a/2", REDIS_URL="redis://h:6379").redis.url

    assert url is not None
    assert ours is not None
    assert (url.get_secret_value(), ours.get_secret_value()) == ("redis://h:6379", "rediss://a/2")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://h", "must begin with redis://"),
        ("redis://", "names no server"),
        ("unix://", "names no server"),
        ("redis://:hunter2@", "names no server"),
    ],
)
def test_a_bad_address_names_its_variable_and_the_problem_and_no_password(url: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(REDIS_URL=url)

    assert str(caught.value).startswith("REDIS_URL: ")
    assert problem in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_password_is_not_shown() -> None:
    (line,) = (line for line in load(REDIS_URL="redis://me:hunter2@h/1").describe() if line.name == "WEFT_REDIS_URL")

    assert line.value == "redis://me:********@h/1"
