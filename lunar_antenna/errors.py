"""One error hierarchy; each class knows the exit code of the command line.

A message says what was given, what is allowed and what to change, in one line.
"""

from __future__ import annotations


class LunarAntennaError(Exception):
    """Base of every error this package raises on purpose.

    What is quoted in a message, a file's name or a key, may hold line ends and what a terminal
    takes for commands: they are written as Python writes them, so that the message is one line.
    """

    exit_code = 1

    def __init__(self, *told: object) -> None:
        super().__init__(*(_plain(item) if isinstance(item, str) else item for item in told))


class InputError(LunarAntennaError):
    """Bad input: a value, a name, a file that cannot be used as given."""

    exit_code = 2


class GeometryError(InputError):
    """A layout that cannot be built; the message holds coordinates in metres and the fix."""


class FileFormatError(InputError):
    """A file that cannot be read as what it claims to be."""


class UnsupportedProblemError(InputError):
    """The problem is valid but the chosen solver cannot do it."""


class SolverError(LunarAntennaError):
    """A solver failed, or its answer does not pass its own checks."""

    exit_code = 3


class NotConvergedError(SolverError):
    """A solver stopped before its answer was good enough."""


class MissingEngineError(LunarAntennaError):
    """An optional engine is not installed; the message holds the command that installs it."""

    exit_code = 4


def _plain(text: str) -> str:
    """``text`` with whatever cannot be printed as its escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def one_line(text: object) -> str:
    """``text`` with all white space folded, for messages that must stay on one line."""
    return " ".join(str(text).split())
