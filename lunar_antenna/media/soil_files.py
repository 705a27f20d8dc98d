"""Soil files: TOML to Stack and back.

A file holds ``[[layer]]`` tables from the surface down, or a ``[profile]``, or a profile with
layers beneath it in place of its constant half-space; the last layer is a half-space.

    [[layer]]                     thickness (m; inf, or left out, on the last), eps_r, and
                                  loss_tangent or conductivity (S/m): one loss told twice is one,
                                  both only with two_losses = true;
                                  or only conductor = true, on the last
    [profile]                     density ("sourcebook", "diviner", "change3"),
                                  permittivity ("all_samples", "soils_only"), feo_tio2_percent,
                                  scale_height (m, diviner only)
                                  or depths (m), eps_r, loss_tangent: points, linear between;
                                  depth (m), and tolerance with min_layers, or layers
    [source]                      text, doi, url, date, note;
    [source.numbers]              "layer 1 eps_r" = "read" | "computed" | "assumed"
"""

from __future__ import annotations

import math
from pathlib import Path

from ..common.files import stem
from ..common.tables import Table
from ..conventions import JsonDict
from ..errors import FileFormatError, InputError
from .laws import STATUSES, permittivity_law
from .layer import THICKEST, Layer, Stack
from .profiles import (
    MAX_LAYERS,
    DepthFunction,
    Profile,
    density_law,
    discretise,
    diviner_density,
)

_TOP_KEYS = ("name", "layer", "profile", "source")
_LOSSES = ("loss_tangent", "conductivity")
_LAYER_KEYS = ("thickness", "eps_r", *_LOSSES, "two_losses", "conductor")
_LAW_KEYS = ("density", "permittivity", "feo_tio2_percent", "scale_height")
_POINT_KEYS = ("depths", "eps_r", "loss_tangent")
_CUT_KEYS = ("depth", "tolerance", "min_layers", "layers")
_SOURCE_TEXTS = ("text", "doi", "url", "date", "note")


def read_soil(path: Path) -> Stack:
    """The Stack of a soil file.  Raises FileFormatError for a file that is no soil model."""
    return _soil(Table.read(path), stem(path))


def read_layers(table: Table, key: str = "layer") -> list[Layer]:
    """The layers of the [[layer]] rows of ``table``, from the surface down.

    Raises FileFormatError naming the row and the key.
    """
    rows = table.tables(key)
    if not rows:
        raise table.fault(f"{key} is empty; write at least one [[{table.path_of(key)}]]")
    return [_layer(row, last=row is rows[-1]) for row in rows]


def read_half_space(table: Table) -> Stack:
    """One homogeneous soil from one row: the keys of a last layer, and ``name``."""
    row = Table(
        {key: value for key, value in table.content.items() if key != "name"},
        table.file,
        table.name,
        table.error,
    )
    row.only(*_LAYER_KEYS[1:-1], "name")
    layer = _layer(row, last=True)
    losses = [f", {key} {getattr(layer, key):g}" for key in _LOSSES if key in row]
    return Stack((layer,), table.text("name", f"eps_r {layer.eps_r:g}{''.join(losses)}"))


def layer_rows(stack: Stack) -> list[JsonDict]:
    """[[layer]] rows that :func:`read_layers` reads back as the very layers of ``stack``."""
    rows = []
    for layer in stack.layers:
        row = {key: value for key, value in layer.to_dict().items() if value != 0.0}
        if row.get("thickness") == "inf":
            del row["thickness"]
        if all(key in row for key in _LOSSES):
            row["two_losses"] = True
        rows.append(row)
    return rows


def soil_text(stack: Stack) -> str:
    """The soil file of ``stack``, with its name and source, for :func:`read_soil`.

    Layers stand for themselves: a profile they were cut from is not written.
    """
    import tomli_w

    table: JsonDict = {"name": stack.name, "layer": layer_rows(stack)}
    source = {key: stack.source[key] for key in (*_SOURCE_TEXTS, "numbers") if key in stack.source}
    return tomli_w.dumps({**table, "source": source} if source else table)


def _soil(table: Table, name: str) -> Stack:
    table.only(*_TOP_KEYS)
    layers: list[Layer] = []
    source = _source(table.table("source"))
    if "profile" in table:
        profile = table.table("profile")
        layers.extend(_profile(profile))
        source["profile"] = dict(profile.content)
    if "layer" in table:
        layers = layers[:-1] + read_layers(table)
    if not layers:
        raise table.fault('no [[layer]] and no [profile]; give one (no soil is "free-space")')
    return Stack(layers, table.text("name", name), source)


