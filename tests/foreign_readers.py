"""Readers of the export formats, written from the documents of the programs that take them.

None knows the package.  Each returns twenty directions (theta, phi in rad), the field there
(E_theta, E_phi) in V per A, and the gain where the file tells it:

    reader(path, frequency, port, random) -> Found

With :data:`ALL` in place of a random generator: every direction that the file holds, or rings of
directions over the whole sphere where it is read anywhere.

Documents: pyuvdata's UVBeam memo; Altair Feko .ffe; HEALPix primer and Gorski 2005;
lusee-night/luseepy docs/instrument_response.md; OSKAR telescope model, "Element pattern files", and
for the waves themselves J. E. Hansen, Spherical near-field antenna measurements, as its kernels
take them; OSKAR 2.7 for CST text; EveryBeam's dataset class.
"""

from __future__ import annotations

import csv
import math
from typing import NamedTuple

import h5py
import numpy as np
from astropy.io import fits
from scipy.special import lpmv, sph_harm_y

ETA0 = 376.730313412
C = 299792458.0
DIRECTIONS = 20
ALL = None


class Found(NamedTuple):
    theta: np.ndarray
    phi: np.ndarray
    e_theta: np.ndarray
    e_phi: np.ndarray
    gain: np.ndarray | None = None


def some(random, theta, phi, e_theta, e_phi, gain=None):
    """Twenty rows of a table, above the horizon; or all of it."""
    if random is ALL:
        flat = [np.asarray(a).ravel() for a in (theta, phi, e_theta, e_phi)]
        return Found(*flat, None if gain is None else np.asarray(gain).ravel())
    above = np.flatnonzero(np.asarray(theta) < 0.5 * np.pi - 1e-6)
    rows = random.choice(above, DIRECTIONS, replace=False)
    flat = [np.asarray(a).ravel()[rows] for a in (theta, phi, e_theta, e_phi)]
    return Found(*flat, None if gain is None else np.asarray(gain).ravel()[rows])


def anywhere(random):
    """Twenty directions above the horizon for what is read anywhere; or rings of eight."""
    if random is ALL:
        theta, phi = np.meshgrid(np.linspace(0.1, 3.0, 9), 0.25 * np.pi * np.arange(8))
        return theta.ravel(), phi.ravel()
    return np.arccos(random.uniform(0.01, 1.0, DIRECTIONS)), random.uniform(
        0, 2 * np.pi, DIRECTIONS
    )


def ffe(path, frequency, port, random):
    del port
    for block in path.read_text().strip("\n").split("\n\n"):
        lines = block.splitlines()
        header = {line[1:].partition(":")[0]: line.partition(":")[2] for line in lines[:8]}
        if abs(float(header["Frequency"]) - frequency) < 1.0:
            rows = np.array([line.split() for line in lines[9:]], dtype=float)
            field = rows[:, [2, 4]] + 1j * rows[:, [3, 5]]
            angle = np.deg2rad(rows[:, :2])
            return some(random, *angle.T, *field.T, 10.0 ** (rows[:, 8] / 10.0))
    raise AssertionError("no such frequency")


def uvbeam(path, frequency, port, random):
    with fits.open(path) as file:
        header, data = file[0].header, file[0].data
        axis = [
            header[f"CRVAL{n}"] + header[f"CDELT{n}"] * np.arange(header[f"NAXIS{n}"])
            for n in (1, 2, 3)
        ]
        at = int(np.argmin(np.abs(axis[2] - frequency)))
        azimuth, zenith = np.meshgrid(np.deg2rad(axis[0]), np.deg2rad(axis[1]))
        e_phi, e_theta = (data[0] + 1j * data[1])[:, 0, port - 1, at]  # component 1 is azimuth
        return some(random, zenith.ravel(), azimuth.ravel(), e_theta, e_phi)


def ring_centres(nside):
    """Gorski 2005, eq. 2-9, pixel by pixel, rings of the belt begun as the library does."""
    theta, phi = [], []
    for p in range(12 * nside**2):
        q = p if p < 6 * nside**2 else 12 * nside**2 - 1 - p
        if q < 2 * nside * (nside - 1):
            half = 0.5 * (q + 1)
            i = math.floor(math.sqrt(half - math.sqrt(math.floor(half)))) + 1
            j = q + 1 - 2 * i * (i - 1)
            z, f = 1 - i * i / (3 * nside**2), 0.5 * math.pi / i * (j - 0.5)
        else:
            rest = q - 2 * nside * (nside - 1)
            i, j = rest // (4 * nside) + nside, rest % (4 * nside) + 1
            first = 0.5 if (i + nside) % 2 == 0 else 1.0  # every other ring begins at phi = 0
            z, f = 4 / 3 - 2 * i / (3 * nside), 0.5 * math.pi / nside * (j - first)
        south = p >= 6 * nside**2
        theta.append(math.acos(-z if south else z))
        phi.append((2 * math.pi - f if south else f) % (2 * math.pi))
    return np.array(theta), np.array(phi)


