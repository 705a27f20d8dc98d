"""What a failure is called and the exit code that it has."""

from __future__ import annotations

import os
import re
import traceback

from ..common.checks import did_you_mean
from ..errors import LunarAntennaError
from .signals import INTERRUPTED

PROGRAM = "lunar-antenna"


def _nearest(error: BaseException) -> str:
    """The subcommand that a wrong one was perhaps meant to be."""
    known = getattr(getattr(getattr(error, "ctx", None), "command", None), "commands", {})
    wrong = re.match(r"No such command '([^']*)'", str(getattr(error, "message", "")))
    if wrong is None or "Did you mean" in str(getattr(error, "message", "")):
        return ""
    near = did_you_mean(wrong.group(1), tuple(known))
    return f" {near}allowed: {', '.join(known)}"


def _nowhere() -> bool:
    """Whether the working folder has been removed."""
    try:
        os.getcwd()  # noqa: PTH109 - what Path.cwd calls, without its import
    except OSError:
        return True
    return False


def explain(error: BaseException) -> tuple[str, int]:
    """(message, exit code): 2 bad input, 3 failed, 4 something is missing, 130 interrupted.

    Every error is one line; LUNAR_ANTENNA_DEBUG=1 prints the traceback before it.
    """
    if os.environ.get("LUNAR_ANTENNA_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", INTERRUPTED
    if isinstance(error, LunarAntennaError):
        return str(error), error.exit_code if error.exit_code != 1 else 3
    if isinstance(error, MemoryError):
        return "out of memory; use fewer points or --accuracy draft", 3
    if isinstance(error, ImportError):
        return f"a needed part is missing, {error}; see {PROGRAM} doctor", 4
    if isinstance(error, OSError):
        if _nowhere():
            return "the working folder is gone; go to one that is there", 2
        where = f"cannot use {error.filename}" if error.filename else "cannot read or write"
        return f"{where}: {error.strerror or error}", 2
    message = getattr(error, "format_message", None)
    if message is not None:  # typer's own errors about options and arguments
        context = getattr(error, "ctx", None)
        asked = getattr(context, "command_path", "") or PROGRAM
        return f"{message()}{_nearest(error)} (see {asked} --help)", 2
    if type(error).__name__ == "Abort":  # typer's, of Ctrl-C
        return "interrupted", INTERRUPTED
    return (
        f"internal error, {type(error).__name__}: {error}; "
        "set LUNAR_ANTENNA_DEBUG=1 for the traceback and report it"
    ), 3
