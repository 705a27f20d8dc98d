r"""The best that any current within a footprint can do on a soil, per frequency.

Whatever metal is laid inside the footprint, its current is one of those that the footprint can
hold.  With I the currents (A) of functions over the whole of it, R = R_sky + R_ground + R_metal +
R_film the matrix of the power they take and A the form of what is wanted (:mod:`.quantities`),

    q = max_I  I^H T^T A T I / (I^H R I)

is the largest eigenvalue of a Hermitian pair (Harrington 1965, IEEE Trans. AP 13, 896; with the
matrices of a moment method Jelinek & Capek 2017, IEEE Trans. AP 65, 329; Gustafsson & Nordebo
2013, ibid. 61, 1109).  No antenna in the footprint reaches more; no port, resonance or stored
energy enters, which over lossy soil would be undefined.  T leads from functions to moments on a
small grid, A = L L^H, and the eigenvalue is that of the small matrix

    S = sum over parity classes of  W^H W,    W = C^-1 T^T L,    R = C C^T,

so that all parity classes count, also where the quantity mixes them (a direction off zenith).

The metal is a sheet: what a rim adds to the loss of its own current is left out, since it holds
for metal that ends there alone.  Without any loss superdirective currents would cost nothing and
R would be singular to rounding.  Over lossy soil the value has a limit all the same; a perfect
conductor is bounded there by the sheet of least loss whose powers can be told from the errors of
the ground's kernels, and what it gains over ten times as much counts as an error.

Currents on a mesh are a part of all currents: the value grows with finer meshes, towards the bound.
Three meshes give its error by Richardson's rule at the order they show, from 1/2 to 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.blas import one_blas_thread
from ..common.checks import reporter
from ..common.facts import Pictured, Rows, megahertz, spread
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import InputError, SolverError
from ..media.layer import Stack
from ..problem import Band, Problem
from .fed import Feed, Pencil, factor, fed_bound, positive, untold
from .footprint import Footprint, footprint
from .quantities import Quantity

if TYPE_CHECKING:
    from shapely.geometry import MultiPolygon, Polygon

    from ..geometry.layout import Gap, Layout
    from ..media.sheets import Film, Metal
    from ..solution import Solution
    from ..solvers.planar.matrices import System

Progress = Callable[[float, str], None]
METAL = "copper_18um"  # of a bound that names none
SHEETS = (1e-6, 1e-5, 1e-4)  # ohm per square, the first that does stands for a perfect conductor
BARELY = SHEETS[0]  # of the tab
DOUBT = 0.01  # of the bound, what its current may be off by Re Z where the metal is perfect
MESHES = (0.9, 0.6, 0.4)  # spacings over those of "draft", falling by the same ratio
RATIO = MESHES[0] / MESHES[1]
POINTS = 13  # frequencies that a design is held against the bound at
ORDERS = (0.5, 2.0)  # of convergence that Richardson's rule may find


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bound(Pictured):
    """What no antenna within ``footprint`` exceeds.

    value (n,): the largest that a current on the finest mesh reaches.  mesh_error (n,): what finer
    meshes are expected to add.  reached (n,): what the current found reaches by Re Z, whose kernels
    are not those of the losses; gap (n,) = |value - reached|.  meshes: values on every mesh
    (n_mesh, n); unknowns: of the largest class on each.
    vertices (n_v, 2) m, triangles (n_t, 3) and current (n, n_t, 2) A/m at the centroids, for one
    watt accepted.
    """

    quantity: Quantity
    problem: Problem
    value: FloatArray
    mesh_error: FloatArray
    reached: FloatArray
    meshes: FloatArray
    unknowns: tuple[int, ...]
    vertices: FloatArray
    triangles: Any
    current: ComplexArray

    @property
    def frequency(self) -> FloatArray:
        return self.problem.frequency

    @property
    def footprint(self) -> Footprint:
        layout = self.problem.layout
        assert isinstance(layout, Footprint)
        return layout

    @property
    def gap(self) -> FloatArray:
        return np.asarray(np.abs(self.value - self.reached))

    @property
    def upper(self) -> FloatArray:
        """(n,) value and its errors: what no design exceeds."""
        return np.asarray(self.value + self.mesh_error + self.gap)

    def reached_by(self, solution: Solution, port: int = 1) -> FloatArray:
        """(n,) what a design reaches of ``value``, its sky share over the bound of sky share.

        Raises :class:`InputError` where the design does not lie within the footprint or was not
        solved at the bound's frequencies; efficiency is that share in free space.
        """
        if self.quantity.direction is not None:
            raise InputError("a design is held against a share or an efficiency, not a gain")
        layout = solution.problem.layout
        if not self.footprint.surface.buffer(1e-9).covers(layout.surface):
            x0, y0, x1, y1 = layout.bounds
            raise InputError(
                f"{layout.name} spans ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}) m and is not within the "
                "footprint of the bound; give a larger one"
            )
        at = np.abs(solution.frequency[None, :] - self.frequency[:, None]).argmin(axis=1)
        if np.abs(solution.frequency[at] / self.frequency - 1.0).max() > 1e-9:
            raise InputError("the design was not solved at all frequencies of the bound")
        feed = self.quantity.feed
        found = solution.efficiency(100.0 if feed is None else feed.z0, port=port)
        return np.asarray((found.sky if feed is None else found.realised)[at] / self.value)

    def __repr__(self) -> str:
        low, high = float(self.value.min()), float(self.value.max())
        return f"<Bound {self.quantity.name} {low:.4g} to {high:.4g}, {self.problem!r}>"

    def to_dict(self) -> JsonDict:
        return {
            **self.quantity.to_dict(),
            "footprint": [list(item.exterior.coords) for item in self.footprint.conductors],
            "soil": self.problem.stack.name,
            "height": self.problem.height,
            "metal": None if self.footprint.metal is None else self.footprint.metal.to_dict(),
            "film": None if self.footprint.film is None else self.footprint.film.to_dict(),
            "frequency": self.frequency.tolist(),
            "value": self.value.tolist(),
            "mesh_error": self.mesh_error.tolist(),
            "gap": self.gap.tolist(),
            "unknowns": list(self.unknowns),
        }

    def facts(self) -> Rows:
        return [
            ("quantity", self.quantity.name),
            ("soil", f"{self.problem.stack.name}, height {self.problem.height:g} m"),
            ("frequencies", megahertz(self.frequency)),
            ("bound", spread(self.value)),
            ("gap", spread(self.gap)),
            ("mesh error", spread(self.mesh_error)),
        ]


def bound(
    shape: Polygon | MultiPolygon | Layout | Sequence[float] | str,
    stack: Stack | str,
    height: float = 0.0,
    band: Band | None = None,
    quantity: str = "sky_share",
    *,
    direction: tuple[float, float] | None = None,
    cone: float | None = None,
    port: Gap | None = None,
    z0: float | None = None,
    reactance: float | None = None,
    metal: Metal | str | JsonDict | None = None,
    film: Film | str | JsonDict | None = None,
    progress: Progress | None = None,
) -> Bound:
    """The best that any current within a footprint reaches on ``stack``, per frequency.

    shape: a shapely polygon (m), (length, width) in m, "10x2", or a layout, whose metal it is.
    quantity: "sky_share", power to the sky over power accepted; "gain" (no mismatch) towards
    ``direction`` = (theta, phi) rad, zenith if not given, or its mean over the solid angle of a
    ``cone`` of that half-angle (rad) round it; "efficiency", radiated over accepted power in free
    space; "realised_sky" and "realised_gain", the same two over the power available from a source
    of ``z0`` (ohm, 100 if not given) at the gap ``port``, of an antenna that shows ``reactance``
    (ohm, 0 is self-resonance; any if not given): :mod:`.fed`.  metal: of the sheet, None is
    copper_18um, "pec" a perfect conductor; film: None is none.

    Raises :class:`~lunar_antenna.errors.InputError`; :class:`SolverError` where the problem is too
    ill posed to be solved.
    """
    reporter(progress)
    from ..media.sheets import film_from, metal_from
    from ..media.soils import load_soil

    sheet = metal_from(METAL if metal is None else metal)
    wanted = Quantity.of(quantity, direction, cone, z0, reactance)
    ground = stack if isinstance(stack, Stack) else load_soil(stack)
    if sheet is None and ground.is_free_space:
        raise InputError(
            "metal = pec has no bound in free space: currents that lose nothing have any gain, and "
            f"an efficiency of 1; give a metal, for example {METAL}"
        )
    area = footprint(shape, sheet, film_from(film), port)
    problem = Problem(area, ground, height, band)
    wanted.check(problem)
    return solve_bound(problem, wanted, progress)


def bound_of(
    solution: Solution, shape: Any, points: int = POINTS, progress: Progress | None = None
) -> Bound:
    """The bound of sky share (efficiency in free space) that a solved design is held against.

    shape: as in :func:`bound`.  Soil, height, metal and film are the design's; frequencies at most
    ``points`` of its own, evenly spread.
    """
    problem = solution.problem
    chosen = np.linspace(0, solution.frequency.size - 1, min(points, solution.frequency.size))
    return bound(
        shape,
        problem.stack,
        problem.height,
        Band(solution.frequency[np.unique(chosen.round().astype(int))]),
        "efficiency" if problem.stack.is_free_space else "sky_share",
        metal=problem.layout.metal or "pec",
        film=problem.layout.film,
        progress=progress,
    )


@one_blas_thread
def solve_bound(problem: Problem, quantity: Quantity, progress: Progress | None = None) -> Bound:
    """The bound of a footprint's problem on three meshes."""
    from ..solvers.registry import get_solver, refusal

    refused = refusal(get_solver("planar"), problem)
    if refused is not None:
        raise InputError(f"bound cannot be had: {refused}")
    if problem.layout.metal is not None:
        return _solved(problem, quantity, 0.0, progress)
    for more in SHEETS[:-1]:
        try:
            return _solved(problem, quantity, more, progress)
        except SolverError:  # what currents lose is less than the ground's kernels are known to
            continue
    return _solved(problem, quantity, SHEETS[-1], progress)


