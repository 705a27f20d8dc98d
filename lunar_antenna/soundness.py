"""What the numbers of any solution must be: passive, closed, of the problem that is stated.

A file is checked by these laws beside its digests: they hold for what was written before digests
were, and for what another program changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .conventions import ComplexArray, FloatArray

HERMITIAN = 1e-6  # of the largest element: losses are made of |fields|^2
# Share of Re Z below which a negative eigenvalue is the error of a converged solver: of differences
# of fluxes in the time domain some per cent, of the others far less.
NEGATIVE = 0.05
CLOSURE = 1e-6  # by which the power balance, computed anew, may exceed the one that is stated


def unsound(
    frequency: FloatArray,
    stated: FloatArray,
    matrices: Mapping[str, ComplexArray],
    power_closure: FloatArray,
    converged: bool,
    closure: Callable[..., FloatArray],
) -> str | None:
    """What is wrong with a solution, naming its part, or None.

    frequency, stated: (n,) Hz, of the solution and of its problem.  matrices: z and the losses,
    (n, p, p) ohm.  closure: of z and the losses, shape (n,).
    """
    if frequency.shape != stated.shape or np.any(np.abs(frequency / stated - 1.0) > 1e-9):
        return "frequency is not the band of the problem"
    names = [name for name in matrices if name != "z"]
    z, losses = matrices["z"], np.stack([matrices[name] for name in names])  # (4, n, p, p)
    scale = np.abs(np.real(np.diagonal(z, axis1=1, axis2=2))).max(axis=1)  # (n,)
    largest = np.maximum(scale, np.abs(losses).max(axis=(2, 3)))  # (4, n)
    skew = np.abs(losses - np.conj(np.swapaxes(losses, 2, 3))).max(axis=(2, 3))
    for name, bad in zip(names, skew > HERMITIAN * largest, strict=True):
        if np.any(bad):
            return f"{name} is not Hermitian"
    with np.errstate(divide="ignore", invalid="ignore"):
        balance = closure(z, *losses)
    # not a number: stated as not known, where one loss was had by subtraction
    known = ~np.isnan(power_closure)
    if not np.all((balance <= power_closure * (1.0 + CLOSURE) + CLOSURE) | ~known):
        worst = int(
            np.argmax(
                np.where(np.isnan(balance) & known, np.inf, np.nan_to_num(balance - power_closure))
            )
        )
        return (
            f"z and the losses miss each other by {balance[worst]:.2g} of the power at "
            f"{frequency[worst] / 1e6:g} MHz, stated {power_closure[worst]:.2g}"
        )
    return _gives_power(frequency, z, names, losses, scale) if converged else None


def _gives_power(
    frequency: FloatArray,
    z: ComplexArray,
    names: list[str],
    losses: ComplexArray,
    scale: FloatArray,
) -> str | None:
    """What would give power, by its lowest eigenvalue, or None.  scale: (n,) ohm."""
    hermitian = np.concatenate((0.5 * (z + np.conj(np.swapaxes(z, 1, 2)))[None], losses))
    single = z.shape[1] == 1
    lowest = hermitian[..., 0, 0].real if single else np.linalg.eigvalsh(hermitian)[..., 0]
    for name, value in zip(("Re Z", *names), lowest, strict=True):
        none = name == "Re Z" and single
        bad = value <= 0.0 if none else value < -NEGATIVE * scale
        if np.any(bad):
            worst = int(np.argmax(bad))
            return (
                f"{name} = {value[worst]:.4g} ohm at {frequency[worst] / 1e6:g} MHz: it would "
                "give power"
            )
    return None
