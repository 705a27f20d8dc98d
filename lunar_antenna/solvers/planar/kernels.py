"""Space-domain kernels of a stack, tabulated once per stack, band and size of layout.

Every kernel of every frequency is, beyond its analytic static part, a smooth function of the
horizontal distance.  All of them together span a small space: a singular value decomposition
gives a handful of real radial modes shared by all frequencies, and the moment-method matrices of
those modes serve the whole band.  Nothing is interpolated in frequency.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ...common import chebyshev
from ...conventions import ComplexArray, FloatArray, wavenumber
from ...problem import Problem
from .asymptote import Images, static_images, static_symbol
from .floor import floor
from .sommerfeld import Path, gathered, lifted_path, real_axis, tail
from .spectral import Line, evaluate

MODE_TOLERANCE = 1e-8  # of the largest value of each kernel
FLUX_TOLERANCE = 1e-7  # of each flux integral
PEAK_TOLERANCE = 1e-7  # of the integrals of |g|, which lead to the poles of guided waves
# Loss tangent of lossless layers in the flux kernels: a guided wave is then absorbed far outside
# any layout instead of never, and its pole a peak that can be integrated.  The split of power is
# off by as much.
LEAST_LOSS = 1e-8
TABLE_POINTS = 8192
TAIL_END = 12.0  # nepers: what the images left in the table have fallen to there
SYMBOL_PER_DECADE = 40  # samples of the static symbol, for the rims
TABLE_PER_PHASE = 340.0  # points per radian of k rho_max
PANEL_ORDER = 14
PANEL_PHASE = 7.0  # rad of k rho that one panel follows


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """Everything the matrix fill and the power balance need of a stack.

    Radial modes are tabulated on u = sqrt(rho), equidistant, ``step`` apart: modes_a
    (n_table, n_a), modes_phi (n_table, n_phi).  A kernel at frequency f is coefficient[f] @ modes
    plus its static part, which ``images`` holds.
    z_a, z_phi: (n_freq, n_mode) complex; ground_*, film_*: the same, real, units of spectral.py,
    zero unless ``flux`` was asked for.  absorbs: power stays below.
    symbol_k (n_k,) rad/m and symbol (1 or 2, n_k, n_freq): the static symbol k g_phi beyond the
    reach of the table; with a film that without the film's loss too.
    """

    frequency: FloatArray
    rho_max: float
    step: float
    modes_a: FloatArray
    modes_phi: FloatArray
    z_a: ComplexArray
    z_phi: ComplexArray
    ground_a: FloatArray
    ground_phi: FloatArray
    film_a: FloatArray
    film_phi: FloatArray
    images: Images
    symbol_k: FloatArray
    symbol: ComplexArray
    absorbs: bool
    flux: bool

    @property
    def nbytes(self) -> int:
        """Memory of the tables, which are nearly all of it."""
        return self.modes_a.nbytes + self.modes_phi.nbytes


_cache: OrderedDict[object, Kernels] = OrderedDict()
_CACHE_BYTES = 400e6  # some two hundred stacks: several soils, heights and sizes of layout


def problem_line(problem: Problem, frequency: FloatArray, span: float = 0.0) -> Line:
    """The transmission line of a problem, seen from its metal plane.

    span: m, over which kernels are wanted; a good conductor may then end the line.
    """
    film, layers = problem.layout.film, problem.stratification
    end = floor(problem, frequency, span) if span else None
    below = layers.below
    if end is not None:
        below = (*below[: end.index], replace(below[end.index], thickness=np.inf))
    return Line.build(
        layers.above,
        below,
        frequency,
        film_side=film.side if film else None,
        soil_below=layers.reflects,
        wall=end is not None,
    )


def table_radius(span: float) -> float:
    """Radius to tabulate for a layout of that diagonal: rounded up, so that designs share it."""
    return float(2.0 ** (np.ceil(4.0 * np.log2(span * 1.001)) / 4.0))


def kernels_for(
    problem: Problem, frequency: FloatArray, span: float, *, flux: bool = True
) -> Kernels:
    """Kernels of ``problem``'s stack at ``frequency`` (Hz) up to distance ``span`` (m), cached.

    flux=False leaves out the kernels of the losses, which take most of the time.
    """
    radius = table_radius(span)
    key = (
        problem.stratification,
        problem.layout.film.side if problem.layout.film else None,
        frequency.tobytes(),
        radius,
        flux,
    )
    if key in _cache:
        _cache.move_to_end(key)
        return _cache[key]
    made = build(problem_line(problem, frequency, radius), frequency, radius, flux=flux)
    _cache[key] = made
    while len(_cache) > 1 and sum(kept.nbytes for kept in _cache.values()) > _CACHE_BYTES:
        _cache.popitem(last=False)
    return made


def clear_cache() -> None:
    """Forget all tables (for benchmarks)."""
    _cache.clear()


def build(line: Line, frequency: FloatArray, radius: float, *, flux: bool = True) -> Kernels:
    """Tabulate the kernels of ``line`` up to ``radius`` (m); flux: those of the losses too."""
    k0 = wavenumber(frequency)
    images = static_images(line, k0)
    largest = largest_wavenumber(line, k0)
    rho, expand, step = radial_grid(radius, largest)
    start = 1.3 * largest
    # beyond ``end`` what is left in the table is below exp(-12), or what the images are off by (a
    # wall is not quite its image)
    nearest = min(images.reach, 2.0 * line.mirror_depth) if line.wall else images.reach
    end = max(60.0 * largest, min(TAIL_END / nearest, 4000.0))
    path = lifted_path(rho, start, float(k0.min()))
    rest = tail(rho, start, end)
    decay = Decay(rho, 2.0 * largest)
    spectra = [
        _complex_values(line, images, path, rest, k0[n], n, decay) for n in range(frequency.size)
    ]
    value_a = np.column_stack([s[0] for s in spectra])  # (n_rho, n_freq)
    value_phi = np.column_stack([s[1] for s in spectra])
    absorbs = soil_absorbs(line)
    lossy = absorbs or line.film_down or line.film_up
    lost = np.zeros((4, rho.size, frequency.size))
    if flux and lossy:
        damped = line.damped(LEAST_LOSS)
        for n in range(frequency.size):
            lost[:, :, n] = _flux_values(damped, images, rest, rho, start, k0[n], n)
    modes_a, coefficient_a = _compress([value_a.real, value_a.imag, lost[0], lost[2]])
    modes_phi, coefficient_phi = _compress([value_phi.real, value_phi.imag, lost[1], lost[3]])
    symbol_k = _symbol_grid(line, images.reach)
    filmed = line.film_up or line.film_down
    seen = (line, line.without_film_loss()) if filmed else (line,)
    symbol = np.stack([static_symbol(part, symbol_k) for part in seen])
    return Kernels(
        frequency=frequency,
        rho_max=radius,
        step=step,
        modes_a=expand(modes_a),
        modes_phi=expand(modes_phi),
        z_a=coefficient_a[0] + 1j * coefficient_a[1],
        z_phi=coefficient_phi[0] + 1j * coefficient_phi[1],
        ground_a=coefficient_a[2],
        ground_phi=coefficient_phi[2],
        film_a=coefficient_a[3],
        film_phi=coefficient_phi[3],
        images=images,
        symbol_k=symbol_k,
        symbol=symbol,
        absorbs=absorbs,
        flux=flux,
    )


def _symbol_grid(line: Line, reach: float) -> FloatArray:
    """(n,) rad/m from where the table ends to where the thinnest layer is far away."""
    thickness = np.concatenate((line.thickness_up, line.thickness_down))
    thinnest = float(np.min(thickness, initial=reach))
    low, high = 0.1 / reach, 30.0 / min(thinnest, reach)
    return np.geomspace(low, high, int(SYMBOL_PER_DECADE * np.log10(high / low)) + 1)


def largest_wavenumber(line: Line, k0: FloatArray) -> float:
    """Largest Re k of any layer, rad/m: beyond it no wave oscillates sideways."""
    return float((k0 * np.sqrt(line.resolved).real.max(axis=0)).max())


def soil_absorbs(line: Line) -> bool:
    """False where no power can stay below: free space, or vacuum over a perfect conductor."""
    if not line.soil_below:
        return False
    soil = line.eps_down[1:] if line.film_down else line.eps_down
    return not line.conductor or bool(np.any(soil != 1.0))


def radial_grid(
    radius: float, largest: float
) -> tuple[FloatArray, Callable[[FloatArray], FloatArray], float]:
    """Sample distances (n,), what makes samples a dense table, and its step in sqrt(rho).

    Panels are short near the origin, and nowhere longer than the phase their order can follow.
    The linear interpolation of the table is good to (k rho_max / points)^2 / 2.
    """
    top = float(np.sqrt(radius))
    edges = [0.0]
    for end in top * np.array([0.015, 0.03, 0.06, 0.12, 0.22, 0.34, 0.46, 0.58, 0.7, 0.8, 0.9, 1]):
        start = edges[-1]
        count = max(1, int(np.ceil(largest * (end**2 - start**2) / PANEL_PHASE)))
        edges.extend(start + (end - start) * (np.arange(1, count + 1) / count))
    points = max(TABLE_POINTS, int(TABLE_PER_PHASE * largest * radius))
    nodes = chebyshev.points(-1.0, 1.0, PANEL_ORDER, ends=True)
    samples = np.concatenate([0.5 * (a + b) + 0.5 * (b - a) * nodes for a, b in pairwise(edges)])
    dense = np.linspace(0.0, top, points)
    panel = np.clip(np.searchsorted(edges, dense, side="right") - 1, 0, len(edges) - 2)
    first = np.searchsorted(panel, np.arange(len(edges)))  # rows of each panel follow each other

    def expand(values: FloatArray) -> FloatArray:
        """(points, m) of samples (n, m)."""
        out = np.empty((points, values.shape[1]))
        for index in range(len(edges) - 1):
            rows = slice(first[index], first[index + 1])
            a, b = edges[index], edges[index + 1]
            x = (2.0 * dense[rows] - a - b) / (b - a)
            part = values[index * PANEL_ORDER : (index + 1) * PANEL_ORDER]
            out[rows] = chebyshev.matrix(nodes, x, ends=True) @ part
        return out

    return np.maximum(samples, 0.0) ** 2, expand, float(dense[1])


class Decay:
    """(1/k - 1/sqrt(k^2 + b^2)) and its transform (1 - exp(-b rho))/(2 pi rho).

    Carries the k^-3 tail of a remainder, so that what is left falls like k^-5.
    """

    def __init__(self, rho: FloatArray, b: float) -> None:
        self.b = b
        self.space = np.full(rho.shape, b)
        positive = rho > 0.0
        self.space[positive] = -np.expm1(-b * rho[positive]) / rho[positive]
        self.space /= 2.0 * np.pi

    def spectrum(self, k: ComplexArray) -> ComplexArray:
        return np.asarray(1.0 / k - 1.0 / np.sqrt(k**2 + self.b**2))


def static_admittance(bare: Line, k: ComplexArray, column: int) -> ComplexArray:
    """Static relative admittance seen downwards without the film, shape of ``k``."""
    static = evaluate(bare, k, 1.0, column, static=True)
    return np.asarray(1.0 / (k * static[:, 1]) - bare.eps_up[0][column])


def _complex_values(
    line: Line,
    images: Images,
    path: Path,
    rest: Path,
    k0: float,
    column: int,
    decay: Decay,
) -> tuple[ComplexArray, ComplexArray]:
    """Remainders of g_A and g_phi at the sample distances, each (n_rho,)."""
    k = np.concatenate((path.nodes, rest.nodes))
    full = evaluate(line, k, k0, column)
    rest_a = full[:, 0] - images.vector(k)
    rest_phi = full[:, 1] - images.shapes(k) @ images.total[column]
    shape = decay.spectrum(k)
    # what falls as k^-3 is the dynamic part, not what the images are off by
    exact = evaluate(line, k[-1:], k0, column, static=True)[0, 1]
    last = (rest_a[-1], full[-1, 1] - exact)
    out = []
    for values, end in zip((rest_a, rest_phi), last, strict=True):
        amplitude = end / shape[-1]
        values = values - amplitude * shape
        n = path.nodes.size
        out.append(
            path.transform @ values[:n] + rest.transform @ values[n:] + amplitude * decay.space
        )
    return out[0], out[1]


def _flux_remainder(
    line: Line, images: Images, k: FloatArray, k0: float, column: int
) -> tuple[ComplexArray, FloatArray]:
    """(n, 2) g_A and g_phi, and (n, 4) flux kernels of ground and film less their static parts."""
    complex_k = k.astype(complex)
    full = evaluate(line, complex_k, k0, column)
    out = full[:, 2:].real.copy()
    shapes = images.shapes(complex_k).real
    if soil_absorbs(line):
        out[:, 1] -= shapes @ images.ground[column]
    else:
        out[:, :2] = 0.0
    if line.film_down or line.film_up:
        out[:, 3] -= shapes @ images.film[column]
    return full[:, :2], out


def _flux_values(
    line: Line,
    images: Images,
    rest: Path,
    rho: FloatArray,
    start: float,
    k0: float,
    column: int,
) -> FloatArray:
    """Flux kernels at the sample distances, (4, n_rho)."""
    from scipy.special import j0

    outer = (
        [np.array(1.0 + 0j), line.eps_down[-1, column]]
        if not (line.conductor or line.wall)
        else [np.array(1.0 + 0j)]
    )
    branch = np.array([float((k0 * np.sqrt(e)).real) for e in outer])

    # A and phi columns in comparable units, so that one tolerance serves all
    units = np.array([k0**2, 1.0, k0**2, 1.0])

    def integrand(k: FloatArray) -> FloatArray:
        full, remainder = _flux_remainder(line, images, k, k0, column)
        # a guided wave is a peak that the flux shows nothing of beside it; the kernels do
        seen = np.abs(full) * units[:2] if line.soil_below else np.zeros((k.size, 0))
        return np.asarray(k[:, None] * np.hstack((remainder * units, seen)))

    tolerance = np.array([FLUX_TOLERANCE] * 4 + [PEAK_TOLERANCE] * 2 * line.soil_below)
    k, w, values = real_axis(integrand, branch, start, 4.0 / float(rho.max()), tolerance)
    k, values = gathered(k, w[:, None] * values[:, :4], 1e-3 / float(rho.max()))
    values = values / units
    bessel = j0(np.outer(rho, k))
    near = bessel @ (values / (2.0 * np.pi))
    _, remainder = _flux_remainder(line, images, rest.nodes.real, k0, column)
    far = rest.transform.real @ remainder
    return np.asarray((near + far).T)


def _compress(groups: list[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
    """Common radial modes (n_rho, r) and coefficients (n_freq, r) of groups (n_rho, n_freq)."""
    n = groups[0].shape[1]
    columns = np.hstack(groups)
    scale = np.abs(columns).max(axis=0)
    active = scale > 1e-13 * max(scale.max(), 1e-300)
    normalised = columns[:, active] / scale[active]
    u, s, vt = np.linalg.svd(normalised, full_matrices=False)
    rank = max(1, int(np.count_nonzero(s > MODE_TOLERANCE * s[0])))
    coefficient = np.zeros((rank, columns.shape[1]))
    coefficient[:, active] = s[:rank, None] * vt[:rank] * scale[active]
    parts = [
        np.ascontiguousarray(coefficient[:, k * n : (k + 1) * n].T) for k in range(len(groups))
    ]
    return np.ascontiguousarray(u[:, :rank]), parts