def healpix(path, frequency, port, random):
    with fits.open(path) as file:
        for table in file[1:]:
            if abs(table.header["FREQ"] - frequency) < 1.0:
                assert (table.header["PIXTYPE"], table.header["ORDERING"]) == ("HEALPIX", "RING")
                get = {name: np.array(table.data[name]) for name in table.data.names}
                e_theta = get[f"E_THETA_RE_{port}"] + 1j * get[f"E_THETA_IM_{port}"]
                e_phi = get[f"E_PHI_RE_{port}"] + 1j * get[f"E_PHI_IM_{port}"]
                centre = ring_centres(table.header["NSIDE"])
                return some(random, *centre, e_theta, e_phi, get[f"GAIN_{port}"])
    raise AssertionError("no such frequency")


def luseepy(path, frequency, port, random):
    """Effective lengths h = -4 pi (r E/I)/(j k eta0); gain from za.csv."""
    rows = []
    with (path / f"effective_length_{port}.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            if abs(float(row["freq_MHz"]) - frequency / 1e6) < 1e-6:
                rows.append(
                    [float(row[name]) for name in ("theta_deg", "phi_deg")]
                    + [
                        complex(float(row[f"re(h_{part})"]), float(row[f"im(h_{part})"]))
                        for part in ("Theta", "Phi")
                    ]
                )
    table = np.array(rows)
    k = 2 * np.pi * frequency / C
    field = table[:, 2:] * (1j * k * ETA0) / (-4 * np.pi)
    z = za(path)
    at = int(np.argmin(np.abs(z[0] - frequency / 1e6)))
    row = port - 1 if z[1].shape[1] > 1 else 0  # of one port alone
    resistance = z[1][at, row, row].real
    gain = 4 * np.pi * (np.abs(field) ** 2).sum(axis=1) / (ETA0 * resistance)
    angle = np.deg2rad(table[:, :2].real)
    return some(random, *angle.T, *field.T, gain)


def za(path):
    """(freq_MHz, Z (n, p, p)) as the converter's read_zmatrix_csv finds it."""
    rows = np.genfromtxt(path / "za.csv", delimiter=",", names=True)
    ports = math.isqrt((len(rows.dtype.names) - 2) // 2)
    z = np.empty((rows.size, ports, ports), dtype=complex)
    for a in range(ports):
        for b in range(ports):
            z[:, a, b] = rows[f"reZ{a + 1}{b + 1}"] + 1j * rows[f"imZ{a + 1}{b + 1}"]
    return rows["freq_MHz"], z


def luseepy_v2(path, frequency, port, random):
    with fits.open(path / f"beam_v2_{port}.fits") as file:
        header = file[0].header
        assert header["VERSION"] == 2
        grid = [
            np.linspace(header[f"{name}_MIN"], header[f"{name}_MAX"], header[f"{name}_N"])
            for name in ("THETA", "PHI")
        ]
        theta, phi = np.meshgrid(*np.deg2rad(grid[0:1]), np.deg2rad(grid[1]), indexing="ij")
        at = int(np.argmin(np.abs(file["freq"].data - frequency / 1e6)))
        field = [
            file[f"{name}_real"].data[at] + 1j * file[f"{name}_imag"].data[at]
            for name in ("Etheta", "Ephi")
        ]
        gain = (np.abs(field[0]) ** 2 + np.abs(field[1]) ** 2) * file["gain_conv"].data[at]
        return some(random, theta.ravel(), phi.ravel(), *field, gain)


def spherical(path, frequency, port, random):
    """The definition in the file's own attribute, with scipy's harmonics."""
    theta, phi = anywhere(random)
    with h5py.File(path) as file:
        at = int(np.argmin(np.abs(file["frequency"][:] - frequency)))
        row = file["port"][:].tolist().index(port)
        a, b = file["tm"][at, row], file["te"][at, row]
        e_theta, e_phi = np.zeros(theta.shape, complex), np.zeros(theta.shape, complex)
        for degree, order, tm, te in zip(file["l"][:], file["m"][:], a, b, strict=True):
            value, gradient = sph_harm_y(degree, order, theta, phi, diff_n=1)
            scale = math.sqrt(degree * (degree + 1))
            turn = 1j * order * value / np.sin(theta)
            e_theta += (tm * gradient[..., 0] - te * turn) / scale
            e_phi += (tm * turn + te * gradient[..., 0]) / scale
        resistance = file["input_impedance"][at, row].real
    power = np.abs(e_theta) ** 2 + np.abs(e_phi) ** 2
    return Found(theta, phi, e_theta, e_phi, 4 * np.pi * power / (ETA0 * resistance))


def hansen(alpha, theta, phi):
    """OSKAR's sum over (te, tm) rows l = 1.., m = -l..l: E_theta and E_phi.

    alpha: {(l, m): (te, tm)}.  P_l^|m| with the Condon-Shortley phase, dP/dtheta from
    (l - |m| + 1) P_{l+1} - (l + 1) cos P_l = sin dP/dtheta.
    """
    e_theta, e_phi = np.zeros(theta.shape, complex), np.zeros(theta.shape, complex)
    cosine, sine = np.cos(theta), np.sin(theta)
    for (degree, order), (te, tm) in alpha.items():
        n = abs(order)
        norm = math.sqrt(
            (2 * degree + 1)
            / (4 * math.pi * degree * (degree + 1))
            * math.exp(math.lgamma(degree - n + 1) - math.lgamma(degree + n + 1))
        )
        p = lpmv(n, degree, cosine)
        slope = ((degree - n + 1) * lpmv(n, degree + 1, cosine) - (degree + 1) * cosine * p) / sine
        turning = norm * np.exp(1j * order * phi)
        e_theta += (tm * slope - te * 1j * order * p / sine) * turning
        e_phi += (tm * 1j * order * p / sine + te * slope) * turning
    return e_theta, e_phi


def oskar(path, frequency, port, random, kind=0):
    """Text files: a line an order l, the first 2 l + 1 terms of it used, # begins a comment."""
    label = feed(path, f"element_pattern_spherical_wave_{{}}_te_re_{kind}_", port)
    megahertz = f"{frequency / 1e6:g}"
    parts = {}
    for mode in ("te", "tm"):
        for part in ("re", "im"):
            name = f"element_pattern_spherical_wave_{label}_{mode}_{part}_{kind}_{megahertz}.txt"
            lines = [
                line for line in (path / name).read_text().splitlines() if not line.startswith("#")
            ]
            rows = [[float(cell) for cell in line.replace(",", " ").split()] for line in lines]
            assert {len(row) for row in rows} == {2 * len(rows) + 1}
            parts[mode, part] = rows
    alpha = {
        (degree, order): tuple(
            complex(*(parts[kind, part][degree - 1][degree + order] for part in ("re", "im")))
            for kind in ("te", "tm")
        )
        for degree in range(1, len(parts["te", "re"]) + 1)
        for order in range(-degree, degree + 1)
    }
    theta, phi = anywhere(random)
    return Found(theta, phi, *hansen(alpha, theta, phi))


def cst(path, frequency, port, random):
    label = feed(path, "cst_{}_0_", port)
    lines = (path / f"cst_{label}_0_{frequency / 1e6:g}.txt").read_text().splitlines()
    assert "Horiz" not in lines[0]
    assert "dBi" not in lines[0]
    rows = np.array([line.split() for line in lines[2:]], dtype=float)
    assert rows.shape[1] == 8
    field = rows[:, [3, 5]] * np.exp(1j * np.deg2rad(rows[:, [4, 6]]))
    return some(random, *np.deg2rad(rows[:, :2]).T, *field.T)


def everybeam(path, frequency, port, random):
    """(element, l(l+1)+m-1, (x te, x tm, y te, y tm)); port 1 is x where both are there."""
    with h5py.File(path) as file:
        assert all(name.isdigit() for name in file)
        data = file[str(int(frequency / 1e6))][0]
    size = math.isqrt(data.shape[0] + 1) - 1
    used = [n for n in (0, 1) if np.any(data[:, 2 * n : 2 * n + 2])]
    column = 2 * (used[0] if len(used) == 1 else port - 1)
    alpha = {
        (degree, order): tuple(data[degree * (degree + 1) + order - 1, column : column + 2])
        for degree in range(1, size + 1)
        for order in range(-degree, degree + 1)
    }
    theta, phi = anywhere(random)
    return Found(theta, phi, *hansen(alpha, theta, phi))


def feed(path, pattern, port):
    """Port 1 is x and port 2 is y; where there is one feed, whichever it is."""
    there = [name for name in "xy" if list(path.glob(pattern.format(name) + "*"))]
    return there[0] if len(there) == 1 else "xy"[port - 1]
