"""Pages of what there is by name: families, materials, soils, merits, formats, solvers, skies.

Each walks the registry or the table that the program itself uses, so that a thing which is added
stands in its page without being written there.
"""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from prose import code, fenced, first, markdown, markdown_text, table

from lunar_antenna.common.parameter import Parameter

PARAMETER_HEAD = ("name", "unit", "default", "allowed", "meaning")


def parameter_rows(parameters: tuple[Parameter, ...]) -> list[tuple[str, ...]]:
    return [
        (
            code(item.name),
            item.unit,
            markdown_text(item.rule) if item.default is None else f"{item.default:g}",
            f"{item.low:g} to {item.high:g}",
            markdown_text(item.meaning),
        )
        for item in parameters
    ]


def families(images: Path) -> str:
    """Every family with its drawing as the docstring has it, and as it comes out."""
    from lunar_antenna.geometry.drawings.files import export_layout
    from lunar_antenna.geometry.families import FAMILIES
    from lunar_antenna.geometry.load import load_geometry

    parts = [
        "# Families\n\nA family draws the metal from a few parameters. Each has a geometry of "
        "its own "
        "name, bare metal of the size below: `lunar-antenna geometry show bowtie`. Lengths "
        "are in m, "
        "angles in radians. Outlines of your own are the family `free`: see "
        "[keys of TOML files](toml.md)."
    ]
    for name, family in FAMILIES.all().items():
        drawing = images / f"family_{name}.svg"
        export_layout(load_geometry(name), drawing)
        parts += [
            f"## {name}",
            f"{markdown_text(family.summary)}.",
            f"![{name} at its default size](images/{drawing.name})",
            fenced(inspect.cleandoc(family.description)),
            table(PARAMETER_HEAD, parameter_rows(family.parameters)),
        ]
        if family.search:
            ranges = ", ".join(f"`{k}` {v[0]:g} to {v[1]:g}" for k, v in family.search.items())
            parts.append(f"A search that names no ranges varies {ranges}.")
    return "\n\n".join(parts)


def modifiers() -> str:
    from lunar_antenna.geometry.modifiers import MODIFIERS

    parts = [
        "# Modifiers\n\nA modifier changes what a family has drawn: a table of its name in "
        "the geometry, "
        "or `--set coupled.length=4`. They act in the order in which they stand here."
    ]
    held = MODIFIERS.all().items()
    for name, item in sorted(held, key=lambda pair: (pair[1].order, pair[0])):
        parts += [
            f"## {name}",
            f"{markdown_text(item.summary)}.",
            fenced(inspect.cleandoc(item.description)),
            table(PARAMETER_HEAD, parameter_rows(item.parameters)),
        ]
    return "\n\n".join(parts)


def geometries() -> str:
    from lunar_antenna.common.catalogue import names
    from lunar_antenna.geometry.show import list_geometries, list_studies

    rows = [
        (
            code(item["name"]),
            code(item["family"]) + "".join(f" {code(m)}" for m in item["modifiers"]),
            f"{item['size'][0]:.4g} x {item['size'][1]:.4g}",
            str(item["ports"]),
            markdown_text(item["metal"]),
            markdown_text(item["film"]),
            markdown_text(item["text"]),
        )
        for item in list_geometries()
    ]
    studies = [
        (
            code(s["name"]),
            markdown_text(s["geometry"]),
            markdown_text(s["soil"]),
            markdown_text(s["text"]),
        )
        for s in list_studies()
    ]
    arrays = "\n".join(f"- `{name}`" for name in names("arrays"))
    return "\n\n".join(
        (
            "# Shipped geometries, studies and arrays",
            "A bare name works wherever a path does. `lunar-antenna geometry show NAME` tells "
            "all about one.",
            table(
                ("name", "family, modifiers", "size, m", "ports", "metal", "film", "what it is"),
                rows,
            ),
            "## Studies",
            "`lunar-antenna optimize NAME` runs one.",
            table(("name", "geometry", "soil", "what it asks for"), studies),
            "## Arrays",
            "`lunar-antenna array NAME` solves one.",
            arrays,
        )
    )


def materials() -> str:
    from lunar_antenna.media.sheets import FILMS, METALS

    metals = [
        (code(k), f"{m.thickness * 1e6:g}", f"{m.conductivity:g}", f"{m.density:g}")
        for k, m in METALS.items()
    ]
    films = [
        (code(k), f"{f.thickness * 1e6:g}", f"{f.eps_r:g}", f"{f.loss_tangent:g}", f"{f.density:g}")
        for k, f in FILMS.items()
    ]
    return "\n\n".join(
        (
            "# Metals and films",
            "## Metals",
            '`metal = "copper_18um"` in a geometry, `--set metal=copper_18um`, or a table with '
            "conductivity and thickness. `pec` is a perfect conductor. Conductivities are those at "
            "20 °C.",
            table(("name", "thickness, µm", "conductivity, S/m", "density, kg/m³"), metals),
            "## Films",
            '`film = "polyimide_50um"`, or a table with thickness, eps_r and loss_tangent; `none` '
            'is no film. The metal lies on top unless the table says `side = "below"`.',
            table(("name", "thickness, µm", "eps_r", "tan δ", "density, kg/m³"), films),
            "Where the numbers come from stands beside them in `media/sheets.py`: thicknesses "
            "and the "
            "density of polyimide are the maker's, the others are handbook values.",
        )
    )


