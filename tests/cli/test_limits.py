"""What the settings of the engine limit."""

import pytest

from tests.cli.conftest import Weft
from weft.assembly import limits_of
from weft.settings import EngineSettings

NOT_LIMITS = {"testing_blocks", "failpoint", "drain_s", "lease_ttl_s"}


@pytest.mark.parametrize("field", sorted(EngineSettings.model_fields.keys() - NOT_LIMITS))
def test_each_setting_of_the_engine_changes_a_limit(field: str) -> None:
    settings = EngineSettings()
    changed = settings.model_copy(update={field: getattr(settings, field) + 1})

    assert limits_of(changed) != limits_of(settings)


def test_the_limits_are_listed_with_the_other_settings(weft: Weft) -> None:
    listed = {item["name"] for item in weft("doctor", "--settings", "--json").json()["items"]}

    assert {"WEFT_MAX_FIRINGS", "WEFT_MAX_EMISSIONS", "WEFT_MAX_VALUE_BYTES", "WEFT_MAX_EXECUTION_BYTES"} <= listed
