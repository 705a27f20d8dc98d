"""What no solver follows at any accuracy: a sky pattern of more fringes than can be integrated."""

from __future__ import annotations

from ..problem import Problem

MOST_FRINGES = 1500  # points in elevation: 1000 m of air at 35 MHz needs 900, a rule of 1500 1 s


def unresolved_sky(problem: Problem) -> str | None:
    """Why the sky power of ``problem`` cannot be integrated, naming its cause, or None.

    An echo from far below interferes with the direct wave in fringes over elevation, the finer
    the deeper it comes from, unless the soil absorbs it on the way.
    """
    layers, frequency = problem.stratification, float(problem.frequency[-1])
    points = layers.fringes(frequency)
    if sum(points) <= MOST_FRINGES:
        return None
    cause = points.index(max(points))
    number = cause - (len(layers.placed) - len(problem.stack.layers))  # of the soil's, 1 on top
    fault = f"makes {sum(points)} fringes over the sky at {frequency / 1e6:g} MHz"
    allowed = f"allowed {MOST_FRINGES}"
    if number < 1:
        return f"height = {problem.height:g} m {fault}, {allowed}; lower height or the band"
    layer = problem.stack.layers[number - 1]
    return (
        f"soil layer {number}, {layer.thickness:g} m thick with loss_tangent "
        f"{layer.loss_tangent:g}, {fault}, {allowed}: the echo from below it; make the layer "
        "thinner or lossier, or the half-space"
    )
