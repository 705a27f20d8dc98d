"""A steered design as a geometry file that ``solve`` and ``optimize`` read."""

from __future__ import annotations

from ..conventions import JsonDict
from ..geometry.rebuild import spec_of
from ..media.soil_files import layer_rows
from ..search.output.best import shipped
from ..search.output.design import KEY
from .state import HIGHEST_MHZ, LOWEST_MHZ, POINTS, Bench, State


def design_toml(bench: Bench, state: State) -> str:
    """TOML text: the layout with its numbers, and [source.optimised] with what ends it and where.

    Raises :class:`GeometryError` for a drawing, which has no parameters.
    """
    import tomli_w

    spec = spec_of(bench.drawn(state))
    stack = bench.stack(state)
    table: JsonDict = {
        "soil": "free-space" if stack.is_free_space else stack.name,
        "height": 0.0 if stack.is_free_space else state.height,
        "z0": state.z0,
        "solved_mhz": [LOWEST_MHZ, HIGHEST_MHZ],
        "points": POINTS,
    }
    if state.network:
        table["network"] = [
            {"element": item.kind, "value": value, "q": item.q, "unit": item.unit}
            for item, value in state.network
        ]
    if stack.layers and not shipped(stack):
        table["layer"] = layer_rows(stack)
    source = {name: value for name, value in spec.get("source", {}).items() if name != KEY}
    source["text"] = f"{bench.layout.name}, steered by hand in the workbench"
    spec["source"] = {**source, KEY: table}
    return tomli_w.dumps(_without_none(spec))


def _without_none(table: JsonDict) -> JsonDict:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }
