"""What was tried, one line of JSON for each layout, written as soon as it is judged.

The first line says which search it is.  A line that a kill cut short is left out; a search that
goes on draws the same layouts as one that was never stopped, since each has a generator of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ...common.files import json_text, read_text, write_text
from ...errors import FileFormatError, InputError

FILE = "layouts.jsonl"
OWN, RANDOM, MOVE = "own", "random", "move"


@dataclass(frozen=True, slots=True)
class Tried:
    """One layout.

    kind: the file's own, at random, or one element moved.  value: of the merit, None where its
    metal met.  positions: (n, 2) m of all elements, for a move (1, 2) of the element (from 0 on).
    seconds: of the processor.
    """

    kind: str
    value: float | None
    positions: tuple[tuple[float, float], ...]
    element: int | None
    seconds: float


class Trail:
    """Layouts in the order in which they were tried; in a file where there is a folder."""

    def __init__(self, folder: Path | None, search: str, *, resume: bool) -> None:
        self.path = None if folder is None else folder / FILE
        self.rows: list[Tried] = []
        self._head = {"search": search}
        if self.path is None:
            return
        if resume:
            self.rows = _read(self.path, search)
        elif self.path.exists():
            raise InputError(
                f"{folder} holds a search of places; --resume goes on with it, or choose another "
                "folder"
            )
        lines = [json_text(self._head), *(json_text(asdict(row)) for row in self.rows)]
        write_text(self.path, "".join(f"{line}\n" for line in lines))

    def add(self, row: Tried) -> None:
        self.rows.append(row)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{json_text(asdict(row))}\n")


def _read(path: Path, search: str) -> list[Tried]:
    if not path.is_file():
        raise InputError(f"--resume: {path} is not there; leave --resume out to begin")
    lines = read_text(path).splitlines(keepends=True)
    rows: list[Tried] = []
    try:
        head = json.loads(lines[0]) if lines else {}
        if head.get("search") != search:
            raise InputError(
                f"{path.parent} holds another search (array, merit, radius, least_distance, seed, "
                "random or accuracy differ); choose another folder, or give what it was begun with"
            )
        for line in lines[1:]:
            if line.endswith("\n"):
                rows.append(_row(json.loads(line)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileFormatError(
            f"{path} cannot be read as a search of places ({type(error).__name__}); begin anew in "
            "another folder"
        ) from None
    return rows


def _row(data: dict[str, object]) -> Tried:
    places: Sequence[Sequence[float]] = data["positions"]  # type: ignore[assignment]
    value, element = data["value"], data["element"]
    return Tried(
        str(data["kind"]),
        None if value is None else float(value),  # type: ignore[arg-type]
        tuple((float(x), float(y)) for x, y in places),
        None if element is None else int(element),  # type: ignore[call-overload]
        float(data["seconds"]),  # type: ignore[arg-type]
    )
