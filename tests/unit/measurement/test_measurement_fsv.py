"""FSV against a literal slow twin, against values worked by hand, and its invariants."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lunar_antenna.errors import InputError
from lunar_antenna.measurement.fsv import GRADES, Fsv, break_point, fsv, grade_of, low_pass


def slow_transform(values: list[float], sign: int) -> list[complex]:
    n = len(values)
    return [
        sum(values[k] * cmath.exp(sign * 2j * math.pi * i * k / n) for k in range(n))
        for i in range(n)
    ]


def slow_fsv(first: list[float], second: list[float]) -> tuple[float, float, float]:
    """The formulae of the standard with plain loops: no numpy, no slices, no shared code."""
    n = len(first)
    spectra = [slow_transform(first, -1), slow_transform(second, -1)]
    breaks = []
    for spectrum in spectra:
        total = sum(abs(spectrum[i]) for i in range(5, n // 2 + 1))
        running, place = 0.0, 5
        for i in range(5, n // 2 + 1):
            running += abs(spectrum[i])
            if running >= 0.4 * total:
                place = i
                break
        breaks.append(place + 5)
    middle = min(breaks)
    window = {-3: 1.0, -2: 5 / 6, -1: 4 / 6, 0: 0.5, 1: 2 / 6, 2: 1 / 6, 3: 0.0}
    parts = []
    for spectrum in spectra:
        dc, lo, hi = [0j] * n, [0j] * n, [0j] * n
        for i in range(n):
            distance = min(i, n - i)
            if distance <= 4:
                dc[i] = spectrum[i]
                continue
            offset = distance - middle
            weight = 1.0 if offset < -3 else 0.0 if offset > 3 else window[offset]
            lo[i], hi[i] = spectrum[i] * weight, spectrum[i] * (1 - weight)
        parts.append([[v.real / n for v in slow_transform(x, +1)] for x in (dc, lo, hi)])  # type: ignore[arg-type]
    (dc1, lo1, hi1), (dc2, lo2, hi2) = parts

    def mean_sum(a: dict[int, float], b: dict[int, float]) -> float:
        return sum(abs(a[i]) + abs(b[i]) for i in a) / len(a)

    def as_map(values: list[float]) -> dict[int, float]:
        return dict(enumerate(values))

    def change(values: dict[int, float], span: int) -> dict[int, float]:
        return {
            i: values[i + span] - values[i - span]
            for i in values
            if i + span in values and i - span in values
        }

    beta, delta = mean_sum(as_map(lo1), as_map(lo2)), mean_sum(as_map(dc1), as_map(dc2))
    dlo1, dlo2 = change(as_map(lo1), 2), change(as_map(lo2), 2)
    dhi1, dhi2 = change(as_map(hi1), 2), change(as_map(hi2), 2)
    ddhi1, ddhi2 = change(dhi1, 3), change(dhi2, 3)
    m1, m2, m3 = mean_sum(dlo1, dlo2), mean_sum(dhi1, dhi2), mean_sum(ddhi1, ddhi2)
    adm, fdm, gdm = [], [], []
    for i in ddhi1:
        odm = abs(abs(dc1[i]) - abs(dc2[i])) / delta
        a = abs(abs(lo1[i]) - abs(lo2[i])) / beta + odm * math.exp(odm)
        f1 = (abs(dlo1[i]) - abs(dlo2[i])) / (2 * m1)
        f2 = (abs(dhi1[i]) - abs(dhi2[i])) / (6 * m2)
        f3 = (abs(ddhi1[i]) - abs(ddhi2[i])) / (7.2 * m3)
        f = 2 * abs(f1 + f2 + f3)
        adm.append(a)
        fdm.append(f)
        gdm.append(math.sqrt(a * a + f * f))
    return sum(adm) / len(adm), sum(fdm) / len(fdm), sum(gdm) / len(gdm)


def curves(n: int = 96, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A resonance of a decibel curve with ripple, the second one moved by ``shift``."""
    x = np.linspace(0.0, 1.0, n)

    def curve(centre: float) -> np.ndarray:
        return -12.0 / (1.0 + ((x - centre) / 0.06) ** 2) - 3.0 + 0.4 * np.sin(60.0 * x)

    return curve(0.45), curve(0.45 + shift)


