"""Entry point of ``lunar-antenna``: finds the verb, loads only its file, maps errors to exit codes.

Exit codes: 0 done, 2 bad input, 3 a solver failed, 4 a needed engine is missing, 130 interrupted.
Every error is one line on stderr; ``LUNAR_ANTENNA_DEBUG=1`` adds the traceback.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

import typer

from ..common.checks import did_you_mean
from ..errors import InputError, one_line
from ..version import __version__
from .completion import COMPLETE, complete
from .failures import PROGRAM, explain
from .given import with_option
from .output import Answer, reserved_stdout, say
from .signals import INTERRUPTED, interruptible
from .streams import silence, standing
from .verbs import VERBS, first_line

_NO_VERB = "no verb given"
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


def _command(verb: str) -> Any:
    """The verb's command as typer makes it."""
    from typer.main import get_group

    return get_group(build(verb)).commands[verb]


def _unloaded() -> None:
    raise AssertionError("a verb that was not loaded cannot be called")


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        raise typer.Exit


def run(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    argv: arguments, for callers in this process; None for the program itself.
    """
    program = argv is None
    arguments = list(sys.argv[1:] if argv is None else argv)
    if program:  # no figure needs a screen, and a Jupyter kernel's choice may not exist here
        os.environ["MPLBACKEND"] = "Agg"
    try:
        with standing(), interruptible(last=program):
            return _guarded(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def _dispatch(arguments: list[str]) -> int:
    if arguments[:1] == [COMPLETE]:
        return complete(arguments[1:], VERBS.names(), _command)
    verb = next((item for item in arguments if not item.startswith("-")), None)
    if verb is None and not {"--help", "-h", "--version"} & set(arguments):
        near = did_you_mean(arguments[0], ("--help", "--version")) if arguments else ""
        unknown = f"unknown option {arguments[0]}; {near}".rstrip("; ") if arguments else _NO_VERB
        raise InputError(f"{unknown}; allowed verbs: {', '.join(VERBS)} (see {PROGRAM} --help)")
    if verb is not None and verb not in VERBS:
        raise InputError(
            f"unknown verb {verb!r}; {did_you_mean(verb, VERBS.names())}allowed: "
            f"{', '.join(VERBS)} (see {PROGRAM} --help)"
        )
    as_json = "--json" in arguments and not {"--help", "-h"} & set(arguments)
    with reserved_stdout(as_json):
        _log_to_stderr()
        answer = build(verb)(arguments, prog_name=PROGRAM, standalone_mode=False)
    if isinstance(answer, Answer):
        with _printing():
            answer.write(as_json)
        return answer.exit_code
    if answer == INTERRUPTED:  # what the application makes of Ctrl-C: the verb has said nothing
        raise KeyboardInterrupt
    with _printing():
        sys.stdout.flush()
    return answer if isinstance(answer, int) else 0


@contextlib.contextmanager
def _printing() -> Iterator[None]:
    """An answer that stdout does not take is an error, told once."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(sys.stdout)
        raise InputError(
            f"the answer cannot be printed, stdout: {error.strerror}; files asked for are written"
        ) from None


def _guarded(arguments: list[str]) -> int:
    """Run the verb; every failure becomes one line on stderr and an exit code."""
    try:
        return _dispatch(arguments)
    except BrokenPipeError:
        # The reader has gone (``| head``): nothing is wrong, nothing more can be said.
        silence(sys.stdout)
        return 0
    except (KeyboardInterrupt, Exception) as error:  # no traceback for a user
        message, code = explain(error)
        if isinstance(error, InputError):
            message = with_option(message, arguments)
        say(f"{PROGRAM}: {one_line(message)}")
        return code


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
