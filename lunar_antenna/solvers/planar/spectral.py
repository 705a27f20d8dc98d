"""Spectral kernels of a horizontal current sheet in a layered stack.

Transmission-line analogue, mixed-potential formulation C (Michalski & Zheng 1990; Michalski &
Mosig 1997), exp(+j omega t).  With kz = sqrt(k^2 - k_rho^2), Im kz <= 0, and per layer
Y_TM = eps_r/kz, Y_TE = kz (in units of omega eps0 and 1/(omega mu0)), the sums S of the
admittances seen upwards and downwards from the current give

    g_A   = 1 / (j S_TE)                            G_A   = mu0 g_A
    g_phi = (j/k_rho^2) (1/S_TM - k0^2/S_TE)        K_phi = g_phi / eps0

    Z_mn = j omega mu0 <f_m, g_A f_n> + 1/(j omega eps0) <div f_m, g_phi div f_n>

The time-averaged power that crosses a plane, per unit spectral current, follows from the same
line: |V|^2 Re Y.  Split as p_TE |J|^2 + (p_TM - p_TE)/k_rho^2 |div J|^2 it has the same form, so
that soil and film losses are Galerkin matrices of their own kernels, computed by flux.

``static`` evaluates the quasi-static limit (k -> 0, kz = -j k_rho), TM charge kernel only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...conventions import ComplexArray, FloatArray
from ...media.layer import Layer
from .jit import compiled

OUT_OF_SIGHT = 20.0  # nepers one way: a reflection from there is below exp(-40) = 4e-18


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The stack as seen from the current: arrays for the kernels, one column per frequency.

    eps_up, eps_down: (n_layer, n_freq), from the current outwards; thickness_*: (n_layer,) m,
    inf for the last.  conductor: the lower side ends in a perfect conductor behind the last
    finite layer.  film_down, film_up: the first layer on that side is the film.  wall: the lowest
    layer is a good conductor, taken by its wave impedance (:mod:`.floor`).
    """

    eps_up: ComplexArray
    thickness_up: FloatArray
    eps_down: ComplexArray
    thickness_down: FloatArray
    conductor: bool
    film_down: bool
    film_up: bool
    soil_below: bool
    wall: bool = False

    @classmethod
    def build(
        cls,
        above: tuple[Layer, ...],
        below: tuple[Layer, ...],
        frequency: FloatArray,
        *,
        film_side: str | None,
        soil_below: bool,
        wall: bool = False,
    ) -> Line:
        """above, below: from the current outwards.  film_side: "above" means metal above film."""
        conductor = below[-1].is_conductor
        lower = below[:-1] if conductor else below
        eps_down = np.array([layer.complex_eps_r(frequency) for layer in lower])
        eps_up = np.array([layer.complex_eps_r(frequency) for layer in above])
        return cls(
            eps_up=np.ascontiguousarray(eps_up),
            thickness_up=np.array([layer.thickness for layer in above]),
            eps_down=np.ascontiguousarray(eps_down),
            thickness_down=np.array([layer.thickness for layer in lower]),
            conductor=conductor,
            film_down=film_side == "above",
            film_up=film_side == "below",
            soil_below=soil_below,
            wall=wall,
        )

    def without_film(self) -> Line:
        """The same line with the film taken out (the layers behind it touch the current)."""
        up = slice(1, None) if self.film_up else slice(None)
        down = slice(1, None) if self.film_down else slice(None)
        return Line(
            np.ascontiguousarray(self.eps_up[up]),
            self.thickness_up[up],
            np.ascontiguousarray(self.eps_down[down]),
            self.thickness_down[down],
            self.conductor,
            False,
            False,
            self.soil_below,
            self.wall,
        )

    def without_film_loss(self) -> Line:
        """The same line with the loss of the film taken out of it."""
        up, down = self.eps_up.copy(), self.eps_down.copy()
        if self.film_up:
            up[0] = up[0].real
        if self.film_down:
            down[0] = down[0].real
        return replace(self, eps_up=up, eps_down=down)

    def alike(self) -> Line:
        """The same line with one column, where every frequency sees the same permittivities."""
        eps = np.vstack((self.eps_up, self.eps_down))
        if np.any(eps != eps[:, :1]):
            return self
        return replace(
            self,
            eps_up=np.ascontiguousarray(self.eps_up[:, :1]),
            eps_down=np.ascontiguousarray(self.eps_down[:, :1]),
        )

    def damped(self, loss_tangent: float) -> Line:
        """The same line with at least that loss in every layer that could guide a wave."""

        def least(eps: ComplexArray, thickness: FloatArray) -> ComplexArray:
            guides = (np.isfinite(thickness)[:, None] & (eps.real > 1.0)) * loss_tangent
            return np.asarray(eps.real + 1j * np.minimum(eps.imag, -guides * eps.real))

        return replace(
            self,
            eps_up=least(self.eps_up, self.thickness_up),
            eps_down=least(self.eps_down, self.thickness_down),
        )

    @property
    def mirror_depth(self) -> float:
        """Depth of what reflects at every k_rho, conductor or wall, m; inf where nothing does."""
        if self.conductor:
            return float(self.thickness_down.sum())
        return float(self.thickness_down[:-1].sum()) if self.wall else np.inf

    @property
    def resolved(self) -> ComplexArray:
        """(n_layer, n_freq) eps of the layers whose wavenumber the kernels follow sideways."""
        down = self.eps_down[:-1] if self.wall else self.eps_down
        return np.vstack((self.eps_up, down))


