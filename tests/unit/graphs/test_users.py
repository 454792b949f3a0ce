from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from weft.errors import InvalidInput
from weft.users.types import LOCAL_OWNER, User, UserPreferences

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def make_user(**fields: Any) -> User:
    return User(**({"id": LOCAL_OWNER, "email": "ann@example.com", "created_at": NOW, "updated_at": NOW} | fields))


def test_preferences_need_no_arguments() -> None:
    preferences = UserPreferences()

    assert preferences.model_dump() == {
        "theme": "system",
        "language": "en-US",
        "notifications_enabled": True,
        "auto_save_enabled": True,
        "default_graph_settings": {},
    }


def test_a_preference_is_changed_in_a_copy() -> None:
    before = UserPreferences()

    after = before.update_preference("theme", "dark")

    assert (before.theme, after.theme) == ("system", "dark")


@pytest.mark.parametrize(("key", "value"), [("colour", "red"), ("theme", "pink"), ("language", "")])
def test_unknown_preferences_and_values_are_refused(key: str, value: str) -> None:
    with pytest.raises(InvalidInput):
        UserPreferences().update_preference(key, value)


def test_texts_are_stripped_and_unknown_fields_refused() -> None:
    assert make_user(name="  Ann ").name == "Ann"
    with pytest.raises(ValidationError):
        make_user(nickname="x")


@pytest.mark.parametrize(
    "field",
    [
        {"email": "nobody"},
        {"name": "x" * 101},
        {"bio": "x" * 501},
        {"website": "x" * 201},
        {"max_emails_per_day": -1},
    ],
)
def test_fields_have_limits(field: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make_user(**field)


def test_a_kind_of_notification_is_on_unless_unset_or_unknown() -> None:
    user = make_user(notify_on_low_balance=False)

    assert user.is_notification_enabled("agent_run")
    assert not user.is_notification_enabled("low_balance")
    assert not user.is_notification_enabled("flood")


def test_a_profile_shows_no_secret_and_a_name_to_show() -> None:
    user = make_user(password_hash="hash", integrations="sealed")

    assert user.profile().get_display_name() == "ann"
    assert make_user(name="Ann").profile().get_display_name() == "Ann"
    assert set(user.profile().preferences) == {
        "theme",
        "language",
        "notifications_enabled",
        "auto_save_enabled",
    }
    assert "hash" not in repr(user)
    assert "sealed" not in str(user.profile().model_dump())
