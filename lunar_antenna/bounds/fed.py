r"""What can be realised of the power that a source of z0 has to give, fed at one gap.

Metal of any shape with that gap carries a current I with Z I = v V on its own functions and none
elsewhere, v the weights of the gap and V its voltage.  Of this the complex power alone is kept,

    I^H Z I = V i^*,      i = v^T I,

so that what follows holds for every shape.  With R = Re Z, X = Im Z, A = T^T R_sky T and twice the
available power b = |V + z0 i|^2/(4 z0), weak duality gives for any real mu1, mu2 for which
lambda b - A + mu1 (R - Re V i^*) + mu2 (X - Im V i^*) is positive: realised <= lambda.  With
N = mu1 R + mu2 X - A and s = v^T N^-1 v the best lambda for these two is

    lambda = z0 (mu1^2 + mu2^2) / (1/s + z0 mu1)

(N positive beside v); the smallest over both is the bound (quadratic programs of this kind:
Gustafsson, Tayli, Ehrenborg, Cismasu & Norgren 2016, arXiv:1602.05520).  The three forms are
Hermitian, so that there is a current that meets it (Huang & Palomar 2010, IEEE Trans. Signal
Process. 58, 664); one is sought from N y = v, with V = I^H Z I/i^* so that the constraint holds
exactly, and what it reaches is the other side of the gap.

Z = R + j X is diagonal with R^-1/2 X R^-1/2, and A of low rank, so that trying mu1, mu2 costs little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import SolverError

STEPS = 32  # of a golden section: 2e-7 of its range
SIZES = (-3.0, 8.0)  # of ln(mu1/share)
NEAR, EDGE = 1e-4, 0.999  # of the range of mu2/mu1
KEPT = 1e-7  # of the strongest way to the sky
SEEDS = 12  # starts of the search for a current
TUNED = (0.02, 0.1, 0.3, 0.6)  # quantiles of the reactance that currents are tuned at


@dataclass(frozen=True, slots=True, eq=False)
class Pencil:
    """One class at one frequency with R = 1: reactance (n,), sky (n, r) with A = sky sky^T, feed.

    back (n, n): from these coordinates to the functions.
    """

    reactance: FloatArray
    sky: FloatArray
    feed: FloatArray
    back: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class FedLevel:
    """The bound on one mesh, what a current reaches, and that current per class.

    currents: (n_class,) A; plain: the same where R is 1.
    """

    value: float
    reached: float
    currents: tuple[ComplexArray, ...]
    plain: tuple[ComplexArray, ...]


def pencil(
    resistance: FloatArray, reactance: FloatArray, sky: FloatArray, feed: FloatArray
) -> Pencil:
    """Of R, X (n, n), T^T L (n, r) and v (n,)."""
    from scipy.linalg import LinAlgError, cholesky, eigh, solve_triangular

    try:
        lower = cholesky(resistance, lower=True, check_finite=False)
    except LinAlgError:
        raise SolverError(
            "bound: the power that currents take cannot be told from rounding; give a metal of "
            "more resistance, or a lower band"
        ) from None
    half = solve_triangular(lower, reactance, lower=True, check_finite=False)
    both = solve_triangular(lower, half.T, lower=True, check_finite=False)
    value, vector = eigh(0.5 * (both + both.T), check_finite=False)
    right = solve_triangular(lower, np.column_stack((sky, feed)), lower=True, check_finite=False)
    turned = vector.T @ right
    left, size, _ = np.linalg.svd(turned[:, :-1], full_matrices=False)
    kept = size > KEPT * size[0]
    back = solve_triangular(lower, vector, lower=True, trans="T", check_finite=False)
    return Pencil(value, left[:, kept] * size[kept], turned[:, -1], back)


def fed_bound(classes: list[Pencil], z0: float) -> FedLevel:
    """The smallest lambda over mu1, mu2, and a current near it.

    lambda is convex in (mu1, mu2), so that its least value on a ray mu2 = t mu1 has one minimum
    over t: a golden section within another.
    """
    share = max(float(np.linalg.eigvalsh(one.sky.T @ one.sky)[-1]) for one in classes)
    most = max(float(one.reactance.max()) for one in classes)
    least = min(float(one.reactance.min()) for one in classes)
    low = -1.0 / most if most > 0.0 else -1e3
    high = -1.0 / least if least < 0.0 else 1e3
    unit = NEAR * min(-low, high)  # where the scale of t turns from linear to logarithmic

    def on_ray(place: float) -> tuple[float, float]:
        ratio = unit * np.sinh(place)

        def value(size: float) -> float:
            first = share * float(np.exp(size))
            return _dual(classes, first, first * ratio, z0)

        size, found = _golden(value, *SIZES)
        return found, share * float(np.exp(size))

    ends = (-EDGE * float(np.arcsinh(-low / unit)), EDGE * float(np.arcsinh(high / unit)))
    place, best = _golden(lambda at: on_ray(at)[0], *ends)
    first = on_ray(place)[1]
    reached, plain = _primal(classes, first, first * unit * float(np.sinh(place)), z0)
    currents = tuple(
        np.asarray(one.back @ part, dtype=complex) for one, part in zip(classes, plain, strict=True)
    )
    return FedLevel(min(best, share), reached, currents, plain)


def _golden(value: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """(place, value) of the one minimum; what is not allowed lies at the low side."""
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


def _dual(classes: list[Pencil], first: float, second: float, z0: float) -> float:
    """lambda of the multipliers; inf where the form is not positive."""
    inverse = 0.0  # s, of all classes: v lies in some of them
    negative = 0
    for one in classes:
        delta = first + second * one.reactance
        if delta.min() <= 0.0:
            return np.inf
        scaled = one.sky / delta[:, None]
        inner = np.eye(one.sky.shape[1]) - one.sky.T @ scaled
        eigenvalue, vector = np.linalg.eigh(inner)
        below = int(np.count_nonzero(eigenvalue < 0.0))
        if np.abs(eigenvalue).min(initial=1.0) == 0.0 or (below and not one.feed.any()):
            return np.inf
        negative += below
        side = vector.T @ (scaled.T @ one.feed)
        inverse += float(one.feed @ (one.feed / delta) + np.sum(side**2 / eigenvalue))
    if negative > 1 or (negative == 1) != (inverse < 0.0):
        return np.inf
    below_line = 1.0 / inverse + z0 * first
    return z0 * (first**2 + second**2) / below_line if below_line > 0.0 else np.inf


def _primal(
    classes: list[Pencil], first: float, second: float, z0: float
) -> tuple[float, tuple[ComplexArray, ...]]:
    """The most that is realised by what the best multipliers leave free, and its currents.

    N y = v, what N nearly leaves out in each class, and where the gap feeds currents that tune it and
    the two ends of the reactance; complex amounts of these few are chosen for the largest share.
    """
    from scipy.linalg import eigh
    from scipy.optimize import minimize

    vectors: list[tuple[int, FloatArray]] = []
    for number, one in enumerate(classes):
        form = np.diag(first + second * one.reactance) - one.sky @ one.sky.T
        _, least = eigh(form, subset_by_index=[0, 0], check_finite=False)
        vectors.append((number, least[:, 0]))
        if one.feed.any():
            vectors.insert(0, (number, np.linalg.solve(form, one.feed)))
            size = np.abs(one.reactance)
            for part in np.quantile(size, TUNED):
                for sign in (-1.0, 1.0):
                    vectors.append((number, one.feed / (part + sign * one.reactance + 0.01 * size)))
            for end in (int(one.reactance.argmin()), int(one.reactance.argmax())):
                vectors.append((number, np.eye(one.feed.size)[end]))
    # of like size in resistance and reactance together, so that amounts are of the order of one
    sizes = [np.sqrt(x @ ((1.0 + np.abs(classes[n].reactance)) * x)) for n, x in vectors]
    vectors = [(n, x / size) for (n, x), size in zip(vectors, sizes, strict=True)]
    few = _Few.of(classes, vectors)
    best, chosen = -1.0, np.zeros(few.feed.size, dtype=complex)
    for seed in range(SEEDS):
        start = np.zeros(2 * few.feed.size)
        start[0] = 1.0
        if seed:
            noise = np.random.default_rng(seed).standard_normal((2, start.size))
            start = start * (seed % 2) + noise[0] * 10.0 ** (noise[1] - 1.0)
        found = minimize(lambda at: -few.realised(at, z0), start, method="BFGS")
        if -found.fun > best:
            best, chosen = float(-found.fun), found.x.view(complex)
    parts = [np.zeros(one.feed.size, dtype=complex) for one in classes]
    for amount, (number, vector) in zip(chosen, vectors, strict=True):
        parts[number] += amount * vector
    return best, tuple(parts)


@dataclass(frozen=True, slots=True, eq=False)
class _Few:
    """R, X and A (m, m), v (m,) of a few currents."""

    resistance: FloatArray
    reactance: FloatArray
    sky: FloatArray
    feed: FloatArray

    @classmethod
    def of(cls, classes: list[Pencil], vectors: list[tuple[int, FloatArray]]) -> _Few:
        m = len(vectors)
        forms = np.zeros((3, m, m))
        for i, (number, one) in enumerate(vectors):
            for j, (other_number, other) in enumerate(vectors):
                if number == other_number:
                    own = classes[number]
                    forms[0, i, j] = one @ other
                    forms[1, i, j] = one @ (own.reactance * other)
                    forms[2, i, j] = (own.sky.T @ one) @ (own.sky.T @ other)
        feed = np.array([classes[number].feed @ one for number, one in vectors])
        return cls(*forms, feed)

    def realised(self, at: FloatArray, z0: float) -> float:
        """Sky over available power, V from the complex power; at: real and imaginary parts."""
        c = np.ascontiguousarray(at).view(complex)
        port = complex(self.feed @ c)
        if port == 0.0:
            return 0.0
        power = complex((c.conj() @ self.resistance @ c).real, (c.conj() @ self.reactance @ c).real)
        voltage = power / port.conjugate()
        sky = float((c.conj() @ self.sky @ c).real)
        return 4.0 * z0 * sky / abs(voltage + z0 * port) ** 2
