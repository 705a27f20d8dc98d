"""luseepy: a folder with the open-circuit response of all ports, and single-port beams in FITS.

    effective_length_N.csv   of port N: freq_MHz, phi_deg, theta_deg, re and im of h_Theta and
                             h_Phi in m, h = -4 pi (r E/I)/(j k eta0); theta 0-90, phi 0-360 with
                             the wrap
    za.csv                   freq_Hz, freq_MHz, re and im of Zij in ohm
    Rsky.npy Rmoon.npy Rloss.npy   (n_freq, p, p) complex, ohm
    provenance.json          what its converter asks for, and the residuals found here
    beam_v2_N.fits           version 2, one port: fields, impedance, gain_conv

as lusee-night/luseepy docs/instrument_response.md describes them for four ports; any number is
written.  A pair of ports there is <v_a v_b*>, with R_ab the integral of H_a H_b*: the conjugate of
matrices in power = 1/2 I^H R I, which are conjugated here.  Rmoon is what the soil takes; without
soil the sky is the upper half of the sphere all the same, and Rmoon what leaves below it.

Rsky + Rmoon + Rloss = (ZA + ZA^H)/2 within the solution's own closure, which is told and never
forced; more than 1e-5 is refused, and so are matrices that are not positive semidefinite to 1e-8,
and grids on which the integral of H differs from Rsky by more than 1e-4.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

import numpy as np

from ..common.files import write_json, write_text
from ..conventions import ETA0, SPEED_OF_LIGHT, ComplexArray, FloatArray, JsonDict, wavenumber
from ..errors import InputError
from ..media.elevation import half_sphere
from .base import ports
from .beam import BeamFormat, ascii_only, conventions, need, port_fields

if TYPE_CHECKING:
    from ..solution import Solution

MOST_RESIDUAL = 1e-5  # of the power closure
MOST_MONOPOLE = 1e-4  # of the integral of H against R_sky
LEAST_EIGENVALUE = -1e-8  # of the largest entry, or of 1 ohm
LEAST_FREQUENCIES = 2  # luseepy interpolates between them
COLUMNS = "freq_MHz,phi_deg,theta_deg,re(h_Theta),im(h_Theta),re(h_Phi),im(h_Phi)"


class Matrices(NamedTuple):
    """(n, p, p) ohm each, in luseepy's sense of a pair of ports."""

    za: ComplexArray
    sky: ComplexArray
    moon: ComplexArray
    loss: ComplexArray


@dataclass(frozen=True, slots=True)
class Luseepy(BeamFormat):
    """All ports, or one with the others open.

    step: degrees in theta and phi.  v2: whether to write the single-port beams in FITS too.
    """

    name = "luseepy"
    v2: bool = True

    def __post_init__(self) -> None:
        BeamFormat.__post_init__(self)
        if not isinstance(self.v2, bool):
            raise InputError(f"v2 = {self.v2!r}; give true or false")

    def check(self, solution: Solution, path: Path, port: int | None) -> None:
        BeamFormat.check(self, solution, path, port)
        if self.v2:
            need(self.name, "astropy")
        if solution.frequency.size < LEAST_FREQUENCIES:
            raise InputError(
                f"format luseepy is interpolated between frequencies and needs "
                f"{LEAST_FREQUENCIES}, this solution has {solution.frequency.size}; solve a band"
            )

    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        if terminated is not None:
            raise InputError(
                f"terminated = {terminated} ohm, but format luseepy holds open-circuit effective "
                "lengths; leave terminated out"
            )
        which = list(ports(solution, port))
        matrices = of_ports(solution, which)
        residual = _sound(solution, matrices)
        theta, phi = self.theta(90.0), self.phi(wrapped=True)
        k = wavenumber(solution.frequency)
        scale = -4.0 * np.pi / (1j * k * ETA0)
        field = np.zeros((2, len(which), k.size, theta.size, phi.size), dtype=complex)
        for index, frequency in enumerate(solution.frequency.tolist()):
            field[:, :, index] = port_fields(
                solution, frequency, theta[:, None], phi[None, :], which, None
            )
        length: ComplexArray = np.asarray(scale[:, None, None] * field, dtype=complex)
        monopole = _monopole_residual(length, solution.frequency, theta, matrices.sky)
        if monopole > MOST_MONOPOLE:
            raise InputError(
                f"on a grid of {self.step:g} degrees the integral of H differs from R_sky by "
                f"{monopole:.1e}; allowed is {MOST_MONOPOLE:g}: give a finer step"
            )
        with ExitStack() as files:
            for row, index in enumerate(which):
                target = path / f"effective_length_{index}.csv"
                file = files.enter_context(target.open("w", encoding="ascii", newline=""))
                _effective_length(file, solution.frequency, theta, phi, length[:, row])
        write_text(path / "za.csv", _za(solution.frequency, matrices.za))
        for name in ("sky", "moon", "loss"):
            np.save(path / f"R{name}.npy", getattr(matrices, name))
        document = _provenance(solution, which, matrices)
        document["lunar_antenna"] |= {
            "closure": residual,
            "closure_largest": residual.max(),
            "monopole_residual": monopole,
            "least_eigenvalue_ohm": {
                name: float(np.linalg.eigvalsh(getattr(matrices, name)).min())
                for name in ("sky", "moon", "loss")
            },
        }
        write_json(path / "provenance.json", document)
        if self.v2:
            for row, index in enumerate(which):
                _version_2(
                    path / f"beam_v2_{index}.fits",
                    solution,
                    index,
                    field[:, row],
                    np.rad2deg(theta),
                )