@compiled
def _kz(k2: complex, kr2: complex) -> complex:
    """sqrt(k^2 - k_rho^2) with Im <= 0, and Re >= 0 where it is real."""
    x = k2.real - kr2.real
    y = k2.imag - kr2.imag
    size = np.sqrt(x * x + y * y)
    if size == 0.0:  # exactly at a branch point
        return complex(0.0, -1e-12 * np.sqrt(abs(kr2)))
    if x < 0.0:
        root = np.sqrt(0.5 * (size - x))
        return complex(-0.5 * y / root, -root)
    root = np.sqrt(0.5 * (size + x))
    return complex(-root, -0.5 * y / root) if y > 0.0 else complex(root, 0.5 * y / root)


@compiled
def _wall_kz(k2: complex, kr2: complex) -> complex:
    """sqrt(k^2 - k_rho^2) to second order in k_rho/k, k of a conductor: Re > 0, Im < 0."""
    k = _kz(k2, 0.0j)
    return k - 0.5 * kr2 / k


@compiled
def _over(a: complex, b: complex) -> complex:
    """a / b for numbers far from overflow."""
    scale = 1.0 / (b.real * b.real + b.imag * b.imag)
    return complex(
        (a.real * b.real + a.imag * b.imag) * scale, (a.imag * b.real - a.real * b.imag) * scale
    )


@compiled
def _deepest(eps: ComplexArray, thickness: FloatArray, kr2: complex, k02: float) -> int:
    """Number of the first layer whose lower end is out of sight: what is below changes nothing."""
    depth = 0.0
    for i in range(eps.shape[0]):
        evanescent = kr2.real - k02 * eps[i].real  # never above (Im kz)^2
        if evanescent > 0.0:
            depth += np.sqrt(evanescent) * thickness[i]
            if depth > OUT_OF_SIGHT:
                return int(i)
    return int(eps.shape[0])


@compiled
def _look(
    eps: ComplexArray,
    thickness: FloatArray,
    conductor: bool,
    wall: bool,
    kr2: complex,
    k02: float,
    static: bool,
) -> tuple[complex, complex, complex, complex, complex, complex]:
    """Input admittance at the current and that behind the first layer, and the voltage ratio.

    Returns (Y at the top, Y at the bottom of layer 0, V_bottom/V_top of layer 0) of the TM line,
    then of the TE line.  Across a layer of admittance Y over Y_b, with w = exp(-2 j kz d):
    Y_top = Y (a - b w)/(a + b w), V_bottom/V_top = 2 Y sqrt(w)/(a + b w), a, b = Y + Y_b, Y - Y_b.
    """
    n = eps.shape[0]
    bottom = _deepest(eps, thickness, kr2, 0.0 if static else k02)
    open_end = bottom < n or not conductor
    tm, tm_behind, tm_ratio = 0.0j, 0.0j, 1.0 + 0.0j
    te, te_behind, te_ratio = 0.0j, 0.0j, 1.0 + 0.0j
    start = min(bottom, n - 1)
    for i in range(start, -1, -1):
        if wall and i == n - 1 and not static:
            kz = _wall_kz(k02 * eps[i], kr2)
        else:
            kz = _kz(0.0j, kr2) if static else _kz(k02 * eps[i], kr2)
        y = _over(eps[i], kz)
        if i == start and open_end:
            tm, te = y, kz
            if i == 0:
                tm_behind, te_behind = y, kz
                if thickness[0] < np.inf:  # nothing gets through a film that thick
                    tm_ratio = te_ratio = 0.0j
            continue
        turn = kz.real * thickness[i]
        size = np.exp(kz.imag * thickness[i])
        once = complex(size * np.cos(turn), -size * np.sin(turn))
        twice = once * once
        if i == start:  # on a perfect conductor
            tm = y * _over(1.0 + twice, 1.0 - twice)
            te = kz * _over(1.0 + twice, 1.0 - twice)
            if i == 0:
                tm_ratio = te_ratio = 0.0j
            continue
        if i == 0:
            tm_behind, te_behind = tm, te
            tm_ratio = _over(2.0 * y * once, y + tm + (y - tm) * twice)
            te_ratio = _over(2.0 * kz * once, kz + te + (kz - te) * twice)
        tm = y * _over(y + tm - (y - tm) * twice, y + tm + (y - tm) * twice)
        te = kz * _over(kz + te - (kz - te) * twice, kz + te + (kz - te) * twice)
    return tm, tm_behind, tm_ratio, te, te_behind, te_ratio


