"""Receivers as measured: the same physics as a table, and what Nyquist demands of any of them.

Error budgets: algebra on the same numbers, 1e-9; between the rows of a file linear values of a
smooth function on a grid of 0.25 MHz, h^2/8 of its second derivative: 1e-4.
"""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import solution

from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Stack
from lunar_antenna.sky.brightness import BOLTZMANN
from lunar_antenna.sky.measured_receiver import T0, MeasuredReceiver
from lunar_antenna.sky.receiver import Receiver, receiver_from
from lunar_antenna.sky.temperature import noise_budget

SOIL = Stack.half_space(3.5, loss_tangent=0.01)
GRID = np.linspace(4e6, 36e6, 129)
TABLE = Receiver(800.0, 30e-12, voltage_noise=1.2e-9, current_noise=9e-12, temperature=290.0)
Z0 = 50.0


def rows(device: Receiver, f):
    """Noise parameters and waves of a parallel R and C with e_n after it, i_n and 4kT/R before.

    Equivalent sources ahead of a noiseless input: e = e_n, i = i_n + e_n Y_L, <i e*> = e_n^2 Y_L.
    T_min, Y_opt, R_n follow by the textbook; waves from a = (e + z0 i)/.. by hand below.
    """
    y = 1 / device.impedance(f)
    e2 = np.full(f.size, device.voltage_noise**2)
    i2 = device.emitted(f) + e2 * np.abs(y) ** 2
    r_n = e2 / (4 * BOLTZMANN * T0)
    y_c = y  # <i e*>/<|e|^2>
    g_u = (i2 - np.abs(y_c) ** 2 * e2) / (4 * BOLTZMANN * T0)
    g_opt = np.sqrt(g_u / r_n + y_c.real**2)
    y_opt = g_opt - 1j * y_c.imag
    t_min = 2 * T0 * r_n * (g_opt + y_c.real)
    return t_min, y_opt, r_n, e2, i2, y_c * e2


def parameters() -> MeasuredReceiver:
    t_min, y_opt, r_n, *_ = rows(TABLE, GRID)
    load = TABLE.impedance(GRID)
    return MeasuredReceiver(GRID, (load - Z0) / (load + Z0), Z0, GRID, t_min, y_opt, r_n)


def waves() -> MeasuredReceiver:
    """Outward wave n, inward w (into Z_L, in the units of delivered power).

    From i = i_N + e Y_L: a short-circuited current i_N leaves, |n|^2 = |i_N|^2 |Z_L|^2 z0 /
    |Z_L+z0|^2 per k; what is delivered is |V|^2 Re Y_L with V = i_N Z_A||Z_L + e, and Z_A || Z_L =
    Z_L (1 + G_a) z0/((1 - G_a G_r)(Z_L + z0)): linear in G_a F, so w is V at G_a = 0, n the rest.
    """
    load = TABLE.impedance(GRID)
    gamma = (load - Z0) / (load + Z0)
    _, _, _, e2, _, _ = rows(TABLE, GRID)
    i2 = TABLE.emitted(GRID)
    root = np.sqrt((1 / load).real / BOLTZMANN)  # sqrt(K)/V
    # V sqrt(Re Y/k) = i_N p (1 + G_a)/(1 - G_a G_r) + e q;  (1+G_a)/(1-G_a G_r) = 1 + s G_a F
    p, q = load * Z0 / (load + Z0) * root, root
    s = (1 + gamma) / np.sqrt(1 - np.abs(gamma) ** 2)
    unc = i2 * np.abs(p * s) ** 2
    own = i2 * np.abs(p) ** 2 + e2 * q**2
    cross = i2 * (p * s) * np.conj(p)  # <n w*>: i_N alone is in both
    t = np.stack([unc, 2 * cross.real, -2 * cross.imag, own], axis=1)
    return MeasuredReceiver(GRID, gamma, Z0, GRID, waves=t)


@pytest.mark.parametrize("make", [parameters, waves])
def test_the_same_receiver_in_other_words(make):
    """On the rows themselves: noise against any antenna, impedance and what it emits."""
    measured = make()
    random = np.random.default_rng(5)
    for _ in range(5):
        antenna = random.uniform(1, 300, GRID.size) + 1j * random.normal(0, 400, GRID.size)
        assert measured.noise(GRID, antenna) == pytest.approx(TABLE.noise(GRID, antenna), rel=1e-9)
    assert measured.impedance(GRID) == pytest.approx(TABLE.impedance(GRID), rel=1e-9)
    assert measured.emitted(GRID) == pytest.approx(TABLE.emitted(GRID), rel=1e-8)


