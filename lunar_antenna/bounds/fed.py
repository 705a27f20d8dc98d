r"""What can be realised of the power that a source of z0 has to give, fed at one gap.

Metal of any shape with that gap carries a current I with Z I = v V on its own functions and none
elsewhere, v the weights of the gap and V its voltage.  Of this the complex power alone is kept,

    I^H Z I = V i^*,      i = v^T I,

so that what follows holds for every shape.  With R = Re Z, X = Im Z, A the form of what is wanted
and twice the available power b = |V + z0 i|^2/(4 z0), weak duality gives for any real m1, m2 for
which lambda b - A + m1 (R - Re V i^*) + m2 (X - Im V i^*) is positive: realised <= lambda.  With
N = m1 R + m2 X - A and s = v^T N^-1 v the best lambda for these two is

    lambda = z0 (m1^2 + m2^2) / (1/s + z0 m1),

N positive, or with one negative direction that v sees (s < 0).  The smallest over both is the bound
(quadratic programs of this kind: Gustafsson, Tayli, Ehrenborg, Cismasu & Norgren 2016,
arXiv:1602.05520).  Where the antenna has to show a given reactance x, the reactive power is
X = x |i|^2 besides, and with D = 1/s + z0 m1 - x m2 the best over the third multiplier is

    lambda = 2 z0 m1^2 / (D + (D^2 + x^2 m1^2)^(1/2)),

x = 0 being self-resonance.  All forms are Hermitian, so that there is a current that meets the
bound (Huang & Palomar 2010, IEEE Trans. Signal Process. 58, 664); one is sought among N^-1 v and
its neighbours, its constraints met exactly, and what it reaches is the other side of the gap.

In coordinates with R = 1 and X diagonal, N = m1 (1 + t X) - W W^H with t = m2/m1.  On a ray of
constant t, one small eigenvalue problem W^H (1 + t X)^-1 W = U g U^H gives s at every m1:

    s = (a + sum_k |p_k|^2/(m1 - g_k)) / m1,   a = v^T (1 + t X)^-1 v,   p = U^H W^H (1 + t X)^-1 v.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import SolverError

STEPS = 40  # of a golden section: 4e-9 of its range
DECADES = 18.0  # ln of the range of t over the nearest to nought, or to the end, that is tried
FIRST, FINER, LEVELS = 120, 40, 4  # values of m1 on a ray, and how often their grid is refined
LARGEST = 12.0  # ln of m1 over the least
KEPT = 1e-7  # of the strongest way to what is wanted
SEEDS = 6  # starts of either kind of the search for a current
TUNED = (0.02, 0.1, 0.3, 0.6)  # quantiles of the reactance that currents are tuned at
STRONG = 3  # directions of what is wanted that the current is sought among


@dataclass(frozen=True, slots=True)
class Feed:
    """A source of z0 ohm; reactance: what the antenna has to show, ohm, None for any."""

    z0: float
    reactance: float | None = None

    def dual(self, first: FloatArray, ratio: float, inverse: FloatArray) -> FloatArray:
        """lambda of m1 = ``first`` and m2 = ratio m1, ``inverse`` 1/s; inf where there is none."""
        x = self.reactance
        below = inverse + self.z0 * first
        if x is None:
            above = self.z0 * first**2 * (1.0 + ratio**2)
        else:
            below = below - x * ratio * first
            below = 0.5 * (below + np.hypot(below, x * first))
            above = self.z0 * first**2
        with np.errstate(divide="ignore"):
            return np.where(below > 0.0, above / np.maximum(below, 0.0), np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class Pencil:
    """All classes at one frequency with R = 1: X (n,), W (n, r), A = W W^H, and v (n,).

    back: per class (n_class, n_class), from these coordinates to its functions.
    """

    reactance: FloatArray
    wanted: ComplexArray
    feed: FloatArray
    back: tuple[FloatArray, ...]

    @classmethod
    def of(cls, classes: list[tuple[FloatArray, FloatArray, ComplexArray, FloatArray]]) -> Pencil:
        """Of R, X (n, n), T^T L (n, r) and v (n,) of each parity class."""
        parts = [_class(*item) for item in classes]
        wanted = np.concatenate([item[1] for item in parts])
        left, size, _ = np.linalg.svd(wanted, full_matrices=False)
        kept = size > KEPT * size[0]
        return cls(
            np.concatenate([item[0] for item in parts]),
            left[:, kept] * size[kept],
            np.concatenate([item[2] for item in parts]),
            tuple(item[3] for item in parts),
        )

    def currents(self, plain: ComplexArray) -> list[ComplexArray]:
        """Per class (n_class,) A of a current (n,) in these coordinates."""
        ends = np.cumsum([len(item) for item in self.back])[:-1]
        return [back @ part for back, part in zip(self.back, np.split(plain, ends), strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class FedBound:
    """The bound on one mesh; and what a current reaches, (n,) of the pencil, if it was sought."""

    value: float
    reached: float = np.nan
    plain: ComplexArray | None = None


def factor(resistance: FloatArray) -> FloatArray:
    """Lower C of R = C C^T; :class:`SolverError` where R is not positive."""
    from scipy.linalg import LinAlgError, cholesky

    try:
        return np.asarray(cholesky(resistance, lower=True, check_finite=False))
    except LinAlgError:
        raise untold() from None


def untold() -> SolverError:
    return SolverError(
        "bound: the power that currents take cannot be told from rounding; give a metal of more "
        "resistance, or a lower band"
    )


def positive(sure: FloatArray, tabled: FloatArray) -> tuple[FloatArray, FloatArray | None]:
    """R = ``sure`` + ``tabled``, and what of it is no more than the error of the latter, or None.

    sure: losses of the metal and to the sky, sums of squares and so positive; tabled: what kernels
    give that are known to some 1e-7, of ground and film.  Currents that take next to nothing, such
    as those that circle within the tab, may seem to take less than nothing: where they do, negative
    powers of ground and film are set to nought.
    """
    from scipy.linalg import LinAlgError, cholesky, eigh

    whole = sure + tabled
    try:
        cholesky(whole, lower=True, check_finite=False)
    except LinAlgError:
        value, vector = eigh(tabled, check_finite=False)
        below = vector[:, value < 0.0]
        less = np.asarray((below * value[value < 0.0]) @ below.T)
        return np.asarray(whole - less), -less
    return whole, None


def _class(
    resistance: FloatArray, reactance: FloatArray, wanted: ComplexArray, feed: FloatArray
) -> tuple[FloatArray, ComplexArray, FloatArray, FloatArray]:
    from scipy.linalg import eigh, solve_triangular

    lower = factor(resistance)
    half = solve_triangular(lower, reactance, lower=True, check_finite=False)
    both = solve_triangular(lower, half.T, lower=True, check_finite=False)
    value, vector = eigh(0.5 * (both + both.T), check_finite=False)
    back = solve_triangular(lower, vector, lower=True, trans="T", check_finite=False)
    return value, back.T @ wanted, back.T @ feed, np.asarray(back)


def fed_bound(pencil: Pencil, feed: Feed, *, attain: bool) -> FedBound:
    """The smallest lambda; with ``attain`` a current near it.

    lambda is convex in (m1, m2), so that its least value on a ray has one minimum over t.
    """
    most, least = float(pencil.reactance.max()), float(pencil.reactance.min())
    low = -1.0 / most if most > 0.0 else -1e3
    high = -1.0 / least if least < 0.0 else 1e3

    def ratio(place: float) -> float:
        """Logarithmic in t towards nought and towards both ends of its range."""
        return (high if place > 0.0 else low) / (1.0 + float(np.exp(DECADES - abs(place))))

    most_place = 2.0 * DECADES
    place, best = _golden(lambda at: _on_ray(pencil, feed, ratio(at))[0], -most_place, most_place)
    any_current = _on_ray(pencil, feed, 0.0)[2]  # the bound without a port: m1 = it, m2 = 0
    value = min(best, any_current)
    if not attain:
        return FedBound(value)
    _, first, _ = _on_ray(pencil, feed, ratio(place))
    reached, plain = _attain(pencil, feed, first, ratio(place))
    return FedBound(value, reached, plain)


def _on_ray(pencil: Pencil, feed: Feed, ratio: float) -> tuple[float, float, float]:
    """(least lambda, its m1, largest g) of m2 = ratio m1."""
    delta = 1.0 + ratio * pencil.reactance
    scaled = pencil.wanted / delta[:, None]
    g, turn = np.linalg.eigh(pencil.wanted.conj().T @ scaled)
    seen = np.abs(turn.conj().T @ (scaled.conj().T @ pencil.feed)) ** 2
    own = float(pencil.feed @ (pencil.feed / delta))
    second = float(g[-2]) if g.size > 1 else 0.0

    def value(first: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            s = (own + np.sum(seen / (first[:, None] - g), axis=1)) / first
            found = feed.dual(first, ratio, 1.0 / s)
        allowed = np.where(first > g[-1], s > 0.0, s < 0.0)
        return np.where(allowed & np.isfinite(found), found, np.inf)

    top = float(g[-1])
    grid = np.concatenate(
        (np.linspace(max(second, 0.0), top, FIRST)[1:-1], top * np.exp(_graded(LARGEST)))
    )
    for _ in range(LEVELS):
        values = value(grid)
        k = int(values.argmin())
        best, first = float(values[k]), float(grid[k])
        grid = np.linspace(grid[max(k - 1, 0)], grid[min(k + 1, grid.size - 1)], FINER)
    return best, first, top


def _graded(most: float) -> FloatArray:
    """From 1e-12 to ``most``, on a log scale."""
    return np.geomspace(1e-12, most, 2 * FIRST)


def _golden(value: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """(place, value) of the one minimum."""
    ratio = 0.5 * (np.sqrt(5.0) - 1.0)
    inner, outer = high - ratio * (high - low), low + ratio * (high - low)
    first, second = value(inner), value(outer)
    for _ in range(STEPS):
        if first < second:
            high, outer, second = outer, inner, first
            inner = high - ratio * (high - low)
            first = value(inner)
        else:
            low, inner, first = inner, outer, second
            outer = low + ratio * (high - low)
            second = value(outer)
    return (inner, first) if first < second else (outer, second)


def _attain(pencil: Pencil, feed: Feed, first: float, ratio: float) -> tuple[float, ComplexArray]:
    """The most that is realised among what the best multipliers leave free, and its current.

    N^-1 v, the strongest ways to what is wanted, currents of the gap that tune it and the two ends
    of the reactance: complex amounts of these few are chosen for the largest value.
    """
    from scipy.optimize import minimize

    few = _Few.of(pencil, first, ratio)

    def short(at: FloatArray) -> float:
        return -few.realised(_amounts(at), feed)

    best, chosen = -1.0, np.zeros(few.feed.size, dtype=complex)
    for start in _starts(few.feed.size, short):
        found = minimize(short, start, method="BFGS")
        if -found.fun > best:
            best, chosen = float(-found.fun), few.tuned(_amounts(found.x), feed)
    return best, np.asarray(few.vectors @ chosen)


def _starts(count: int, short: Callable[[FloatArray], float]) -> list[FloatArray]:
    """What the gap excites, alone and with a current that it does not excite; and at random.

    Where the form is singular for such a current, the best holds both, in quadrature.
    """
    alone = np.eye(2 * count)[0]
    mixed = [
        alone + amount * np.eye(2 * count)[2 * k + 1]
        for k in range(1, STRONG + 1)
        for amount in np.geomspace(1e-2, 1e2, 17)
    ]
    starts = [alone, *sorted(mixed, key=short)[:SEEDS]]
    for seed in range(SEEDS):
        noise = np.random.default_rng(seed).standard_normal((2, alone.size))
        starts.append(alone * (seed % 2) + noise[0] * 10.0 ** (noise[1] - 1.0))
    return starts


def _amounts(at: FloatArray) -> ComplexArray:
    return np.asarray(at[::2] + 1j * at[1::2])


@dataclass(frozen=True, slots=True, eq=False)
class _Few:
    """m currents (n, m), their R, X and A (m, m) and v (m,); the last two are X's ends."""

    vectors: ComplexArray
    resistance: ComplexArray
    reactance: ComplexArray
    wanted: ComplexArray
    feed: ComplexArray

    @classmethod
    def of(cls, pencil: Pencil, first: float, ratio: float) -> _Few:
        x, v = pencil.reactance, pencil.feed
        delta = first * (1.0 + ratio * x)
        scaled = pencil.wanted / delta[:, None]
        inner = pencil.wanted.conj().T @ scaled
        _, turn = np.linalg.eigh(inner)
        small = np.eye(len(inner)) - inner
        fed = v / delta + scaled @ np.linalg.solve(small, scaled.conj().T @ v)
        size = np.abs(x)
        tuned = [
            v / (part + sign * x + 0.01 * size)
            for part in np.quantile(size, TUNED)
            for sign in (-1.0, 1.0)
        ]
        ends = np.zeros((2, x.size))
        ends[0, x.argmin()] = ends[1, x.argmax()] = 1.0
        strong = np.zeros((x.size, STRONG), dtype=complex)
        strong[:, : min(STRONG, len(turn))] = scaled @ turn[:, ::-1][:, :STRONG]
        vectors = np.column_stack((fed, strong, *tuned, *ends))
        # of like size in resistance and reactance together, so that amounts are of the order of 1
        scale = np.sqrt(np.sum((1.0 + size)[:, None] * np.abs(vectors) ** 2, axis=0))
        vectors = (vectors / np.where(scale > 0.0, scale, 1.0)).astype(complex)
        ahead = pencil.wanted.conj().T @ vectors
        return cls(
            vectors,
            vectors.conj().T @ vectors,
            vectors.conj().T @ (x[:, None] * vectors),
            ahead.conj().T @ ahead,
            v @ vectors,
        )

    def tuned(self, c: ComplexArray, feed: Feed) -> ComplexArray:
        """``c`` with as much of one end of X added as makes the reactance the one asked for."""
        if feed.reactance is None:
            return c
        form = self.reactance - feed.reactance * np.outer(self.feed.conj(), self.feed)
        off = float((c.conj() @ form @ c).real)
        k = c.size - 2 if off > 0.0 else c.size - 1
        own, cross = float(form[k, k].real), complex(c.conj() @ form[:, k])
        if own * off >= 0.0:
            return c
        turn = cross.conjugate() / abs(cross) if cross else 1.0
        # off + 2 a |cross| + a^2 own = 0 with own and off of different signs: the nearer root
        root = np.sqrt(abs(cross) ** 2 - own * off)
        amounts = np.array([(-abs(cross) + root) / own, (-abs(cross) - root) / own])
        changed = c.copy()
        changed[k] += turn * amounts[np.abs(amounts).argmin()]
        return changed

    def realised(self, c: ComplexArray, feed: Feed) -> float:
        """What is wanted over what is available, V from the complex power; 0 off the reactance."""
        c = self.tuned(c, feed)
        port = complex(self.feed @ c)
        reactive = float((c.conj() @ self.reactance @ c).real)
        power = float((c.conj() @ self.resistance @ c).real)
        if port == 0.0:
            return 0.0
        if feed.reactance is not None:
            asked = feed.reactance * abs(port) ** 2
            if abs(reactive - asked) > 1e-9 * (power + abs(asked)):
                return 0.0
        voltage = complex(power, reactive) / port.conjugate()
        wanted = float((c.conj() @ self.wanted @ c).real)
        return 4.0 * feed.z0 * wanted / abs(voltage + feed.z0 * port) ** 2
