"""Tables of TOML and JSON files: the one reader, so that every file is refused in the same words.

A :class:`Table` knows the file and the place in it that its values come from, so a complaint
names the file, the table and the key, what stands there and what may stand there:

    soil.toml: layer 2: eps_r = '3.5' is not a number; give one in [1, 10000]
    soil.toml: [profile] has unknown key 'dpth'; did you mean 'depth'? allowed: depth, ...

Numbers are numbers: text, lists, true and false are refused, and so is what no double holds
(1e999, a whole number of 400 digits).  A byte-order mark before the text is passed over; text that
is not UTF-8 is refused.
"""

from __future__ import annotations

import json
import math
import os
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..conventions import JsonDict
from ..errors import FileFormatError, InputError, one_line
from . import checks
from .checks import shown, unknown_key
from .files import read_text


def read_toml(path: str | os.PathLike[str]) -> JsonDict:
    """Parsed TOML; :class:`FileFormatError` in one line where it cannot be read."""
    text = read_text(path)
    try:
        return tomllib.loads(text, parse_float=_double)
    except RecursionError:
        raise FileFormatError(
            f"{path} is not valid TOML: nested too deeply; make it flat"
        ) from None
    except ValueError as error:  # of the parser, or of a number beyond all bounds
        raise FileFormatError(f"{path} is not valid TOML: {one_line(error)}; correct it") from None


def read_json(path: str | os.PathLike[str]) -> JsonDict:
    """Parsed JSON object; :class:`FileFormatError` in one line where it cannot be read."""
    text = read_text(path)
    try:
        found = json.loads(text, parse_float=_double)
    except RecursionError:
        raise FileFormatError(
            f"{path} is not valid JSON: nested too deeply; make it flat"
        ) from None
    except ValueError as error:
        raise FileFormatError(f"{path} is not valid JSON: {one_line(error)}; correct it") from None
    if not isinstance(found, dict):
        raise FileFormatError(f"{path} holds {type(found).__name__}; allowed: a JSON object")
    return found


