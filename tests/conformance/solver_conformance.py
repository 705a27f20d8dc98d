"""What every solver must do: one class, subclassed per solver.

A subclass sets ``solver`` (the registered name) and may loosen ``closure`` (power balance),
``pattern`` (far field integrated by another rule against r_sky) and ``reciprocity``.
"""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import UnsupportedProblemError
from lunar_antenna.solution import Solution
from lunar_antenna.solvers.protocol import Capabilities
from lunar_antenna.solvers.registry import get_solver

MATRICES = ("z", "r_sky", "r_ground", "r_metal", "r_film")


class SolverConformance:
    """Tests shared by all solvers; each works on one small solution of a copper strip."""

    solver = ""
    accuracy = "draft"
    frequency = (8e6, 14e6, 20e6)
    closure = 5e-3
    pattern = 2e-3
    reciprocity = 1e-6

    def problem(self) -> la.Problem:
        layout = la.load_geometry("strip", metal="copper_18um", film="polyimide_50um")
        return la.Problem(layout, la.Stack.free_space(), 0.5, la.Band(self.frequency))

    def two_ports(self) -> la.Problem:
        layout = la.load_geometry("crossed_bowtie", metal="pec", film="none")
        return la.Problem(layout, la.Stack.free_space(), band=la.Band([14e6]))

    def refused(self) -> list[la.Problem]:
        """Problems that this solver must refuse."""
        return []

    @pytest.fixture(scope="class")
    @classmethod
    def solved(cls) -> tuple[Solution, list[tuple[float, str]]]:
        """The solution and what the progress callback was told."""
        missing = get_solver(cls.solver).missing()
        if missing is not None:
            pytest.skip(missing)
        seen: list[tuple[float, str]] = []
        solution = la.solve(
            cls().problem(),
            solver=cls.solver,
            accuracy=cls.accuracy,
            progress=lambda fraction, message: seen.append((fraction, message)),
        )
        return solution, seen

    @pytest.fixture
    def solution(self, solved) -> Solution:
        return solved[0]

    def test_declares_itself(self):
        engine = get_solver(self.solver)
        assert engine.name == self.solver
        assert isinstance(engine.capabilities, Capabilities)
        assert engine.refusal(self.problem()) is None

    def test_refuses_in_one_line(self):
        for problem in self.refused():
            reason = get_solver(self.solver).refusal(problem)
            assert reason is not None
            assert "\n" not in reason
            with pytest.raises(UnsupportedProblemError) as caught:
                la.solve(problem, solver=self.solver, accuracy=self.accuracy)
            assert "\n" not in str(caught.value)
            assert caught.value.exit_code == 2

    def test_shapes(self, solution):
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

    def test_progress_ends_at_one(self, solved):
        _, seen = solved
        fractions = [fraction for fraction, _ in seen]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0
        assert all(isinstance(message, str) and message for _, message in seen)

    def test_passive(self, solution):
        for name in MATRICES:
            value = getattr(solution, name)
            hermitian = 0.5 * (value + np.conj(np.swapaxes(value, 1, 2)))
            scale = np.abs(solution.z.real).max()
            assert np.linalg.eigvalsh(hermitian).min() > -1e-9 * scale, name
        assert np.all(np.abs(solution.s11(100.0)) < 1.0)

    def test_losses_are_there(self, solution):
        """Copper and film dissipate; nothing goes into a soil that is not there."""
        assert np.all(solution.r_metal[:, 0, 0].real > 0.0)
        assert np.all(solution.r_film[:, 0, 0].real > 0.0)
        assert np.all(solution.r_ground == 0.0)

    def test_power_balance(self, solution):
        parts = [getattr(solution, name) for name in MATRICES[1:]]
        recomputed = Solution.closure(solution.z, *parts)
        assert np.allclose(recomputed, solution.quality.power_closure, rtol=1e-9, atol=1e-12)
        assert solution.quality.power_closure.max() < self.closure
        assert np.allclose(solution.efficiency(100.0).total, 1.0, atol=self.closure)

    @pytest.mark.parametrize("z0", [100.0, 30 + 40j])
    def test_reflection_is_the_power_wave(self, solution, z0):
        z = solution.z[:, 0, 0]
        want = (z - np.conj(z0)) / (z + z0)
        assert np.allclose(solution.s11(z0), want, rtol=1e-12)
        accepted = 4.0 * np.real(z0) * z.real / np.abs(z + z0) ** 2
        assert np.allclose(solution.efficiency(z0).mismatch, accepted, rtol=1e-9)
        assert np.allclose(solution.network(z0).s[:, 0, 0], want, rtol=1e-9)

    def test_far_field_carries_r_sky(self, solution):
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

    def test_currents_can_be_drawn(self, solution):
        if solution.shape is None:
            pytest.skip("no drawable current")
        drawn = solution.currents(self.frequency[0])
        assert drawn.position.shape == drawn.density.shape
        assert np.isfinite(drawn.density).all()
        assert np.abs(drawn.density).max() > 0.0

    def test_provenance(self, solution):
        record = solution.provenance
        assert record.solver == self.solver
        assert record.accuracy == self.accuracy
        assert record.problem_digest == self.problem().digest
        for text in (record.solver_version, record.package_version, record.created):
            assert text
        assert record.unknowns > 0
        assert record.wall_seconds > 0.0
        assert all(note and "\n" not in note for note in record.notes)

    def test_save_and_load(self, solution, tmp_path):
        path = tmp_path / "run.h5"
        solution.save(path)
        again = la.load(path)
        for name in MATRICES:
            assert np.array_equal(getattr(again, name), getattr(solution, name)), name
        assert np.array_equal(again.elements.electric, solution.elements.electric)
        assert asdict(again.provenance) == asdict(solution.provenance)
        assert again.problem.digest == solution.problem.digest
        assert again.quality.converged == solution.quality.converged
        for name, value in solution.quality.details.items():
            assert np.array_equal(again.quality.details[name], value), name

    def test_two_ports_are_reciprocal(self):
        missing = get_solver(self.solver).missing()
        if missing is not None:
            pytest.skip(missing)
        problem = self.two_ports()
        solution = la.solve(problem, solver=self.solver, accuracy=self.accuracy)
        z = solution.z[0]
        assert solution.z.shape == (1, 2, 2)
        assert abs(z[0, 1] - z[1, 0]) < self.reciprocity * np.abs(z).max()
        assert np.allclose(solution.r_sky, np.conj(np.swapaxes(solution.r_sky, 1, 2)))
        loaded = solution.efficiency(100.0, port=2, terminated=100.0)
        assert loaded.coupled[0] >= 0.0

    def test_bad_accuracy_is_refused(self):
        with pytest.raises(la.InputError, match="accuracy"):
            la.solve(self.problem(), solver=self.solver, accuracy="perfect")
