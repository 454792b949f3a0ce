"""Structured and business lines: once each, with their fields."""

import json
import logging
from typing import Any

import pytest

from weft.logs import BusinessLogger, Masker, StructuredFormatter, StructuredLogger


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_many_loggers_of_one_name_write_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    first = StructuredLogger("tests.once")
    StructuredLogger("tests.once", StructuredFormatter(Masker(), service="weft-backend", version="1.0.0"))

    first.info("hello", name="n", module="m", message_id=1)

    (line,) = told(capsys)
    assert (line["message"], line["level"], line["service"], line["version"]) == (
        "hello",
        "INFO",
        "weft-backend",
        "1.0.0",
    )
    assert (line["name"], line["field_module"], line["message_id"]) == ("n", "m", 1)
    assert (line["module"], line["function"][:9]) == ("test_structured", "test_many")
    assert not logging.getLogger("tests.once").propagate


def test_levels_and_exceptions(capsys: pytest.CaptureFixture[str]) -> None:
    log = StructuredLogger("tests.levels")
    log.warning("100% odd")
    try:
        raise ValueError("bad")
    except ValueError:
        log.error("went wrong", exc_info=True)

    odd, wrong = told(capsys)
    assert (odd["level"], odd["message"]) == ("WARNING", "100% odd")
    assert (wrong["level"], wrong["exception"].splitlines()[-1]) == ("ERROR", "ValueError: bad")


def test_business_lines_have_their_fields(capsys: pytest.CaptureFixture[str]) -> None:
    log = BusinessLogger()
    log.log_user_action("u", "execute_graph", "graph", "g", "started", execution_id="e", action_note=1)
    log.log_graph_execution("e", "g", "u", "completed", duration=1.25)
    log.log_graph_execution("e", "g", "u", "failed", duration=0.0, error="no tea")
    log.log_api_call("openai", "chat", "u", 200, 0.5)
    log.log_api_call("openai", "chat", "u", 200, 0.5, cost=0)

    action, done, failed, free, paid = told(capsys)
    assert (action["message"], action["result"], action["execution_id"]) == (
        "user action: execute_graph",
        "started",
        "e",
    )
    assert (done["level"], done["duration_seconds"], "error" in done) == ("INFO", 1.25, False)
    assert (failed["level"], failed["error"], failed["duration_seconds"]) == ("ERROR", "no tea", 0.0)
    assert done["message"] != failed["message"]
    assert "e" in failed["message"]
    assert (free["message"], "cost_cents" in free, paid["cost_cents"]) == ("API call: openai/chat", False, 0)
