"""Formats by name, and ``la.export``."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..common.checks import path_of
from ..common.files import whole
from ..common.registry import Registry
from ..errors import InputError
from .base import Format

if TYPE_CHECKING:
    from ..array_solution import ArraySolution
    from ..solution import Solution

FORMATS: Registry[type[Format]] = Registry(
    "lunar_antenna.exports",
    thing="export format",
    things="exports",
    attribute="FORMAT",
    kind=Format,
    classes=True,
    beside=("arrays", "beam", "cuts", "hdf5", "registry", "waves"),
)


def make_format(name: str, **options: Any) -> Format:
    """The format of that name with ``options``; :class:`InputError` lists what there is."""
    kind = FORMATS.get(name)
    allowed = tuple(item.name for item in fields(kind))
    for option in options:
        if option not in allowed:
            raise InputError(
                f"export format {name} has no option {option!r}; it has "
                f"{', '.join(allowed) or 'none'}"
            )
    return kind(**options)


def format_of(path: str | os.PathLike[str]) -> str:
    """The one format whose files end as ``path`` does; :class:`InputError` without one."""
    target = path_of("path", path)
    found = [name for name, kind in FORMATS.all().items() if kind.fits(target)]
    if len(found) != 1:
        which = f"several have ({', '.join(found)})" if found else "no format has"
        raise InputError(
            f"{target} has an ending that {which}; give the format: {', '.join(FORMATS)}"
        )
    return found[0]


def export(
    solution: Solution | ArraySolution,
    path: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002 - the field's word
    port: int | str | None = None,
    terminated: complex | None = None,
    element: int | str | None = None,
    **options: Any,
) -> Path:
    """Write ``solution``, also an array's, in the format of another program; returns the path.

    format: a name (:data:`FORMATS`); None takes it from the ending of ``path``.  port: from 1;
    None is all of them, or the only one for formats that hold one; of an array also a name
    ("3.2").  terminated: ohm at the other ports, which are open without.  element: of an array, by
    its name: its ports alone, all others open, the phase origin at its position.  options: of the
    format, see its class.

    The file, or the folder of formats that make one, appears only when it is complete; an
    existing file is replaced, an existing folder must be empty.

    Raises :class:`InputError` in one line.
    """
    from ..array_solution import ArraySolution
    from ..solution import Solution

    if isinstance(solution, ArraySolution):
        from .arrays import one_element, whole_array

        if element is None:
            port = solution.port(port) + 1 if isinstance(port, str) else port
            solution = whole_array(solution)
        else:
            if isinstance(port, str) or terminated is not None:
                raise InputError(
                    "element gives all its ports, or port = 1, 2 of it, the others open; leave "
                    "port by name and terminated out"
                )
            solution = one_element(solution, solution.array.element(element))
            element = None
    if not isinstance(solution, Solution):
        raise InputError(f"export of a {type(solution).__name__}; give a Solution")
    if element is not None:
        raise InputError(f"element = {element!r}; this solution is of one antenna: leave it out")
    if isinstance(port, str):
        raise InputError(f"port = {port!r}; this solution has ports 1 to {solution.n_ports}")
    made = make_format(format_of(path) if format is None else format, **options)
    target = path_of("path", path)
    made.check(solution, target, port)
    if made.is_folder():
        _check_folder_name(made.name, target)
    with whole(target, folder=made.is_folder()) as private:
        made.write(solution, private, port, terminated)
    return target


def _check_folder_name(name: str, target: Path) -> None:
    """Refuses a name that says file: a folder called b.h5 is a slip of the format."""
    if target.suffix.lower() == ".txt" or any(kind.fits(target) for kind in FORMATS.all().values()):
        raise InputError(
            f"{target} is named like a file and format {name} writes a folder; give a name "
            f"without {target.suffix}"
        )
