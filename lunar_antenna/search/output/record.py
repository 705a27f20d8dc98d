"""A finished study as its folder holds it: what figures and pages are made of.

study.json     the document of ``optimize --json``, with the labels of the objectives
history.csv    one row per trial, with the stage that judged it: screen or search
best.h5        the full solution of the chosen design
"""

from __future__ import annotations

import csv
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...common.tables import read_json
from ...conventions import FloatArray, JsonDict
from ...errors import FileFormatError, InputError
from ..port import Z0

BoolArray = np.ndarray[Any, np.dtype[np.bool_]]
DOCUMENT, HISTORY, SOLUTION = "study.json", "history.csv", "best.h5"
FIXED = (
    "trial", "stage", "score", "feasible", "violation", "band_low_mhz", "band_high_mhz",
    "min_efficiency_5_35", "z0", "seconds", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class StudyRecord:
    """A study in arrays over its trials, nan where there is no value.

    number: (n,) of the trials.  score: (n,).  feasible: (n,) bool.  objectives: (n, k), natural
    values; labels, maximise: of the k objectives.  parameters: (n, m); names: of the m variables.
    front: numbers of the trials on the Pareto front as the search found it.
    """

    document: JsonDict
    number: FloatArray
    score: FloatArray
    feasible: BoolArray
    objectives: FloatArray
    labels: tuple[str, ...]
    maximise: tuple[bool, ...]
    parameters: FloatArray
    names: tuple[str, ...]
    front: tuple[int, ...]

    @property
    def best(self) -> int | None:
        """Number of the chosen trial."""
        best = self.document["best"]
        return None if best is None else int(best["trial"])

    @property
    def solved(self) -> BoolArray:
        """(n,) bool: candidates that could be built and solved."""
        return np.asarray(np.isfinite(self.objectives).all(axis=1))

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> StudyRecord:
        """Read a study's folder; :class:`InputError` where it is none."""
        place = Path(folder)
        for name in (DOCUMENT, HISTORY):
            if not (place / name).is_file():
                raise InputError(
                    f"{place} holds no finished study: {name} is missing; give the --out of "
                    "optimize"
                )
        try:
            document = read_json(place / DOCUMENT)
            with (place / HISTORY).open(encoding="utf-8", newline="") as file:
                header, *rows = list(csv.reader(file))
            goals = document["objectives"]
            labels = tuple(item["label"] for item in goals)
            names = tuple(name for name in header if name not in {*FIXED, *labels})
            best = document["best"]
            if best is not None and Z0 in best["parameters"]:  # a variable like any other
                names = (*names, Z0)
            columns = {
                name: [_number(row[header.index(name)]) for row in rows]
                for name in header
                if name not in ("reason", "stage")
            }
            return cls(
                document=document,
                number=np.array(columns["trial"]),
                score=np.array(columns["score"]),
                feasible=np.array(columns["feasible"]) == 1.0,
                objectives=_stack(columns, labels, len(rows)),
                labels=labels,
                maximise=tuple(bool(item["maximise"]) for item in goals),
                parameters=_stack(columns, names, len(rows)),
                names=names,
                front=tuple(int(number) for number in document["front_of_search"]),
            )
        except (KeyError, ValueError, IndexError) as error:
            raise FileFormatError(
                f"{place} cannot be read as a study ({type(error).__name__}: {error}); run "
                "optimize again"
            ) from None


def _number(text: str) -> float:
    return float(text) if text else math.nan


def _stack(columns: dict[str, Any], names: tuple[str, ...], rows: int) -> FloatArray:
    """(rows, names)."""
    return np.array([columns[name] for name in names], dtype=float).reshape(len(names), rows).T