@compiled
def kernels(
    kr: ComplexArray,
    k0: float,
    eps_up: ComplexArray,
    d_up: FloatArray,
    eps_down: ComplexArray,
    d_down: FloatArray,
    conductor: bool,
    wall: bool,
    film_up: bool,
    film_down: bool,
    static: bool,
    out: ComplexArray,
) -> None:
    """Fill out[(n_kr), 6] for one frequency: g_A, g_phi, flux densities of ground and film.

    Columns: g_A, g_phi, ground_A, ground_phi, film_A, film_phi.  The flux columns are in the
    units of R: ground_A multiplies k0 eta0, ground_phi multiplies eta0/k0, and are meaningful on
    the real axis only.  static: columns 1, 3, 5 hold the quasi-static TM parts, the others 0.
    """
    k02 = k0 * k0
    for m in range(kr.size):
        kr2 = kr[m] * kr[m]
        up_tm, up_behind, up_ratio, up_te, ub_te, ur_te = _look(
            eps_up, d_up, False, False, kr2, k02, static
        )
        dn_tm, dn_behind, dn_ratio, dn_te, db_te, dr_te = _look(
            eps_down, d_down, conductor, wall, kr2, k02, static
        )
        s_tm = up_tm + dn_tm
        inv2_tm = 1.0 / (s_tm.real**2 + s_tm.imag**2)
        reached = dn_behind.real * abs(dn_ratio) ** 2 if film_down else dn_tm.real
        ground_tm = reached * inv2_tm
        film_tm = 0.0
        if film_down:
            film_tm += dn_tm.real * inv2_tm - ground_tm
        if film_up:
            film_tm += (up_tm.real - up_behind.real * abs(up_ratio) ** 2) * inv2_tm
        if static:
            out[m, 0] = 0.0
            out[m, 1] = 1j / (kr2 * s_tm)
            out[m, 2] = 0.0
            out[m, 3] = ground_tm / kr2
            out[m, 4] = 0.0
            out[m, 5] = film_tm / kr2
            continue
        s_te = up_te + dn_te
        inv2_te = 1.0 / (s_te.real**2 + s_te.imag**2)
        reached = db_te.real * abs(dr_te) ** 2 if film_down else dn_te.real
        ground_te = reached * inv2_te
        film_te = 0.0
        if film_down:
            film_te += dn_te.real * inv2_te - ground_te
        if film_up:
            film_te += (up_te.real - ub_te.real * abs(ur_te) ** 2) * inv2_te
        out[m, 0] = 1.0 / (1j * s_te)
        out[m, 1] = 1j / kr2 * (1.0 / s_tm - k02 / s_te)
        out[m, 2] = ground_te
        out[m, 3] = (ground_tm - k02 * ground_te) / kr2
        out[m, 4] = film_te
        out[m, 5] = (film_tm - k02 * film_te) / kr2


def evaluate(
    line: Line, k_rho: ComplexArray, k0: float, column: int, *, static: bool = False
) -> ComplexArray:
    """(n_kr, 6) kernels of :func:`kernels` for frequency number ``column`` of ``line``."""
    out = np.empty((k_rho.size, 6), dtype=complex)
    kernels(
        np.ascontiguousarray(k_rho, dtype=complex),
        k0,
        np.ascontiguousarray(line.eps_up[:, column]),
        line.thickness_up,
        np.ascontiguousarray(line.eps_down[:, column]),
        line.thickness_down,
        line.conductor,
        line.wall,
        line.film_up,
        line.film_down,
        static,
        out,
    )
    if not line.soil_below:
        out[:, 2:4] = 0.0
    return out


@compiled
def _kernels_band(
    kr: ComplexArray,
    k0: FloatArray,
    eps_up: ComplexArray,
    d_up: FloatArray,
    eps_down: ComplexArray,
    d_down: FloatArray,
    ends: tuple[bool, bool, bool, bool],
    static: bool,
    out: ComplexArray,
) -> None:
    conductor, wall, film_up, film_down = ends
    for n in range(k0.size):
        kernels(
            kr[n],
            k0[n],
            np.ascontiguousarray(eps_up[:, n]),
            d_up,
            np.ascontiguousarray(eps_down[:, n]),
            d_down,
            conductor,
            wall,
            film_up,
            film_down,
            static,
            out[n],
        )


def evaluate_band(
    line: Line, k_rho: ComplexArray, k0: FloatArray, *, static: bool = False
) -> ComplexArray:
    """(n_freq, n_kr, 6) kernels of :func:`kernels`; k_rho (n_freq, n_kr)."""
    out = np.empty((*k_rho.shape, 6), dtype=complex)
    _kernels_band(
        np.ascontiguousarray(k_rho, dtype=complex),
        np.ascontiguousarray(k0),
        line.eps_up,
        line.thickness_up,
        line.eps_down,
        line.thickness_down,
        (line.conductor, line.wall, line.film_up, line.film_down),
        static,
        out,
    )
    if not line.soil_below:
        out[..., 2:4] = 0.0
    return out
