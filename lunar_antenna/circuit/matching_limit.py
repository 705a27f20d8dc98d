r"""What no lossless network, of however many elements, can make of a given antenna.

A lossless network shows the antenna a reflection coefficient H(s) that is analytic and at most 1
in the right half-plane, and every such H is that of some network.  With S the antenna's own
reflection (both in the same ohms) the share of the available power that the antenna accepts is

    G = (1 - |S|^2)(1 - |H|^2) / |1 - S H|^2,

and G >= g is a disk |H - c| <= r with

    c = g S* / (1 - |S|^2 + g |S|^2),    r = (1 - |S|^2) sqrt(1 - g) / (1 - |S|^2 + g |S|^2)

(Helton 1981, IEEE Trans. Circuits Syst. 28, 1130: "Broadbanding: gain equalization directly from
data"; where nothing is asked, g = 0, it is the unit disk).  With o analytic and |o| = r, H = o K
and |K - c/o| <= 1, which an analytic K can meet exactly where the Hankel operator of c/o has no
norm above 1 (Nehari 1957, Ann. Math. 65, 153).  Fano's limits (1950, J. Franklin Inst. 249, 57) are
the case of one resistance and one reactance, and come out.

Frequencies are mapped to angles by omega = omega_0 tan(theta/2).  The operator is cut to ORDER
functions, which lowers its norm: the limit is high by about 2/ORDER where it is Fano's, and never
low by more than the sampling of band edges.
"""

from __future__ import annotations

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import InputError

ORDER = 300  # functions
SAMPLES = 1 << 16  # angles: half a step is what a band's edge may be off by
_STEPS = 16  # halvings


def matching_limit(frequency: FloatArray, z: ComplexArray, level: FloatArray) -> float:
    """Largest t for which some lossless network accepts t x level at every frequency.

    frequency: (n,) Hz, rising.  z: (n,) ohm, of the antenna, Re z > 0.  level: (n,) 0 to below 1,
    what is asked; 0 where nothing is.  Beyond the frequencies nothing is asked.  Below 1 no
    network meets ``level``; losses only lower it.
    """
    frequency = np.asarray(frequency, dtype=float)
    z, level = np.asarray(z, dtype=complex), np.asarray(level, dtype=float)
    if frequency.ndim != 1 or frequency.size < 2 or not (np.diff(frequency) > 0.0).all():
        raise InputError("frequency does not rise throughout; give two or more, the lowest first")
    if z.shape != frequency.shape or level.shape != frequency.shape:
        raise InputError(
            f"frequency, z and level have shapes {frequency.shape}, {z.shape}, {level.shape}; "
            "give one of each per frequency"
        )
    if not (z.real > 0.0).all():
        raise InputError(f"Re z is {z.real.min():.3g} ohm at least; an antenna that accepts power "
                         "has it above 0")  # fmt: skip
    if not ((level >= 0.0) & (level < 1.0)).all() or not level.any():
        raise InputError(
            f"level is {level.min():.3g} to {level.max():.3g}; give 0 to below 1, and above 0 "
            "somewhere"
        )
    centre = float(np.sqrt(max(frequency[0], 1e-3 * frequency[-1]) * frequency[-1]))
    z0 = float(np.median(np.abs(z)))
    grid = _Circle.of(frequency, (z - z0) / (z + z0), level, centre)
    low, high = 0.0, (1.0 - 1e-9) / float(level.max())
    if grid.norm(high) <= 1.0:
        return high
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        if grid.norm(middle) <= 1.0:
            low = middle
        else:
            high = middle
    return high


class _Circle:
    """Reflection S and level on the unit circle, theta (SAMPLES,) from -pi to pi."""

    def __init__(self, s: ComplexArray, level: FloatArray, theta: FloatArray) -> None:
        self.s, self.level = s, level
        self.order = np.fft.fftfreq(theta.size, 1.0 / theta.size)
        self.turn = np.exp(-1j * self.order * theta[0])  # of a coefficient, by where theta begins

    @classmethod
    def of(
        cls, frequency: FloatArray, s: ComplexArray, level: FloatArray, centre: float
    ) -> _Circle:
        steps = np.arange(0.5, SAMPLES, dtype=float)
        theta = np.asarray(steps * (2.0 * np.pi / SAMPLES) - np.pi, dtype=float)
        omega = centre * np.tan(0.5 * theta)
        at = np.abs(omega)
        real, imag = np.interp(at, frequency, s.real), np.interp(at, frequency, s.imag)
        own = np.interp(at, frequency, level, left=0.0, right=0.0)
        return cls(real + 1j * np.sign(omega) * imag, own, theta)

    def norm(self, scale: float) -> float:
        """Of the Hankel operator of c/o, at ``scale`` x level."""
        from scipy.linalg import hankel

        g = scale * self.level
        mirror = np.minimum(np.abs(self.s) ** 2, 1.0 - 1e-12)
        below = 1.0 - mirror + g * mirror
        centre = g * self.s.conj() / below
        radius = (1.0 - mirror) * np.sqrt(1.0 - g) / below
        radius[g == 0.0] = 1.0
        # analytic in the right half-plane: e^{-jn theta}, n >= 0
        logs = self._coefficients(np.log(radius).astype(complex))
        logs = np.where(self.order < 0, 2.0 * logs, np.where(self.order == 0, logs, 0.0))
        outer = np.exp(np.fft.ifft(logs / self.turn) * logs.size)
        other = self._coefficients(centre / outer)[1 : 2 * ORDER]
        # real, since s(-omega) = s(omega)*
        return float(np.linalg.norm(hankel(other[:ORDER].real, other[ORDER - 1 :].real), 2))

    def _coefficients(self, values: ComplexArray) -> ComplexArray:
        """(SAMPLES,) of e^{jn theta}, n as in ``order``."""
        return np.asarray(np.fft.fft(values) / values.size * self.turn)