@pytest.mark.parametrize("n", [32, 61, 96])
@pytest.mark.parametrize("seed", [1, 2])
def test_agrees_with_the_slow_twin(n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    first = np.cumsum(random.normal(size=n)) + 3.0
    second = first + 0.3 * np.cumsum(random.normal(size=n))
    result = fsv(np.arange(float(n)), first, second)
    expected = slow_fsv(first.tolist(), second.tolist())
    assert (result.adm, result.fdm, result.gdm) == pytest.approx(expected, rel=1e-9)


def test_offset_worked_by_hand() -> None:
    """Constants 1 and 3: Lo and Hi are empty, odm = |1-3|/(1+3) = 1/2, ADM = 1/2 exp(1/2)."""
    x = np.arange(64.0)
    result = fsv(x, np.full(64, 1.0), np.full(64, 3.0))
    assert result.adm == pytest.approx(0.5 * math.exp(0.5), rel=1e-9)
    assert result.fdm == 0.0
    assert result.gdm == pytest.approx(result.adm)
    assert result.grade == "Poor"


def test_scaled_tone_worked_by_hand() -> None:
    """cos of 6 periods and 3 times it: one spectral line in Lo.

    The line at bin 6 holds all the area, so the break point is 6 + 5 = 11 and Lo keeps it whole.
    ADM_i = 2|c_i|/(4 <|c|>), FDM_i = 2 * 2|c'_i|/(2 * 4 <|c'|>): means 1/2 each over whole
    periods; DC and Hi are empty.  The budget of 3 % is for the 5 points left out at each end.
    """
    n = 240
    tone = np.cos(2.0 * np.pi * 6.0 * np.arange(n) / n)
    result = fsv(np.arange(float(n)), tone, 3.0 * tone)
    assert result.adm == pytest.approx(0.5, rel=0.03)
    assert result.fdm == pytest.approx(0.5, rel=0.03)


def test_break_point_and_filter() -> None:
    n = 128
    tone = np.cos(2.0 * np.pi * 20.0 * np.arange(n) / n)
    assert break_point(np.fft.fft(tone)) == 25
    low = low_pass(n, 25)
    assert np.allclose(low[22:29], [1.0, 5 / 6, 4 / 6, 0.5, 2 / 6, 1 / 6, 0.0])
    assert np.array_equal(low[1:], low[1:][::-1])  # both sides of the transform alike


def test_identical_curves_are_excellent() -> None:
    first, _ = curves()
    result = fsv(np.arange(96.0), first, first)
    assert (result.adm, result.fdm, result.gdm) == (0.0, 0.0, 0.0)
    assert result.grade == "Excellent"
    assert result.grade_spread() == (1, 1)
    assert result.histogram()[0] == 1.0


def test_grows_with_the_shift_of_a_resonance() -> None:
    x = np.arange(96.0)
    values = [fsv(x, *curves(shift=shift)).gdm for shift in (0.0, 0.005, 0.02, 0.06)]
    assert values == sorted(values)
    assert values[-1] > 0.4


def test_a_level_shows_in_adm_and_a_moved_feature_in_fdm() -> None:
    x = np.arange(96.0)
    first, moved = curves(shift=0.05)
    level = fsv(x, first, 0.8 * first)
    feature = fsv(x, first, moved)
    assert level.adm > level.fdm
    assert feature.fdm > 2.0 * level.fdm


finite = st.floats(-50.0, 50.0, allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(finite, finite), min_size=32, max_size=64), st.floats(0.01, 100.0))
def test_symmetric_and_free_of_scale(pairs: list[tuple[float, float]], factor: float) -> None:
    """Swapping the curves or scaling both changes nothing; all measures are >= 0."""
    first, second = np.array(pairs).T
    x = np.arange(float(first.size))
    result = fsv(x, first, second)
    assert np.all(result.adm_points >= 0.0)
    assert np.all(result.fdm_points >= 0.0)
    swapped = fsv(x, second, first)
    assert swapped.gdm == pytest.approx(result.gdm, rel=1e-9, abs=1e-12)
    scaled = fsv(x, factor * first, factor * second)
    assert scaled.gdm == pytest.approx(result.gdm, rel=1e-6, abs=1e-9)
    assert result.histogram().sum() == pytest.approx(1.0)


