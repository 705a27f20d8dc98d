"""What the data can tell: Fisher information, said in numbers and in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..conventions import FloatArray, JsonDict
from .prior import Prior

UNKNOWN = 0.5  # standard error over that of the prior, beyond which the data add little
TIED = 0.9  # correlation beyond which two parameters are known only together
_SHARE = 0.3  # component of an eigenvector worth naming


@dataclass(frozen=True, slots=True, eq=False)
class Information:
    """Fisher information of the whitened sweep, F = J^T J, and what follows from it.

    ranges: the priors.  fisher (p, p), SI.  sigma (p,): standard errors of the data alone, inf
    where they say nothing.  correlation (p, p).  strength (p,): eigenvalues of the Fisher matrix
    scaled by the prior's standard deviations, falling: a combination of strength s is known to
    1/sqrt(s) of its prior.  direction (p, p): rows, its eigenvectors in prior standard deviations.
    """

    ranges: tuple[Prior, ...]
    fisher: FloatArray
    sigma: FloatArray
    correlation: FloatArray
    strength: FloatArray
    direction: FloatArray

    @classmethod
    def of(cls, jacobian: FloatArray, ranges: Sequence[Prior]) -> Information:
        """From the whitened Jacobian (2n, p) in SI units."""
        prior = np.array([item.sigma for item in ranges])
        scaled = jacobian * prior
        _, s, vt = np.linalg.svd(scaled, full_matrices=False)
        weak = 1e-12 * max(float(s[0]), 1e-300)
        inverse = (vt.T / np.maximum(s, weak) ** 2) @ vt
        spread = np.sqrt(np.diagonal(inverse))
        return cls(
            ranges=tuple(ranges),
            fisher=jacobian.T @ jacobian,
            sigma=np.where(spread > 1e6, np.inf, spread * prior),
            correlation=inverse / np.outer(spread, spread),
            strength=s**2,
            direction=vt,
        )

    def covariance(self) -> FloatArray:
        """(p, p) of the data and a Gaussian of the prior's width together: always finite."""
        prior = np.array([item.sigma for item in self.ranges])
        return np.asarray(np.linalg.inv(self.fisher + np.diag(1.0 / prior**2)))

    def sentences(self, at_bound: Sequence[str] = ()) -> tuple[str, ...]:
        """Identifiability in words, worst first."""
        sentences = []
        for item, sigma in zip(self.ranges, self.sigma, strict=True):
            if item.name in at_bound:
                sentences.append(
                    f"{item.name} ended at the edge of its prior, {item.low:g} to {item.high:g}"
                    f"{_unit(item)}: its standard error means nothing, the posterior does"
                )
            if sigma > UNKNOWN * item.sigma:
                sentences.append(
                    f"{item.name} is hardly determined: standard error {sigma:.2g}{_unit(item)}, "
                    f"its prior alone has {item.sigma:.2g}"
                )
        sentences += self._ties()
        return tuple(sentences)

    def _ties(self) -> list[str]:
        """Pairs known only together, and the weakest combination that the data leave open."""
        sentences = []
        count = len(self.ranges)
        for a in range(count):
            for b in range(a + 1, count):
                value = float(self.correlation[a, b])
                if abs(value) > TIED:
                    one, other = self.ranges[a], self.ranges[b]
                    slope = value * self.sigma[b] / self.sigma[a]
                    sentences.append(
                        f"{one.name} and {other.name} are known only together (correlation "
                        f"{value:+.3f}): a change of {one.name} by {self.sigma[a]:.2g}"
                        f"{_unit(one)} with {other.name} by {slope * self.sigma[a]:+.2g}"
                        f"{_unit(other)} looks the same within one standard error"
                    )
        if count > 1:
            sentences.append(self._weakest())
        return sentences

    def _weakest(self) -> str:
        """The combination with the least information, as steps of one standard error."""
        vector, strength = self.direction[-1], float(self.strength[-1])
        vector = vector * np.sign(vector[np.argmax(np.abs(vector))])
        size = 1.0 / np.sqrt(max(strength, 1e-12))
        named = [
            f"{item.name} {vector[k] * size * item.sigma:+.2g}{_unit(item)}"
            for k, item in enumerate(self.ranges)
            if abs(vector[k]) > _SHARE
        ]
        known = "is not determined" if size > UNKNOWN else f"is known to {100.0 * size:.2g} %"
        return f"weakest combination: {' with '.join(named)}; it {known} of its prior"

    def to_dict(self) -> JsonDict:
        return {
            "sigma": dict(zip((r.name for r in self.ranges), self.sigma.tolist(), strict=True)),
            "correlation": self.correlation.tolist(),
            "fisher": self.fisher.tolist(),
            "strength": self.strength.tolist(),
            "direction": self.direction.tolist(),
        }


def _unit(item: Prior) -> str:
    return f" {item.unit}" if item.unit else ""
