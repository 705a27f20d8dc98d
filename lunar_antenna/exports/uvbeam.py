"""UVBeam as beamfits, for pyuvdata and the simulators that read it.

Axes of the primary array, FITS order: azimuth, zenith angle, frequency, feed, spectral window,
vector component, real and imaginary part.  Component 1 is along phi (azimuth, East to North), 2
along theta (zenith angle), as pyuvdata's UVBeam memo has them.  The feed angle of a port is that
of its axis from North towards East: pi/2 for a port along x.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..pattern import port_axis
from .base import ports
from .beam import BeamFormat, ascii_only, check_feeds, conventions, feed_names, need, port_fields

if TYPE_CHECKING:
    from ..solution import Solution

EVEN = 1e-6  # of a step of frequency: less than that counts as evenly spaced

Axis = tuple[str, float, float, str]  # CTYPE, CRVAL, CDELT, CUNIT


@dataclass(frozen=True, slots=True)
class UvBeam(BeamFormat):
    """E-field beam of one or two ports, V per ampere (peak) at the port.

    step: degrees in azimuth and zenith angle.
    """

    name = "uvbeam"
    endings = (".beamfits", ".fits")

    def check(self, solution: Solution, path: Path, port: int | None) -> None:
        BeamFormat.check(self, solution, path, port)
        need(self.name, "astropy")
        check_feeds(solution, port, self.name)
        steps = np.diff(solution.frequency)
        if steps.size and np.ptp(steps) > EVEN * steps.mean():
            raise InputError(
                "format uvbeam needs evenly spaced frequencies, and these are not; "
                "solve la.Band.mhz(low, high, points)"
            )

    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        from astropy.io import fits

        theta, phi = self.theta(180.0), self.phi(wrapped=False)
        frequency = solution.frequency
        which = list(ports(solution, port))
        axes = [port_axis(solution.problem, index) for index in which]
        data = np.zeros((2, 2, 1, len(which), frequency.size, theta.size, phi.size))
        for at, value in enumerate(frequency.tolist()):
            field = port_fields(solution, value, theta[:, None], phi[None, :], which, terminated)[
                ::-1
            ]  # phi before theta
            data[0, :, 0, :, at], data[1, :, 0, :, at] = field.real, field.imag
        sky: list[Axis] = [
            ("AZIMUTH", 0.0, self.step, "deg"),
            ("ZENANGLE", 0.0, self.step, "deg"),
        ]
        band = float(np.diff(frequency).mean()) if frequency.size > 1 else 1.0
        rest: list[Axis] = [
            ("FREQ", float(frequency[0]), band, "Hz"),
            ("FEEDIND", 1.0, 1.0, ""),
            ("IF", 1.0, 1.0, ""),
            ("VECIND", 1.0, 1.0, ""),
            ("COMPLEX", 1.0, 1.0, ""),
        ]
        primary = fits.PrimaryHDU(data)
        header = primary.header
        header.update(
            BTYPE="efield",
            NORMSTD="physical",
            COORDSYS="az_za",
            TELESCOP="lunar-antenna",
            FEED=ascii_only(solution.problem.layout.name),
            FEEDVER=solution.provenance.problem_digest[:16],
            MODEL=ascii_only(f"{solution.problem.layout.name} on {solution.problem.stack.name}"),
            MODELVER=solution.provenance.package_version,
            FEEDLIST=f"[{', '.join(feed_names(axes))}]",
            FEEDANG=f"[{', '.join(repr(float(0.5 * np.pi - angle)) for angle in axes)}]",
            MNTSTA="fixed",
        )
        _set_axes(header, [*sky, *rest])
        for line in conventions(solution, which[0], terminated):
            header.add_history(ascii_only(line))
        for index in which[1:]:
            header.add_history(f"feed {index - which[0] + 1} is port {index}")
        header.add_history("amplitude: r E exp(+jkr) in V per A (peak) at the port")
        basis = np.zeros((2, 2, theta.size, phi.size))
        basis[0, 0], basis[1, 1] = 1.0, 1.0
        vectors = fits.ImageHDU(basis, name="BASISVEC")
        vectors.header["COORDSYS"] = "az_za"
        _set_axes(vectors.header, [*sky, ("COMPIND", 1.0, 1.0, ""), ("VECCOORD", 1.0, 1.0, "")])
        flat = fits.Column(name="bandpass", format="D", array=np.ones(frequency.size))
        bandpass = fits.BinTableHDU.from_columns([flat], name="BANDPARM")
        fits.HDUList([primary, vectors, bandpass]).writeto(path)


def _set_axes(header: Any, axes: list[Axis]) -> None:
    for number, (kind, start, step, unit) in enumerate(axes, 1):
        header[f"CTYPE{number}"] = kind
        header[f"CRPIX{number}"] = 1
        header[f"CRVAL{number}"] = start
        header[f"CDELT{number}"] = step
        if unit:
            header[f"CUNIT{number}"] = unit


FORMAT = UvBeam
