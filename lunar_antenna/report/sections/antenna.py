"""What the antenna is made of and what it lies on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...common.rows import kilograms
from ...errors import InputError
from ...geometry.masses import film_area, film_mass, metal_mass, printed_area
from ...geometry.units import units_of
from ...plotting.labels import with_unit
from ..page import Picture, Section, Table

if TYPE_CHECKING:
    from ...geometry.layout import Layout
    from ...solution import Solution


def antenna_section(solution: Solution) -> Section:
    from ...plotting.layout import plot_layout
    from ...plotting.soil import plot_stack

    problem = solution.problem
    layout = problem.layout
    figures = [Picture.of(plot_layout(layout), "The layout from above")]
    if any(not layer.is_conductor for layer in problem.stack.layers):
        figures.append(Picture.of(plot_stack(problem.stack), "The soil"))
    rows = [*parameter_rows(layout), *material_rows(layout)]
    if not problem.stack.is_free_space:
        lowest = "film's underside" if layout.film else "metal"
        rows.append((f"height of the {lowest} above the soil", f"{problem.height:g} m"))
    return Section("antenna", "Antenna and ground", figures=figures, tables=[Table(rows)])


def parameter_rows(layout: Layout) -> list[tuple[str, str]]:
    """Every number that drew the layout, with its unit."""
    units, rows = units_of(layout), []
    for name, value in layout.parameters.items():
        inner = value.items() if isinstance(value, Mapping) else ()
        flat = {f"{name}.{key}": item for key, item in inner} or {name: value}
        rows += [(key, with_unit(item, units.get(key))) for key, item in flat.items()]
    return rows


def material_rows(layout: Layout) -> list[tuple[str, str]]:
    """What metal and film are, with areas and masses."""
    metal, film = layout.metal, layout.film
    area = f"{printed_area(layout):.4g} m²"
    if metal is None:
        rows = [("metal", f"perfect conductor, {area}")]
    else:
        mass = _mass(metal_mass, layout)
        sheet = f"{1e6 * metal.thickness:.4g} µm, {metal.conductivity:.3g} S/m"
        rows = [("metal", f"{metal.name}: {sheet}, {area}{mass}")]
    if film is None:
        return [*rows, ("film", "none")]
    sheet = f"{1e6 * film.thickness:.4g} µm, ε {film.eps_r:g}, tan δ {film.loss_tangent:g}"
    text = f"{film.name}: {sheet}, {film_area(layout):.4g} m²{_mass(film_mass, layout)}"
    return [*rows, ("film", text)]


def _mass(of: Callable[[Layout], float], layout: Layout) -> str:
    try:
        return f", {kilograms(of(layout))}"
    except InputError:
        return ""
