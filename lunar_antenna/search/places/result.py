"""What a search of places found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...array_problem import Array
from ...array_solution import ArraySolution
from ...common.display import picture
from ...conventions import FloatArray, JsonDict
from .settings import PlacesSettings
from .trail import MOVE, RANDOM, Tried


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Arrangement:
    """The best layout of an array, and all that were tried.

    value: of the merit as the search saw it.  solution: of the best layout, with losses and stated
    errors, and solved: the merit of that; None where the search was interrupted.
    """

    array: Array
    value: float
    settings: PlacesSettings
    z0: float
    tried: tuple[Tried, ...]
    solution: ArraySolution | None = None
    solved: float | None = None
    interrupted: bool = False

    def __repr__(self) -> str:
        return (
            f"<Arrangement of {self.array.n_elements} elements: {self.settings.merit.label} "
            f"{self.value:.4g} after {len(self.tried)} layouts>"
        )

    def values(self, kind: str | None = None) -> FloatArray:
        """(n,) merit of the layouts tried, of one kind or of all; nan where metal met."""
        rows = [row for row in self.tried if kind in (None, row.kind)]
        return np.array([np.nan if row.value is None else row.value for row in rows])

    def seconds(self, kind: str) -> float | None:
        """Processor seconds of a layout of that kind in the median, None without any."""
        times = [row.seconds for row in self.tried if row.kind == kind and row.value is not None]
        return float(np.median(times)) if times else None

    def to_dict(self) -> JsonDict:
        """The JSON document of ``lunar-antenna arrange --json``."""
        random = self.values(RANDOM)
        known = random[np.isfinite(random)]
        own = self.tried[0].value if self.tried else None
        return {
            "merit": self.settings.merit.label,
            "value": self.value,
            "solved": self.solved,
            "z0": self.z0,
            "own": own,
            "random": {
                "count": int(known.size),
                "best": float(known.min()) if known.size else None,
                "median": float(np.median(known)) if known.size else None,
                "worst": float(known.max()) if known.size else None,
                "seconds_per_layout": self.seconds(RANDOM),
            },
            "moves": {
                "count": int(self.values(MOVE).size),
                "seconds_per_layout": self.seconds(MOVE),
            },
            "positions": self.array.positions.tolist(),
            "converged": None if self.solution is None else self.solution.quality.converged,
            "interrupted": self.interrupted,
            "search": self.settings.to_dict(),
        }

    def _repr_png_(self) -> bytes:
        return picture(self)