def soils() -> str:
    from lunar_antenna.common.catalogue import names
    from lunar_antenna.media.soils import load_soil

    parts = [
        "# Soils\n\nLayers from the surface down; the last one is a half-space. "
        "`lunar-antenna soil show "
        "NAME` prints one with its sources, `--plot FILE` draws it, `free-space` is no soil. "
        "A file of your own "
        "has the keys of [soil files](toml.md)."
    ]
    for name in names("soil_models"):
        stack = load_soil(name)
        rows = _layers(stack)
        source = stack.source
        parts += [
            f"## {name}",
            markdown_text(str(source.get("text", ""))),
            table(
                ("depth of the top, m", "thickness, m", "eps_r", "tan δ", "conductivity, S/m"), rows
            ),
        ]
        where = [str(source[key]) for key in ("doi", "url") if source.get(key)]
        if where:
            parts.append("Source: " + ", ".join(f"`{item}`" for item in where))
    return "\n\n".join(part for part in parts if part)


def _layers(stack: Any) -> list[tuple[str, ...]]:
    """Rows of layers; of many the first, every so many, and the last."""
    rows, top = [], 0.0
    for layer in stack.layers:
        if layer.to_dict().get("conductor"):
            rows.append((f"{top:.3g}", "", "metal", "", ""))
        else:
            rows.append(
                (f"{top:.3g}", f"{layer.thickness:.3g}", f"{layer.eps_r:.4g}",
                 f"{layer.loss_tangent:.3g}", f"{layer.conductivity:.3g}")
            )  # fmt: skip
        top += layer.thickness
    if len(rows) <= 10:
        return rows
    step = (len(rows) - 1) / 8
    chosen = sorted({round(k * step) for k in range(9)})
    note = (f"{len(rows)} layers in all", "", "", "", "")
    return [*(rows[k] for k in chosen), note]


def merits() -> str:
    from lunar_antenna.search import merits as package

    rows = []
    for name, merit in package.MERITS.all().items():
        keys = ", ".join(f"`{key} = {_value(getattr(merit, key))}`" for key in merit.parameters)
        better = "more" if merit.maximise else "less"
        rows.append((code(name), better, code(merit.needs), first(type(merit).__doc__), keys))
    return "\n\n".join(
        (
            "# Merits",
            "What a study can ask for, as `[[objective]]` or `[[constraint]]`: "
            '`merit = "band_ratio"` and the keys of its row.',
            table(
                ("merit", "better is", "has to be solved", "what it is", "keys and defaults"), rows
            ),
            "## More about them",
            markdown(package.__doc__),
        )
    )


def _default(item: Any) -> str:
    value = item.default
    if value is MISSING:
        value = item.default_factory() if item.default_factory is not MISSING else "..."
    return _value(value)


def _value(value: Any) -> str:
    return str(list(value) if isinstance(value, tuple) else value).replace("|", "/")


def formats() -> str:
    from lunar_antenna.exports.registry import FORMATS

    rows = []
    for name, kind in FORMATS.all().items():
        options = ", ".join(f"`{f.name} = {_default(f)}`" for f in fields(kind))
        endings = ", ".join(code(e) for e in kind.endings)
        rows.append((code(name), endings, first(kind.__doc__), options))
    return "\n\n".join(
        (
            "# Export formats",
            "`lunar-antenna export RUN.h5 --format NAME --out FILE`, or `la.export(solution, path, "
            "format=NAME, **options)`. Conventions and errors are in [exports](../exports.md).",
            table(("format", "endings", "what it is", "options of la.export"), rows),
        )
    )


def solvers() -> str:
    from lunar_antenna.solvers.registry import entries

    rows = []
    for entry in entries():
        able = entry.capabilities
        rows.append(
            (code(entry.name), markdown_text(able.description), able.metal, able.soil,
             "yes" if able.relief else "no", "yes" if able.delta_gap else "no")
        )  # fmt: skip
    return "\n\n".join(
        (
            "# Solvers",
            "In the order in which `auto` tries them. What a solver cannot do it refuses "
            "before it starts; how "
            "far each goes is in [limits](../limits.md), what the words of accuracy set in the "
            "[guide](../guide.md#accuracy-words).",
            table(("solver", "what it is", "metal as", "soil", "reliefs", "delta gaps"), rows),
        )
    )


def skies() -> str:
    from lunar_antenna.sky import brightness, galaxy
    from lunar_antenna.sky.brightness import SKIES
    from lunar_antenna.sky.galaxy import GALAXIES
    from lunar_antenna.sky.receiver import RECEIVERS

    receivers = [
        (code(k), f"{r.resistance:g}", f"{r.capacitance:g}", f"{r.voltage_noise:g}",
         f"{r.current_noise:g}", f"{r.temperature:g}")
        for k, r in RECEIVERS.items()
    ]  # fmt: skip
    uniform = [(code(k), first(f.__doc__)) for k, f in SKIES.items()]
    turning = [(code(k), first(type(s).__doc__)) for k, s in GALAXIES.items()]
    return "\n\n".join(
        (
            "# Receivers and skies",
            "## Receivers",
            "`lunar-antenna noise NAME --receiver lusee_like`; or a file, see [keys of TOML "
            "files](toml.md).",
            table(("name", "R, ohm", "C, F", "e_n, V/√Hz", "i_n, A/√Hz", "T of R, K"), receivers),
            "## Skies alike in all directions",
            table(("name", "what it is"), uniform),
            markdown(brightness.__doc__),
            "## Skies that turn",
            table(("name", "what it is"), turning),
            "A HEALPix map is another: `la.load_sky`.",
            markdown(galaxy.__doc__),
        )
    )
