"""Format: what an export format is.

A format is one module here of its own name with a constant FORMAT, or an entry point
``lunar_antenna.exports`` of a package outside: a subclass of :class:`Format` that is a frozen
dataclass, whose fields are its options.

    @dataclass(frozen=True, slots=True)
    class Mine(Format):
        '''One line: what the file is for.'''

        name = "mine"
        endings = (".mine",)
        far_field = True
        step: float = 5.0                            # an option: --set step=2, or step=2.0

        def write(self, solution, path, port, terminated):
            ...                                      # raises InputError for what it cannot hold

    FORMAT = Mine
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ..errors import InputError

if TYPE_CHECKING:
    from ..solution import Solution


@dataclass(frozen=True, slots=True)
class Format(ABC):
    """An export format with its options.

    endings: of file names, as patterns (".s*p"); none where the export is a folder.  far_field:
    the radiating currents are needed, not only matrices.
    """

    name: ClassVar[str]
    endings: ClassVar[tuple[str, ...]] = ()
    far_field: ClassVar[bool] = False

    @classmethod
    def is_folder(cls) -> bool:
        return not cls.endings

    @classmethod
    def fits(cls, path: Path) -> bool:
        """Whether the name of a file ends as the format's do."""
        return any(fnmatchcase(path.suffix.lower(), ending) for ending in cls.endings)

    def check(self, solution: Solution, path: Path, port: int | None) -> None:
        """:class:`InputError` for a path, a port or a solution that the format cannot do."""
        if not self.is_folder() and not self.fits(path):
            raise InputError(
                f"{path} does not end as format {self.name} does; end it in "
                f"{' or '.join(self.endings)}"
            )
        known = isinstance(port, int) and not isinstance(port, bool)
        if port is not None and not (known and port in ports(solution, None)):
            raise InputError(f"port = {port!r}; this solution has ports 1 to {solution.n_ports}")
        if self.far_field:
            check_far_field(solution, self.name)

    @abstractmethod
    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        """Write to ``path``: a file that is not there yet, or an empty folder.

        The file or folder gets its own name once this has returned.  port: from 1; None: all.
        terminated: ohm at the other ports; None: open.
        """


def check_far_field(solution: Solution, name: str) -> None:
    """:class:`InputError` where a solution holds matrices alone."""
    if not solution.elements.position.size:
        raise InputError(f"format {name} needs the far field, and this solution has none")


def ports(solution: Solution, port: int | None) -> range:
    """The ports meant, counted from 1."""
    return range(1, solution.n_ports + 1) if port is None else range(port, port + 1)


def origin(solution: Solution) -> tuple[str, ...]:
    """Lines of comment that say where the numbers come from."""
    record, problem = solution.provenance, solution.problem
    return (
        f"lunar-antenna {record.package_version}, solver {record.solver} "
        f"{record.solver_version}, accuracy {record.accuracy}, {record.created}",
        f"layout {problem.layout.name}, soil {problem.stack.name}, height {problem.height:g} m",
        f"problem {record.problem_digest}",
        *record.notes,
    )
