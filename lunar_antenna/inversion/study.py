"""Can an antenna tell the soil?  Synthetic sweeps over random soils, inverted and counted.

The true sweeps come from the solver itself on other, finer meshes that follow each soil,
never from the emulator that inverts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..conventions import ComplexArray, FloatArray, JsonDict
from ..measurement.record import Measurement
from .identify import Information
from .invert import Prepared
from .posterior import LEVEL
from .setup import Setup

BoolArray = npt.NDArray[np.bool_]
ONE_SIDED = 1.6449  # standard errors: half the width of a 90 % interval


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """One row per synthetic sweep, columns in the order of ``names``.

    truth, estimate, sigma (n, p): sigma is that of the Fisher information of the data at the
    truth, of the measurement's errors alone.  interval (n, p, 2): 90 % posterior.
    chi2 (n,): per degree of freedom.
    """

    names: tuple[str, ...]
    truth: FloatArray
    estimate: FloatArray
    sigma: FloatArray
    interval: FloatArray
    chi2: FloatArray

    def possible(self, tolerance: Mapping[str, tuple[float, bool]]) -> BoolArray:
        """(n,) cases where 1.645 standard errors of every named parameter are within tolerance.

        tolerance: name -> (size, relative to the true value or not).
        """
        return self._all(ONE_SIDED * self.sigma, tolerance)

    def within(self, tolerance: Mapping[str, tuple[float, bool]]) -> BoolArray:
        """(n,) cases whose least-squares answer is within tolerance of the truth."""
        return self._all(np.abs(self.estimate - self.truth), tolerance)

    def covered(self) -> BoolArray:
        """(n, p) True where the 90 % interval holds the truth."""
        return np.asarray(
            (self.interval[..., 0] <= self.truth) & (self.truth <= self.interval[..., 1])
        )

    def coverage_p_values(self) -> dict[str, float]:
        """Two-sided binomial test of each parameter's coverage against 90 %."""
        from scipy.stats import binomtest

        inside = self.covered()
        return {
            name: float(binomtest(int(inside[:, k].sum()), len(inside), LEVEL).pvalue)
            for k, name in enumerate(self.names)
        }

    def to_dict(self, tolerance: Mapping[str, tuple[float, bool]]) -> JsonDict:
        possible, within = self.possible(tolerance), self.within(tolerance)
        covered = self.covered()
        return {
            "sweeps": len(self.truth),
            "possible": int(possible.sum()),
            "found_where_possible": int((possible & within).sum()),
            "covered": {name: int(covered[:, k].sum()) for k, name in enumerate(self.names)},
            "coverage_p_values": self.coverage_p_values(),
            "median_chi2": float(np.median(self.chi2)),
        }

    def _all(self, size: FloatArray, tolerance: Mapping[str, tuple[float, bool]]) -> BoolArray:
        good = np.ones(len(self.truth), dtype=bool)
        for name, (most, relative) in tolerance.items():
            k = self.names.index(name)
            good &= size[:, k] <= most * (self.truth[:, k] if relative else 1.0)
        return good


def true_sweep(setup: Setup, values: FloatArray, accuracy: str) -> ComplexArray:
    """(n,) reflection of ``values`` (p,) by the solver at the measured frequencies themselves."""
    from ..solvers.registry import quick

    forward = replace(setup.forward, frequency=setup.frequency)
    problem = forward.problem(setup.solver_point(values))
    found = quick(problem, forward.solver(), accuracy=accuracy, needs="impedance")
    z = found.z[:, 0, 0]
    return replace(setup, spread=np.eye(z.size)).seen(z, values)


def run_study(
    prepared: Prepared,
    count: int,
    *,
    seed: int,
    accuracy: str = "fine",
    posterior_steps: int = 2000,
    progress: Callable[[float, str], None] | None = None,
) -> Study:
    """Invert ``count`` sweeps of soils drawn from the priors of ``prepared``.

    accuracy: of the true sweeps; must differ from that of ``prepared`` to be an honest test.
    """
    setup, random = prepared.setup, np.random.default_rng(seed)
    low = np.array([item.low for item in setup.ranges])
    width = np.array([item.width for item in setup.ranges])
    model = setup.model(setup.solved, prepared.emulator)
    rows = []
    for number in range(count):
        truth = low + width * random.uniform(size=low.size)
        clean = true_sweep(setup, truth, accuracy)
        seen = setup.errors.draw(setup.frequency, clean, random)
        sweep = Measurement(setup.frequency, seen, setup.z0, "synthetic", name=f"sweep {number}")
        whitening = setup.errors.whitening(setup.frequency, clean)
        ideal = Information.of(whitening(model.derivative(truth)).T, setup.ranges)
        found = prepared.invert(sweep, seed=number, held_out=0)
        found = found.sampled(seed=number, most_steps=posterior_steps)
        assert found.posterior is not None
        rows.append(
            (
                truth,
                found.fit.values,
                ideal.sigma,
                found.posterior.interval(),
                found.chi2_per_freedom,
            )
        )
        if progress is not None:
            progress((number + 1) / count, f"{number + 1} of {count} sweeps inverted")
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Study(tuple(item.name for item in setup.ranges), *columns)
