"""What every solver must do: one class of tests, for the solvers here and for those outside.

    from lunar_antenna.solvers.conformance import SolverConformance

    class TestMine(SolverConformance):
        solver = "mine"                              # registered, or the class itself

pytest collects it.  ``solver`` is solved once for a small copper strip on film in free space;
a subclass overrides :meth:`problem`, :meth:`two_ports` and :meth:`refused` where its solver needs
others, and may loosen a budget where the method's own error asks for it and says why:

    closure      5e-3   largest |sum of the losses - Herm Z| over Re Z
    pattern      2e-3   sky power of the far field by another rule over r_sky
    reciprocity  1e-6   |Z12 - Z21| over the largest |Z|
    quickness    1e-4   |Z| of :meth:`Solver.quick` against solve

This module needs pytest.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from ..errors import InputError, UnsupportedProblemError
from ..geometry.load import load_geometry
from ..media.layer import Layer, Stack
from ..problem import Band, Problem
from ..solution import Solution, load
from .protocol import NEEDS, Capabilities, Solver
from .registry import SOLVERS, get_solver, quick, refusal, solve

MATRICES = ("z", "r_sky", "r_ground", "r_metal", "r_film")
Told = list[tuple[float, str]]


class SolverConformance:
    """Tests shared by all solvers; each works on one small solution of a copper strip."""

    solver: ClassVar[str | type[Solver]] = ""
    accuracy: ClassVar[str] = "draft"
    frequency: ClassVar[tuple[float, ...]] = (8e6, 14e6, 20e6)
    closure: ClassVar[float] = 5e-3
    pattern: ClassVar[float] = 2e-3
    reciprocity: ClassVar[float] = 1e-6
    quickness: ClassVar[float] = 1e-4

    def problem(self) -> Problem:
        layout = load_geometry("strip", metal="copper_18um", film="polyimide_50um")
        return Problem(layout, Stack.free_space(), 0.5, Band(self.frequency))

    def two_ports(self) -> Problem:
        layout = load_geometry("crossed_bowtie", metal="pec", film="none")
        return Problem(layout, Stack.free_space(), band=Band([14e6]))

    def refused(self) -> list[Problem]:
        """Problems that this solver must refuse."""
        return []

    @classmethod
    def engine(cls) -> Solver:
        """The solver under test."""
        return get_solver(cls.solver) if isinstance(cls.solver, str) else cls.solver()

    @classmethod
    def installed(cls) -> Solver:
        """The solver under test; skips where its engine is not there."""
        engine = cls.engine()
        missing = engine.missing()
        if missing is not None:
            pytest.skip(missing)
        return engine

    @pytest.fixture(scope="class")
    @classmethod
    def solved(cls) -> tuple[Solution, Told]:
        """The solution and what the progress callback was told."""
        seen: Told = []
        solution = solve(
            cls().problem(),
            solver=cls.installed(),
            accuracy=cls.accuracy,
            progress=lambda fraction, message: seen.append((fraction, message)),
        )
        return solution, seen

    @pytest.fixture
    def solution(self, solved: tuple[Solution, Told]) -> Solution:
        return solved[0]

    def test_declares_itself(self) -> None:
        engine = self.engine()
        assert isinstance(engine, Solver)
        assert isinstance(engine.capabilities, Capabilities)
        assert engine.capabilities.description
        assert refusal(engine, self.problem()) is None
        if isinstance(self.solver, str):
            entry = SOLVERS.get(self.solver)
            assert entry.name == engine.name == self.solver
            assert entry.capabilities == engine.capabilities

    def test_refuses_in_one_line(self) -> None:
        engine = self.engine()
        for problem in self.refused():
            reason = refusal(engine, problem)
            assert reason is not None
            assert "\n" not in reason
            with pytest.raises(UnsupportedProblemError) as caught:
                solve(problem, solver=engine, accuracy=self.accuracy)
            assert "\n" not in str(caught.value)
            assert caught.value.exit_code == 2

    def test_can_do_what_its_capabilities_say_and_no_more(self) -> None:
        """A delta gap, metal out of the plane, one soil, layers: refused or not, as declared."""
        engine, band = self.engine(), Band(self.frequency)
        able, flat = engine.capabilities, load_geometry("strip")
        tilted = load_geometry("strip", tilt_angle=0.05)
        one = Stack.half_space(3.0, loss_tangent=0.01)
        two = Stack([Layer(1.0, 2.0, 0.01), Layer(math.inf, 4.0, 0.01)])
        free = Stack.free_space()
        for name, claimed, case in (
            ("delta gap", able.delta_gap, Problem(flat.with_feed("delta"), free, 1.0, band)),
            ("relief", able.relief, Problem(tilted, free, 1.0, band)),
            ("half-space", able.soil != "none", Problem(flat, one, 0.5, band)),
            ("layers", able.soil == "any", Problem(flat, two, 0.5, band)),
        ):
            assert (refusal(engine, case) is None) == claimed, name

    def test_shapes(self, solution: Solution) -> None:
        n = len(self.frequency)
        assert np.array_equal(solution.frequency, self.frequency)
        for name in MATRICES:
            value = getattr(solution, name)
            assert value.shape == (n, 1, 1), name
            assert np.isfinite(value).all(), name
        assert solution.quality.power_closure.shape == (n,)
        error = solution.quality.z_error
        assert error is None or (error.shape == (n,) and np.all(error >= 0.0))
        assert isinstance(solution.quality.converged, bool)
        points = solution.elements.position.shape[0]
        assert solution.elements.position.shape == (points, 3)
        assert solution.elements.electric.shape == (n, 1, points, 3)

    def test_progress_ends_at_one(self, solved: tuple[Solution, Told]) -> None:
        _, seen = solved
        fractions = [fraction for fraction, _ in seen]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0
        assert all(isinstance(message, str) and message for _, message in seen)

    def test_passive(self, solution: Solution) -> None:
        for name in MATRICES:
            value = getattr(solution, name)
            hermitian = 0.5 * (value + np.conj(np.swapaxes(value, 1, 2)))
            scale = np.abs(solution.z.real).max()
            assert np.linalg.eigvalsh(hermitian).min() > -1e-9 * scale, name
        assert np.all(np.abs(solution.s11(100.0)) < 1.0)

    def test_losses_are_there(self, solution: Solution) -> None:
        """Copper and film dissipate; nothing goes into a soil that is not there."""
        assert np.all(solution.r_metal[:, 0, 0].real > 0.0)
        assert np.all(solution.r_film[:, 0, 0].real > 0.0)
        assert np.all(solution.r_ground == 0.0)

    def test_power_balance(self, solution: Solution) -> None:
        parts = [getattr(solution, name) for name in MATRICES[1:]]
        recomputed = Solution.closure(solution.z, *parts)
        assert np.allclose(recomputed, solution.quality.power_closure, rtol=1e-9, atol=1e-12)
        assert solution.quality.power_closure.max() < self.closure
        assert np.allclose(solution.efficiency(100.0).total, 1.0, atol=self.closure)

    @pytest.mark.parametrize("z0", [100.0, 30 + 40j])
    def test_reflection_is_the_power_wave(self, solution: Solution, z0: complex) -> None:
        z = solution.z[:, 0, 0]
        want = (z - np.conj(z0)) / (z + z0)
        assert np.allclose(solution.s11(z0), want, rtol=1e-12)
        accepted = 4.0 * np.real(z0) * z.real / np.abs(z + z0) ** 2
        assert np.allclose(solution.efficiency(z0).mismatch, accepted, rtol=1e-9)
        assert np.allclose(solution.network(z0).s[:, 0, 0], want, rtol=1e-9)

    def test_far_field_carries_r_sky(self, solution: Solution) -> None:
        """Midpoint rule over the sphere against the solver's own integral."""
        theta = (np.arange(60) + 0.5) * math.pi / 60
        phi = (np.arange(120) + 0.5) * 2.0 * math.pi / 120
        for index, frequency in enumerate(self.frequency):
            field = solution.far_field(frequency, theta, phi)
            assert field.e_theta.shape == (60, 120)
            weight = np.sin(theta)[:, None] * (math.pi / 60) * (2.0 * math.pi / 120)
            power = float((field.intensity * weight).sum())
            want = 0.5 * solution.r_sky[index, 0, 0].real
            assert power == pytest.approx(want, rel=self.pattern)

    def test_currents_can_be_drawn(self, solution: Solution) -> None:
        if solution.shape is None:
            pytest.skip("no drawable current")
        drawn = solution.currents(self.frequency[0])
        assert drawn.position.shape == drawn.density.shape
        assert np.isfinite(drawn.density).all()
        assert np.abs(drawn.density).max() > 0.0

    def test_provenance(self, solution: Solution) -> None:
        record = solution.provenance
        assert record.solver == self.engine().name
        assert record.accuracy == self.accuracy
        assert record.problem_digest == self.problem().digest
        for text in (record.solver_version, record.package_version, record.created):
            assert text
        assert record.unknowns > 0
        assert record.wall_seconds > 0.0
        assert all(note and "\n" not in note for note in record.notes)

    def test_save_and_load(self, solution: Solution, tmp_path: Path) -> None:
        path = tmp_path / "run.h5"
        solution.save(path)
        again = load(path)
        for name in MATRICES:
            assert np.array_equal(getattr(again, name), getattr(solution, name)), name
        assert np.array_equal(again.elements.electric, solution.elements.electric)
        assert asdict(again.provenance) == asdict(solution.provenance)
        assert again.problem.digest == solution.problem.digest
        assert again.quality.converged == solution.quality.converged
        for name, value in solution.quality.details.items():
            assert np.array_equal(again.quality.details[name], value), name

    def test_two_ports_are_reciprocal(self) -> None:
        solution = solve(self.two_ports(), solver=self.installed(), accuracy=self.accuracy)
        z = solution.z[0]
        assert solution.z.shape == (1, 2, 2)
        assert abs(z[0, 1] - z[1, 0]) < self.reciprocity * np.abs(z).max()
        assert np.allclose(solution.r_sky, np.conj(np.swapaxes(solution.r_sky, 1, 2)))
        loaded = solution.efficiency(100.0, port=2, terminated=100.0)
        assert loaded.coupled[0] >= 0.0

    def test_bad_accuracy_is_refused(self) -> None:
        with pytest.raises(InputError, match="accuracy"):
            solve(self.problem(), solver=self.engine(), accuracy="perfect")

    @pytest.mark.parametrize("needs", NEEDS)
    def test_the_quick_way_gives_the_same(self, solution: Solution, needs: str) -> None:
        """As much as was asked for, on the same mesh."""
        found = quick(self.problem(), self.installed(), accuracy=self.accuracy, needs=needs)
        scale = np.abs(solution.z).max(axis=(1, 2))
        assert np.all(np.abs(found.z - solution.z).max(axis=(1, 2)) < self.quickness * scale)
        if needs == "impedance":
            return
        assert found.solution is not None
        assert found.solution.provenance.solver == solution.provenance.solver
        for name in MATRICES[1:]:
            off = np.abs(getattr(found.solution, name) - getattr(solution, name)).max(axis=(1, 2))
            assert np.all(off < 10.0 * self.quickness * scale), name

    def test_one_mesh_for_many_problems(self) -> None:
        """The impedance of the problem that made the mesh, or a refusal in one line."""
        engine = self.engine()
        if not engine.capabilities.one_mesh:
            with pytest.raises(UnsupportedProblemError, match="one_mesh"):
                engine.one_mesh(self.problem(), self.accuracy)
            return
        self.installed()
        problem = self.problem()
        mesh = engine.one_mesh(problem, self.accuracy)
        z = quick(problem, engine, accuracy=self.accuracy, needs="impedance").z
        scale = np.abs(z).max()
        assert mesh.order > 0.0
        assert np.abs(mesh.impedance(problem) - z).max() < self.quickness * scale
        still = mesh.impedance(problem, lambda points: points)
        assert np.abs(still - z).max() < self.quickness * scale
        coarse = engine.one_mesh(problem, self.accuracy, 1.7).impedance(problem)
        assert np.abs(coarse - z).max() > 0.0
