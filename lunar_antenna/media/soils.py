"""Soil models by name or by file: TOML to Stack.

A file holds ``[[layer]]`` tables from the surface down, or a ``[profile]``, or a profile with
layers beneath it in place of its constant half-space; the last layer is a half-space.

    [[layer]]                     thickness (m; inf, or left out, on the last), eps_r, and
                                  loss_tangent or conductivity (S/m), never both;
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
import os
from dataclasses import dataclass
from pathlib import Path

from ..common import catalogue
from ..common.checks import number
from ..common.tables import read_toml
from ..conventions import JsonDict
from ..errors import FileFormatError, InputError
from .laws import STATUSES, permittivity_law
from .layer import Layer, Stack
from .profiles import (
    MAX_LAYERS,
    DepthFunction,
    Profile,
    density_law,
    discretise,
    diviner_density,
    whole,
)

KIND = "soil_models"
FREE_SPACE = "free-space"

_TOP_KEYS = ("name", "layer", "profile", "source")
_LAYER_KEYS = ("thickness", "eps_r", "loss_tangent", "conductivity", "conductor")
_LAW_KEYS = ("density", "permittivity", "feo_tio2_percent", "scale_height")
_POINT_KEYS = ("depths", "eps_r", "loss_tangent")
_CUT_KEYS = ("depth", "tolerance", "min_layers", "layers")
_SOURCE_TEXTS = ("text", "doi", "url", "date", "note")


def soil_names() -> tuple[str, ...]:
    """Every name that :func:`load_soil` knows: "free-space" and the shipped soil models."""
    return (FREE_SPACE, *catalogue.names(KIND))


def load_soil(soil: str | os.PathLike[str] | Stack) -> Stack:
    """The Stack of a shipped name, of a TOML file, or of "free-space"; a Stack passes through.

    Raises InputError for an unknown name and FileFormatError for a file that is no soil model.
    """
    if isinstance(soil, Stack):
        return soil
    if not isinstance(soil, (str, os.PathLike)):
        raise InputError(
            f"soil is {type(soil).__name__}; give a name, a path of a TOML file or a Stack"
        )
    if soil == FREE_SPACE:
        return Stack.free_space()
    try:
        path = catalogue.find(KIND, soil)
    except InputError as error:
        raise InputError(f"soil: {error}; or {FREE_SPACE}") from None
    return _Reader(path).stack(read_toml(path))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns a parsed file into a Stack; every complaint names the file, the layer, the key."""

    path: Path

    def stack(self, data: JsonDict) -> Stack:
        self.known("file", data, _TOP_KEYS)
        layers: list[Layer] = []
        source = self.source(data.get("source", {}))
        if "profile" in data:
            layers.extend(self.profile(data["profile"]))
            source["profile"] = data["profile"]
        if "layer" in data:
            layers = layers[:-1] + self.layers(data["layer"])
        if not layers:
            raise self.error('no [[layer]] and no [profile]; give one (no soil is "free-space")')
        return Stack(layers, self.text("name", data.get("name", self.path.stem)), source)

    def layers(self, tables: object) -> list[Layer]:
        if not isinstance(tables, list) or not all(isinstance(item, dict) for item in tables):
            raise self.error("layer is not a list of tables; write [[layer]] above each layer")
        if not tables:
            raise self.error("layer = [] is empty; write at least one [[layer]]")
        last = len(tables)
        return [self.layer(i, table, i == last) for i, table in enumerate(tables, start=1)]

    def layer(self, index: int, table: JsonDict, last: bool) -> Layer:
        where = f"layer {index}"
        self.known(where, table, _LAYER_KEYS)
        conductor = table.get("conductor", False)
        if not isinstance(conductor, bool):
            raise self.error(f"{where}: conductor = {conductor!r}; allowed: true or false")
        thickness = self.thickness(where, table, last)
        if conductor:
            extra = [key for key in table if key not in ("conductor", "thickness")]
            if extra:
                raise self.error(
                    f"{where}: a conductor has no {extra[0]}; remove it or conductor = true"
                )
            if not last:
                raise self.error(f"{where}: a conductor fills all below; make it the last layer")
            return Layer.conductor()
        if "loss_tangent" in table and "conductivity" in table:
            raise self.error(f"{where} has loss_tangent and conductivity; one loss: pass one")
        if "eps_r" not in table:
            raise self.error(f"{where} lacks eps_r; give the relative permittivity, 1 or more")
        return Layer(
            thickness,
            self.number(f"{where}: eps_r", table["eps_r"], 1.0, 1e4),
            self.number(f"{where}: loss_tangent", table.get("loss_tangent", 0.0), 0.0, 100.0),
            self.number(f"{where}: conductivity", table.get("conductivity", 0.0), 0.0, 1e9),
        )

    def thickness(self, where: str, table: JsonDict, last: bool) -> float:
        value = table.get("thickness", math.inf if last else None)
        if value is None:
            raise self.error(f"{where} lacks thickness; give it in m (inf only on the last layer)")
        if value == "inf":
            value = math.inf
        result = self.number(f"{where}: thickness", value, 0.0, math.inf, positive=True, inf=True)
        if math.isinf(result) != last:
            rule = "the last layer is a half-space" if last else "only the last layer may be"
            raise self.error(
                f"{where}: thickness = {result:g} m, but {rule}; set thickness = inf on the last"
            )
        return result

    def profile(self, table: object) -> tuple[Layer, ...]:
        if not isinstance(table, dict):
            raise self.error("profile is not a table; write [profile]")
        self.known("profile", table, (*_LAW_KEYS, *_POINT_KEYS, *_CUT_KEYS))
        by_law = [key for key in _LAW_KEYS if key in table]
        by_point = [key for key in _POINT_KEYS if key in table]
        if by_law and by_point:
            raise self.error(
                f"profile has {by_law[0]} and {by_point[0]}; give laws or points, not both"
            )
        if "layers" in table and ("tolerance" in table or "min_layers" in table):
            raise self.error("profile has layers and a tolerance or min_layers; pass one")
        try:
            profile = self.points(table) if by_point else self.laws(table)
            depth = table["depths"][-1] if by_point and "depth" not in table else table.get("depth")
            return discretise(
                profile,
                self.number("profile: depth", depth, 0.0, 1e5, positive=True),
                tolerance=self.number(
                    "profile: tolerance", table.get("tolerance", 0.01), 0.0, 1.0, positive=True
                ),
                min_layers=self.whole("min_layers", table.get("min_layers", 1)),
                layers=self.whole("layers", table["layers"]) if "layers" in table else None,
            )
        except FileFormatError:
            raise
        except InputError as error:
            raise self.error(str(error)) from None

    def laws(self, table: JsonDict) -> Profile:
        self.needs(table, (*_LAW_KEYS[:3], "depth"))
        density: DepthFunction = density_law(table["density"]).density
        if "scale_height" in table:
            if table["density"] != "diviner":
                raise self.error("profile: scale_height belongs to density = 'diviner'; remove it")
            scale = self.number(
                "profile: scale_height", table["scale_height"], 0.0, 100.0, positive=True
            )

            def density(depth):  # type: ignore[no-untyped-def]
                return diviner_density(depth, scale)

        percent = self.number("profile: feo_tio2_percent", table["feo_tio2_percent"], 0.0, 100.0)
        return Profile.from_density(density, permittivity_law(table["permittivity"]), percent)

    def points(self, table: JsonDict) -> Profile:
        self.needs(table, _POINT_KEYS)
        columns = []
        for key in _POINT_KEYS:
            if not isinstance(table[key], list):
                raise self.error(f"profile: {key} = {table[key]!r} is not a list; give one")
            low = 1.0 if key == "eps_r" else 0.0
            columns.append(
                [
                    self.number(f"profile: {key}[{i}]", value, low, 1e5)
                    for i, value in enumerate(table[key])
                ]
            )
        return Profile.from_points(*columns)

    def source(self, table: object) -> JsonDict:
        if not isinstance(table, dict):
            raise self.error("source is not a table; write [source]")
        self.known("source", table, (*_SOURCE_TEXTS, "numbers"))
        result: JsonDict = {
            key: self.text(f"source: {key}", table[key]) for key in _SOURCE_TEXTS if key in table
        }
        numbers = table.get("numbers", {})
        if not isinstance(numbers, dict):
            raise self.error("source: numbers is not a table; write [source.numbers]")
        for key, status in numbers.items():
            if status not in STATUSES:
                raise self.error(
                    f"source: numbers: {key} = {status!r}; allowed: {', '.join(STATUSES)}"
                )
        if numbers:
            result["numbers"] = dict(numbers)
        return result

    def error(self, text: str) -> FileFormatError:
        return FileFormatError(f"{self.path}: {text}")

    def known(self, where: str, table: JsonDict, allowed: tuple[str, ...]) -> None:
        for key in table:
            if key not in allowed:
                raise self.error(f"{where} has unknown key {key!r}; allowed: {', '.join(allowed)}")

    def needs(self, table: JsonDict, keys: tuple[str, ...]) -> None:
        missing = [key for key in keys if key not in table]
        if missing:
            raise self.error(f"profile lacks {', '.join(missing)}; give all of {', '.join(keys)}")

    def text(self, name: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{name} = {value!r} is not text; give a string")
        return value

    def number(
        self,
        name: str,
        value: object,
        low: float,
        high: float,
        *,
        positive: bool = False,
        inf: bool = False,
    ) -> float:
        try:
            return number(
                f"{self.path}: {name}",
                value,
                low=low,
                high=high,
                low_open=positive,
                allow_inf=inf,
                error=FileFormatError,
            )
        except OverflowError:
            raise self.error(f"{name} is too large; allowed: up to {high:g}") from None

    def whole(self, name: str, value: object) -> int:
        self.number(f"profile: {name}", value, 1, MAX_LAYERS)
        return whole(f"profile: {name}", value, MAX_LAYERS)
