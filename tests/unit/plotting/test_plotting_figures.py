"""Every figure is drawn without warnings, shows its data, and is written whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.measurement.fsv import BOUNDS
from lunar_antenna.measurement.record import Measurement
from lunar_antenna.measurement.uncertainty import from_accuracy
from lunar_antenna.media.layer import Stack
from lunar_antenna.plotting.balance import plot_balance
from lunar_antenna.plotting.compare import plot_comparison
from lunar_antenna.plotting.current import plot_current
from lunar_antenna.plotting.efficiency import SHARES, plot_efficiency
from lunar_antenna.plotting.fsv import named_bounds, plot_fsv
from lunar_antenna.plotting.impedance import plot_impedance
from lunar_antenna.plotting.notebook import picture, plot_measurement, plot_solution
from lunar_antenna.plotting.pattern import cut, plot_pattern_3d, plot_pattern_cuts
from lunar_antenna.plotting.s11 import plot_s11
from lunar_antenna.plotting.save import figure_array, figure_bytes, save_figure
from lunar_antenna.plotting.smith import plot_smith
from lunar_antenna.plotting.style import ohms
from lunar_antenna.solution import CurrentMap, Solution

PNG = b"\x89PNG\r\n\x1a\n"
SOIL = Stack.half_space(3.0, loss_tangent=0.01, name="half-space")


@pytest.fixture(scope="module")
def soil() -> Solution:
    return solution(stack=SOIL, points=31)


@pytest.fixture(scope="module")
def free() -> Solution:
    return solution(points=31)


@pytest.fixture(scope="module")
def sweep(soil: Solution) -> Measurement:
    return Measurement(soil.frequency, 0.95 * soil.s11(50.0), 50.0, "synthetic", name="sweep")


def drawn(figure: Any) -> None:
    """Not blank: more than 1 % of the pixels differ from white."""
    pixels = figure_array(figure)[..., :3]
    assert np.mean(np.any(pixels < 250, axis=2)) > 0.01


def test_solution_figures(soil: Solution, free: Solution) -> None:
    for figure in (
        plot_s11([soil, free]),
        plot_impedance([soil, free]),
        plot_efficiency(soil),
        plot_efficiency(free),
        plot_smith([soil, free], 50.0),
        plot_pattern_cuts(soil),
        plot_pattern_cuts(free, [14e6]),
        plot_pattern_3d(soil, 20e6),
        plot_pattern_3d(free),
        plot_current(soil, 14e6),
        plot_solution(soil),
        plot_solution(free),
    ):
        drawn(figure)


def test_two_ports_and_one_frequency() -> None:
    drawn(plot_efficiency(solution(ports=2, points=5), terminated=100.0))
    drawn(plot_solution(solution(points=2)))


def test_measurement_and_comparison_figures(
    soil: Solution, free: Solution, sweep: Measurement
) -> None:
    drawn(plot_measurement(sweep))
    drawn(plot_s11([soil, sweep], 50.0))
    band = from_accuracy(sweep, 0.2, 2.0)
    drawn(plot_comparison(la.compare(soil, sweep, uncertainty=band)))
    drawn(plot_comparison(la.compare([soil, free], [sweep, sweep.changed("again", name="b")])))


def test_comparison_says_whose_numbers_it_shows(
    soil: Solution, free: Solution, sweep: Measurement
) -> None:
    unknown = Measurement(sweep.frequency, sweep.s11(), 50.0, name="b")
    figure = plot_comparison(la.compare([soil, free], unknown))
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    name = f"{soil.problem.layout.name}, {soil.problem.stack.name} at {soil.problem.height:g} m"
    assert f"{name}\nagainst b" in titles
    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert texts[-1] == "b"
    assert not any("measured" in text for text in texts)


def test_balance_axis_reaches_the_data(soil: Solution) -> None:
    for closure, start in ((1e-3, 1e-6), (3e-8, 1e-8), (0.0, 5e-11)):
        quality = soil.with_quality(power_closure=np.full(31, closure), z_error=None)
        ax = plot_balance(quality).axes[0]
        assert ax.get_ylim()[0] == pytest.approx(start)
        assert ax.lines[0].get_ydata()[0] == pytest.approx(max(closure, 1e-10))


def test_labels_have_four_digits() -> None:
    assert ohms(355.1542) == "355.2 Ω"
    assert ohms(50.0 - 10.12345j) == "50-10.12j Ω"


def test_comparison_says_what_was_done_to_the_sweep(soil: Solution, sweep: Measurement) -> None:
    figure = plot_comparison(la.compare(soil, sweep.changed("fixture taken off")))
    assert figure.get_supxlabel() == f"{sweep.name}: fixture taken off"
    assert plot_comparison(la.compare(soil, sweep)).get_supxlabel() == ""


@pytest.mark.parametrize("top", [0.5, 1.0, 3.0, 12.0, 40.0])
def test_words_of_the_fsv_grades_stand_apart(top: float) -> None:
    """Every bound has its line; words closer than a line of type are left out."""
    found = named_bounds(top)
    assert [bound for bound, _ in found] == [bound for bound in BOUNDS if bound < top]
    worded = [bound for bound, word in found if word]
    assert worded
    assert all(np.diff(worded) >= 0.07 * top)


def test_fsv_figure_shows_every_point_and_class(soil: Solution) -> None:
    f = np.linspace(5e6, 35e6, 61)
    sweep = Measurement(f, 0.5 * np.exp(-1j * f / 4e6) + 0.2 * np.sin(f / 2e6), 50.0)
    pair = la.compare(soil, sweep).first
    figure = plot_fsv(pair)
    drawn(figure)
    points, *bars = figure.axes
    result = pair.fsv
    assert result is not None
    for line, values in zip(
        points.lines[:3], (result.adm_points, result.fdm_points, result.gdm_points), strict=True
    ):
        assert line.get_ydata() == pytest.approx(values)
        assert line.get_xdata() == pytest.approx(result.x / 1e6)
    for ax, name in zip(bars, ("adm", "fdm", "gdm"), strict=True):
        shares = [bar.get_width() for bar in ax.patches]
        assert shares == pytest.approx(100.0 * result.histogram(name))
        assert "grade {}, spread {}".format(*result.grade_spread(name)) in ax.get_title()
    few = Measurement(sweep.frequency[:9], sweep.s11()[:9], 50.0)
    with pytest.raises(InputError, match="needs 32 common points"):
        plot_fsv(la.compare(soil, few).first)


def test_uncertainty_is_a_band_of_each_measurement(soil: Solution, sweep: Measurement) -> None:
    """|S11| and R at 100 ohm of a band stated at 50 ohm: its edges are where they belong.

    Budget of R: the band is the first order in a radius of 0.035; 3 % of its half-width.
    """
    band = from_accuracy(sweep, 0.2, 2.0)
    result = la.compare(soil, [sweep, sweep.changed("again", name="b")], uncertainty=[band, band])
    level, _, resistance, *_ = plot_comparison(result).axes
    assert [len(ax.collections) for ax in (level, resistance)] == [2, 2]
    edge = level.collections[0].get_paths()[0].vertices[:, 1].max()
    assert edge == pytest.approx(20.0 * np.log10((np.abs(sweep.s11()) + band.radius).max()))
    place = int(np.argmin(np.abs(sweep.s11())))  # far from Gamma = 1, where R is not linear
    gamma, radius = sweep.s11()[place], band.radius[place]
    turned = gamma + radius * np.exp(1j * np.linspace(0.0, 2.0 * np.pi, 721))
    real = (50.0 * (1.0 + turned) / (1.0 - turned)).real
    corners = resistance.collections[0].get_paths()[0].vertices
    drawn_ = corners[np.isclose(corners[:, 0], sweep.frequency[place] / 1e6), 1]
    assert np.ptp(drawn_) == pytest.approx(np.ptp(real), rel=0.03)


def test_efficiency_is_a_stack_over_soil(soil: Solution) -> None:
    result = soil.efficiency(100.0)
    texts = [text.get_text() for text in plot_efficiency(soil).legends[0].get_texts()]
    for name, _, text in SHARES:
        assert (text in texts) == bool(np.abs(getattr(result, name)).max() > 1e-4)


def test_efficiency_is_lines_of_losses_in_free_space(free: Solution) -> None:
    """No block of one colour: reflected, metal and film shares on a logarithmic axis."""
    figure = plot_efficiency(free, 100.0)
    ax, result = figure.axes[0], free.efficiency(100.0)
    assert ax.get_yscale() == "log"
    assert not ax.collections
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    assert lines["reflected, 100 \u03a9"] == pytest.approx(100.0 * (1.0 - result.mismatch))
    assert lines["lost in the metal"] == pytest.approx(100.0 * result.metal)
    assert lines["lost in the film"] == pytest.approx(100.0 * result.film)
    assert not any("ground" in text for text in lines)
    low, high = ax.get_ylim()
    assert low <= 100.0 * result.film.min() < 100.0 <= high


def test_s11_axis_holds_the_data(soil: Solution) -> None:
    ax = plot_s11(soil, 100.0).axes[0]
    values = 20.0 * np.log10(np.abs(soil.s11(100.0)))
    solved = ax.lines[1] if ax.lines[1].get_marker() == "o" else ax.lines[0]
    assert np.allclose(solved.get_ydata(), values)
    assert np.allclose(solved.get_xdata(), soil.frequency / 1e6)
    assert ax.get_xlim() == pytest.approx((5.0, 35.0))
    assert "100" in ax.get_ylabel()


def test_pattern_cut_is_the_far_field(free: Solution) -> None:
    theta, level = cut(free, 14e6, 90.0)
    field = free.far_field(14e6, np.array([0.0, np.pi / 3]), np.array([np.pi / 2]))
    assert np.interp(0.0, theta, level) == pytest.approx(field.directivity_db[0, 0])
    assert np.interp(np.pi / 3, theta, level) == pytest.approx(field.directivity_db[1, 0], abs=1e-3)


def test_solid_has_equal_axes(free: Solution) -> None:
    ax = plot_pattern_3d(free, 14e6).axes[0]
    spans = [np.ptp(limits) for limits in (ax.get_xlim(), ax.get_ylim(), ax.get_zlim())]
    per_unit = np.asarray(ax._box_aspect) / spans  # length on paper per unit of each axis
    assert per_unit == pytest.approx(np.full(3, per_unit[0]), rel=1e-9)


def test_surface_current_on_triangles(soil: Solution, monkeypatch: pytest.MonkeyPatch) -> None:
    vertices = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 1.0], [0.0, 1.0]])
    triangles = np.array([[0, 1, 2], [0, 2, 3]])
    position = np.array([[8 / 3, 1 / 3, 0.0], [4 / 3, 2 / 3, 0.0]])
    density = np.array([[1.0, 0.2j, 0.0], [0.1, 0.0, 0.0]], dtype=complex)
    current = CurrentMap(14e6, position, density, vertices, triangles)
    monkeypatch.setattr(Solution, "currents", lambda *_, **__: current)
    drawn(plot_current(soil, 14e6))


def test_arrows_of_a_current_do_not_touch(soil: Solution, monkeypatch: pytest.MonkeyPatch) -> None:
    """However fine the mesh: none of two arrows lies within the length of the other."""
    from matplotlib.quiver import Quiver

    x, y = (axis.ravel() for axis in np.meshgrid(np.linspace(-5, 5, 161), np.linspace(-1, 1, 41)))
    position = np.stack((x, y, 0 * x), axis=1)
    density = np.tile(np.array([1.0 + 0.0j, 0.0, 0.0]), (x.size, 1))
    current = CurrentMap(14e6, position, density, None, None)
    monkeypatch.setattr(Solution, "currents", lambda *_, **__: current)
    figure = plot_current(soil, 14e6)
    figure.draw_without_rendering()
    ax = figure.axes[0]
    (arrows,) = [item for item in ax.collections if isinstance(item, Quiver)]
    long = 1.0 / arrows.scale * np.ptp(ax.get_xlim())  # m, of an arrow of unit length
    gaps = np.linalg.norm(arrows.XY[:, None] - arrows.XY[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    assert len(arrows.XY) > 20
    assert gaps.min() > long


def test_objects_show_themselves(soil: Solution, sweep: Measurement) -> None:
    shown = (soil, sweep, SOIL, soil.problem.layout, la.compare(soil, sweep))
    for thing in shown:
        assert thing._repr_png_().startswith(PNG), thing
    assert len({thing._repr_png_() for thing in shown}) == len(shown)
    with pytest.raises(InputError, match="Band has no picture of its own"):
        picture(la.Band.mhz(5, 35, points=3))


def test_figures_leave_global_settings_alone(soil: Solution) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figure_bytes(plot_s11(soil))
    assert dict(mpl.rcParams) == before


def test_equal_figures_have_equal_bytes(soil: Solution) -> None:
    assert figure_bytes(plot_s11(soil)) == figure_bytes(plot_s11(soil))


@pytest.mark.parametrize(
    ("suffix", "magic"), [(".png", PNG), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_saving(soil: Solution, tmp_path: Path, suffix: str, magic: bytes) -> None:
    path = save_figure(plot_s11(soil), tmp_path / f"x{suffix}")
    assert path.read_bytes().startswith(magic)
    assert list(tmp_path.iterdir()) == [path]


def test_saving_refusals(soil: Solution, tmp_path: Path) -> None:
    figure = plot_s11(soil)
    with pytest.raises(InputError, match=r"\.png"):
        save_figure(figure, tmp_path / "x.bmp")
    with pytest.raises(InputError, match="does not exist"):
        save_figure(figure, tmp_path / "no" / "x.png")
    assert list(tmp_path.iterdir()) == []