def _layer(row: Table, last: bool) -> Layer:
    row.only(*_LAYER_KEYS)
    thickness = _thickness(row, last)
    if row.flag("conductor", False):
        extra = [key for key in row if key not in ("conductor", "thickness")]
        if extra:
            raise row.fault(f"a conductor has no {extra[0]}; remove it or conductor = true")
        if not last:
            raise row.fault("a conductor fills all below; make it the last layer")
        return Layer.conductor()
    if all(key in row for key in _LOSSES) and not row.flag("two_losses", False):
        raise row.verdict(
            "has loss_tangent and conductivity; one loss: pass one (two_losses = true where "
            "they are two)"
        )
    return Layer(
        thickness,
        row.number("eps_r", low=1.0, high=1e4),
        row.number("loss_tangent", 0.0, low=0.0, high=100.0),
        row.number("conductivity", 0.0, low=0.0, high=1e9, unit="S/m"),
    )


def _thickness(row: Table, last: bool) -> float:
    if last and row.content.get("thickness", "inf") == "inf":
        return math.inf
    if "thickness" not in row:
        raise row.verdict("lacks thickness; give it in m (inf only on the last layer)")
    if row.content["thickness"] in ("inf", math.inf):
        result = math.inf
    else:
        result = row.number("thickness", low=0.0, low_open=True, high=THICKEST, unit="m")
    if math.isinf(result) != last:
        rule = "the last layer is a half-space" if last else "only the last layer may be"
        raise row.fault(f"thickness = {result:g} m, but {rule}; set thickness = inf on the last")
    return result


def _profile(table: Table) -> tuple[Layer, ...]:
    table.only(*_LAW_KEYS, *_POINT_KEYS, *_CUT_KEYS)
    by_law = [key for key in _LAW_KEYS if key in table]
    by_point = [key for key in _POINT_KEYS if key in table]
    if by_law and by_point:
        raise table.verdict(f"has {by_law[0]} and {by_point[0]}; give laws or points, not both")
    if "layers" in table and ("tolerance" in table or "min_layers" in table):
        raise table.verdict("has layers and a tolerance or min_layers; pass one")
    try:
        profile = _points(table) if by_point else _laws(table)
        depth = table.numbers("depths")[-1] if by_point and "depth" not in table else None
        return discretise(
            profile,
            table.number("depth", depth, low=0.0, low_open=True, high=1e5, unit="m"),
            tolerance=table.number("tolerance", 0.01, low=0.0, low_open=True, high=1.0),
            min_layers=table.whole("min_layers", 1, high=MAX_LAYERS),
            layers=table.whole("layers", high=MAX_LAYERS) if "layers" in table else None,
        )
    except FileFormatError:
        raise
    except InputError as error:
        raise table.fault(str(error)) from None


def _laws(table: Table) -> Profile:
    table.needs(*_LAW_KEYS[:3], "depth")
    name = table.text("density")
    density: DepthFunction = density_law(name).density
    if "scale_height" in table:
        if name != "diviner":
            raise table.fault("scale_height belongs to density = 'diviner'; remove it")
        scale = table.number("scale_height", low=0.0, low_open=True, high=100.0, unit="m")

        def density(depth):  # type: ignore[no-untyped-def]
            return diviner_density(depth, scale)

    percent = table.number("feo_tio2_percent", low=0.0, high=100.0)
    return Profile.from_density(density, permittivity_law(table.text("permittivity")), percent)


def _points(table: Table) -> Profile:
    table.needs(*_POINT_KEYS)
    columns = [
        table.numbers(key, low=1.0 if key == "eps_r" else 0.0, high=1e5) for key in _POINT_KEYS
    ]
    return Profile.from_points(*columns)


def _source(table: Table) -> JsonDict:
    table.only(*_SOURCE_TEXTS, "numbers")
    result: JsonDict = {key: table.text(key) for key in _SOURCE_TEXTS if key in table}
    numbers = table.table("numbers")
    for key in numbers:
        numbers.choice(key, STATUSES)
    if numbers.content:
        result["numbers"] = dict(numbers.content)
    return result
