"""Entry point of ``lunar-antenna``: finds the verb, loads only its file, maps errors to exit codes.

Exit codes: 0 done, 2 bad input, 3 a solver failed, 4 a needed engine is missing, 130 interrupted.
Every error is one line on stderr; ``LUNAR_ANTENNA_DEBUG=1`` adds the traceback.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import typer

from ..errors import InputError, LunarAntennaError, one_line
from ..version import __version__
from .output import Answer, reserved_stdout, say
from .verbs import VERBS, first_line

PROGRAM = "lunar-antenna"
INTERRUPTED = 130

HELP = """Design and verify membrane dipoles on layered lunar soil, 5-35 MHz.

\b
Example:
  lunar-antenna geometry list
  lunar-antenna solve bowtie --set length=9 --band 5:35 --out run.h5
"""


def build(verb: str | None) -> typer.Typer:
    """The application with ``verb`` loaded and all others as their one-line help."""
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    )

    @app.callback(help=HELP)
    def root(
        version: bool = typer.Option(
            False,
            "--version",
            help="Print the version and leave.",
            callback=_version,
            is_eager=True,
        ),
    ) -> None:
        del version

    for name in VERBS:
        if name == verb:
            VERBS.get(name).register(app)
        else:
            app.command(name, help=first_line(name))(_unloaded)
    return app


def _unloaded() -> None:
    raise AssertionError("a verb that was not loaded cannot be called")


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        raise typer.Exit


def run(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    restore = _handle_signals()
    try:
        return _guarded(lambda: _dispatch(arguments))
    finally:
        restore()


def _dispatch(arguments: list[str]) -> int:
    verb = next((item for item in arguments if not item.startswith("-")), None)
    if verb is None and not {"--help", "-h", "--version"} & set(arguments):
        unknown = f"unknown option {arguments[0]}" if arguments else "no verb given"
        raise InputError(f"{unknown}; allowed verbs: {', '.join(VERBS)} (see {PROGRAM} --help)")
    if verb is not None and verb not in VERBS:
        raise InputError(
            f"unknown verb {verb!r}; allowed: {', '.join(VERBS)} (see {PROGRAM} --help)"
        )
    as_json = "--json" in arguments and not {"--help", "-h"} & set(arguments)
    with reserved_stdout(as_json):
        _log_to_stderr()
        answer = build(verb)(arguments, prog_name=PROGRAM, standalone_mode=False)
    if isinstance(answer, Answer):
        answer.write(as_json)
        return answer.exit_code
    if answer == INTERRUPTED:  # what the application makes of Ctrl-C: the verb has said nothing
        raise KeyboardInterrupt
    sys.stdout.flush()
    return answer if isinstance(answer, int) else 0


def _guarded(action: Callable[[], int]) -> int:
    """Run ``action``; every failure becomes one line on stderr and an exit code."""
    try:
        return action()
    except KeyboardInterrupt as interrupt:
        return _fail("interrupted", INTERRUPTED, interrupt)
    except BrokenPipeError:
        # The reader has gone (``| head``): nothing is wrong, nothing more can be said.
        _silence(sys.stdout)
        return 0
    except LunarAntennaError as error:
        return _fail(str(error), error.exit_code if error.exit_code != 1 else 3, error)
    except MemoryError as error:
        return _fail("out of memory; use fewer points or --accuracy draft", 3, error)
    except ImportError as error:
        return _fail(f"a needed part is missing, {error}; see {PROGRAM} doctor", 4, error)
    except OSError as error:
        where = f"cannot use {error.filename}" if error.filename else "cannot read or write"
        return _fail(f"{where}: {error.strerror or error}", 2, error)
    except Exception as error:  # the last line of defence: no traceback for a user
        message = getattr(error, "format_message", None)
        if message is not None:  # typer's own errors about options and arguments
            return _fail(f"{message()} (see {PROGRAM} --help)", 2, error)
        if isinstance(error, typer.Abort):
            return _fail("interrupted", INTERRUPTED, error)
        return _fail(
            f"internal error, {type(error).__name__}: {error}; "
            "set LUNAR_ANTENNA_DEBUG=1 for the traceback and report it",
            3,
            error,
        )


def _fail(message: str, code: int, error: BaseException) -> int:
    if os.environ.get("LUNAR_ANTENNA_DEBUG"):
        import traceback

        traceback.print_exception(error)
    try:
        say(f"{PROGRAM}: {one_line(message)}")
    except BrokenPipeError:
        _silence(sys.stderr)
    return code


def _silence(stream: Any) -> None:
    """Send what is left in ``stream`` nowhere, so that the interpreter can close it."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError, AttributeError):
        return


def _handle_signals() -> Callable[[], None]:
    """Ctrl-C and a polite kill both interrupt, also when started in the background."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    before = {
        number: signal.signal(number, signal.default_int_handler)
        for number in (signal.SIGINT, signal.SIGTERM)
    }

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    return restore


def _log_to_stderr() -> None:
    """Warnings and the package's log go to stderr, one line each."""
    import logging

    root = logging.getLogger("lunar_antenna")
    if not root.handlers:
        handler = logging.StreamHandler(_Stderr())
        handler.setFormatter(logging.Formatter("lunar-antenna: %(message)s"))
        root.addHandler(handler)
        root.setLevel(logging.WARNING)
        root.propagate = False


class _Stderr:
    """Whatever ``sys.stderr`` is when a line is written."""

    def write(self, text: str) -> None:
        sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(run())