def test_scale_of_words() -> None:
    assert [grade_of(v) for v in (0.05, 0.15, 0.3, 0.6, 1.2, 5.0)] == list(GRADES)
    for bound, better, worse in zip((0.1, 0.2, 0.4, 0.8, 1.6), GRADES, GRADES[1:], strict=False):
        assert (grade_of(bound), grade_of(1.001 * bound)) == (better, worse)


def test_grade_and_spread_by_hand() -> None:
    """Ten points: 5 Excellent, 1 Very good, 4 Poor.

    From Excellent: .5 .6 .6 .6 1.0, so grade 5.  Fullest first: .5 .9, so spread 2.
    """
    points = np.array([0.05] * 5 + [0.15] + [1.0] * 4)
    result = Fsv(np.arange(10.0), points, points, points)
    assert result.grade_spread("gdm") == (5, 2)


def test_unequal_steps_are_resampled() -> None:
    x = np.linspace(0.0, 1.0, 128) ** 1.5
    result = fsv(x, np.sin(9.0 * x), np.sin(9.0 * x))
    assert result.gdm == 0.0


@pytest.mark.parametrize("scale", [1.0, 1e6, 1e-3])
@pytest.mark.parametrize("bend", [1.02, 1.5])
def test_resampled_as_numpy_interpolates(scale: float, bend: float) -> None:
    """The measures of the curves interpolated by hand, whatever the unit of the axis."""
    x = scale * (5.0 + 30.0 * np.linspace(0.0, 1.0, 80) ** bend)
    first, second = curves(80, shift=0.03)
    even = np.array([x[0] + (x[-1] - x[0]) * i / 79 for i in range(80)])
    by_hand = fsv(even, np.interp(even, x, first), np.interp(even, x, second))
    result = fsv(x, first, second)
    assert np.allclose(result.x, even[5:75], rtol=1e-12)
    assert np.allclose(result.adm_points, by_hand.adm_points, rtol=1e-9)
    assert np.allclose(result.gdm_points, by_hand.gdm_points, rtol=1e-9)
    assert result.gdm != pytest.approx(fsv(np.arange(80.0), first, second).gdm, rel=1e-6)


def test_an_axis_equal_but_for_rounding_is_taken_as_it_is() -> None:
    """Steps alike within a thousandth: no interpolation, so bit for bit the equal axis' values."""
    first, second = curves(80, shift=0.03)
    x = np.arange(80.0)
    rounded = x + 2e-4 * np.sin(x)
    result = fsv(rounded, first, second)
    assert np.array_equal(result.x, rounded[5:75])
    assert np.array_equal(result.gdm_points, fsv(x, first, second).gdm_points)


def test_empty_bands_stay_empty_at_any_level() -> None:
    """Rounding of the transform is no feature, whether the curves are in volt or in nanovolt."""
    x = np.arange(64.0)
    for level in (1e-9, 1.0, 1e9):
        result = fsv(x, np.full(64, level), np.full(64, 3.0 * level))
        assert result.fdm == 0.0
        assert result.adm == pytest.approx(0.5 * math.exp(0.5), rel=1e-9)
    tone = np.cos(2.0 * np.pi * 6.0 * np.arange(240.0) / 240.0)
    expected = fsv(np.arange(240.0), tone, 3.0 * tone)
    tiny = fsv(np.arange(240.0), 1e-9 * tone, 3e-9 * tone)
    assert tiny.gdm_points == pytest.approx(expected.gdm_points, rel=1e-6, abs=1e-9)


def test_a_share_of_exactly_85_per_cent_is_enough() -> None:
    points = np.array([0.05] * 17 + [1.0] * 3)
    assert Fsv(np.arange(20.0), points, points, points).grade_spread("adm") == (1, 1)