@pytest.mark.parametrize("make", [parameters, waves])
@pytest.mark.parametrize("terminated", [False, True])
def test_budgets_agree_for_coupled_ports(make, terminated):
    sol = solution(2, SOIL, points=13)
    mine = noise_budget(sol, make(), "cane", port=2, terminated=terminated)
    table = noise_budget(sol, TABLE, "cane", port=2, terminated=terminated)
    for part, share in table.shares.items():
        assert mine.shares[part] == pytest.approx(share, rel=1e-4, abs=1e-12), part
    assert np.any(mine.other > 0.0) == terminated


@pytest.mark.parametrize("ports", [1, 2])
def test_one_temperature_everywhere(ports):
    """A passive input of T, antenna and sky of T: Z_A || Z_L of all is as noisy as Nyquist says.

    A passive receiver's sources are those of its own resistance: T_min and waves of R||C at T.
    """
    kelvin = 180.0
    passive = Receiver(300.0, 40e-12, temperature=kelvin)
    load = passive.impedance(GRID)
    gamma = (load - Z0) / (load + Z0)
    i2, root = passive.emitted(GRID), np.sqrt((1 / load).real / BOLTZMANN)
    p = load * Z0 / (load + Z0) * root
    s = (1 + gamma) / np.sqrt(1 - np.abs(gamma) ** 2)
    cross = i2 * np.abs(p) ** 2 * s
    t = np.stack([i2 * np.abs(p * s) ** 2, 2 * cross.real, -2 * cross.imag, i2 * np.abs(p) ** 2], 1)
    assert t[:, 0] == pytest.approx(kelvin * (1 - np.abs(gamma) ** 2), rel=1e-9)
    measured = MeasuredReceiver(GRID, gamma, Z0, GRID, waves=t)
    sol = solution(ports, SOIL, points=17)  # solved on rows of the file
    budget = noise_budget(sol, measured, kelvin, terminated=True, moon=kelvin, antenna=kelvin)
    z = sol.input_impedance(1, passive.impedance(sol.frequency))
    both = z * passive.impedance(sol.frequency)
    whole = 4 * BOLTZMANN * kelvin * (both / (z + passive.impedance(sol.frequency))).real
    assert budget.total == pytest.approx(whole, rel=1e-4)


def test_shares_and_temperatures_add_up():
    sol = solution(2, SOIL, points=13)
    for sky in ("cane", "power_law", 3e4):
        budget = noise_budget(sol, TABLE, sky, terminated=True)
        assert sum(budget.shares.values()) == pytest.approx(1.0, rel=1e-12)
        assert sum(budget.temperatures.values()) == pytest.approx(
            budget.system_temperature, rel=1e-12
        )
        assert budget.temperatures["sky"] == pytest.approx(budget.sky_temperature, rel=1e-12)


def test_sky_limited_bands_have_their_edges_where_the_law_crosses():
    """Two power laws that meet at 12 MHz: up through 10 at 9 MHz, down at 16 MHz.

    Straight in log-log between the points, 12 MHz one of them: exact but for rounding.
    """
    sol = solution(points=16)
    budget = noise_budget(sol, "lusee_like")
    f = np.array([5, 8, 12, 20, 35]) * 1e6
    rise, fall = 10 * (f / 9e6) ** 2.0, 10 * (16 / 9.0) ** 0 * (f / 16e6) ** -2.0
    ratio = np.where(f < 11e6, rise, np.minimum(rise, fall))
    ratio[2] = 10 * (12 / 9) ** 2.0
    law = type(budget)(f, 0 * f + 1, ratio, 0 * f, 0 * f, 0 * f, 0 * f + 1.0)
    ((low, high),) = law.sky_limited()
    assert low == pytest.approx(9e6, rel=1e-12)
    assert 12e6 < high < 20e6
    assert np.interp(np.log(high), np.log(f), np.log(ratio)) == pytest.approx(np.log(10))
    assert law.sky_limited(1e-6) == ((5e6, 35e6),)
    assert law.sky_limited(1e6) == ()


# -- files ---------------------------------------------------------------------------------------


