"""Damages of files, seeded: bytes and lines of any text, values and keys of a TOML table."""

from __future__ import annotations

import copy
import datetime as dt
import math
import random
import re
from typing import Any

# how a sentence says what may stand there, or what to do
ALLOWED = re.compile(
    r"allowed|again$|anew$|lacks |not known; |has to |outside [\[(]|did you mean|shipped|"
    r"needs? |must |uses? |"
    r"(?:give|add|write|choose|change|set|make|move|take|raise|widen|number|start|delete|correct|"
    r"save|say|draw|fill|sort|fix|export|solve|name|state|wait|leave|lower|use) "
)

MARKS = (
    "! Port Impedance 376.4 0", "! Z0 = 75", "BEGIN", "END", "[Version] 2.0", "[End]",
    "[Reference] 75",
)  # fmt: skip


def damaged(text: str, chance: random.Random) -> bytes:
    """One of the ways in which text goes wrong whatever its format."""
    lines = text.split("\n")
    kind = chance.randrange(12)
    place = chance.randrange(len(lines))
    if kind == 0:
        lines.pop(place)
    elif kind == 1:
        lines.insert(place, chance.choice(lines))
    elif kind == 2:
        chance.shuffle(lines)
    elif kind == 3:
        text = text[: chance.randrange(len(text) + 1)]
        lines = text.split("\n")
    elif kind == 4:
        lines[place] = chance.choice("#!%;\u00e9") + lines[place]
    elif kind == 5:
        lines[place] = lines[place].replace(".", ",")
    elif kind == 6:
        lines = [line.replace(",", ";").replace(" ", ";") for line in lines]
    elif kind == 7:
        lines[place] += chance.choice((" 1", ",1", "\t", ";", "!", " ! Port Impedance 75 0"))
    elif kind == 8:
        lines.insert(place, chance.choice(MARKS))
    data = "\n".join(lines).encode()
    if kind == 9:
        return chance.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\xe9")) + data
    if kind == 10:
        return "\n".join(lines).encode("utf-16")
    if kind == 11 and data:
        cut = chance.randrange(len(data))
        return data[:cut] + bytes([chance.randrange(256)]) + data[cut + 1 :]
    return data


# Values that hardly any key takes, and some that many do.
ODD: tuple[Any, ...] = (
    *("0.5", "", " ", "abc", "a\nb", "\u00e9", "x" * 300, "nan", "inf", "../x", "1e999"),
    *([], [0.5], ["simple_eps35"], [[1, 2], [3]], [math.nan, 1.0], [1.0, 2.0, 3.0], [2.0, 1.0]),
    *({}, {"a": 1}, {"name": []}, True, False, dt.date(2026, 5, 4)),
    *(math.nan, math.inf, -math.inf, -1, 0, 1, 2, 3.5, 0.1, 1e-3, 1e300, -1e300, 1e-300, 1e9),
    *(10**25, 2**63 - 1, -0.0, 50.0),
)  # fmt: skip


def places(table: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of every key of nested tables and lists of tables."""
    found: list[tuple[Any, ...]] = []
    rows = table.items() if isinstance(table, dict) else enumerate(table)
    for key, value in rows:
        found.append((*above, key))
        if isinstance(value, dict) or (isinstance(value, list) and any_table(value)):
            found += places(value, (*above, key))
    return found


def any_table(value: list[Any]) -> bool:
    return any(isinstance(item, dict) for item in value)


def damaged_table(table: dict[str, Any], chance: random.Random) -> tuple[dict[str, Any], set[str]]:
    """A copy with one key or value changed, and the names that a complaint may speak of."""
    table = copy.deepcopy(table)
    path = chance.choice(places(table))
    owner: Any = table
    for step in path[:-1]:
        owner = owner[step]
    key, touched = path[-1], {str(step) for step in path if isinstance(step, str)}
    kind = chance.randrange(14)
    if kind == 0:
        del owner[key]
    elif kind == 1 and isinstance(owner, dict):  # misspelt
        cut = chance.randrange(len(key))
        name = key[:cut] + chance.choice("xeaq_") + key[cut + chance.randrange(2) :]
        owner[name] = owner.pop(key)
        touched.add(name)
    elif kind == 2 and isinstance(owner, dict):  # a key too many
        name = chance.choice(("zz", "note", "Length", "unit", "height", "eps_r", "name"))
        owner[name] = chance.choice(ODD)
        touched.add(name)
    elif kind == 3 and isinstance(owner[key], (int, float)):
        owner[key] = owner[key] * 10.0 ** chance.uniform(-6.0, 6.0) * chance.choice((1, 1, -1))
    elif kind == 4 and isinstance(owner[key], (int, float)):
        owner[key] = owner[key] * chance.uniform(0.7, 1.4)
    elif kind == 5 and isinstance(owner[key], list) and owner[key]:
        items = owner[key]
        items[chance.randrange(len(items))] = chance.choice(ODD)
    elif kind == 6 and isinstance(owner[key], list) and owner[key]:
        items = owner[key]
        chance.choice((items.reverse, items.pop, lambda: items.append(items[0])))()
    elif kind == 7 and isinstance(owner[key], (str, int, float)):
        owner[key] = {"name": owner[key]} if chance.random() < 0.5 else [owner[key]]
    elif kind > 9:
        path = chance.choice([item for item in places(table) if is_number(table, item)] or [path])
        touched = {str(step) for step in path if isinstance(step, str)}
        change_number(table, path, chance.choice((0.5, 0.8, 0.97, 1.05, 1.3, 2.0)))
    else:
        owner[key] = chance.choice(ODD)
    return table, touched


def is_number(table: Any, path: tuple[Any, ...]) -> bool:
    for step in path:
        table = table[step]
    return isinstance(table, (int, float)) and not isinstance(table, bool)


def change_number(table: Any, path: tuple[Any, ...], factor: float) -> None:
    """One number by a factor, if there is one; a whole one stays so."""
    for step in path[:-1]:
        table = table[step]
    value = table[path[-1]]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        table[path[-1]] = round(value * factor) if isinstance(value, int) else value * factor