def test_measures_have_their_names() -> None:
    x = np.arange(40.0)
    adm, fdm, gdm = np.full(40, 0.05), np.full(40, 0.3), np.full(40, 3.0)
    told = Fsv(x, adm, fdm, gdm).details()
    assert [told[name]["word"] for name in ("adm", "fdm", "gdm")] == [
        "Excellent",
        "Good",
        "Very poor",
    ]
    assert [told[name]["grade"] for name in ("adm", "fdm", "gdm")] == [1, 3, 6]
    assert [told[name]["spread"] for name in ("adm", "fdm", "gdm")] == [1, 1, 1]
    assert told["fdm"]["histogram"]["Good"] == 1.0
    with pytest.raises(InputError, match="allowed: adm, fdm, gdm"):
        Fsv(x, adm, fdm, gdm).histogram("odm")


@pytest.mark.parametrize(
    ("on", "first", "second"),
    [(40, 39, 40), (40, 41, 40), (40, 40, 39), (40, 40, 41), (39, 40, 40), (41, 40, 40)],
)
def test_curves_of_other_lengths_are_refused(on: int, first: int, second: int) -> None:
    with pytest.raises(InputError, match="two curves on one axis"):
        fsv(np.arange(float(on)), np.zeros(first), np.zeros(second))


def test_axes_that_are_no_axes_are_refused() -> None:
    square = np.arange(64.0).reshape(2, 32)
    with pytest.raises(InputError, match="on one axis"):
        fsv(square, square, square)
    with pytest.raises(InputError, match="on one axis"):
        fsv(np.float64(1.0), np.float64(1.0), np.float64(1.0))  # type: ignore[arg-type]
    falling = np.arange(40.0)[::-1]
    with pytest.raises(InputError, match="increasing"):
        fsv(falling, falling, falling)
    assert fsv(np.arange(32.0), np.arange(32.0), np.arange(32.0)).gdm == 0.0
    with pytest.raises(InputError, match="at least 32"):
        fsv(np.arange(31.0), np.arange(31.0), np.arange(31.0))


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least 32"):
        fsv(np.arange(8.0), np.zeros(8), np.zeros(8))
    with pytest.raises(InputError, match="not finite"):
        fsv(np.arange(40.0), np.full(40, np.nan), np.zeros(40))
    with pytest.raises(InputError, match="increasing"):
        fsv(np.zeros(40), np.zeros(40), np.zeros(40))


def test_complex_curves_are_refused() -> None:
    """Two conjugate curves were "Excellent", GDM 0.0, with their imaginary parts dropped."""
    x = np.linspace(5.0, 35.0, 64)
    curve = 0.5 * np.exp(1j * x)
    for first, second in ((curve, curve.conj()), (curve, curve.real), (curve.real, curve)):
        with pytest.raises(InputError, match="real curves"):
            fsv(x, first, second)
    with pytest.raises(InputError, match="real curves"):
        fsv(x, list(curve), list(curve.conj()))
    with pytest.raises(InputError, match="not numbers"):
        fsv(x, np.array(["a"] * 64), curve.real)  # type: ignore[arg-type]


def test_shorter_differences_move_noisy_pairs_as_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    """+-1 point instead of +-2 and +-3: some per cent for smooth pairs, 1.5 to 2 times for noise.

    Noise of 0.02 dB on one of two equal curves, mean of 20 draws: the scatter of the ratio is
    0.15 each, 0.04 of the mean.
    """
    from lunar_antenna.measurement import fsv as module

    x = np.linspace(5.0, 35.0, 201)
    base, other = -10.0 - 8.0 * np.cos(x / 3.0), -10.3 - 7.5 * np.cos(x / 3.0 + 0.1)
    random = np.random.default_rng(4)
    noise = 0.02 * random.normal(size=(20, x.size))

    def values() -> tuple[float, float]:
        noisy = np.mean([fsv(x, base + row, base).gdm for row in noise])
        return fsv(x, base, other).gdm, float(noisy)

    smooth, noisy = values()
    for name, span in (("FIRST_SPAN", 1), ("SECOND_SPAN", 1), ("EDGE", 2)):
        monkeypatch.setattr(module, name, span)
    shorter_smooth, shorter_noisy = values()
    assert shorter_smooth / smooth == pytest.approx(1.0, abs=0.1)
    assert 1.5 < shorter_noisy / noisy < 2.2