def write_files(folder):
    from lunar_antenna.measurement.record import Measurement

    made = parameters()
    Measurement(GRID, made.gamma, Z0, "synthetic").write(folder / "lna.s1p")
    best = (1 - made.y_opt * Z0) / (1 + made.y_opt * Z0)
    lines = ["# made for tests", "frequency_mhz,f_min_db,gamma_opt_mag,gamma_opt_deg,r_n"]
    for k, f in enumerate(GRID):
        figure = 10 * np.log10(1 + made.t_min[k] / T0)
        lines.append(
            f"{f / 1e6!r},{figure!r},{abs(best[k])!r},{np.rad2deg(np.angle(best[k]))!r},"
            f"{made.r_n[k]!r}".replace("np.float64(", "").replace(")", "")
        )
    (folder / "noise.csv").write_text("\n".join(lines) + "\n")
    table = waves().waves
    lines = ["frequency_hz,t_unc,t_cos,t_sin,t_0"]
    lines += [f"{f:.0f}," + ",".join(f"{x:.12g}" for x in row) for f, row in zip(GRID, table)]  # noqa: B905
    (folder / "waves.csv").write_text("\n".join(lines) + "\n")
    (folder / "parameters.toml").write_text(
        '[receiver]\nreflection = "lna.s1p"\nnoise_parameters = "noise.csv"\nname = "lab"\n'
    )
    (folder / "waves.toml").write_text('reflection = "lna.s1p"\nnoise_waves = "waves.csv"\n')
    (folder / "table.toml").write_text("resistance = 800.0\ncapacitance = 30e-12\n")


def test_a_receiver_in_files_is_that_receiver(tmp_path):
    write_files(tmp_path)
    antenna = np.full(GRID.size, 40 - 120j)
    expected = TABLE.noise(GRID, antenna)
    for name in ("parameters.toml", "waves.toml"):
        device = receiver_from(tmp_path / name)
        assert device.noise(GRID, antenna) == pytest.approx(expected, rel=1e-7)
        assert device.emitted(GRID) == pytest.approx(TABLE.emitted(GRID), rel=1e-6)
    assert receiver_from(str(tmp_path / "parameters.toml")).name == "lab"
    assert receiver_from(tmp_path / "table.toml").impedance(GRID) == pytest.approx(
        TABLE.impedance(GRID)
    )


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("a.toml", 'reflection = "lna.s1p"\n', "give one of noise_parameters and noise_waves"),
        ("a.toml", 'noise_waves = "waves.csv"\n', "lacks reflection"),
        ("a.toml", 'reflection = "none.s1p"\nnoise_waves = "waves.csv"\n', "none.s1p"),
        ("a.toml", 'reflection = "lna.s1p"\nnoise_waves = "none.csv"\n', "none.csv does not exist"),
        ("a.toml", 'reflection = "lna.s1p"\nnoise_waves = "noise.csv"\n', "lacks column t_unc"),
        ("a.toml", 'reflexion = "lna.s1p"\nresistance = 1.0\n', "unknown key 'reflexion'"),
        ("a.toml", "[receiver]\ncapacitance = 1e-12\n", "lacks resistance"),
        ("a.toml", "resistance = -3.0\n", "receiver resistance"),
        ("a.toml", "resistance = \n", "not valid TOML"),
        ("waves.csv", "frequency_mhz,t_unc,t_cos,t_sin,t_0\n5,10,50,0,1\n", "at 5 MHz is no rec"),
        ("waves.csv", "frequency_mhz,t_unc,t_cos,t_sin,t_0\n5,1,0,0,1\n4,1,0,0,1\n", "increase"),
        ("waves.csv", "frequency_mhz,t_unc,t_cos,t_sin,t_0\n5,1,0,0\n", "finite numbers"),
        ("waves.csv", "t_unc,t_cos,t_sin,t_0\n1,0,0,1\n", "without a frequency"),
        ("waves.csv", "frequency_mhz,t_unc,t_cos,t_sin,t_0\n", "holds no table"),
        ("waves.csv", "frequency_mhz,t_unc,t_cos,t_sin,t_0\n8,1,0,0,1\n9,1,0,0,1\n", "8 to 9 MHz"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path, file, text, words):
    write_files(tmp_path)
    (tmp_path / file).write_text(text)
    name = "waves.toml" if file == "waves.csv" else file
    with pytest.raises(InputError, match=words) as caught:
        noise_budget(solution(points=4), str(tmp_path / name))
    assert "\n" not in str(caught.value)
