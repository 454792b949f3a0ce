"""Weft: agents as graphs of typed blocks that always finish.

`weft.run(graph, name=value)` runs a graph from Python, `await weft.arun(…)` in a coroutine, `async with weft.open()`
many of them. What a name stands for is loaded when it is first used; importing the package loads nothing.
"""

_PLACES = {
    "App": "weft.local.app",
    "Drawing": "weft.local.drawing",
    "Result": "weft.local.result",
    "arun": "weft.local.running",
    "close": "weft.local.background",
    "draw": "weft.local.running",
    "open": "weft.local.running",
    "run": "weft.local.running",
}


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module 'weft' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415  (the package itself imports nothing)

    found: object = getattr(import_module(_PLACES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
