"""From the recorded fields of all runs to Z, the four loss matrices and the radiating currents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....conventions import ComplexArray, FloatArray
from ....errors import SolverError
from ....radiation import CurrentElements, radiated_resistance
from ....solution import CurrentShape
from ..model.scene import Scene
from . import power
from .currents import Sheet, elements_of, port_quantities, sheet_edges, source_current
from .film import film_reaction
from .huygens import box_elements
from .readers import Fields


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """z and r_* (n_freq, n_port, n_port) ohm; the rest as in a Solution."""

    z: ComplexArray
    r_sky: ComplexArray
    r_ground: ComplexArray
    r_metal: ComplexArray
    r_film: ComplexArray
    elements: CurrentElements
    shape: CurrentShape
    reciprocity: float
    sky_from_faces: float


@dataclass(frozen=True, slots=True, eq=False)
class Circuit:
    """What the ports say: z (n_freq, n_port, n_port) ohm, not yet made symmetric; weights
    (n_freq, n_run, n_port) of the runs for 1 A at one port; current (n_freq, n_run, n) A.
    """

    sheet: Sheet
    current: ComplexArray
    weights: ComplexArray
    z: ComplexArray

    @property
    def asymmetry(self) -> float:
        """Largest |Z - Z^T| over the largest |Z| of its frequency: the runs' own reciprocity."""
        difference = np.abs(self.z - np.swapaxes(self.z, 1, 2)).max(axis=(1, 2))
        return float((difference / np.abs(self.z).max(axis=(1, 2))).max())

    @property
    def reciprocal(self) -> ComplexArray:
        return np.asarray(0.5 * (self.z + np.swapaxes(self.z, 1, 2)))


def circuit(scene: Scene, fields: list[Fields]) -> Circuit:
    """Combines the runs so that each port in turn carries 1 A and the others none.

    Metal of low resistance and the film's loss are added to first order: dZ = int Z_s J.J and
    dZ = - omega eps'' int E.E.
    """
    sheet = sheet_edges(scene)
    current = np.stack([source_current(scene, item, sheet) for item in fields], axis=1)
    ports = [port_quantities(scene, item, sheet) for item in fields]
    volts = np.stack([v for v, _ in ports], axis=2).astype(complex)  # (n_freq, n_gap, n_run)
    amps = np.stack([a for _, a in ports], axis=2).astype(complex)
    if not np.all(np.isfinite(volts)) or np.any(np.abs(amps).max(axis=(1, 2)) == 0.0):
        raise SolverError("openEMS run holds no port current; the gap lies on no mesh edge")
    series = scene.series
    weights = np.asarray(np.linalg.inv(amps) @ series, dtype=complex)
    change = -film_reaction(scene, fields, False)
    change = change + power.metal_reaction(scene, sheet, current, False)
    z = series.T @ volts @ weights + np.swapaxes(weights, 1, 2) @ change @ weights
    return Circuit(sheet, current, weights, np.asarray(z))


def evaluate(scene: Scene, fields: list[Fields]) -> Answer:
    """Z, the four loss matrices and the currents of the runs of all gaps.

    r_ground is the flux out of the recorded box plus the soil's loss inside it less r_sky; zero
    by definition in free space.
    """
    problem = scene.problem
    ports = circuit(scene, fields)
    sheet, current, weights = ports.sheet, ports.current, ports.weights

    def share(matrix: ComplexArray) -> ComplexArray:
        value = np.conj(np.swapaxes(weights, 1, 2)) @ matrix @ weights
        return np.asarray(0.5 * (value + np.conj(np.swapaxes(value, 1, 2))))

    inside = share(power.outgoing(scene, fields) + power.soil_loss(scene, fields))
    r_metal = share(power.metal_reaction(scene, sheet, current, True))
    r_film = share(film_reaction(scene, fields, True))
    elements = elements_of(scene, fields, sheet, current)
    moments = np.einsum("frnc,frp->fpnc", elements.electric, weights, optimize=True)
    elements = CurrentElements(elements.position, moments)
    r_sky = np.stack(
        [
            radiated_resistance(elements, index, float(f), problem.stratification)
            for index, f in enumerate(problem.frequency)
        ]
    )
    r_ground = np.zeros_like(r_sky) if problem.stack.is_free_space else inside - r_sky
    return Answer(
        ports.reciprocal,
        r_sky,
        r_ground,
        r_metal,
        r_film,
        elements,
        _shape(scene, sheet, current, weights),
        ports.asymmetry,
        _sky_from_faces(scene, fields, weights, r_sky),
    )


def _sky_from_faces(
    scene: Scene, fields: list[Fields], weights: ComplexArray, r_sky: ComplexArray
) -> float:
    """Largest relative difference of r_sky from the box's faces, at first, middle, last frequency.

    The same power by other fields (E and H around the antenna instead of its currents).
    """
    frequency = scene.problem.frequency
    picked = sorted({0, frequency.size // 2, frequency.size - 1})
    thinned = [Fields(i.electric[picked], i.magnetic[picked], i.origin) for i in fields]
    faces = box_elements(scene.grid, scene.window, thinned)
    worst = 0.0
    for row, index in enumerate(picked):
        layers = scene.problem.stratification
        power_matrix = radiated_resistance(faces, row, float(frequency[index]), layers)
        value = np.conj(weights[index].T) @ power_matrix @ weights[index]
        difference = np.abs(value - r_sky[index]).max() / np.abs(r_sky[index]).max()
        worst = max(worst, float(difference))
    return worst


def _shape(
    scene: Scene, sheet: Sheet, current: ComplexArray, weights: ComplexArray
) -> CurrentShape:
    """Surface current at the mesh edges; the axis of an edge is the direction of its arrow."""
    per_port = np.einsum("frn,frp->fpn", current, weights, optimize=True)
    density = np.zeros((*per_port.shape, 3), dtype=complex)
    index = np.arange(sheet.axis.size)
    density[..., index, sheet.axis] = per_port / sheet.width
    position, density, _ = scene.grid.symmetry.unfold(sheet.position, density)
    area: FloatArray = np.tile(sheet.length * sheet.width, scene.grid.symmetry.copies)
    return CurrentShape(weight=area, position=position, density=density.astype(np.complex64))
