"""Which grids couple the pairs of each class: the coarsest that the nearest pairs are content with.

The blocks of the nearest pairs of a class are formed on the triangles' own points too.  Put into
the matrix of the pair, either gives port impedances and currents; a grid is taken where the former
differ by less than :data:`MOST_Z` of |Z| and the latter by :data:`MOST_CURRENT` of the primary
current's norm, and what they do differ by is part of the result's quality.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..array_problem import Array
from ..conventions import ComplexArray, wavenumber
from ..solvers.planar.matrices import Radial
from .blocks import Pose, blocks, near_part, poses
from .element import Element, Grid, Sources
from .macro import Macro, touching
from .pairs import ENDS, TRIED, Pairs
from .reduced import Coupling
from .thinning import far_fields, sky_kernels, thinned

MOST_Z, MOST_CURRENT = 1e-5, 1e-4
TESTED = 2  # pairs of each class and pair of types
WAVES = 1e-7  # of exp(j k . r) on the nodes for the sky
THINNED_FROM = 4  # class of pairs from which on nodes of a fine grid are left out
THINNED = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)  # of their fields, tried in this order
SKY_THINNED = 1e-6

Tested = tuple[str, str, Pose]  # types of two elements, and how the second lies beside the first
Tests = list[list[Tested]]  # by class


def couple(
    array: Array,
    pairs: Pairs,
    radial: Radial,
    elements: Mapping[str, Element],
    macros: Mapping[str, Macro],
    own: Mapping[str, ComplexArray],
    tests: Tests | None = None,
) -> tuple[Coupling, float, float]:
    """Sources of every type, and the largest error of the grids taken: of Z, of the current.

    tests: pairs on which the grids of each class are tested; those of ``array`` without.
    """
    if tests is None:
        tests = nearest_of(array, pairs)
    points = {key: elements[key].on_points(macros[key].functions) for key in macros}
    grids: dict[tuple[str, int], Sources] = {(key, 0): item for key, item in points.items()}
    worst = np.zeros(2)
    for number in range(1, len(ENDS)):
        nearest = tests[number]
        chosen = points
        if nearest:
            exact = [_exact(radial, elements, macros, points, pair) for pair in nearest]
            for tried in _tried(number, radial, elements):
                sources = {
                    key: elements[key].on_grid(grid, macros[key].functions)
                    for key, grid in tried.items()
                }
                error = np.zeros(2)
                for pair, block in zip(nearest, exact, strict=True):
                    one = _block(radial, sources, pair)
                    error = np.maximum(error, _difference(macros, own, pair, block, one))
                if error[0] <= MOST_Z and error[1] <= MOST_CURRENT:
                    chosen = sources
                    worst = np.maximum(worst, error)
                    break
        grids.update({(key, number): item for key, item in chosen.items()})
    k = float(wavenumber(np.array(radial.frequency)))
    waves = {}
    for key, element in elements.items():
        grid = element.wave_grid(k, WAVES)
        grid = thinned(grid, sky_kernels(radial, grid), SKY_THINNED)
        waves[key] = element.on_grid(grid, macros[key].functions)
    made = Coupling(array, pairs, radial, elements, macros, grids, waves)
    return made, float(worst[0]), float(worst[1])


def _tried(
    number: int, radial: Radial, elements: Mapping[str, Element]
) -> Iterator[dict[str, Grid]]:
    """Grids of every type for one class of pairs, from coarse to fine."""
    if number < THINNED_FROM:
        for order, by_part in TRIED[number]:
            yield {key: item.grid(order, by_part=by_part) for key, item in elements.items()}
        return
    gap = ENDS[number] * max(item.diameter for item in elements.values())
    fine = {
        key: element.grid(TRIED[number][-1][0], by_part=False) for key, element in elements.items()
    }
    fields = {
        key: far_fields(radial, grid, elements[key].radius + gap) for key, grid in fine.items()
    }
    for tolerance in THINNED:
        yield {key: thinned(grid, fields[key], tolerance) for key, grid in fine.items()}
    yield fine


def nearest_of(array: Array, pairs: Pairs) -> Tests:
    """Of each class the nearest pairs that there are."""
    found: Tests = []
    for number in range(len(ENDS)):
        tested = []
        for i, j in pairs.nearest(number, array.types, TESTED):
            where = poses(array.positions, array.rotations, i, np.array([j]))[0]
            pose = Pose(*(float(value) for value in where))
            tested.append((array.types[i], array.types[j], pose))
        found.append(tested)
    return found


def nearest_possible(elements: Mapping[str, Element], nearest: float) -> Tests:
    """Of each class the nearest pairs that can be, metal ``nearest`` m apart or more.

    Beside each other and end to end, for every pair of types: what any layout's pairs are no
    nearer than.
    """
    size = max(item.diameter for item in elements.values())
    names = list(elements)
    found: Tests = []
    for number, end in enumerate(ENDS):
        tested: list[tuple[str, str, Pose]] = []
        last = number + 1 == len(ENDS)
        for a, one in enumerate(names):
            for two in names[a:]:
                gap = max(end * size, nearest)
                if not last and gap >= ENDS[number + 1] * size:
                    continue
                for direction in (0.0, 0.5 * np.pi):
                    away = touching(elements[one], elements[two], direction, gap)
                    pose = Pose(
                        away * float(np.cos(direction)), away * float(np.sin(direction)), 0.0
                    )
                    tested.append((one, two, pose))
        found.append(tested)
    return found


def _block(radial: Radial, sources: Mapping[str, Sources], pair: Tested) -> ComplexArray:
    one, two, pose = pair
    where = np.array([[pose.x, pose.y, pose.angle]])
    return np.asarray(blocks(radial, "z", sources[one], sources[two], where)[0])


def _exact(
    radial: Radial,
    elements: Mapping[str, Element],
    macros: Mapping[str, Macro],
    points: Mapping[str, Sources],
    pair: Tested,
) -> ComplexArray:
    """On the quadrature points, with planar's own integration of near triangles."""
    one, two, pose = pair
    functions = (macros[one].functions, macros[two].functions)
    near = near_part(radial, elements[one], elements[two], pose, ("z",), functions)
    return _block(radial, points, pair) + near.get("z", 0.0)


