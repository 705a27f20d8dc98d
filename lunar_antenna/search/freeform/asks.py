"""What a search of cells asks of a mask, and how far what is seen of it is from that.

A study's goals as levels over frequency.  Constraints are floors of an efficiency (mismatch, sky,
realised) over a band, of its mean, or ceilings of a level of the pattern in dB.  The objective is
one that moves each time it is met: the low end of a band, a floor, a mean, a ceiling.  The cost is

    (mean over f of sum over what is asked of max(0, shortfall)^6)^(1/6)

at the best z0 and in all scenarios at once, 0 where all is met; DB of a level count like one of
efficiency.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...circuit.networks import transform
from ...conventions import ComplexArray, FloatArray
from ...errors import InputError
from ..merits.base import Merit, ShareOverBand, band_mean
from ..merits.efficiency import BandRatio, MeanEfficiency, MinEfficiency
from ..merits.pattern import PatternMerit
from ..port import PortModel
from ..study.goals import Goals
from .model import Seen, directions

POWER = 6
Z0_STEPS = 36
BAND_STEP = 0.99  # of the low end, each time the band is met
LEVEL_STEP = 0.005  # of a floor
MEAN_STEP = 0.002  # of a mean
DB_STEP = 0.25  # of a ceiling
DB = 20.0
MET = 1e-9
MARGIN = 0.004  # that the search asks beyond the study: cells are not the traced outline
MARGIN_DB = 0.2
DEEPEST = 1e-4  # of the maximum, every level below counts as this
KNOWN = ("mismatch", "sky", "realised")
PATTERNS = ("dipole_likeness", "pattern_null")
NAMES = (
    "band_ratio, min_efficiency, mean_efficiency, sky_share and realised_sky of "
    f"{', '.join(KNOWN)}; {' and '.join(PATTERNS)}"
)


@dataclass(frozen=True, slots=True)
class Ask:
    """kind: "floor" or "mean" of an efficiency ``what``, or "ceiling" (dB) of a pattern's measure.

    level over low to high, Hz.  step: what the objective moves by once it is met, in level; or
    BAND_STEP of ``low`` where ``ratio``.
    """

    kind: str
    what: str
    level: float
    low: float
    high: float
    step: float = 0.0
    ratio: bool = False

    def harder(self) -> Ask:
        if self.ratio:
            return replace(self, low=self.low * BAND_STEP)
        return replace(self, level=self.level + self.step)

    def text(self) -> str:
        if self.ratio:
            return f"{self.low / 1e6:.2f} MHz"
        return f"{self.what} {self.level:.3f}" + (" dB" if self.kind == "ceiling" else "")

    @property
    def needs(self) -> str:
        """ "pattern", "sky" or "" beside the impedance."""
        if self.kind == "ceiling":
            return "pattern"
        return "" if self.what == "mismatch" else "sky"


@dataclass(frozen=True, slots=True, eq=False)
class Asks:
    """constraints, and the objective as it is asked for now; z0 (k,) ohm.

    port, values: the network and its values, H or F.
    """

    constraints: tuple[Ask, ...]
    objective: Ask
    z0: FloatArray
    port: PortModel
    values: tuple[float, ...] = ()

    @property
    def needs(self) -> frozenset[str]:
        return frozenset(item.needs for item in (*self.constraints, self.objective))

    def cost(self, seen: Sequence[Seen]) -> FloatArray:
        """(n_set,) of all scenarios together, at the best z0 of each mask."""
        return np.asarray(self._costs(seen).min(axis=1))

    def accepted(self, seen: Seen, z0: float) -> FloatArray:
        """(n_freq, n_set) mismatch efficiency at ``z0`` ohm, the network's losses included."""
        return replace(self, z0=np.array([z0]))._curves(seen)["mismatch"][..., 0]

    def _costs(self, seen: Sequence[Seen]) -> FloatArray:
        """(n_set, k)."""
        total = np.zeros((seen[0].z.shape[1], self.z0.size))
        floors = [item for item in (*self.constraints, self.objective) if item.kind == "floor"]
        ends = [end for item in floors for end in (item.low, item.high)]
        for own in seen:
            scenario = own.between(ends)
            curves = self._curves(scenario)
            for ask in (*self.constraints, self.objective):
                for short in _shortfalls(ask, scenario, curves):
                    total += _power(np.maximum(0.0, short)) / own.frequency.size
        return np.asarray(total ** (1.0 / POWER))

    def _curves(self, seen: Seen) -> dict[str, FloatArray]:
        """Efficiencies (n_freq, n_set, k or 1)."""
        z = seen.z[..., None]
        if self.port.network:
            frequency = np.broadcast_to(seen.frequency[:, None, None], z.shape)
            z, passed = transform(frequency, z, self.port.network, self.values)
            accepted = _mismatch(z, self.z0) * passed
        else:
            accepted = _mismatch(z, self.z0)
        found = {"mismatch": accepted}
        if seen.share is not None:
            found["sky"] = seen.share[..., None]
            found["realised"] = accepted * found["sky"]
        return found

    def harder(self) -> Asks:
        """The next step, once this one is met."""
        return replace(self, objective=self.objective.harder())

    def tuned(self, seen: Sequence[Seen]) -> Asks:
        """With the network's free values that cost least for the one mask ``seen``."""
        free = [k for k, item in enumerate(self.port.network) if item.free]
        if not free:
            return self
        from scipy.optimize import minimize

        ends = np.log([(self.port.network[k].low, self.port.network[k].high) for k in free])

        def with_values(at: FloatArray) -> Asks:
            values = list(self.values)
            for k, value in zip(free, np.clip(at, ends[:, 0], ends[:, 1]), strict=True):
                values[k] = float(np.exp(value))
            return replace(self, values=tuple(values))

        now = np.log([self.values[k] for k in free])
        found = minimize(
            lambda at: float(with_values(at).cost(seen)[0]), now, method="Nelder-Mead",
            options={
                "initial_simplex": np.vstack((now, now + 0.3 * np.eye(len(free)))),
                "maxfev": 80, "xatol": 1e-3, "fatol": 1e-7,
            },
        )  # fmt: skip
        better = with_values(found.x)
        return better if better.cost(seen)[0] < self.cost(seen)[0] else self

    @property
    def parameters(self) -> dict[str, float]:
        """The network's free values by the names that a study gives them."""
        return {
            f"network.{k}": value
            for k, (item, value) in enumerate(
                zip(self.port.network, self.values, strict=True), start=1
            )
            if item.free
        }

    @classmethod
    def of(cls, goals: Goals, port: PortModel, band: tuple[float, float], low: float) -> Asks:
        """From a study over ``band`` (Hz); ``low`` (Hz) is where a band begins to be asked from.

        Raises :class:`InputError` for goals that cells cannot be searched for.
        """
        if len(goals.objectives) != 1:
            raise InputError(
                f"a free-form study takes one objective, {len(goals.objectives)} are given; make "
                "the others constraints"
            )
        constraints = []
        for item in goals.constraints:
            ask = _ask(item.merit, band, "as a constraint")
            ceiling = ask.kind == "ceiling"
            if (item.high if ceiling else item.low) is None:
                bound = "at_most" if ceiling else "at_least"
                raise InputError(f"{item.merit.label} as a constraint of a free form has {bound}")
            level = item.bound - MARGIN_DB if ceiling else min(item.bound * (1.0 + MARGIN), 1.0)
            constraints.append(replace(ask, level=level))
        (merit,) = goals.objectives
        objective = _ask(merit, band, "as the objective")
        if isinstance(merit, BandRatio):
            objective = replace(objective, low=low)
        z0 = np.geomspace(port.z0_low, port.z0_high, Z0_STEPS if port.free else 1)
        values = tuple(float(np.sqrt(item.low * item.high)) for item in port.network)
        return cls(tuple(constraints), objective, z0, port, values)


