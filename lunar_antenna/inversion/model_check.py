"""Is the model right?  The answer held against named other models, at the errors actually seen.

Each model is fitted with the white part of the errors as its own residuals show it (:mod:`seen`),
and compared with the stated one by

    evidence = (D_stated - D) (1 - rho)/(1 + rho) - k ln(2 n),   D = -2 ln L,

the Bayesian information criterion with k more parameters (Schwarz, Ann. Statist. 6 (1978) 461),
where rho is the correlation of neighbouring residuals that the better model still leaves: they
count as fewer.  It approximates 2 ln of the Bayes factor: above 2 positive, above 10 very strong
(Kass and Raftery, J. Am. Stat. Assoc. 90 (1995) 773).  All cited from memory.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..conventions import ComplexArray, FloatArray, JsonDict
from .prior import Prior
from .rivals import STATED, Rival, Rivals
from .seen import Seen, as_seen, chance_of_structure, neighbours
from .setup import Setup

POSITIVE, DECISIVE = 2.0, 10.0  # evidence
STRUCTURED = 0.002  # chance under white errors below which residuals have structure
LEAST = 2e-4  # of a reflection, what emulators and frequencies leave from point to point
MESH_SHARE = 0.1  # of the estimated mesh error, which may be left from point to point
ROUNDS = 2  # of errors as seen and fit, and of direct solves at most
SAME = 0.3  # norm of a whitened sweep: meshes that agree as well about a change need no more solves
_SAMPLES, _STARTS = 8, 4  # 2^8 points, of which the best distinct ones start a search
_STEP = 1e-4  # of a coordinate, for derivatives
_ROUGH, _FINE = 1e-3, 1e-6  # of chi2 and of coordinates, where fits stop


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """One model, fitted: its free parameters, what it adds, and how well it does.

    values, sigma: of all its parameters, SI; standard errors at the errors seen.  ranges: their
    priors, those that it adds last.  chi2_ratio: of the stated model to this one, both at this
    one's errors.  checked: its answer was solved on the inversion's own mesh.
    """

    name: str
    ranges: tuple[Prior, ...]
    added: tuple[str, ...]
    values: Mapping[str, float]
    sigma: Mapping[str, float]
    evidence: float
    chi2_ratio: float
    checked: bool

    @property
    def told(self) -> str:
        """What it says of the antenna or the soil, such as "all dimensions +2.0 +- 0.1 %"."""
        v, s = self.values, self.sigma
        if self.name == "dimensions":
            return f"all dimensions {100 * v['scale']:+.2g} +- {100 * s['scale']:.1g} %"
        if self.name == "widths":
            return f"all widths {100 * v['widths']:+.2g} +- {100 * s['widths']:.1g} %"
        if self.name == "two layers":
            return f"{v['thickness']:.2g} m of soil over eps_r {v['eps_r_2']:.3g}"
        if self.name == "layer thickness":
            return f"a layer of {v['thickness']:.3g} +- {s['thickness']:.1g} m"
        (name,) = self.added
        if name == "delay":
            return f"a delay of {1e9 * v[name]:+.3g} +- {1e9 * s[name]:.1g} ns in front"
        return f"{1e12 * v[name]:+.3g} +- {1e12 * s[name]:.1g} pF across the port"

    @property
    def answer(self) -> str:
        """The parameters of the inversion under this model."""
        shared = [item for item in self.ranges if item.name not in self.added]
        return ", ".join(
            f"{r.name} {self.values[r.name]:.4g} +- {self.sigma[r.name]:.1g}"
            + (f" {r.unit}" if r.unit else "")
            for r in shared
        )

    def to_dict(self) -> JsonDict:
        return {
            "model": self.name,
            "told": self.told,
            "evidence": self.evidence,
            "chi2_ratio": self.chi2_ratio,
            "checked": self.checked,
            "parameters": {
                item.name: {
                    "value": self.values[item.name],
                    "sigma": self.sigma[item.name],
                    "unit": item.unit,
                    "added": item.name in self.added,
                }
                for item in self.ranges
            },
        }


@dataclass(frozen=True, slots=True, eq=False)
class ModelCheck:
    """What else would fit.

    white: standard deviation of Re and Im that the residuals of the best model show from point to
    point.  structure: how often white errors would leave residuals as structured as those of the
    stated model.  alternatives: most evident first.  untried: why there are none, or "".
    """

    white: float
    structure: float
    alternatives: tuple[Alternative, ...] = ()
    untried: str = ""
    solver_runs: int = 0
    seconds: float = 0.0

    @property
    def structured(self) -> bool:
        return self.structure < STRUCTURED

    @property
    def plausible(self) -> tuple[Alternative, ...]:
        """Those that are better than the stated model, and not ruled out by the best of them."""
        best = max((item.evidence for item in self.alternatives), default=0.0)
        return tuple(
            item for item in self.alternatives if item.evidence > max(POSITIVE, best - DECISIVE)
        )

    @property
    def decisive(self) -> bool:
        """True where another model is decisively better than the stated one."""
        return any(item.evidence > DECISIVE for item in self.alternatives)

    def span(self, name: str, value: float, sigma: float) -> tuple[float, float]:
        """Lowest and highest answer, each with its standard error, over all models that fit."""
        ends = [] if self.decisive else [(value - sigma, value + sigma)]
        ends += [
            (item.values[name] - item.sigma[name], item.values[name] + item.sigma[name])
            for item in self.plausible
        ]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def sentences(self) -> tuple[str, ...]:
        """What a reader must know, in plain words."""
        told = []
        if self.plausible:
            first, *others = self.plausible
            how = "decisively better" if self.decisive else "somewhat better"
            told.append(
                f"another model fits {how} than the stated one: {first.told} (evidence "
                f"{first.evidence:.0f}, chi2 {first.chi2_ratio:.3g} times smaller); the answer "
                f"would be {first.answer}"
            )
            told += [
                f"so would {item.told} (evidence {item.evidence:.0f}): {item.answer}"
                for item in others
            ]
        if self.structured and not self.decisive:
            told.append(
                "the residuals are not white, although they may be small (chance "
                f"{self.structure:.1g}): the model or the statement of the errors is wrong, and "
                + (self.untried or "no other model that was tried explains it")
            )
        return tuple(told)

    def to_dict(self) -> JsonDict:
        return {
            "white": self.white,
            "structure": self.structure,
            "structured": self.structured,
            "decisive": self.decisive,
            "plausible": [item.name for item in self.plausible],
            "alternatives": [item.to_dict() for item in self.alternatives],
            "untried": self.untried,
            "solver_runs": self.solver_runs,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """values (p,), SI; residual (n,); slopes (2n, p) whitened, of coordinates; Seen errors."""

    rival: Rival
    values: FloatArray
    residual: ComplexArray
    modelled: ComplexArray
    slopes: FloatArray
    seen: Seen
    checked: bool = False


class _Comparison:
    """Fits models to one sweep; counts its direct solves."""

    def __init__(self, rivals: Rivals, setup: Setup, shapes: Sequence[ComplexArray]) -> None:
        self.rivals, self.setup, self.shapes = rivals, setup, shapes
        self.offset = np.broadcast_to(setup.offset, setup.measured.shape)
        self.least = math.hypot(
            LEAST, MESH_SHARE * float(np.sqrt(0.5 * np.mean(np.abs(self.offset) ** 2)))
        )
        self.solves = 0

    def named(self, rival: Rival, values: FloatArray) -> dict[str, float]:
        ranges = self.rivals.ranges(rival)
        return {item.name: float(v) for item, v in zip(ranges, values, strict=True)}

    def defect(self, rival: Rival, values: FloatArray) -> ComplexArray:
        """(n,) what the emulator lacks at ``values``, the estimated mesh error included."""
        named = self.named(rival, values)
        self.solves += 1
        return np.asarray(self.rivals.direct(named) + self.offset - self.rivals.seen(named))

    def widen(self, rival: Rival, values: FloatArray) -> None:
        """What wider metal does is known near ``values`` from now on."""
        self.solves += 3
        self.rivals = self.rivals.widened(self.named(rival, values))

    def seen(self, gamma: ComplexArray, residual: ComplexArray) -> Seen:
        setup = self.setup
        return as_seen(setup.errors, setup.frequency, gamma, self.shapes, residual, self.least)

    def fit(self, rival: Rival, starts: FloatArray, seen: Seen, defect: ComplexArray) -> _Fitted:
        """The best of ``starts`` (k, p), errors as seen in it; roughly first."""
        from scipy.optimize import least_squares

        ranges, measured = self.rivals.ranges(rival), self.setup.measured

        def at(x: FloatArray) -> FloatArray:
            return np.array([float(r.value(u)) for r, u in zip(ranges, x, strict=True)])

        def modelled(x: FloatArray) -> ComplexArray:
            return np.asarray(self.rivals.seen(self.named(rival, at(x))) + defect)

        edge = 1.0 - 1e-6
        x0 = [
            np.clip(
                [float(r.coordinate(v)) for r, v in zip(ranges, start, strict=True)], -edge, edge
            )
            for start in starts
        ]
        for tolerance in (_ROUGH, _FINE):
            whitening = seen.whitening
            found = [
                least_squares(
                    lambda x, whitening=whitening: whitening(measured - modelled(x)),
                    start,
                    bounds=(-1.0, 1.0),
                    diff_step=_STEP,
                    xtol=tolerance,
                    ftol=tolerance,
                    max_nfev=25,
                )
                for start in x0
            ]
            best = min(found, key=lambda item: float(item.cost))
            gamma = modelled(best.x)
            seen = self.seen(gamma, measured - gamma)
            x0 = [best.x]
        slopes = np.asarray(best.jac)
        return _Fitted(rival, at(best.x), measured - gamma, gamma, slopes, seen)

    def settled(self, fitted: _Fitted, defect: ComplexArray) -> tuple[_Fitted, ComplexArray]:
        """The same after direct solves at its answer, where the meshes then agree; the defect."""
        for _ in range(ROUNDS):
            if fitted.rival.wider:
                self.widen(fitted.rival, fitted.values)
            defect = self.defect(fitted.rival, fitted.values)
            now = self.rivals.seen(self.named(fitted.rival, fitted.values)) + defect
            if fitted.seen.whitening.norm(now - fitted.modelled) < SAME:
                break
            fitted = self.fit(fitted.rival, fitted.values[None, :], fitted.seen, defect)
        return replace(fitted, checked=True), defect

    def starts(self, rival: Rival, base: _Fitted, defect: ComplexArray) -> FloatArray:
        """(k, p) where to begin: the stated answer with nothing added, or what a search finds."""
        if not rival.searched:
            return np.array(
                [
                    [
                        *base.values,
                        *(0.0 if r.low < 0.0 else math.sqrt(r.low * r.high) for r in rival.extra),
                    ]
                ]
            )
        from scipy.stats import qmc

        ranges = self.rivals.ranges(rival)
        x = 2.0 * qmc.Sobol(len(ranges), seed=1).random_base2(_SAMPLES) - 1.0
        points = np.column_stack([item.value(x[:, k]) for k, item in enumerate(ranges)])
        for k, item in enumerate(ranges):  # what is no soil and no height stays where it is
            if item.name not in ("eps_r", "height", *(extra.name for extra in rival.extra)):
                points[:, k] = base.values[k]
        measured = self.setup.measured
        cost = [
            float(
                (
                    base.seen.whitening(
                        measured - self.rivals.seen(self.named(rival, row)) - defect
                    )
                    ** 2
                ).sum()
            )
            for row in points
        ]
        chosen: list[int] = []
        for k in np.argsort(cost):
            if all(np.abs(x[k] - x[other]).max() > 0.4 for other in chosen):
                chosen.append(int(k))
            if len(chosen) == _STARTS:
                break
        return points[chosen]


def compare(
    rivals: Rivals | str,
    setup: Setup,
    values: FloatArray,
    modelled: ComplexArray,
    slopes: FloatArray,
    shapes: Sequence[ComplexArray],
) -> ModelCheck:
    """The answer ``values`` (p,) of the stated model against all ``rivals``.

    modelled (n,): its reflection, mesh error added.  slopes (2n, p): Jacobian, whitened as stated.
    """
    start = time.perf_counter()
    if isinstance(rivals, str):
        least = LEAST
        seen = as_seen(
            setup.errors, setup.frequency, modelled, shapes, setup.measured - modelled, least
        )
        chance = chance_of_structure(seen.whitening(setup.measured - modelled), slopes)
        untried = f"no other model was tried: {rivals}"
        return ModelCheck(_level(seen), chance, (), untried, 0, time.perf_counter() - start)
    run = _Comparison(rivals, setup, shapes)
    first = run.seen(modelled, setup.measured - modelled)
    defect = run.defect(STATED, values)
    base, defect = run.settled(run.fit(STATED, values[None, :], first, defect), defect)
    count = 2 * setup.measured.size
    found = []
    for rival in rivals.models:
        if rival.wider:
            run.widen(STATED, base.values)
        fitted = run.fit(rival, run.starts(rival, base, defect), base.seen, defect)
        if _evidence(base, fitted, count) > -POSITIVE:
            fitted, _ = run.settled(fitted, defect)
        found.append((_evidence(base, fitted, count), fitted))
    found.sort(key=lambda item: -item[0])
    best = found[0][1] if found and found[0][0] > POSITIVE else base
    return ModelCheck(
        white=_level(best.seen),
        structure=chance_of_structure(base.seen.whitening(base.residual), base.slopes),
        alternatives=tuple(_alternative(rivals, base, item, value) for value, item in found),
        solver_runs=run.solves,
        seconds=time.perf_counter() - start,
    )


def _evidence(base: _Fitted, fitted: _Fitted, count: int) -> float:
    rho = max(0.0, neighbours(fitted.seen.whitening(fitted.residual)))
    gain = (base.seen.deviance - fitted.seen.deviance) * (1.0 - rho) / (1.0 + rho)
    return gain - len(fitted.rival.extra) * math.log(count)


def _alternative(rivals: Rivals, base: _Fitted, fitted: _Fitted, evidence: float) -> Alternative:
    ranges = rivals.ranges(fitted.rival)
    x = np.array([float(r.coordinate(v)) for r, v in zip(ranges, fitted.values, strict=True)])
    step = np.array(
        [
            float(r.value(min(1.0, u + _STEP)) - r.value(max(-1.0, u - _STEP)))
            / (min(1.0, u + _STEP) - max(-1.0, u - _STEP))
            for r, u in zip(ranges, x, strict=True)
        ]
    )
    # a uniform prior over [-1, 1] has variance 1/3
    fisher = fitted.slopes.T @ fitted.slopes + 3.0 * np.eye(len(x))
    sigma = np.sqrt(np.diagonal(np.linalg.inv(fisher))) * step
    whitening = fitted.seen.whitening
    own = float((whitening(fitted.residual) ** 2).sum())
    names = [item.name for item in ranges]
    return Alternative(
        name=fitted.rival.name,
        ranges=ranges,
        added=tuple(item.name for item in fitted.rival.extra),
        values=dict(zip(names, fitted.values.tolist(), strict=True)),
        sigma=dict(zip(names, sigma.tolist(), strict=True)),
        evidence=evidence,
        chi2_ratio=float((whitening(base.residual) ** 2).sum()) / own,
        checked=fitted.checked,
    )


def _level(seen: Seen) -> float:
    return float(np.sqrt(np.mean(seen.whitening.scale**2)))
