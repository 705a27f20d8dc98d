"""Errors of a measured reflection as one Gaussian covariance, and how to whiten with it.

    Gamma_measured = Gamma (1 + a + a_k) exp(j (p + p_k)) + e + e_k + sum_m c_m delta_m

a_k, p_k, e_k are drawn anew at every point; a (a magnitude scale), p (a phase offset) and e (a
directivity) are common to the sweep, or vary smoothly along it; delta_m (n,) are shapes that the
model itself may be wrong by (its mesh error), c_m unknown of standard deviation 1.  To first order
all common terms are nuisance parameters with Gaussian priors, and integrating them out adds their
covariance to that of the points: C = D + J J^T (e.g. Gelman et al., Bayesian Data Analysis, ch. 14;
cited from memory).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np

from ..common.checks import number
from ..conventions import ComplexArray, FloatArray, JsonDict

DB = 8.685889638065037  # 20/ln 10: dB of a relative change of 1


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """Standard deviations (1 sigma) of a measured reflection.

    db: of |Gamma|, dB.  degrees: of its phase.  floor: of Re and Im whatever |Gamma| is, such as
    the directivity that a calibration leaves (0.001 is assumed: 60 dB below full reflection).
    systematic: share of the VARIANCE of all three that is common to the sweep; the rest is drawn at
    every point, so that the totals stay as stated.  correlation: Hz over which the systematic part
    forgets itself, exp(-(df)^2 / (2 correlation^2)); inf makes it constant over the sweep.
    """

    db: float = 0.2
    degrees: float = 2.0
    systematic: float = 0.5
    floor: float = 1e-3
    correlation: float = math.inf

    def __post_init__(self) -> None:
        number("error of |S11|", self.db, low=0.0, high=10.0, low_open=True, unit="dB")
        number("error of the phase", self.degrees, low=0.0, high=90.0, low_open=True, unit="deg")
        number("systematic share", self.systematic, low=0.0, high=0.99)
        number("error floor", self.floor, low=0.0, high=0.1, low_open=True)
        number(
            "correlation of the systematic error",
            self.correlation,
            low=0.0,
            low_open=True,
            allow_inf=True,
            unit="Hz",
        )

    @property
    def magnitude(self) -> float:
        """Relative standard deviation of |Gamma|."""
        return self.db / DB

    @property
    def phase(self) -> float:
        """Standard deviation of the phase, rad."""
        return float(np.deg2rad(self.degrees))

    def draw(
        self, frequency: FloatArray, gamma: ComplexArray, random: np.random.Generator
    ) -> ComplexArray:
        """``gamma`` (n,) at ``frequency`` (Hz) as one sweep with these errors would show it."""
        own, n = np.sqrt(1.0 - self.systematic), gamma.size
        shared = self._common(frequency)  # (n, r)
        size, turn, re, im = (
            own * random.normal(size=n) + shared @ random.normal(size=shared.shape[1])
            for _ in range(4)
        )
        floor = self.floor * (re + 1j * im)
        return np.asarray(
            gamma * (1.0 + self.magnitude * size) * np.exp(1j * self.phase * turn) + floor
        )

    @property
    def white(self) -> White:
        """What is drawn at every point, as stated."""
        own = math.sqrt(1.0 - self.systematic)
        return White(own, own * self.floor)

    def whitening(
        self,
        frequency: FloatArray,
        gamma: ComplexArray,
        shapes: Sequence[ComplexArray] = (),
        white: White | None = None,
    ) -> Whitening:
        """What turns residuals about ``gamma`` (n,) into independent ones of variance 1.

        shapes: (n,) complex each, systematic differences of unknown amplitude of order 1.
        white: in place of what is stated of the part that is drawn at every point.
        """
        size = np.abs(gamma)
        turn = np.where(size > 0.0, np.conj(gamma) / np.maximum(size, 1e-300), 1.0)
        own = self.white if white is None else white
        radial = np.hypot(own.share * size * self.magnitude, own.floor)
        tangential = np.hypot(own.share * size * self.phase, own.floor)
        scale = np.concatenate((radial, tangential))  # (2n,)
        shared = self._common(frequency)
        terms = [
            size[:, None] * self.magnitude * shared,  # in the turned frame: real is radial
            1j * size[:, None] * self.phase * shared,
            turn[:, None] * self.floor * shared,
            1j * turn[:, None] * self.floor * shared,
            *((shape * turn)[:, None] for shape in shapes),
        ]
        complex_columns = np.hstack(terms)
        columns = np.vstack((complex_columns.real, complex_columns.imag))
        u, s, _ = np.linalg.svd(columns / scale[:, None], full_matrices=False)
        return Whitening(turn, scale, u, 1.0 - 1.0 / np.sqrt(1.0 + s**2))

    def _common(self, frequency: FloatArray) -> FloatArray:
        """(n, r) columns whose products sum to the covariance of the systematic part."""
        if math.isinf(self.correlation):
            return np.full((frequency.size, 1), math.sqrt(self.systematic))
        return _smooth(tuple(frequency.tolist()), self.correlation) * math.sqrt(self.systematic)

    def to_dict(self) -> JsonDict:
        return {
            **asdict(self),
            "correlation": None if math.isinf(self.correlation) else self.correlation,
            "meaning": "standard deviations; systematic is the share of the variance",
        }


@lru_cache(maxsize=4)
def _smooth(frequency: tuple[float, ...], correlation: float) -> FloatArray:
    """(n, r) columns of exp(-(df)^2 / (2 correlation^2)), those below 1e-6 of the largest left out.

    Kept: whitening the same sweep again and again asks for them each time.
    """
    f = np.array(frequency)
    value, vector = np.linalg.eigh(np.exp(-0.5 * ((f[:, None] - f[None, :]) / correlation) ** 2))
    keep = value > 1e-6 * value[-1]
    columns = np.asarray(vector[:, keep] * np.sqrt(value[keep]))
    columns.flags.writeable = False
    return columns


@dataclass(frozen=True, slots=True)
class White:
    """Errors drawn anew at every point: ``share`` of the stated ones of magnitude and phase, and
    ``floor``, the standard deviation of Re and Im.
    """

    share: float
    floor: float


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """C^(-1/2) of a sweep: turn (n,), scale (2n,), common (2n, r), shrink (r,).

    C = S (I + B B^T) S with S = diag(scale); with B = U s V^T its inverse root applied to r is
    w - U ((1 - 1/sqrt(1 + s^2)) U^T w), w = r/scale.
    """

    turn: ComplexArray
    scale: FloatArray
    common: FloatArray
    shrink: FloatArray

    def __call__(self, residual: ComplexArray) -> FloatArray:
        """(..., 2n) independent residuals of variance 1 from complex ones (..., n)."""
        turned = residual * self.turn
        w = np.concatenate((turned.real, turned.imag), axis=-1) / self.scale
        return np.asarray(w - ((w @ self.common) * self.shrink) @ self.common.T)

    def norm(self, residual: ComplexArray) -> float:
        """Length of one whitened residual: no parameter moves by more standard errors."""
        return float(np.linalg.norm(self(residual)))

    @property
    def log_determinant(self) -> float:
        """ln det C = 2 sum ln scale + sum ln(1 + s^2)."""
        return float(2.0 * np.log(self.scale).sum() - 2.0 * np.log1p(-self.shrink).sum())
