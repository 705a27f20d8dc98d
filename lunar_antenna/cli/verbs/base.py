"""Verb: one word of the command line.

Each is a module of its own name with HELP, a literal whose first line is all that ``lunar-antenna
--help`` shows of it and is read without importing the module, and the constant VERB.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import typer

Command = Callable[..., Any]


class Verb(NamedTuple):
    """A command, or a group of them.

    help: with an example.  command: returns an :class:`~lunar_antenna.cli.output.Answer`; its
    parameters are typer's.  group: (help, command) by name, in place of ``command``.
    """

    name: str
    help: str
    command: Command | None = None
    group: Mapping[str, tuple[str, Command]] = MappingProxyType({})

    def register(self, app: typer.Typer) -> None:
        """Add the verb to ``app``."""
        if self.command is not None:
            app.command(self.name, help=self.help)(self.command)
            return
        inner = typer.Typer(rich_markup_mode=None)
        for name, (text, command) in self.group.items():
            inner.command(name, help=text)(command)
        app.add_typer(inner, name=self.name, help=self.help)
