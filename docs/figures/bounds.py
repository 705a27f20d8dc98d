"""Figure and table of docs/bounds.md: two designs against what their footprint allows.

Run: ``python docs/figures/bounds.py`` (three minutes).
"""

from __future__ import annotations

import common
import numpy as np

import lunar_antenna as la
from lunar_antenna.plotting.bound import draw_bound
from lunar_antenna.plotting.style import new_figure, styled

SOIL, SIDES = "simple_eps35", (10.0, 2.0)
BAND = la.Band.mhz(5, 35, points=13)
DESIGNS = {"membrane_band_10x2": 103.0, "membrane_10m": 100.0}  # ohm


@styled
def draw(share, fed, efficiencies, port):
    figure = new_figure(height=3.3)
    left, right = figure.subplots(1, 2)
    draw_bound(left, share, {name: item.sky for name, item in efficiencies.items()})
    left.set_title("No port asked for")
    draw_bound(right, fed, {name: item.realised for name, item in efficiencies.items()})
    right.set_title(f"Fed at a gap of {1e3 * port.length:.3g} mm, 103 Ω")
    for ax in (left, right):  # one scale, with room above the curves for the legend
        ax.set_ylim(0.0, 50.0)
        ax.legend(loc="upper left")
    return figure


def main() -> None:
    stack = la.load_soil(SOIL)
    solved = {}
    for name in DESIGNS:
        layout = la.load_geometry(name, metal="copper_18um", film="polyimide_50um")
        solved[name] = la.solve(la.Problem(layout, stack, band=BAND), "planar", accuracy="fine")
        assert solved[name].quality.converged, name
    options = {"band": BAND, "metal": "copper_18um", "film": "polyimide_50um"}
    share = la.bound(SIDES, stack, **options)
    gap = solved["membrane_band_10x2"].problem.layout.gaps[0]
    port = la.Gap(0.0, 0.0, gap.length, gap.width)
    fed = {
        z0: la.bound(SIDES, stack, quantity="realised_sky", port=port, z0=z0, **options)
        for z0 in sorted(set(DESIGNS.values()))
    }
    efficiencies = {name: solved[name].efficiency(z0) for name, z0 in DESIGNS.items()}
    figure = draw(share, fed[103.0], efficiencies, port)
    common.save(figure, "bounds_designs.png")

    print("\n| MHz | " + " | ".join(f"{f / 1e6:g}" for f in BAND.frequency[::2]) + " |")
    print("|" + "---|" * (1 + BAND.frequency[::2].size))
    print(_row("bound of the sky share", share.value))
    print(_row("bound of what is realised", fed[103.0].value))
    for name, item in efficiencies.items():
        own = fed[DESIGNS[name]]
        print(_row(f"`{name}`, % of the first", 100.0 * item.sky / share.value, "{:.0f}"))
        print(_row(f"`{name}`, % of the second", 100.0 * item.realised / own.value, "{:.0f}"))
    inside = BAND.frequency > 10e6 - 1.0
    x = BAND.frequency[inside]

    def mean(values: np.ndarray) -> float:
        return float(np.trapezoid(values[inside], x) / (x[-1] - x[0]))

    print(
        f"\nmeans over 10-35 MHz: bounds {mean(share.value):.4f}, {mean(fed[103.0].value):.4f}; "
        + ", ".join(
            f"{n} {mean(e.sky):.4f}, {mean(e.realised):.4f}" for n, e in efficiencies.items()
        )
    )
    print(
        *(
            f"{item.quantity.name}: mesh error {(item.mesh_error / item.value).max():.1e}, "
            f"gap {(item.gap / item.value).max():.1e}"
            for item in (share, fed[103.0])
        ),
        sep="\n",
    )


def _row(name: str, values: np.ndarray, how: str = "{:.3f}") -> str:
    return f"| {name} | " + " | ".join(how.format(v) for v in values[::2]) + " |"


if __name__ == "__main__":
    main()
