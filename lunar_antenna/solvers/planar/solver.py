"""PlanarSolver: the protocol around mesh, kernels, sweep and error estimate."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...conventions import ComplexArray, FloatArray
from ...problem import Problem
from ...radiation import CurrentElements
from ...solution import CurrentShape, Quality, Solution
from ...version import __version__
from ..protocol import Capabilities, Progress, mesh_is_trusted, provenance
from .blas import one_blas_thread

if TYPE_CHECKING:
    from .kernels import Kernels
    from .sweep import Sweep

# Of |dZ|/|Z| in a search, at every frequency, as the residual estimates it.  For bow-ties,
# profiles, fans, folded and meandered strips Z then agrees with a solve at every frequency to
# 3e-8 and, at LOSS_TOLERANCE, each loss to 1e-7 of the accepted power.
SEARCH_TOLERANCE = 1e-6
LOSS_TOLERANCE = 1e-8  # the losses are of first order in the currents, Z of second
MOST_CLOSURE = 0.005  # of the power, at every frequency
# The film's first-order term is off by about (thickness/distance)^2: Z changed by up to 0.2 % at
# 1 mm against a resolved layer, by 2 % at 5 mm.
THICKEST_FILM = 1e-3  # m
MAX_TRIANGLES = 40_000  # 4 bytes per pair and mode would exceed any desk computer beyond


class PlanarSolver:
    """Mixed-potential moment method for metal in one plane over any layered soil."""

    name = "planar"
    capabilities = Capabilities(
        soil=True,
        delta_gap=True,
        description="layered-media moment method, the fastest for metal in one plane",
    )

    def missing(self) -> str | None:
        """numba is a core dependency: nothing can be missing."""
        return None

    def refusal(self, problem: Problem) -> str | None:
        """Reason why a problem cannot be done, or None."""
        relief = problem.layout.relief
        if relief is not None:
            free = "nec or " if problem.stack.is_free_space else ""
            return f"metal is not in one plane ({relief}); use solver {free}openems"
        if problem.height == 0.0 and problem.stack.layers[:1]:
            first = problem.stack.layers[0]
            if first.is_conductor:
                return "metal on a perfect conductor; raise height above 0"
        film = problem.layout.film
        if film is not None and film.thickness > THICKEST_FILM:
            return (
                f"film of {film.thickness:g} m, allowed up to {THICKEST_FILM:g} m because films "
                "are taken to first order in their thickness; give it as a layer of the stack"
            )
        eps = problem.stack.complex_eps_r(problem.frequency)
        if len(problem.stack.layers) > 1 and _guides_without_loss(problem, eps):
            return (
                "lossless layers that guide waves (a layer denser than the half-space below it "
                "with loss_tangent = 0); give every layer a loss_tangent such as 1e-4"
            )
        return None

    @one_blas_thread
    def solve(
        self, problem: Problem, accuracy: str, progress: Progress | None, workers: int
    ) -> Solution:
        """One mesh for the result, a coarser one for the error estimate.

        ``workers`` is not used: the whole sweep takes less time than starting a process.
        """
        del workers
        from .accuracy import COARSENING, ORDER, mesh_size
        from .compiled import announce_compilation
        from .kernels import kernels_for
        from .mesh import triangulate
        from .sky import sky_resistance
        from .sweep import run_sweep

        started = time.perf_counter()
        announce_compilation(progress)
        frequency = problem.frequency
        size = mesh_size(problem, accuracy)
        mesh = triangulate(problem.layout, size)
        _check_size(len(mesh.triangles))
        _report(progress, 0.05, "planar: kernels of the stack")
        kernels = kernels_for(problem, frequency, _span(problem))
        _report(progress, 0.2, f"planar: {len(mesh.triangles)} triangles")
        result = run_sweep(problem, kernels, mesh)
        _report(progress, 0.75, "planar: error estimate on a coarser mesh")
        coarse = triangulate(problem.layout, size.coarser(COARSENING))
        rough = run_sweep(problem, kernels, coarse, losses=False)
        _report(progress, 0.9, "planar: sky power")
        r_sky = sky_resistance(problem, frequency, result.grid, result.moments)
        error = _relative_difference(result.z, rough.z) / (COARSENING**ORDER - 1.0)
        solution = _solution(problem, accuracy, result, kernels, r_sky, error, started)
        _report(progress, 1.0, "planar: done")
        shape = CurrentShape(
            weight=mesh.areas,
            vertices=mesh.vertices,
            triangles=mesh.triangles,
            position=_lift(mesh.centroids, problem.metal_height),
            density=_lift_vector(result.density).astype(np.complex64),
        )
        return replace(solution, shape=shape)


@one_blas_thread
def impedance(problem: Problem, accuracy: str = "normal") -> ComplexArray:
    """Port impedance matrix alone, (n_freq, p, p) ohm: for searches that need nothing else.

    The numbers of :meth:`PlanarSolver.solve` to SEARCH_TOLERANCE, without losses, currents or the
    error estimate.  Raises :class:`UnsupportedProblemError` for what the solver refuses.
    """
    return _search(problem, accuracy, losses=False)[0].z


@one_blas_thread
def quick_solution(problem: Problem, accuracy: str = "draft") -> Solution:
    """Z, losses, sky power and far field without error estimate and drawn currents: for searches.

    The numbers of :meth:`PlanarSolver.solve` to LOSS_TOLERANCE; quality.z_error is None and
    quality.converged stands for the power balance alone.  Raises
    :class:`UnsupportedProblemError` for what the solver refuses.
    """
    from .sky import sky_resistance

    started = time.perf_counter()
    result, kernels = _search(problem, accuracy, losses=True)
    r_sky = sky_resistance(problem, problem.frequency, result.grid, result.moments)
    return _solution(problem, accuracy, result, kernels, r_sky, None, started)


def _search(problem: Problem, accuracy: str, *, losses: bool) -> tuple[Sweep, Kernels]:
    from ...errors import UnsupportedProblemError
    from .accuracy import mesh_size
    from .kernels import kernels_for
    from .mesh import triangulate
    from .sweep import run_sweep

    reason = PlanarSolver().refusal(problem)
    if reason is not None:
        raise UnsupportedProblemError(f"solver planar cannot do this: {reason}")
    mesh = triangulate(problem.layout, mesh_size(problem, accuracy))
    _check_size(len(mesh.triangles))
    kernels = kernels_for(problem, problem.frequency, _span(problem), flux=losses)
    tolerance = LOSS_TOLERANCE if losses else SEARCH_TOLERANCE
    sweep = run_sweep(problem, kernels, mesh, losses=losses, currents=False, tolerance=tolerance)
    return sweep, kernels


def _solution(
    problem: Problem,
    accuracy: str,
    result: Sweep,
    kernels: Kernels,
    r_sky: ComplexArray,
    error: FloatArray | None,
    started: float,
) -> Solution:
    """Everything but the drawn current; ``started``: of :func:`time.perf_counter`, s."""
    closure = Solution.closure(result.z, r_sky, result.r_ground, result.r_metal, result.r_film)
    trusted = error is None or mesh_is_trusted(error)
    return Solution(
        problem=problem,
        frequency=problem.frequency,
        z=result.z,
        r_sky=r_sky,
        r_ground=result.r_ground,
        r_metal=result.r_metal,
        r_film=result.r_film,
        elements=_elements(result.grid.position, result.moments, problem.metal_height),
        quality=Quality(
            converged=bool(closure.max() < MOST_CLOSURE and trusted),
            power_closure=closure,
            z_error=error,
            details={
                "triangles": len(result.mesh.triangles),
                "unknowns_reduced": result.reduced,
                "frequencies_solved": result.solved,
                "radial_modes": kernels.modes_a.shape[1] + kernels.modes_phi.shape[1],
            },
        ),
        provenance=provenance(
            problem,
            solver=PlanarSolver.name,
            version=__version__,
            accuracy=accuracy,
            threads=1,
            wall_seconds=time.perf_counter() - started,
            unknowns=result.unknowns,
            notes=_notes(problem),
        ),
    )


def _span(problem: Problem) -> float:
    x0, y0, x1, y1 = problem.layout.bounds
    return float(np.hypot(x1 - x0, y1 - y0))


def _guides_without_loss(problem: Problem, eps: ComplexArray) -> bool:
    lossless = eps.imag.max(axis=1) > -1e-9 * eps.real.max(axis=1)
    if problem.stack.has_conductor:
        inner = eps[:-1]
        return bool(np.any(lossless[:-1] & (inner.real.max(axis=1) > 1.0)))
    return bool(np.any(lossless[:-1] & (eps[:-1].real.min(axis=1) > eps[-1].real.max())))


def _check_size(triangles: int) -> None:
    if triangles > MAX_TRIANGLES:
        from ...errors import SolverError

        raise SolverError(
            f"planar solver: the mesh has {triangles} triangles, allowed {MAX_TRIANGLES}; "
            "use accuracy='draft' or a simpler outline"
        )


def _report(progress: Progress | None, fraction: float, message: str) -> None:
    if progress is not None:
        progress(fraction, message)


def _relative_difference(z: ComplexArray, other: ComplexArray) -> FloatArray:
    difference = np.abs(z - other).max(axis=(1, 2))
    scale = np.abs(np.diagonal(z, axis1=1, axis2=2)).max(axis=1)
    return np.asarray(difference / scale)


def _lift(points: FloatArray, z: float) -> FloatArray:
    return np.column_stack((points, np.full(len(points), z)))


def _lift_vector(values: ComplexArray) -> ComplexArray:
    return np.concatenate((values, np.zeros((*values.shape[:-1], 1))), axis=-1)


def _elements(grid: FloatArray, moments: ComplexArray, z: float) -> CurrentElements:
    return CurrentElements(_lift(grid, z), _lift_vector(moments))


def _notes(problem: Problem) -> tuple[str, ...]:
    notes: list[Any] = []
    if problem.layout.film is not None:
        notes.append("film taken as laterally infinite")
        if problem.stack.is_free_space:
            notes.append("film left out of the far field in free space")
    return tuple(notes)
