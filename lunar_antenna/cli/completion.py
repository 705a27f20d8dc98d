"""Completion in a shell: what a word on the command line can go on to be.

The script of the verb ``completion`` calls ``lunar-antenna --complete CURRENT WORD...``, the words
before the current one, and gets one candidate a line; nothing heavy is imported.  Where there is
none the shell completes files.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

COMPLETE = "--complete"
_ACCURACIES = ("draft", "normal", "fine")


Commands = Callable[[str], Any]  # name of a verb -> its command, as typer makes it


def complete(arguments: Sequence[str], verbs: Collection[str], commands: Commands) -> int:
    """Print the candidates for the first of ``arguments``; the rest are the words before it."""
    current, before = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    for word in candidates(current, before, verbs, commands):
        sys.stdout.write(f"{word}\n")
    return 0


def candidates(
    current: str, before: Sequence[str], verbs: Collection[str], commands: Commands
) -> list[str]:
    """Words that begin with ``current``, after the words ``before`` it."""
    offered = _offered(current, before, verbs, commands)
    return sorted({word for word in offered if word.startswith(current)})


def _offered(
    current: str, before: Sequence[str], verbs: Collection[str], commands: Commands
) -> Iterable[str]:
    verb = next((word for word in before if not word.startswith("-")), None)
    if verb is None:
        return (*verbs, "--help", "--version")
    if verb not in verbs:
        return ()
    rest = list(before[list(before).index(verb) + 1 :])
    command = commands(verb)
    inner = getattr(command, "commands", None)
    if inner is not None:
        named = next((word for word in rest if word in inner), None)
        if named is None:
            return (*inner, "--help")
        command, rest = inner[named], rest[rest.index(named) + 1 :]
    taking = _taking(command, rest[-1]) if rest else None
    if taking is not None:
        return _values(taking.opts[-1], str(taking.metavar))
    if current.startswith("-"):
        found = [o for item in command.params for o in (*item.opts, *item.secondary_opts)]
        return [*(option for option in found if option.startswith("-")), "--help"]
    arguments = [item for item in command.params if not item.opts[0].startswith("-")]
    given = _positional(command, rest)
    if not arguments:
        return ()
    place = arguments[min(given, len(arguments) - 1)]
    return _values(place.name, str(place.metavar))


def _taking(command: Any, word: str) -> Any:
    """The option ``word`` if it is one that takes a value."""
    for item in command.params:
        if word in item.opts and not getattr(item, "is_flag", False):
            return item
    return None


def _positional(command: Any, rest: Sequence[str]) -> int:
    """How many of ``rest`` are arguments, neither options nor their values."""
    count, skip = 0, False
    for word in rest:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = _taking(command, word) is not None
        else:
            count += 1
    return count


def _values(name: str, metavar: str) -> Iterable[str]:
    """What an option or an argument of that name and placeholder takes."""
    by_option: dict[str, Callable[[], Iterable[str]]] = {
        "--soil": _soils,
        "--accuracy": lambda: _ACCURACIES,
        "--solver": _solvers,
        "--confirm": lambda: (*_solvers(), "none"),
        "--format": _formats,
        "--sampler": lambda: ("auto", "cma-es", "tpe", "gp", "nsga2", "nsga3"),
    }
    if name in by_option:
        return by_option[name]()
    if "STUDY" in metavar or "GEOMETRY" in metavar:
        return _geometries()
    if "MEASURED" in metavar:
        return (*_measurements(), *_geometries())
    if metavar == "NAME":  # of soil show; a geometry's says GEOMETRY
        return _soils()
    return ("bash", "zsh", "fish") if metavar == "SHELL" else ()


def _soils() -> Iterable[str]:
    from ..common.catalogue import names

    return (*names("soil_models"), "free-space")


def _geometries() -> Iterable[str]:
    """Shipped geometries, studies among them, and families, by the names of their files."""
    from ..common.catalogue import names
    from ..common.sources import PACKAGE

    families = {path.stem for path in (PACKAGE / "geometry" / "families").glob("[!_]*.py")}
    return (*names("geometries"), *(families - {"base"}))


def _measurements() -> Iterable[str]:
    from ..common.catalogue import names

    return (*names("measurements", ".s1p"), *names("measurements", ".s2p"))


def _solvers() -> Iterable[str]:
    from ..common.sources import PACKAGE

    folders = (PACKAGE / "solvers").glob("[!_]*/__init__.py")
    return ("auto", *(path.parent.name for path in folders))


def _formats() -> Iterable[str]:
    from ..common.sources import PACKAGE

    files = {path.stem for path in (PACKAGE / "exports").glob("[!_]*.py")}
    return ("dxf", "svg", *(files - {"base", "registry", "beam"}))
