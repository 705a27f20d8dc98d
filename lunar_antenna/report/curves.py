"""What a page's script draws of a solution: impedance, shares, patterns and currents as JSON."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ..conventions import FloatArray, JsonDict

if TYPE_CHECKING:
    from ..measurement.record import Measurement
    from ..solution import Solution

MOST_FIELDS = 31  # frequencies with a pattern and a current: the page stays small
THETA_STEP, PHI_STEP = 3.0, 6.0  # degrees; antennas of this band have no finer lobes
LOWEST = -100.0  # dBi: what is less is stored as this
MOST_FACES = 6000  # of the drawn current; more are thinned


def curves(solution: Solution, port: int = 1) -> JsonDict:
    """Frequency (Hz), z (ohm), shares of the accepted power at ``port``, the others open."""
    z = solution.input_impedance(port)
    shares = solution.efficiency(port=port)
    return {
        "name": solution.problem.layout.name,
        "frequency": rounded(solution.frequency),
        "z": pair(z),
        "shares": {
            name: rounded(getattr(shares, name)) for name in ("sky", "ground", "metal", "film")
        },
    }


def cut(solution: Solution, index: int, port: int = 1) -> JsonDict:
    """Directivity (dBi) of the cuts through x and y at solved frequency number ``index``.

    angle: degrees from the zenith, positive towards East (phi 0) and North (phi 90).
    """
    lowest = 180.0 if solution.problem.stack.is_free_space else 90.0
    angle = np.linspace(-lowest, lowest, round(2 * lowest / THETA_STEP) + 1)
    phi = np.deg2rad(np.array([0.0, 90.0]))
    field = solution.far_field(
        float(solution.frequency[index]), np.deg2rad(angle), phi, port=port
    )  # theta below 0 is the other side of the zenith
    level = np.maximum(field.directivity_db, LOWEST)
    return {"angle": rounded(angle), "level": [rounded(row, 4) for row in level.T]}


def pattern(solution: Solution, port: int = 1, most: int = MOST_FIELDS) -> JsonDict:
    """Directivity over the sphere, int16 hundredths of a dB (n_freq, n_theta, n_phi)."""
    index = spaced(solution.frequency.size, most)
    lowest = 180.0 if solution.problem.stack.is_free_space else 90.0
    theta = np.linspace(0.0, lowest, round(lowest / THETA_STEP) + 1)
    phi = np.arange(0.0, 360.0, PHI_STEP)
    level = np.empty((len(index), theta.size, phi.size))
    for row, k in enumerate(index):
        field = solution.far_field(
            float(solution.frequency[k]), np.deg2rad(theta), np.deg2rad(phi), port=port
        )
        level[row] = field.directivity_db
    stored = np.round(100.0 * np.maximum(level, LOWEST)).astype("<i2")
    return {
        "frequency": rounded(solution.frequency[index]),
        "theta": theta.tolist(),
        "phi": phi.tolist(),
        "directivity": base64.b64encode(stored.tobytes()).decode(),
    }


def current(solution: Solution, port: int = 1, most: int = MOST_FIELDS) -> JsonDict | None:
    """Size of the current density (A/m or A, per A) on triangles or wires; None without a shape."""
    if solution.shape is None:
        return None
    index = spaced(solution.frequency.size, most)
    first = solution.currents(float(solution.frequency[index[0]]), port=port)
    if first.triangles is not None and first.vertices is not None:
        vertices = np.column_stack((first.vertices, np.zeros(len(first.vertices))))
        faces = np.asarray(first.triangles)
    elif first.segments is not None:
        vertices = np.asarray(first.segments).reshape(-1, 3)
        faces = np.arange(len(vertices)).reshape(-1, 2)
    else:
        return None
    kept = np.arange(len(faces))[:: -(-len(faces) // MOST_FACES)]
    sizes = np.empty((len(index), kept.size))
    for row, k in enumerate(index):
        density = solution.currents(float(solution.frequency[k]), port=port).density[kept]
        sizes[row] = np.sqrt((np.abs(density) ** 2).sum(axis=1))
    largest = np.maximum(sizes.max(axis=1), 1e-30)
    stored = np.round(65535.0 * sizes / largest[:, None]).astype("<u2")
    return {
        "frequency": rounded(solution.frequency[index]),
        "unit": "A/m" if first.triangles is not None else "A",
        "vertices": [rounded(row, 5) for row in vertices],
        "faces": faces[kept].tolist(),
        "largest": rounded(largest),
        "density": base64.b64encode(stored.tobytes()).decode(),
    }


def sweep(measurement: Measurement) -> JsonDict:
    """A measured reflection and the impedance that it refers to."""
    return {
        "name": measurement.name,
        "frequency": rounded(measurement.frequency),
        "gamma": pair(measurement.s11()),
        "z0": complex_pair(measurement.z0),
    }


def embedded(document: object) -> str:
    """JSON for the inside of a script element: no text of it can end the element."""
    text = json.dumps(document, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def spaced(count: int, most: int) -> list[int]:
    """Up to ``most`` of ``count`` indices, both ends among them."""
    return sorted({round(k) for k in np.linspace(0, count - 1, min(count, most)).tolist()})


def rounded(values: FloatArray, digits: int = 6) -> list[Any]:
    """Numbers to ``digits`` significant ones; None for what is not finite."""
    flat = np.asarray(values, dtype=float).tolist()
    return [float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in flat]


def pair(values: Any) -> list[list[Any]]:
    """Real and imaginary parts."""
    return [rounded(np.real(values)), rounded(np.imag(values))]


def complex_pair(value: complex) -> list[float]:
    value = complex(np.asarray(value).ravel()[0])
    return [value.real, value.imag]
