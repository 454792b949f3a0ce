"""All commands of `weft`, in one table; the module of a command is imported when the command is run."""

import importlib
from dataclasses import dataclass
from typing import Any, Literal

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: where its function stands (`module:name`, or a `typer.Typer` of several), and what it does."""

    target: str
    panel: str
    summary: str


MARKUP: Literal["markdown"] = "markdown"
"""How help texts are written: docstrings may break their lines anywhere."""

_RUN, _GRAPHS, _BLOCKS, _PLATFORM = "Executions", "Graphs", "Blocks", "Platform"

COMMANDS: dict[str, Entry] = {
    "demo": Entry("weft.cli.demo:demo", _RUN, "Run an example agent and show what Weft does"),
    "run": Entry("weft.cli.run:run", _RUN, "Run a graph, from a file or by its id"),
    "resume": Entry("weft.cli.resume:resume", _RUN, "Go on with executions whose process is gone"),
    "cancel": Entry("weft.cli.cancel:cancel", _RUN, "Cancel an execution"),
    "answer": Entry("weft.cli.answer:answer", _RUN, "Answer a step that waits"),
    "watch": Entry("weft.cli.watch:watch", _RUN, "Watch an execution, whoever runs it"),
    "limits": Entry("weft.cli.limits:app", _RUN, "Say how many executions may run at once"),
    "executions": Entry("weft.cli.executions:executions", _RUN, "List executions, or show one"),
    "validate": Entry("weft.cli.validate:validate", _GRAPHS, "Say everything that is wrong with a graph"),
    "save": Entry("weft.cli.save:save", _GRAPHS, "Save a graph's file as a version"),
    "import": Entry("weft.cli.save:import_file", _GRAPHS, "Import an agent from elsewhere, with a report"),
    "export": Entry("weft.cli.export:export", _GRAPHS, "Write a saved graph, and those it runs, as a file"),
    "draw": Entry("weft.cli.draw:draw", _GRAPHS, "Draw a graph, or how far a run of it is"),
    "diff": Entry("weft.cli.diff:diff", _GRAPHS, "Say what changed between two graphs"),
    "clone": Entry("weft.cli.clone:clone", _GRAPHS, "Copy a graph or a template into a new graph"),
    "templates": Entry("weft.cli.templates:templates", _GRAPHS, "List the graphs that anybody may copy"),
    "blocks": Entry("weft.cli.blocks:blocks", _BLOCKS, "List the blocks there are"),
    "block": Entry("weft.cli.block:app", _BLOCKS, "Make a new block, or check blocks"),
    "serve": Entry("weft.cli.serve:serve", _PLATFORM, "Run database, workers and scheduler, and keep them running"),
    "worker": Entry("weft.cli.worker:worker", _PLATFORM, "Run executions until told to stop"),
    "scheduler": Entry("weft.cli.scheduler:scheduler", _PLATFORM, "Look after dead workers and timers"),
    "workers": Entry("weft.cli.workers:workers", _PLATFORM, "List the processes that work"),
    "migrate": Entry("weft.cli.migrate:migrate", _PLATFORM, "Bring the database to this program's version"),
    "doctor": Entry("weft.cli.doctor:doctor", _PLATFORM, "Look whether everything works, and what is set"),
}


class LazyGroup(TyperGroup):
    """The program: lists its commands from the table, and loads the one that is run."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's signature
        """Return the names of all commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's signature
        """Return the command as the list shows it, without its options; None if there is none."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        return TyperCommand(name=cmd_name, help=entry.summary, rich_help_panel=entry.panel)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command to run, loaded."""
        self.commands = {name: self.get_command(ctx, name) for name in COMMANDS}  # Typer suggests from these
        name, listed, rest = super().resolve_command(ctx, args)
        return name, (listed if name is None else load_command(name)), rest


def load_command(name: str) -> Any:
    """Return a command with all its options; imports its module."""
    module, _, attribute = COMMANDS[name].target.partition(":")
    target = getattr(importlib.import_module(module), attribute)
    if not isinstance(target, typer.Typer):
        app = typer.Typer(add_completion=False, rich_markup_mode=MARKUP)
        app.command(name)(target)
        target = app
    command = typer.main.get_command(target)
    command.name = name
    return command