def of_ports(solution: Solution, which: list[int]) -> Matrices:
    """ZA and where its power goes, of the ports ``which``, the others open."""
    rows = np.array(which) - 1
    sky, ground = solution.r_sky, solution.r_ground
    if solution.problem.stack.is_free_space:
        above = np.stack([_above(solution, index) for index in range(solution.frequency.size)])
        sky, ground = above, ground + sky - above
    loss = solution.r_metal + solution.r_film
    return Matrices(
        solution.z[:, rows][:, :, rows],
        *(np.conj(part[:, rows][:, :, rows]) for part in (sky, ground, loss)),
    )


def _above(solution: Solution, index: int) -> ComplexArray:
    """(p, p) ohm of what leaves above the horizon.

    Gauss-Legendre in cos theta and the trapezoidal rule in phi, with as many directions as the
    fringes of sources at the two ends of the antenna take.
    """
    reach = float(np.linalg.norm(solution.elements.position, axis=1).max())
    fringes = int(2.0 * reach * float(wavenumber(solution.frequency[index : index + 1])[0]))
    cosine, weight = half_sphere(12 + fringes)
    count = 24 + 2 * fringes
    phi = 2.0 * np.pi * np.arange(count) / count
    field = np.stack(solution.fields(index, None, np.arccos(cosine)[:, None], phi))
    solid = weight * 2.0 * np.pi / count
    return np.asarray(np.einsum("eatp,ebtp,t->ab", field.conj(), field, solid) / ETA0)


def _sound(solution: Solution, matrices: Matrices) -> FloatArray:
    """The closure (n,), once it and the eigenvalues are what luseepy takes."""
    residual = solution.closure(matrices.za, *matrices[1:])
    worst = int(np.argmax(residual))
    if residual[worst] > MOST_RESIDUAL:
        raise InputError(
            f"the power balance of this solution closes to {residual[worst]:.1e} at "
            f"{solution.frequency[worst] / 1e6:g} MHz and format luseepy takes {MOST_RESIDUAL:g}; "
            "solve with accuracy normal or fine"
        )
    for name in ("sky", "moon", "loss"):
        matrix = getattr(matrices, name)
        scale = np.maximum(1.0, np.abs(matrix).max(axis=(1, 2)))
        least = float((np.linalg.eigvalsh(matrix).min(axis=1) / scale).min())
        if least < LEAST_EIGENVALUE:
            raise InputError(
                f"R{name} of this solution has an eigenvalue of {least:.1e} of its largest entry "
                f"and format luseepy takes {LEAST_EIGENVALUE:g}; solve with accuracy normal or fine"
            )
    return residual


