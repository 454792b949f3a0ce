"""A line of the log is one JSON object, whatever is logged."""

import json
import logging
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog

from weft.logs import Masker, StructuredFormatter, TextFormatter, log_to
from weft.logs.plain import Plain


class Rude:
    def __str__(self) -> str:
        raise RuntimeError("no")


def record(message: str = "hello", *args: object, **attributes: Any) -> logging.LogRecord:
    made = logging.LogRecord("weft.test", logging.WARNING, __file__, 7, message, args, None, "here")
    vars(made).update(attributes)
    return made


def document(made: logging.LogRecord, masker: Masker | None = None, **options: str) -> Any:
    line = StructuredFormatter(masker or Masker(), **options).format(made)
    assert "\n" not in line
    return json.loads(line)


def test_a_line_says_when_what_and_where() -> None:
    told = document(record("%s of %d", "one", 2), service="weft-backend", version="1.2.3")

    assert datetime.fromisoformat(told.pop("timestamp")).utcoffset() == timedelta()
    assert told == {
        "level": "WARNING",
        "message": "one of 2",
        "logger": "weft.test",
        "module": "test_formatting",
        "function": "here",
        "line": 7,
        "service": "weft-backend",
        "version": "1.2.3",
    }


def test_fields_that_are_named_like_a_lines_own_stay_beside_them() -> None:
    fields = {"name": "n", "module": "m", "message": "x", "args": [1], "exc_info": 1, "level": "l", "timestamp": "t"}

    told = document(record(fields=fields))

    assert (told["message"], told["module"], told["level"]) == ("hello", "test_formatting", "WARNING")
    assert (told["field_message"], told["field_module"], told["field_level"]) == ("x", "m", "l")
    assert (told["name"], told["args"], told["exc_info"], told["field_timestamp"]) == ("n", [1], 1, "t")


def test_no_attribute_that_python_gives_each_record_is_a_field() -> None:
    plain = set(document(record())) - {"timestamp", "level", "message", "logger", "module", "function", "line"}

    assert plain == set()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("grüße 你好 🎉", "grüße 你好 🎉"),
        (b"abc", "<3 bytes>"),
        (float("inf"), "inf"),
        (2**70, hex(2**70)),
        ({1: {2}}, {"1": [2]}),
        (Rude(), "<Rude: RuntimeError>"),
        ("\ud800", "\ufffd"),
        (timedelta(seconds=1), "0:00:01"),
        (None, None),
    ],
)
def test_what_json_cannot_show_is_shown_as_text(value: object, shown: object) -> None:
    assert document(record(fields={"value": value}))["value"] == shown


def test_an_endless_value_is_cut() -> None:
    loop: list[Any] = []
    loop.append(loop)
    wide = {str(number): "x" * 1000 for number in range(100_000)}

    line = StructuredFormatter(Masker()).format(record("m" * 1_000_000, fields={"loop": loop, "wide": wide}))

    assert len(line) < 60_000
    assert json.loads(line)["wide"]["…"] == "…"


def test_the_room_is_for_all_values_of_one_turn() -> None:
    plain = Plain(room=100)

    assert plain(["a" * 90, "b" * 90, "c"]) == ["a" * 90, "b" * 4 + "…", "…"]


def test_an_exception_stands_with_its_trace_in_the_line_without_secrets() -> None:
    masker = Masker()
    masker.add("hunter22")
    try:
        raise ValueError("password hunter22")
    except ValueError:
        told = document(record("bad hunter22", exc_info=sys.exc_info(), fields={"hunter22": ["hunter22", 5]}), masker)

    assert told["exception"].startswith("Traceback")
    assert told["exception"].endswith("ValueError: password ********")
    assert (told["message"], told["********"]) == ("bad ********", ["********", 5])


def test_arguments_that_do_not_fit_lose_no_line() -> None:
    assert document(record("%d %d", "one"))["message"] == "%d %d ('one',)"


def test_bound_ids_stand_in_lines_of_structlog_and_of_logging(capsys: pytest.CaptureFixture[str]) -> None:
    log_to(StructuredFormatter(Masker()), level=logging.INFO)

    with structlog.contextvars.bound_contextvars(execution_id="e1", request_id="r1"):
        structlog.get_logger("weft.a").info("one", node_id="n", name="clash")
        logging.getLogger("weft.b").info("two")
    structlog.get_logger("weft.a").debug("not asked for")

    one, two = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (one["message"], one["logger"], one["execution_id"], one["node_id"]) == ("one", "weft.a", "e1", "n")
    assert (one["module"], one["function"][:10]) == ("test_formatting", "test_bound")
    assert (two["message"], two["logger"], two["request_id"]) == ("two", "weft.b", "r1")


def test_set_up_twice_lines_come_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        log_to(level=logging.INFO)

    structlog.get_logger("weft").warning("once", why="so")

    assert capsys.readouterr().err.split(" ", 1)[1] == "WARNING weft: once why=so\n"


def test_words_steer_no_terminal_and_stay_on_their_line() -> None:
    line = TextFormatter(Masker()).format(record("a\nb\x1b[31m", fields={"k": "c\rd", "n": {"x": "\u202e"}}))

    assert line.isprintable()


def test_an_exception_stands_below_its_words() -> None:
    try:
        raise ValueError("bad")
    except ValueError:
        lines = TextFormatter(Masker()).format(record(exc_info=sys.exc_info())).splitlines()

    assert lines[0].endswith("WARNING weft.test: hello")
    assert lines[-1] == "ValueError: bad"
