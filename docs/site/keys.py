"""Every key of every TOML file, read off the code that reads it.

A reader refuses what it does not know by ``table.only("a", "b", ...)`` and takes a value by
``table.number("a", default, low=..., high=..., unit=...)`` and its like.  Both are found in the
source of the package, and names in them are looked up in the module, so that a key which a reader
takes cannot be missing here.
"""

from __future__ import annotations

import ast
import importlib
import math
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from lunar_antenna.common.tables import Table

PACKAGE = Path(importlib.import_module("lunar_antenna").__file__).parent  # type: ignore[arg-type]
KINDS = {
    "number": "number", "whole": "whole number", "text": "text", "choice": "word",
    "flag": "true or false", "span": "[first, last]", "numbers": "list of numbers",
    "table": "table", "tables": "list of tables",
}  # fmt: skip
_UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Key:
    """name; kind: of the value; default, allowed: as text, empty where not known or not bounded."""

    name: str
    kind: str = ""
    default: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """One table and the function that reads it.  where: dotted module; function: qualified name."""

    where: str
    function: str
    line: int
    keys: tuple[Key, ...] = field(default=())


def readers() -> tuple[Reader, ...]:
    """All of the package, by module and line."""
    found: list[Reader] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if ".only(" in text and path != PACKAGE / "common" / "tables.py":
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            found += _of_module(".".join(parts), ast.parse(text))
    return tuple(found)


def _of_module(where: str, tree: ast.Module) -> list[Reader]:
    module = importlib.import_module(where)
    taken = _taken(tree, module)
    found = []
    for owner, function in _functions(tree):
        for call in _calls(function, {"only"}):
            names = _names(call, function, owner, module)
            near = {**taken, **_of_fields(owner, module), **_taken(function, module)}
            keys = tuple(near.get(name, Key(name)) for name in dict.fromkeys(names))
            qualified = f"{owner}.{function.name}" if owner else function.name
            found.append(Reader(where, qualified, call.lineno, keys))
    return sorted(found, key=lambda item: item.line)


def _functions(tree: ast.Module) -> list[tuple[str, ast.FunctionDef]]:
    """(class or "", function) of the module."""
    found = [("", node) for node in tree.body if isinstance(node, ast.FunctionDef)]
    for holder in tree.body:
        if isinstance(holder, ast.ClassDef):
            found += [(holder.name, n) for n in holder.body if isinstance(n, ast.FunctionDef)]
    return found


def _calls(tree: ast.AST, names: set[str]) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    ]


def _names(call: ast.Call, function: ast.FunctionDef, owner: str, module: Any) -> list[str]:
    """The keys of one ``only``; names that only the function knows are looked for in its "
    "callers."""
    names: list[str] = []
    local = {"cls": getattr(module, owner, None)} if owner else {}
    for argument in call.args:
        star = isinstance(argument, ast.Starred)
        value = _value(argument.value if star else argument, module, local)
        if value is _UNKNOWN:
            value = [v for text in _assigned(argument, function, module) for v in text]
        names += list(value) if star or isinstance(value, list) else [value]
    return names


def _assigned(argument: ast.expr, function: ast.FunctionDef, module: Any) -> list[tuple[str, ...]]:
    """Every value that a name inside ``function``, or of its parameter in a caller, can have."""
    wanted = {node.id for node in ast.walk(argument) if isinstance(node, ast.Name)}
    source = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(source):
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id in wanted for target in node.targets
        ):
            value = _value(node.value, module, {})
            if value is not _UNKNOWN:
                found.append(tuple(value))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function.name:
            for item in node.args:
                value = _value(item, module, {})
                if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
                    found.append(value)
    if not found:
        raise LookupError(f"{module.__name__}.{function.name}: cannot read {ast.unparse(argument)}")
    return found


def _value(node: ast.expr, module: Any, local: dict[str, Any]) -> Any:
    """What the expression is in the module, or :data:`_UNKNOWN`."""
    try:
        return eval(compile(ast.Expression(node), "", "eval"), vars(module), dict(local))
    except Exception:  # names of the function itself
        return _UNKNOWN


def _of_fields(owner: str, module: Any) -> dict[str, Key]:
    """Keys that are the fields of the class whose table is read."""
    held = getattr(module, owner, None) if owner else None
    if held is None or not is_dataclass(held):
        return {}
    kinds = {"int": "whole number", "float": "number", "bool": "true or false", "str": "word"}
    return {
        item.name: Key(item.name, kinds[str(item.type)], _told(item.default))
        for item in fields(held)
        if str(item.type) in kinds and item.default is not MISSING
    }


def _taken(tree: ast.AST, module: Any) -> dict[str, Key]:
    """Keys by name, as the module takes them with the methods of a Table."""
    found: dict[str, Key] = {}
    assert all(hasattr(Table, name) for name in KINDS)
    for call in _calls(tree, set(KINDS)):
        if not call.args:
            continue
        name = _value(call.args[0], module, {})
        if not isinstance(name, str) or name in found:
            continue
        method = call.func.attr  # type: ignore[attr-defined]
        named = {item.arg: _value(item.value, module, {}) for item in call.keywords if item.arg}
        rest = [_value(item, module, {}) for item in call.args[1:]]
        if method == "choice":
            words, rest = (rest[0] if rest else _UNKNOWN), rest[1:]
            allowed = ", ".join(map(str, words)) if isinstance(words, (tuple, list, dict)) else ""
        else:
            allowed = _bounds({"low": 1, **named} if method == "whole" else named)
        default = rest[0] if rest else named.get("default")
        shown = "" if default is None or default is _UNKNOWN else _told(default)
        unit = named.get("unit")
        kind = KINDS[method] + (f", {unit}" if isinstance(unit, str) and unit else "")
        found[name] = Key(name, kind, shown, allowed)
    return found


def _bounds(named: dict[str, Any]) -> str:
    low, high = named.get("low"), named.get("high")
    known = [
        isinstance(end, (int, float)) and not isinstance(end, bool) and math.isfinite(end)
        for end in (low, high)
    ]
    opened = named.get("low_open") is True
    if all(known):
        return f"{'above ' if opened else ''}{low:g} to {high:g}"
    if known[0]:
        return f"{'above' if opened else 'from'} {low:g}"
    return f"up to {high:g}" if known[1] else ""


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_told(item) for item in value)}]"
    return f"{value:g}" if isinstance(value, (int, float)) else f'"{value}"' if value else ""
