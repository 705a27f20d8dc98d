"""An emulator gives what the solver gives on the same mesh, and says what it is off by.

Budget: the images of a direct solve meet the static kernel to 3e-5, the modes and directions of
the emulator to 1e-5; 1e-4 of the reflection in 100 ohm holds both.  Over a metal floor resonances
of the layer multiply it (Q of some 10).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import box

import lunar_antenna as la
from lunar_antenna.emulation.build import difference
from lunar_antenna.media.sheets import FILMS, METALS
from lunar_antenna.radiation import far_field
from lunar_antenna.solvers.planar.kernels import build, problem_line
from lunar_antenna.solvers.planar.one_mesh import PlanarMesh

BAND = la.Band.mhz(5, 35, 9)
SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)
LAYERS = la.Stack([la.Layer(0.5, 3.0, 0.01), la.Layer(math.inf, 4.0, 0.01)])
FLOOR = la.Stack([la.Layer(1.5, 3.0, 0.01), la.Layer.conductor()])


def strip(side: str | None = "above") -> la.Layout:
    film = {"thickness": 5e-5, "eps_r": 3.4, "loss_tangent": 0.003, "side": side}
    return la.load_geometry(
        "strip", length=10.0, width=0.2, metal="copper_18um", film=film if side else None
    )


def two_ports() -> la.Layout:
    """Two strips side by side, of unequal length: no mirror across, two ports."""
    arms = [
        box(x0, y - 0.1, x1, y + 0.1)
        for y, half in ((0.0, 4.0), (1.0, 3.0))
        for x0, x1 in ((-half, -0.05), (0.05, half))
    ]
    ports = tuple(
        la.Port((la.Gap(0.0, y, 0.1, 0.2),), name) for y, name in ((0.0, "1"), (1.0, "2"))
    )
    film, metal = FILMS["polyimide_50um"], METALS["copper_18um"]
    return la.Layout("pair", tuple(arms), ports, film=film, metal=metal)


CASES = {
    "half-space": (strip(), SOIL, {"eps_r": (2.5, 4.5), "height": (0.0, 0.1)}, 1e-4),
    "no film": (strip(None), SOIL, {"eps_r": (2.5, 4.5), "height": (0.0, 0.1)}, 1e-4),
    "film below": (strip("below"), SOIL, {"loss_tangent": (0.003, 0.03), "height": (0, 0.1)}, 1e-4),
    "conductivity": (strip(), SOIL, {"conductivity": (0.0, 1e-3), "height": (0.0, 0.3)}, 1e-4),
    "layers": (
        strip(),
        LAYERS,
        {"eps_r": (2.5, 4.5), "thickness": (0.05, 3.0), "eps_r_2": (2.5, 6.0), "height": (0, 0.1)},
        1e-4,
    ),
    "metal floor": (strip(), FLOOR, {"thickness": (0.5, 3.0), "height": (0.0, 0.1)}, 1e-3),
    "two ports": (two_ports(), SOIL, {"eps_r": (2.5, 4.5), "height": (0.0, 0.1)}, 1e-3),
}


@pytest.mark.parametrize("name", CASES)
def test_the_solver_itself_says_the_same(name):
    layout, stack, over, budget = CASES[name]
    made = la.emulate(
        la.Problem(layout, stack, 0.05, BAND), over, accuracy="draft", needs="impedance"
    )
    mesh = PlanarMesh(made.box.densest, "draft", 1.0)
    places = np.random.default_rng(5).random((4, len(over)))
    places[0, list(over).index("height")] = 0.0  # on the soil
    places[1, list(over).index("height")] = 0.01  # tenths of a millimetre above it
    errors = []
    for place in places:
        values = made.box.values(place)
        errors.append(difference(made.z(**values), mesh.impedance(made.box.at(values))))
    assert max(errors) < budget
    assert max(errors) < 3.0 * made.held_out_error
    assert made.held_out_error < 1e-3


@pytest.mark.parametrize("name", ["half-space", "film below", "two ports"])
def test_losses_and_field_are_those_of_direct_solves(name):
    """1e-4 of Re Z for each share and of the peak for the field; metal to 1 % of itself."""
    layout, stack, over, budget = CASES[name]
    made = la.emulate(la.Problem(layout, stack, 0.05, BAND), over, accuracy="draft")
    assert made.held_out_error < 1e-3
    mesh = PlanarMesh(made.box.densest, "draft", 1.0)
    for place in ((0.3, 0.0), (0.7, 0.6)):
        values = made.box.values(np.array(place))
        solution, direct = made(**values), mesh.power(made.box.at(values))
        resistance = np.diagonal(direct.z, axis1=1, axis2=2).real.max(axis=1)[:, None, None]
        for share, value in direct.shares.items():
            off = np.abs(getattr(solution, f"r_{share}") - value) / resistance
            assert off.max() < budget, share
        own, metal = solution.r_metal[:, 0, 0], direct.shares["metal"][:, 0, 0]
        assert np.abs(own / metal - 1.0).max() < 0.01
        theta, phi = np.meshgrid([0.2, 0.9, 1.3], [0.1, 1.2])
        frequency = float(BAND.frequency[4])
        field = solution.far_field(frequency, theta, phi)
        e_theta, e_phi = far_field(
            direct.elements, 4, frequency, solution.problem.stratification, theta, phi
        )
        peak = max(np.abs(e_theta[0]).max(), np.abs(e_phi[0]).max())
        assert np.abs(field.e_theta - e_theta[0]).max() < budget * peak
        assert np.abs(field.e_phi - e_phi[0]).max() < budget * peak


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    problem = la.Problem(strip(), SOIL, 0.05, la.Band.mhz(10, 20, 3))
    made = la.emulate(problem, {"eps_r": (3.0, 3.5)}, accuracy="draft", check=False)
    path = tmp_path_factory.mktemp("emulator") / "strip.h5"
    made.save(path)
    return made, path


def test_a_file_gives_the_same_numbers(kept):
    made, path = kept
    again = la.Emulator.load(path)
    assert np.array_equal(again.z(eps_r=3.2), made.z(eps_r=3.2))
    one, other = made(eps_r=3.1), again(eps_r=3.1)
    assert np.array_equal(one.r_ground, other.r_ground)
    assert np.array_equal(one.elements.electric, other.elements.electric)


@pytest.mark.parametrize(("error", "converged"), [(0.05, True), (0.2, False)])
def test_an_emulator_that_is_off_is_not_converged(kept, error, converged):
    made, _ = kept
    assert replace(made, held_out_error=error)(eps_r=3.2).quality.converged is converged


def test_a_damaged_or_foreign_file_is_refused_in_one_line(kept, tmp_path):
    _, path = kept
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "bad.h5").write_bytes(data)
    (tmp_path / "text.h5").write_text("no emulator")
    for name, told in (("bad.h5", "differs"), ("text.h5", "not HDF5")):
        with pytest.raises(la.LunarAntennaError, match=told) as caught:
            la.Emulator.load(tmp_path / name)
        assert "\n" not in str(caught.value)
    with pytest.raises(la.InputError, match="cannot be read"):
        la.Emulator.load(tmp_path / "absent.h5")
    with pytest.raises(la.LunarAntennaError, match="not a lunar-antenna solution"):
        la.load(path)


def test_z_alone_has_no_losses():
    problem = la.Problem(strip(), SOIL, 0.05, la.Band.mhz(10, 20, 3))
    made = la.emulate(
        problem, {"eps_r": (3.0, 3.5)}, accuracy="draft", needs="impedance", check=False
    )
    with pytest.raises(la.InputError, match="Z alone"):
        made(eps_r=3.2)


def test_shared_kernels_are_those_of_each_stack():
    """Beyond 2 cm, the cells of this mesh; 1e-5 of the free-space kernel 1/(4 pi rho)."""
    made = la.emulate(
        la.Problem(strip(), SOIL, 0.05, BAND),
        {"eps_r": (2.5, 4.5), "height": (0.0, 0.1)},
        accuracy="draft",
        needs="impedance",
        check=False,
    )
    from lunar_antenna.solvers.planar.shared import share

    values = {"eps_r": 3.3, "height": 0.023}
    problem = made.box.at(values)
    samples = [made.box.at(made.box.values(u)) for u in np.random.default_rng(2).random((60, 2))]
    family = share(samples, made.box.densest, "draft")
    shared = family._kernels
    own = family.factors.family.at(problem_line(problem, BAND.frequency, shared.rho_max))
    single = build(problem_line(problem, BAND.frequency, shared.rho_max), BAND.frequency, 16.0)
    rho = np.geomspace(0.02, 9.0, 12)

    def space(modes, step, coefficient, images=None):
        grid = np.arange(len(modes)) * step
        table = np.column_stack([np.interp(np.sqrt(rho), grid, m) for m in modes.T])
        value = table @ coefficient.T
        if images is not None:
            far = 1.0 / np.sqrt(rho[:, None] ** 2 + images.distance**2) @ images.weight
            value = value + far @ images.total.T / (2.0 * np.pi)
        return value * 4.0 * np.pi * rho[:, None]

    vector = space(shared.modes_a, shared.step, own.z_a)
    scalar = space(shared.modes_phi, shared.step, own.z_phi, own.images)
    assert np.abs(vector - space(single.modes_a, single.step, single.z_a)).max() < 1e-5
    wanted = space(single.modes_phi, single.step, single.z_phi, single.images)
    assert np.abs(scalar - wanted).max() < 1e-4  # the images of the film: 2e-3 of what it changes


def test_a_tolerance_that_is_not_met_is_said(caplog):
    made = la.emulate(
        la.Problem(strip(), FLOOR, 0.05, la.Band.mhz(5, 35, 5)),
        {"thickness": (0.1, 0.5), "height": (0.0, 0.1)},
        1e-6,
        accuracy="draft",
        needs="impedance",
    )
    assert made.held_out_error > 1e-6
    assert "held-out error" in caplog.text


def test_bad_questions_are_one_line():
    problem = la.Problem(strip(), SOIL, 0.05, BAND)
    with pytest.raises(la.InputError, match="tolerance"):
        la.emulate(problem, {"height": (0.0, 0.1)}, tolerance=0.0)
    with pytest.raises(la.InputError, match="accuracy"):
        la.emulate(problem, {"height": (0.0, 0.1)}, accuracy="best")
    with pytest.raises(la.InputError, match="seed"):
        la.emulate(problem, {"height": (0.0, 0.1)}, seed="new")
    with pytest.raises(la.InputError, match=r"la\.Problem"):
        la.emulate(strip(), {"height": (0.0, 0.1)})
    sagging = la.Problem(la.load_geometry("membrane_sagging"), SOIL, 1.0, BAND)
    with pytest.raises(la.LunarAntennaError, match="plane"):
        la.emulate(sagging, {"eps_r": (2.0, 3.0)})
