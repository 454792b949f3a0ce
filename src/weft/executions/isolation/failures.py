"""What a block or its context raised, as JSON and back: on the other side it means the same."""

import builtins
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson

from weft.errors import WeftError
from weft.executions.errors import FiringFailed
from weft.executions.values import encode
from weft.sdk import BlockError, Call, ControlFlow, NotStarted, RetryLater, Stop, Wait

Facts = dict[str, Any]


def failure_to_json(error: BaseException) -> Facts:
    """Return an exception as plain data; of a crash only its type is told, for its words may hold a secret."""
    for kind, name, write in _WRITERS:
        if isinstance(error, kind):
            try:
                return {"kind": name, **write(error)}
            except FiringFailed as unfit:  # the state of a wait, or the inputs of a call, are not JSON
                return failure_to_json(unfit)
    return {"kind": "crash", "name": type(error).__name__, "control": isinstance(error, ControlFlow)}


def failure_from_json(data: Facts) -> Exception:
    """Return the exception that `failure_to_json` was given, or one that means the same to the engine and to blocks."""
    return _READERS[data["kind"]](data)


def _failed(error: FiringFailed) -> Facts:
    facts = {"code": error.error_code, "retryable": error.retryable, "delay_s": error.delay_s}
    return {"message": error.message, **facts}


def _told(error: WeftError) -> Facts:
    details = orjson.loads(orjson.dumps(dict(error.details), default=repr, option=orjson.OPT_NON_STR_KEYS))
    return {"message": error.message, "code": error.error_code, "details": details}


def _later(error: RetryLater) -> Facts:
    return {"reason": error.reason, "delay_s": None if error.delay is None else error.delay.total_seconds()}


def _call(error: Call) -> Facts:
    called = {"graph": error.graph, "version": error.version, "inputs": _plain(error.inputs)}
    return {**called, "state": _plain(error.state), "title": error.title}


def _wait(error: Wait) -> Facts:
    until = None if error.until is None else error.until.isoformat()
    return {"for": error.kind, "key": error.key, "title": error.title, "until": until, "state": _plain(error.state)}


def _plain(value: Any) -> Any:
    return orjson.loads(encode(value))


_WRITERS: tuple[tuple[type[BaseException], str, Callable[[Any], Facts]], ...] = (
    (FiringFailed, "failed", _failed),
    (BlockError, "block", _told),
    (WeftError, "weft", _told),
    (RetryLater, "retry", _later),
    (NotStarted, "not_started", lambda error: {"reason": error.reason}),
    (Stop, "stop", lambda error: {"reason": error.reason}),
    (Call, "call", _call),
    (Wait, "wait", _wait),
    (TimeoutError, "timeout", lambda _: {}),
)


def _read_failed(data: Facts) -> Exception:
    return FiringFailed(data["message"], code=data["code"], retryable=data["retryable"], delay_s=data["delay_s"])


def _read_block(data: Facts) -> Exception:
    error = BlockError(data["message"], data["code"])
    error.details = data["details"]
    return error


def _read_weft(data: Facts) -> Exception:
    error = WeftError(data["message"], error_code=data["code"])
    error.details = data["details"]
    return error


def _read_later(data: Facts) -> Exception:
    delay_s = data["delay_s"]
    return RetryLater(data["reason"], None if delay_s is None else timedelta(seconds=delay_s))


def _read_call(data: Facts) -> Exception:
    return Call(data["graph"], data["inputs"], version=data["version"], state=data["state"], title=data["title"])


def _read_wait(data: Facts) -> Exception:
    until = None if data["until"] is None else datetime.fromisoformat(data["until"])
    return Wait(data["for"], state=data["state"], until=until, key=data["key"], title=data["title"])


def _read_crash(data: Facts) -> Exception:
    """Return an exception of the same name; one of Python's own is also of that type."""
    known = getattr(builtins, data["name"], None)
    if isinstance(known, type) and issubclass(known, Exception):
        base: type[Exception] = known
    else:
        base = ControlFlow if data["control"] else Exception
    made: Exception = type(data["name"], (base,), {"__init__": _say_nothing})()
    return made


def _say_nothing(self: Exception) -> None:
    Exception.__init__(self)


_READERS: dict[str, Callable[[Facts], Exception]] = {
    "failed": _read_failed,
    "block": _read_block,
    "weft": _read_weft,
    "retry": _read_later,
    "not_started": lambda data: NotStarted(data["reason"]),
    "stop": lambda data: Stop(data["reason"]),
    "call": _read_call,
    "wait": _read_wait,
    "timeout": lambda _: TimeoutError(),
    "crash": _read_crash,
}