def _ask(merit: Merit, band: tuple[float, float], where: str) -> Ask:
    low, high = merit.span or band
    if isinstance(merit, PatternMerit) and merit.measure in PATTERNS:
        return Ask("ceiling", merit.measure, 12.0, low, high, -DB_STEP)
    if isinstance(merit, (BandRatio, MinEfficiency, MeanEfficiency)):
        what = merit.efficiency
    elif isinstance(merit, ShareOverBand):
        what = type(merit).efficiency
    else:
        what = ""
    band_constraint = isinstance(merit, BandRatio) and where == "as a constraint"
    if what not in KNOWN or band_constraint:
        raise InputError(
            f"a free-form study does not know {merit.label} {where}; allowed: {NAMES} "
            "(band_ratio as the objective alone)"
        )
    if isinstance(merit, BandRatio):
        return Ask("floor", what, min(merit.threshold * (1.0 + MARGIN), 1.0), *band, ratio=True)
    mean = isinstance(merit, MeanEfficiency) or (
        isinstance(merit, ShareOverBand) and merit.statistic == "mean"
    )
    if mean:
        return Ask("mean", what, 0.0, low, high, MEAN_STEP)
    return Ask("floor", what, 0.0, low, high, LEVEL_STEP)


def _mismatch(z: ComplexArray, z0: FloatArray) -> FloatArray:
    return np.asarray(4.0 * z0 * z.real / ((z.real + z0) ** 2 + z.imag**2))


def _power(short: FloatArray) -> FloatArray:
    """short^POWER, some ten times as fast."""
    cube = short * short * short
    return np.asarray(cube * cube)


def _shortfalls(ask: Ask, seen: Seen, curves: dict[str, FloatArray]) -> Iterator[FloatArray]:
    """(n_set, k or 1) each, positive where ``ask`` is not met."""
    f = seen.frequency
    if ask.kind == "ceiling":
        assert seen.solved is not None
        for k, at in enumerate(seen.solved):
            if ask.low - 1.0 <= at <= ask.high + 1.0:
                yield (_measure(ask.what, seen, k)[:, None] - ask.level) / DB
        return
    curve = curves[ask.what]
    if ask.kind == "mean":
        weight = np.array([band_mean(f, row, (ask.low, ask.high)) for row in np.eye(f.size)])
        # of one number beside many: as heavy as a shortfall everywhere
        yield (ask.level - np.tensordot(weight, curve, axes=1)) * f.size ** (1.0 / POWER)
        return
    yield from ask.level - curve[(f >= ask.low - 1.0) & (f <= ask.high + 1.0)]


def _measure(what: str, seen: Seen, k: int) -> FloatArray:
    """(n_set,) dB of one frequency."""
    assert seen.power is not None
    assert seen.short is not None
    _, _, cone = directions()
    power = seen.power[k]  # (n_dir, n_set)
    if what == "pattern_null":
        lowest = power[cone].min(axis=0) / power.max(axis=0)
        return np.asarray(-10.0 * np.log10(np.maximum(lowest, DEEPEST)))
    own = np.maximum(power[cone], DEEPEST * power[cone].max(axis=0))
    level = 10.0 * np.log10(own / own[0])
    short = 10.0 * np.log10(seen.short[k][cone] / seen.short[k][0])
    return np.asarray(np.abs(level - short[:, None]).max(axis=0))