def _monopole_residual(
    length: ComplexArray, frequency: FloatArray, theta: FloatArray, sky: ComplexArray
) -> float:
    """Largest |integral of H_a H_b* - R_sky| over the largest |R_sky|, of all frequencies.

    As luseepy integrates: the rings of the upper half are those of a whole sphere with zeros
    below, half of the horizon's counts, and the weights are exact for what the rings can hold.
    """
    count = 2 * (theta.size - 1)  # intervals from pole to pole
    harmonic = np.arange(count // 2 + 1)
    factor = np.where((harmonic == 0) | (harmonic == count // 2), 0.5, 1.0) * 2.0
    cosines = np.cos(2.0 * np.outer(np.arange(theta.size), harmonic) * np.pi / count)
    weight = 2.0 / count * (cosines @ (factor / (1.0 - 4.0 * harmonic**2)))
    weight[0] *= 0.5
    weight[-1] *= 0.5
    unwrapped = length[..., :-1]
    steradian = weight * 2.0 * np.pi / unwrapped.shape[-1]
    found = np.einsum("eaftp,ebftp,t->fab", unwrapped, unwrapped.conj(), steradian, optimize=True)
    found *= (ETA0 * frequency**2 / (4.0 * SPEED_OF_LIGHT**2))[:, None, None]
    scale = np.abs(sky).max(axis=(1, 2))
    return float((np.abs(found - sky).max(axis=(1, 2)) / scale).max())


def _effective_length(
    file: TextIO,
    frequency: FloatArray,
    theta: FloatArray,
    phi: FloatArray,
    length: ComplexArray,
) -> None:
    """One row a direction; length: (2, n_freq, n_theta, n_phi) m."""
    file.write(COLUMNS + "\n")
    p, t = np.meshgrid(np.rad2deg(phi).round(9), np.rad2deg(theta).round(9), indexing="ij")
    for index, megahertz in enumerate((frequency / 1e6).tolist()):
        h_theta, h_phi = length[:, index].transpose(0, 2, 1)  # (n_phi, n_theta): theta fastest
        columns = (p, t, h_theta.real, h_theta.imag, h_phi.real, h_phi.imag)
        rows = np.column_stack([column.ravel() for column in columns]).tolist()
        form = f"{megahertz!r},%.9g,%.9g,%.13e,%.13e,%.13e,%.13e\n"
        file.writelines(form % tuple(row) for row in rows)


def _za(frequency: FloatArray, za: ComplexArray) -> str:
    n = za.shape[1]
    between = "" if n < 10 else "_"
    names = ["freq_Hz", "freq_MHz"]
    columns = [frequency, frequency / 1e6]
    for a in range(n):
        for b in range(n):
            names += [f"{part}(Z{a + 1}{between}{b + 1})" for part in ("re", "im")]
            columns += [za[:, a, b].real, za[:, a, b].imag]
    rows = np.column_stack(columns).tolist()
    return "\n".join([",".join(names), *(",".join(map(repr, row)) for row in rows)]) + "\n"


def _provenance(solution: Solution, which: list[int], matrices: Matrices) -> JsonDict:
    """Keys and words of luseepy's converter; ours under one key of their own, which it skips."""
    record = solution.provenance
    lossless = not np.any(matrices.loss)
    return {
        "SOURCE": ascii_only(
            f"lunar-antenna {record.package_version} solver {record.solver} "
            f"{record.solver_version} accuracy {record.accuracy}"
        ),
        "SOURCE_ROOT": f"problem {record.problem_digest}",
        "ZA_SOURCE": "za.csv of the same solution",
        "GIT_SHA": f"lunar-antenna {record.package_version}",
        "TIMECONV": "e+jwt",
        "COORDSYS": "instrument-topocentric",
        "THETADEF": "colatitude-from-+z",
        "PHIDEF": "right-handed-about-+z",
        "OMEGADEF": "source-arrival-direction",
        "POLBASIS": "e_theta,e_phi",
        "PHASEREF": "origin (0,0,0) on the surface of the soil",
        "PORTS": "".join(map(str, range(len(which)))),
        "INPUT_KIND": "bare",
        "FIELD_KIND": "effective-length",
        "FIELD_UNIT": "m",
        "FIELD_AMP": "ratio",
        "NORM_KIND": "already-effective-length",
        "NORM_UNIT": "not-applicable",
        "NORM_AMP": "ratio",
        "CANONICAL": "H[m],SI-RMS",
        "LOSSMODEL": "PEC" if lossless else "lossy",
        "RLOSSSRC": "Rloss.npy: metal and film of the same solution",
        "lunar_antenna": {
            "conventions": conventions(solution, which[0], None),
            "ports": which,
            "port_loading": "open-circuit: 1 A at one port, all others open",
            "pairs": "R_ab is the integral of H_a H_b*: conjugate of power = 1/2 I^H R I",
            "moon": "power that the soil takes"
            if not solution.problem.stack.is_free_space
            else "power that leaves below the horizon; there is no soil",
        },
    }


def _version_2(
    path: Path, solution: Solution, port: int, field: ComplexArray, theta: FloatArray
) -> None:
    """Beam of one port; field: (2, n_freq, n_theta, n_phi) V per A, theta in degrees."""
    from astropy.io import fits

    z = solution.input_impedance(port)
    megahertz = solution.frequency / 1e6
    primary = fits.PrimaryHDU()
    primary.header["VERSION"] = 2
    for name, axis in (
        ("FREQ", megahertz),
        ("THETA", theta),
        ("PHI", np.linspace(0.0, 360.0, field.shape[-1])),
    ):  # names of more than eight letters, as fitsio writes them
        primary.header[f"HIERARCH {name}_MIN"] = axis[0]
        primary.header[f"HIERARCH {name}_MAX"] = axis[-1]
        primary.header[f"HIERARCH {name}_N"] = axis.size
    for line in conventions(solution, port, None):
        primary.header.add_history(ascii_only(line))
    primary.header.add_history("fields r E exp(+jkr) in V per A (peak); gain = |E|^2 gain_conv")
    arrays: dict[str, tuple[Any, str]] = {
        "Etheta_real": (field[0].real, "V/A"),
        "Etheta_imag": (field[0].imag, "V/A"),
        "Ephi_real": (field[1].real, "V/A"),
        "Ephi_imag": (field[1].imag, "V/A"),
        "Z_real": (z.real, "Ohm"),
        "Z_imag": (z.imag, "Ohm"),
        "gain_conv": (4.0 * np.pi / (ETA0 * z.real), "A2/V2"),
        "freq": (megahertz, "MHz"),
    }
    tables = [primary]
    for name, (value, unit) in arrays.items():
        made = fits.ImageHDU(np.ascontiguousarray(value), name=name)
        made.header["EXTNAME"], made.header["BUNIT"] = name, unit
        tables.append(made)
    fits.HDUList(tables).writeto(path)


FORMAT = Luseepy