def toml_value(text: str) -> Any:
    """The one TOML value in ``text``, or the text itself where it is none.

    Raises :class:`InputError` for a number that no double holds.
    """
    try:
        return tomllib.loads(f"value = {text}", parse_float=_double)["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
    except ValueError as error:
        raise InputError(one_line(error)) from None


def _double(text: str) -> float:
    value = float(text)
    if math.isinf(value) and "inf" not in text:
        raise ValueError(f"{shown(text)[1:-1]} is beyond any double (1.8e308)")
    return value


@dataclass(frozen=True, slots=True)
class Table:
    """One table with the place it comes from.

    file: path as the user gave it, or "" for a table from Python.  name: place inside the file,
    "" for the file itself.  error: what a complaint is raised as.

    Every reading method takes the key, and a default for a key that may be left out (None: it
    may not); each raises ``error`` in one line.
    """

    content: Mapping[str, Any]
    file: str = ""
    name: str = ""
    error: type[InputError] = field(default=FileFormatError)

    @classmethod
    def read(cls, path: str | os.PathLike[str], error: type[InputError] = FileFormatError) -> Table:
        """The file itself, TOML, or JSON where it ends in .json."""
        read = read_json if Path(path).suffix.lower() == ".json" else read_toml
        return cls(read(path), os.fspath(path), error=error)

    @classmethod
    def of(
        cls,
        content: Table | Mapping[str, Any],
        name: str,
        error: type[InputError] = InputError,
    ) -> Table:
        """A table as it is, or a plain mapping from Python under ``name``."""
        return content if isinstance(content, Table) else cls(content, "", name, error)

    @property
    def where(self) -> str:
        """``"soil.toml: layer 2"``; either part may be missing."""
        return ": ".join(part for part in (self.file, self.name) if part)

    def __contains__(self, key: object) -> bool:
        return key in self.content

    def __iter__(self) -> Iterator[str]:
        return iter(self.content)

    def fault(self, text: str) -> InputError:
        """The error to raise, with the place in front of ``text``."""
        return self.error(self._label(text))

    def verdict(self, text: str) -> InputError:
        """The same for a sentence about the table itself: "layer 2" + "has two losses"."""
        return self.error(f"{self.where} {text}".strip())

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Errors of bad input raised inside get file and table in front, where they lack."""
        try:
            yield
        except InputError as error:
            text = str(error)
            if not self.file or text.startswith(self.file):
                raise
            named = self.name and text.startswith(self.name)
            raise type(error)(f"{self.file}: {text}" if named else self._label(text)) from None

    def only(self, *allowed: str) -> None:
        """Refuse every key that is not ``allowed``, naming the nearest that is."""
        for key in self.content:
            if key not in allowed:
                raise self.error(unknown_key(self.where, key, allowed))

    def needs(self, *keys: str) -> None:
        """Refuse a table that lacks one of ``keys``."""
        lacking = [key for key in keys if key not in self.content]
        if lacking:
            these = f"all of {', '.join(keys)}" if len(keys) > 1 else "it"
            raise self.verdict(f"lacks {', '.join(lacking)}; give {these}")

    def number(
        self,
        key: str,
        default: float | None = None,
        *,
        low: float = -math.inf,
        high: float = math.inf,
        low_open: bool = False,
        allow_inf: bool = False,
        unit: str = "",
    ) -> float:
        """A number in [low, high], or (low, high]."""
        return checks.number(
            self._label(key),
            self._value(key, default),
            low=low,
            high=high,
            low_open=low_open,
            allow_inf=allow_inf,
            unit=unit,
            error=self.error,
        )

    def whole(
        self, key: str, default: int | None = None, *, low: int = 1, high: int = 1_000_000
    ) -> int:
        """A whole number in [low, high]; 3.0 is one."""
        value = self._value(key, default)
        return checks.whole(self._label(key), value, low=low, high=high, error=self.error)

    def text(self, key: str, default: str | None = None) -> str:
        """Text that is not blank; a blank default is allowed."""
        value = self._value(key, default)
        if key in self and (not isinstance(value, str) or not value.strip()):
            raise self.error(f"{self._label(key)} = {shown(value)} is not text; give a string")
        return str(value)

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of the ``allowed`` words."""
        value = self._value(key, default)
        return checks.choice(self._label(key), value, tuple(allowed), error=self.error)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """true or false."""
        value = self._value(key, default)
        if not isinstance(value, bool):
            raise self.error(f"{self._label(key)} = {shown(value)}; allowed: true or false")
        return value

    def span(
        self,
        key: str,
        default: tuple[float, float] | None = None,
        *,
        low: float = -math.inf,
        high: float = math.inf,
        unit: str = "",
    ) -> tuple[float, float]:
        """[first, last] with first < last, both in [low, high]."""
        value = self._value(key, default)
        return checks.span(self._label(key), value, low=low, high=high, unit=unit, error=self.error)

    def numbers(
        self,
        key: str,
        default: Iterable[float] | None = None,
        *,
        low: float = -math.inf,
        high: float = math.inf,
        unit: str = "",
    ) -> tuple[float, ...]:
        """A list of numbers, each in [low, high]."""
        value = self._value(key, default)
        if not isinstance(value, (list, tuple)):
            raise self.error(f"{self._label(key)} = {shown(value)} is not a list; write [...]")
        return tuple(
            checks.number(
                f"{self._label(key)}[{i}]", item, low=low, high=high, unit=unit, error=self.error
            )
            for i, item in enumerate(value)
        )

    def table(self, key: str) -> Table:
        """The table [key], empty where there is none."""
        value = self.content.get(key, {})
        if not isinstance(value, Mapping):
            raise self.fault(f"{key} = {shown(value)} is not a table; write [{self.path_of(key)}]")
        return Table(value, self.file, f"[{self.path_of(key)}]", self.error)

    def tables(self, key: str) -> tuple[Table, ...]:
        """The tables [[key]], numbered from 1; none where there are none."""
        rows = self.content.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise self.fault(
                f"{key} is not a list of tables; write [[{self.path_of(key)}]] above each"
            )
        return tuple(
            Table(row, self.file, f"{self.path_of(key)} {index}", self.error)
            for index, row in enumerate(rows, start=1)
        )

    def path_of(self, key: str) -> str:
        """``port.network`` for the key ``network`` of [port]; the key alone in the file itself."""
        inside = self.name.startswith("[")
        return f"{self.name.strip('[]')}.{key}" if inside else key

    def _label(self, key: str) -> str:
        if not self.where:
            return key
        return f"{self.where} {key}" if self.name.endswith("]") else f"{self.where}: {key}"

    def _value(self, key: str, default: object) -> Any:
        if key in self.content:
            return self.content[key]
        if default is None:
            self.needs(key)
        return default
