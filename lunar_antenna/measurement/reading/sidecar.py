"""The table beside a measurement: who, when, where, and what the file itself cannot say.

``x.toml`` beside ``x.s1p`` holds ``kind`` ("measured" or "synthetic", mandatory) and any of
:data:`KEYS`; free remarks go into the tables [truth] and [notes].  A geometry, a study's best.toml,
a soil or another table of this package that happens to have the same name is passed over.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from ...common.checks import shown
from ...common.files import is_file
from ...common.tables import Table, read_toml
from ...conventions import JsonDict
from ...errors import FileFormatError
from ..record import KINDS
from .text import Notes

TEXTS = (
    "what", "who", "instrument", "reference_plane", "load", "soil", "geometry", "where", "cable",
    "calibration", "comment", "license", "doi", "url",
)  # fmt: skip
TABLES = ("truth", "notes", "source")
KEYS = ("kind", "when", "height", "z0", *TEXTS, *TABLES)
MAX_HEIGHT = 1000.0  # m, as Problem has it
# Keys that stand in no sidecar and in every geometry, study, soil, receiver, sky or array.
_ELSEWHERE = (
    "family", "parameters", "search", "film", "metal", "polygon", "gap", "layer", "profile",
    "port", "merit", "stage", "scenario", "element", "elements", "positions", "modifier",
    "modifiers", "receiver", "sky", "study", "objective", "relief", "layouts", "stack", "band",
    "constraint", "robust", "stages", "sampler", "solver", "accuracy",
)  # fmt: skip


def sidecar(source: Path, notes: Notes) -> JsonDict:
    """The checked table beside ``source``; {} where there is none.

    Raises :class:`FileFormatError` with file and key for a missing or wrong ``kind``, a value of
    another type than the key's, and a key that is not known.
    """
    path = source.with_suffix(".toml")
    try:
        if not is_file(path):
            return {}
    except OSError:  # a name longer than the file system allows
        return {}
    data = read_toml(path)
    other = next((key for key in _ELSEWHERE if key in data), None)
    if "kind" not in data and other is not None:
        notes.warn(
            f"{path.name} beside it holds {other!r}: another table of the same name, left out"
        )
        return {}
    table = Table(data, str(path))
    if data.get("kind") not in KINDS[:2]:
        raise FileFormatError(
            f'{path}: kind = {shown(data.get("kind"))}; write kind = "measured" or '
            '"synthetic", or rename a file that is no table of the measurement'
        )
    table.only(*KEYS)
    for key in TEXTS:
        if key in table and key not in TABLES:
            table.text(key)
    for key in TABLES:
        table.table(key)
    if "height" in table:
        table.number("height", low=0.0, high=MAX_HEIGHT, unit="m")
    if "z0" in table:
        table.number("z0", low=0.0, low_open=True, high=1e6, unit="ohm")
    if "when" in table and not isinstance(data["when"], (datetime.date, datetime.time)):
        table.text("when")
    return data
