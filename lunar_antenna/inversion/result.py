"""Inversion: the answer, how far it can be trusted, and the files it is written to."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..circuit.waves import plain
from ..common.facts import Pictured, Rows
from ..common.files import write_json, write_text
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..media.layer import Stack
from .errors import Whitening
from .fit import Fit
from .forward import SOIL
from .identify import Information
from .model import SweepModel
from .model_check import ModelCheck
from .run import Work
from .seen import neighbours
from .setup import Setup, solver_values

if TYPE_CHECKING:
    from ..problem import Problem
    from .posterior import Posterior

MOST_DEVIATION = 4.0  # standard deviations of chi2 beyond which the model does not explain the data
MOST_CORRELATION = 0.4  # of neighbouring residuals
MOST_EMULATOR = 0.5  # norm of a whitened sweep


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Inversion(Pictured):
    """Estimated parameters of a sweep.

    fit: least-squares answer.  information: standard errors and what the data cannot tell apart.
    posterior: None until :meth:`sampled`.  mesh_error, emulator_error: norms of whitened sweeps;
    below 1 no parameter moves by more than one standard error.  The mesh error is taken off; shapes
    of what may be left are part of ``whitening``, with unknown amplitudes.  at_box_edge: parameters
    whose answer is near an edge of the last local range that was emulated, so that a better one
    may lie beyond it.  model_check: what else would fit; None where it was not asked for.
    """

    setup: Setup
    measurement: str
    kind: str
    fit: Fit
    information: Information
    model: SweepModel
    whitening: Whitening
    mesh_error: float
    emulator_error: float
    work: Work
    posterior: Posterior | None = None
    at_box_edge: tuple[str, ...] = ()
    model_check: ModelCheck | None = None

    def __repr__(self) -> str:
        found = ", ".join(f"{n} {v:.4g} +- {self.sigma[n]:.2g}" for n, v in self.values.items())
        return f"<Inversion of {self.measurement}: {found}>"

    def facts(self) -> Rows:
        return [
            ("measurement", f"{self.measurement} ({self.kind})"),
            *((n, f"{v:.5g} +- {self.sigma[n]:.2g}") for n, v in self.values.items()),
            *self._model_facts(),
        ]

    def _model_facts(self) -> Rows:
        """What else would fit, with the answer that it would give."""
        if self.model_check is None:
            return []
        return [
            (f"evidence {item.evidence:.0f}", f"{item.told}: {item.answer}")
            for item in self.model_check.plausible
        ]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(item.name for item in self.setup.ranges)

    @property
    def values(self) -> dict[str, float]:
        """Least-squares answer, SI."""
        return dict(zip(self.names, self.fit.values.tolist(), strict=True))

    @property
    def sigma(self) -> dict[str, float]:
        """Standard errors of the data alone, SI; inf where they say nothing."""
        return dict(zip(self.names, self.information.sigma.tolist(), strict=True))

    @property
    def frequency(self) -> FloatArray:
        return self.setup.frequency

    @property
    def measured(self) -> ComplexArray:
        return self.setup.measured

    @property
    def modelled(self) -> ComplexArray:
        """(n,) reflection of the answer at the measured frequencies."""
        return np.asarray(self.model(self.fit.values)[0])

    @property
    def chi2_per_freedom(self) -> float:
        return self.fit.chi2 / self.fit.freedom

    @property
    def explained(self) -> bool:
        """False where the stated errors do not allow the residuals, or another model is decisively
        better."""
        return self.within_errors and not (self.model_check and self.model_check.decisive)

    @property
    def within_errors(self) -> bool:
        """False where chi2 exceeds its expectation by more than 4 of its standard deviations."""
        return self.chi2_per_freedom <= 1.0 + self._chance

    @property
    def wide_errors(self) -> bool:
        """True where chi2 is below its expectation by as much: what is left is far smaller than
        the stated errors, and they cannot tell the model from others."""
        return self.chi2_per_freedom < 1.0 - self._chance

    @property
    def _chance(self) -> float:
        return MOST_DEVIATION * math.sqrt(2.0 / self.fit.freedom)

    @property
    def verdict(self) -> str:
        """What chi2 and the other models say of the stated one, in plain words."""
        if not self.within_errors:
            return "the model does NOT explain the data"
        if not self.explained:
            return "within the stated errors, but another model is decisively better"
        if not self.wide_errors:
            return "the model explains the data"
        told = "within the stated errors, which are too wide to tell whether the model is right"
        check = self.model_check
        if check is None or not check.alternatives or check.plausible or check.structured:
            return told
        return f"{told}; no other model that was tried fits better"

    @property
    def residual_correlation(self) -> float:
        """Correlation of neighbouring whitened residuals: near 0 where errors are independent."""
        return neighbours(self.fit.residual)

    @property
    def stack(self) -> Stack:
        """The stack with the fitted soil."""
        return self.setup.forward.stack_with(self._all_values)

    @property
    def problem(self) -> Problem:
        """Layout, stack and height of the answer at the measured frequencies, to be solved."""
        forward = replace(self.setup.forward, frequency=self.frequency)
        return forward.problem(solver_values(self._all_values))

    @property
    def _all_values(self) -> dict[str, float]:
        return {**self.setup.fixed, **self.values}

    def sampled(
        self,
        *,
        seed: int = 1,
        most_steps: int = 6000,
        progress: Callable[[float, str], None] | None = None,
    ) -> Inversion:
        """The same inversion with its posterior; :class:`MissingEngineError` without emcee."""
        from .posterior import sample

        start = time.perf_counter()
        posterior = sample(
            self.model,
            self.measured,
            self.whitening,
            self.fit,
            seed=seed,
            most_steps=most_steps,
            report=progress,
        )
        self.work.add("posterior", 0, start)
        return replace(self, posterior=posterior)

    def notes(self) -> tuple[str, ...]:
        """What a reader must know, in plain words."""
        notes = list(self.information.sentences(self.fit.at_bound))
        ratio = self.chi2_per_freedom
        if self.model_check is not None:
            notes += self.model_check.sentences()
        if not self.within_errors:
            notes.append(
                f"the model does not explain the data: chi2 per degree of freedom {ratio:.3g}; "
                "free more parameters, correct the sweep, or state larger errors"
            )
        if self.residual_correlation > MOST_CORRELATION:
            notes.append(
                f"neighbouring residuals are correlated ({self.residual_correlation:.2f}): the "
                "errors are not independent from point to point and the standard errors too "
                "small; give the systematic error a correlation length"
            )
        elif self.wide_errors:
            notes.append(
                f"chi2 per degree of freedom {ratio:.3g}: the sweep scatters less than the "
                "stated errors"
            )
        if self.mesh_error > 1.0:
            finer = "" if self.setup.forward.accuracy == "fine" else "; accuracy='fine' has less"
            notes.append(
                f"estimated mesh error: norm {self.mesh_error:.2g} in standard errors; it is "
                "taken off, and three shapes of what may be left are part of the standard "
                f"errors{finer}"
            )
        if self.emulator_error > MOST_EMULATOR:
            notes.append(
                f"emulator error: norm {self.emulator_error:.2g} in standard errors; "
                "narrow the priors"
            )
        if self.at_box_edge:
            notes.append(
                f"the answer in {', '.join(self.at_box_edge)} is still near an edge of the "
                "emulated range: a better one may lie beyond; start again with a prior around it"
            )
        rivals = [chi2 for chi2, _ in self.fit.minima[1:] if chi2 < self.fit.chi2 + 9.0]
        if rivals:
            notes.append(
                f"{len(rivals)} other minimum fits nearly as well (chi2 +"
                f"{min(rivals) - self.fit.chi2:.2g}): look at the posterior"
            )
        if self.posterior is not None:
            notes += self._posterior_notes(self.posterior)
        return tuple(notes)

    def _posterior_notes(self, posterior: Posterior) -> list[str]:
        notes = []
        if not posterior.converged:
            notes.append(
                f"the posterior's chain of {posterior.steps} steps is shorter than 50 "
                "autocorrelation times: intervals are provisional"
            )
        for item, whole, column in zip(
            self.model.limits, self.setup.ranges, posterior.samples.T, strict=True
        ):
            edge = 0.02 * item.width
            cut = (item.low > whole.low and np.mean(column < item.low + edge) > 0.02) or (
                item.high < whole.high and np.mean(column > item.high - edge) > 0.02
            )
            if cut:
                notes.append(
                    f"the posterior of {item.name} reaches the edge of the emulated range "
                    f"{item.low:.4g} to {item.high:.4g}: its interval is too narrow"
                )
        return notes

    def to_dict(self) -> JsonDict:
        """The document of ``lunar-antenna invert --json``."""
        ranges_ = self.setup.ranges
        return {
            "measurement": self.measurement,
            "kind": self.kind,
            "layout": self.setup.forward.layout.name,
            "soil": self.setup.forward.stack.name,
            "layer": self.setup.forward.layer,
            "z0": plain(complex(self.setup.z0)),
            "points": int(self.frequency.size),
            "frequency_range": [float(self.frequency[0]), float(self.frequency[-1])],
            "parameters": {
                item.name: {
                    "value": self.values[item.name],
                    "sigma": self.sigma[item.name],
                    "unit": item.unit,
                    "prior": [item.low, item.high],
                    "at_bound": item.name in self.fit.at_bound,
                    "cramped": item.name in self.at_box_edge,
                }
                for item in ranges_
            },
            "fixed": dict(self.setup.fixed),
            "chi2": self.fit.chi2,
            "degrees_of_freedom": self.fit.freedom,
            "chi2_per_freedom": self.chi2_per_freedom,
            "explained": self.explained,
            "within_errors": self.within_errors,
            "verdict": self.verdict,
            "model_check": None if self.model_check is None else self.model_check.to_dict(),
            "residual_correlation": self.residual_correlation,
            "errors": self.setup.errors.to_dict(),
            "information": self.information.to_dict(),
            "mesh_error": self.mesh_error,
            "emulator_error": self.emulator_error,
            "solver_runs": dict(self.work.runs),
            "seconds": dict(self.work.seconds),
            "posterior": None if self.posterior is None else self.posterior.to_dict(),
            "notes": list(self.notes()),
        }

    def write(self, folder: str | os.PathLike[str]) -> tuple[Path, ...]:
        """``invert.json`` and, where a soil was fitted, ``soil.toml``; returns their paths."""
        target = Path(folder)
        paths = [write_json(target / "invert.json", self.to_dict())]
        if any(name in SOIL for name in self.names):
            paths.append(write_text(target / "soil.toml", self.soil_toml()))
        return tuple(paths)

    def soil_toml(self) -> str:
        """The fitted stack as a soil file, ready for ``--soil``."""
        from ..media.soil_files import soil_text

        fitted = [name for name in SOIL if name in self.names]
        numbers = {f"layer {self.setup.forward.layer + 1} {name}": "computed" for name in fitted}
        errors = ", ".join(f"{n} {self.values[n]:.4g} +- {self.sigma[n]:.2g}" for n in fitted)
        name = f"{self.setup.forward.stack.name}, fitted to {self.measurement}"
        source = {
            "text": f"inversion of {self.measurement} ({self.kind}): {errors}",
            "numbers": numbers,
        }
        return soil_text(Stack(self.stack.layers, name, source))