def pair_solution(
    first: Macro, second: Macro, own: tuple[ComplexArray, ComplexArray], block: ComplexArray
) -> tuple[ComplexArray, ComplexArray]:
    """(p, p) Z of two elements, and (k, p) amplitudes of the functions of both."""
    whole = np.block([[own[0], block], [block.T, own[1]]])
    primary = np.concatenate((np.arange(first.count) < first.ports,
                              np.arange(second.count) < second.ports))  # fmt: skip
    s_s, s_p = whole[np.ix_(~primary, ~primary)], whole[np.ix_(~primary, primary)]
    found = -np.linalg.solve(s_s, s_p) if len(s_s) else s_p
    amplitude = np.zeros((len(whole), int(primary.sum())), dtype=complex)
    amplitude[primary], amplitude[~primary] = np.eye(int(primary.sum())), found
    return whole[np.ix_(primary, primary)] + s_p.T @ found, amplitude


def _difference(
    macros: Mapping[str, Macro],
    own: Mapping[str, ComplexArray],
    pair: Tested,
    exact: ComplexArray,
    tried: ComplexArray,
) -> tuple[float, float]:
    one, two, _ = pair
    both = (macros[one], macros[two])
    z, x = pair_solution(*both, (own[one], own[two]), exact)
    other_z, other_x = pair_solution(*both, (own[one], own[two]), tried)
    size = min(float(np.linalg.norm(m.functions[:, : m.ports], axis=0).min()) for m in both)
    return (
        float(np.abs(other_z - z).max() / np.abs(z).max()),
        float(np.linalg.norm(other_x - x, axis=0).max() / size),
    )
