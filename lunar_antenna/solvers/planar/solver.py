"""PlanarSolver: the protocol around mesh, kernels, sweep and error estimate."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...common.blas import one_blas_thread
from ...conventions import ComplexArray, FloatArray
from ...problem import Problem
from ...solution import CurrentShape, Quality, Solution
from ...version import __version__
from ..protocol import (
    MOST_ERROR,
    OneMesh,
    Progress,
    Quick,
    Solver,
    mesh_is_trusted,
    provenance,
)
from . import CAPABILITIES, floor

if TYPE_CHECKING:
    from .kernels import Kernels
    from .sweep import Sweep

# Of |dZ|/|Z| in a search, at every frequency, as the residual estimates it.  For bow-ties,
# profiles, fans, folded and meandered strips Z then agrees with a solve at every frequency to
# 3e-8 and, at LOSS_TOLERANCE, each loss to 1e-7 of the accepted power.
SEARCH_TOLERANCE = 1e-6
LOSS_TOLERANCE = 1e-8  # the losses are of first order in the currents, Z of second
MOST_CLOSURE = 0.005  # of the power, at every frequency
THICKEST_FILM = 1e-3  # m, in free space, where the far field leaves the film out


class PlanarSolver(Solver):
    """Mixed-potential moment method for metal in one plane over any layered soil."""

    name = "planar"
    capabilities = CAPABILITIES

    def slowed(self) -> str | None:
        from .compiled import slowed

        return slowed()

    def refusal(self, problem: Problem) -> str | None:
        """Reason why a problem cannot be done, or None."""
        if problem.height == 0.0 and problem.stack.layers[:1]:
            first = problem.stack.layers[0]
            if first.is_conductor:
                return "metal on a perfect conductor; raise height above 0"
        film = problem.layout.film
        bare = problem.stack.is_free_space
        if film is not None and bare and film.thickness > THICKEST_FILM:
            return (
                f"film of {film.thickness:g} m in free space, allowed up to {THICKEST_FILM:g} m "
                "because the far field leaves it out there; give a stack"
            )
        from .accuracy import span

        unfollowed = floor.refusal(problem, span(problem))
        if unfollowed is not None:
            return unfollowed
        return None

    @one_blas_thread
    def solve(
        self, problem: Problem, accuracy: str, progress: Progress | None, workers: int
    ) -> Solution:
        """One mesh for the result, a coarser one for the error estimate.

        ``workers`` is not used: the whole sweep takes less time than starting a process.
        """
        del workers
        from .accuracy import check_size, coarser_size, mesh_size, span
        from .compiled import announce_compilation
        from .kernels import kernels_for
        from .mesh import triangulate
        from .mesh_error import estimated_errors, gain_change, gain_error, parts_of
        from .sky import intensities, sky_resistance
        from .sweep import run_sweep

        started = time.perf_counter()
        announce_compilation(progress)
        frequency = problem.frequency
        size = mesh_size(problem, accuracy)
        mesh = triangulate(problem.layout, size)
        check_size(len(mesh.triangles))
        _report(progress, 0.05, "planar: kernels of the stack")
        kernels = kernels_for(problem, frequency, span(problem))
        _report(progress, 0.2, f"planar: {len(mesh.triangles)} triangles")
        result = run_sweep(problem, kernels, mesh)
        _report(progress, 0.75, "planar: error estimate on a coarser mesh")
        coarse = triangulate(problem.layout, coarser_size(size, accuracy))
        rough = run_sweep(problem, kernels, coarse, currents=False)
        _report(progress, 0.9, "planar: sky power")
        both = np.concatenate((result.moments, rough.moments), axis=1)  # on one grid
        sky = sky_resistance(problem, frequency, result.grid, both)
        n_port = result.z.shape[1]
        r_sky, rough_sky = sky[:, :n_port, :n_port], sky[:, n_port:, n_port:]
        errors = estimated_errors(
            parts_of(result, r_sky),
            parts_of(rough, rough_sky),
            accuracy,
            len(mesh.triangles) / len(coarse.triangles),
        )
        radiated = intensities(problem, frequency, result.grid, both)
        taken = [np.diagonal(sweep.z, axis1=1, axis2=2).real for sweep in (result, rough)]
        gain = radiated / np.concatenate(taken, axis=1)[..., None]
        off = gain_error(gain_change(gain[:, :n_port], gain[:, n_port:]), accuracy)
        solution = _solution(problem, accuracy, result, kernels, r_sky, errors, started, off)
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
    def quick(self, problem: Problem, accuracy: str, needs: str) -> Quick:
        """One mesh, a reduced-basis sweep to a looser tolerance, no drawn currents.

        Z to SEARCH_TOLERANCE of :meth:`solve` where nothing else is needed, all of it to
        LOSS_TOLERANCE otherwise; quality.z_error is then None and quality.converged stands for
        the power balance alone.
        """
        if needs == "impedance":
            return Quick(_search(problem, accuracy, losses=False)[0].z)
        from .sky import sky_resistance

        started = time.perf_counter()
        result, kernels = _search(problem, accuracy, losses=True)
        r_sky = sky_resistance(problem, problem.frequency, result.grid, result.moments)
        solution = _solution(problem, accuracy, result, kernels, r_sky, {}, started)
        return Quick(result.z, solution)

    def one_mesh(self, problem: Problem, accuracy: str, coarsening: float = 1.0) -> OneMesh:
        from .one_mesh import PlanarMesh

        return PlanarMesh(problem, accuracy, coarsening)


def _search(problem: Problem, accuracy: str, *, losses: bool) -> tuple[Sweep, Kernels]:
    """One mesh, no drawn currents; without ``losses`` Z alone."""
    from .accuracy import check_size, mesh_size, span
    from .kernels import kernels_for
    from .mesh import triangulate
    from .sweep import run_sweep

    mesh = triangulate(problem.layout, mesh_size(problem, accuracy))
    check_size(len(mesh.triangles))
    kernels = kernels_for(problem, problem.frequency, span(problem), flux=losses)
    tolerance = LOSS_TOLERANCE if losses else SEARCH_TOLERANCE
    sweep = run_sweep(problem, kernels, mesh, losses=losses, currents=False, tolerance=tolerance)
    return sweep, kernels


def _solution(
    problem: Problem,
    accuracy: str,
    result: Sweep,
    kernels: Kernels,
    r_sky: ComplexArray,
    errors: dict[str, FloatArray],
    started: float,
    gain: FloatArray | None = None,
) -> Solution:
    """Everything but the drawn current; ``started``: of :func:`time.perf_counter`, s; ``gain``: its
    error."""
    from .sources import lifted

    closure = Solution.closure(result.z, r_sky, result.r_ground, result.r_metal, result.r_film)
    trusted = all(mesh_is_trusted(error) for error in errors.values())
    return Solution(
        problem=problem,
        frequency=problem.frequency,
        z=result.z,
        r_sky=r_sky,
        r_ground=result.r_ground,
        r_metal=result.r_metal,
        r_film=result.r_film,
        elements=lifted(result.grid.position, result.moments, problem.metal_height),
        quality=Quality(
            converged=bool(closure.max() < MOST_CLOSURE and trusted),
            power_closure=closure,
            **errors,
            details={
                **({} if gain is None else {"gain_error": gain}),
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
            notes=(*_notes(problem), *_doubts(problem, errors)),
        ),
    )


def _doubts(problem: Problem, errors: dict[str, FloatArray]) -> list[str]:
    """Where the two meshes disagree by too much."""
    result = []
    for name, error in errors.items():
        worst = error if error.ndim == 1 else error.max(axis=1)
        bad = np.flatnonzero(~(worst < MOST_ERROR))
        if bad.size:
            at = problem.frequency[int(worst.argmax())] / 1e6
            result.append(
                f"{name} exceeds {MOST_ERROR:g} at {bad.size} of {worst.size} frequencies, "
                f"{worst.max():.2g} at {at:g} MHz"
            )
    return result


def _report(progress: Progress | None, fraction: float, message: str) -> None:
    if progress is not None:
        progress(fraction, message)


def _lift(points: FloatArray, z: float) -> FloatArray:
    return np.column_stack((points, np.full(len(points), z)))


def _lift_vector(values: ComplexArray) -> ComplexArray:
    return np.concatenate((values, np.zeros((*values.shape[:-1], 1))), axis=-1)


def _notes(problem: Problem) -> tuple[str, ...]:
    from .accuracy import span
    from .kernels import table_radius

    notes: list[Any] = []
    if problem.layout.film is not None:
        notes.append("film taken as laterally infinite")
        if problem.stack.is_free_space:
            notes.append("film left out of the far field in free space")
    conductor = floor.note(problem, table_radius(span(problem)))
    if conductor is not None:
        notes.append(conductor)
    return tuple(notes)