def _solved(problem: Problem, quantity: Quantity, more: float, progress: Progress | None) -> Bound:
    """With ``more`` ohm per square beyond the metal's; what ten times as much costs is an error."""
    levels = []
    for number, coarsening in enumerate(MESHES):
        if progress is not None:
            progress(number / len(MESHES), f"bound: mesh {number + 1} of {len(MESHES)}")
        last = number == len(MESHES) - 1
        levels.append(_on_mesh(problem, quantity, coarsening, more=more, last=last))
    meshes = np.array([level.value for level in levels])
    found = levels[-1]
    error = mesh_error(meshes, RATIO)
    if more:
        lossier = _on_mesh(problem, quantity, MESHES[-1], more=10.0 * more, last=False)
        error += np.abs(found.value - lossier.value)
    mesh = found.system.basis.mesh
    if progress is not None:
        progress(1.0, "bound: done")
    return Bound(
        quantity=quantity,
        problem=problem,
        value=found.value,
        mesh_error=error,
        reached=found.reached,
        meshes=meshes,
        unknowns=tuple(level.unknowns for level in levels),
        vertices=mesh.vertices,
        triangles=mesh.triangles,
        current=found.current,
    )


def mesh_error(meshes: FloatArray, ratio: float) -> FloatArray:
    """(n,) of the finest of three meshes (3, n), spacings falling by ``ratio`` each time.

    |v3 - v2|/(ratio^p - 1), p from the two steps, within :data:`ORDERS`.
    """
    first, second = np.abs(np.diff(meshes, axis=0))
    steps = np.maximum(first, 1e-300) / np.maximum(second, 1e-300)
    order = np.clip(np.log(steps) / np.log(ratio), *ORDERS)
    return np.asarray(second / (ratio**order - 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    system: System
    value: FloatArray
    reached: FloatArray
    unknowns: int
    current: ComplexArray


def _on_mesh(
    problem: Problem, quantity: Quantity, coarsening: float, *, more: float, last: bool
) -> _Level:
    """The bound on one mesh; only the ``last`` draws its current and checks it.

    more: ohm per square beyond the metal's.
    """
    if quantity.feed is not None:
        return _fed_on_mesh(problem, quantity, quantity.feed, coarsening, more=more, last=last)
    from ..solvers.planar.matrices import every_current, sources

    made = every_current(problem, coarsening)
    to_sky = sources(problem, made.basis)
    count = problem.frequency.size
    factors = [quantity.factor(problem, to_sky, k) for k in range(count)]
    sheet = made.sheet_factors(more)
    tabled = np.real(sheet["ground"] + sheet["film"])  # (n_freq, n_column)
    strength = [np.zeros((L.shape[1],) * 2, dtype=complex) for L in factors]
    accepted = [np.zeros((L.shape[1],) * 2, dtype=complex) for L in factors]
    moments = [np.zeros(L.shape, dtype=complex) for L in factors]
    density: list[list[Any]] = [[] for _ in factors]
    for parity, _ in made.classes:
        values, lead = made.values(parity), to_sky.moments(parity)
        for k, L in enumerate(factors):
            sure = values @ sheet["metal"][k].real + lead.T @ (to_sky.sky[k] @ lead)
            resistance, _ = positive(sure, values @ tabled[k])
            weight, current = _response(resistance, lead.T @ L)
            strength[k] += weight.conj().T @ weight
            if last:
                accepted[k] += current.conj().T @ (values @ sheet["z"][k].real) @ current
                moments[k] += lead @ current
                density[k].append((parity, current))
    value, reached = np.empty(count), np.empty(count)
    drawn = np.zeros((count, len(made.basis.mesh.triangles) if last else 0, 2), dtype=complex)
    for k, L in enumerate(factors):
        best, mix = np.linalg.eigh(strength[k])
        value[k], best_mix = best[-1], mix[:, -1]
        if not last:
            continue
        power = float((best_mix.conj() @ accepted[k] @ best_mix).real)
        strong = float(np.sum(np.abs(L.conj().T @ (moments[k] @ best_mix)) ** 2))
        if power <= 0.0 or (more and abs(strong / power / value[k] - 1.0) > DOUBT):
            raise untold()
        reached[k] = strong / power
        for parity, current in density[k]:
            one_watt = np.sqrt(2.0 / power) * (current @ best_mix)
            drawn[k] += to_sky.density(parity, one_watt)
    largest = max(parity.count for parity, _ in made.classes)
    return _Level(made, value, reached, largest, drawn)


def _fed_on_mesh(
    problem: Problem, quantity: Quantity, feed: Feed, coarsening: float, *, more: float, last: bool
) -> _Level:
    """The same of what is realised at the port; the mesh is cut along the gap.

    The tab loses nothing, and what circles within it next to nothing: it is told from rounding by
    BARELY ohm per square there, a millionth of an ohm beside the port's resistance.
    """
    from ..solvers.planar.matrices import every_current, sources

    made = every_current(problem, coarsening)
    to_sky = sources(problem, made.basis)
    sheet = made.sheet_factors(more)
    tabled = np.real(sheet["ground"] + sheet["film"])
    filled = [
        (made.values(parity), BARELY * made.tabs(parity), to_sky.moments(parity))
        for parity, _ in made.classes
    ]
    least = 1e-9 * float(np.abs(made.vectors).max())  # what is left of a class no gap excites
    feeds = [np.where(np.abs(own[:, 0]) > least, own[:, 0], 0.0) for _, own in made.classes]
    count = problem.frequency.size
    value, reached = np.empty(count), np.empty(count)
    drawn = np.zeros((count, len(made.basis.mesh.triangles) if last else 0, 2), dtype=complex)
    for k in range(count):
        root = quantity.factor(problem, to_sky, k)
        parts = [
            positive(
                values @ sheet["metal"][k].real + barely + lead.T @ (to_sky.sky[k] @ lead),
                values @ tabled[k],
            )
            for values, barely, lead in filled
        ]
        pencil = Pencil.of(
            [
                (resistance, values @ sheet["z"][k].imag, lead.T @ root, own)
                for (resistance, _), (values, _, lead), own in zip(
                    parts, filled, feeds, strict=True
                )
            ]
        )
        found = fed_bound(pencil, feed, attain=last)
        value[k], reached[k] = found.value, found.reached
        if found.plain is None:
            continue
        power = float(np.sum(np.abs(found.plain) ** 2))  # twice that accepted: R is 1 here
        currents = pencil.currents(found.plain)
        doubtful = sum(
            float((current.conj() @ more_than @ current).real)
            for (_, more_than), current in zip(parts, currents, strict=True)
            if more_than is not None
        )
        if more and doubtful > DOUBT * power:
            raise untold()
        reached[k] /= 1.0 + doubtful / power
        for (parity, _), current in zip(made.classes, currents, strict=True):
            drawn[k] += to_sky.density(parity, np.sqrt(2.0 / power) * current)
    return _Level(made, value, reached, max(p.count for p, _ in made.classes), drawn)


def _response(resistance: FloatArray, wanted: ComplexArray) -> tuple[ComplexArray, ComplexArray]:
    """W = C^-1 wanted and C^-T W, for R = C C^T."""
    from scipy.linalg import solve_triangular

    lower = factor(resistance)
    weight = solve_triangular(lower, wanted, lower=True, check_finite=False)
    current = solve_triangular(lower, weight, lower=True, trans="T", check_finite=False)
    return np.asarray(weight), np.asarray(current)
