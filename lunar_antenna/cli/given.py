"""Which option a complaint is about: the library speaks of ``height``, the user wrote ``--height``.

A message that names no option is about the one whose name and value, as given, both stand in it;
else about the one whose name has a value there: ``height = ...``.  Of NAME=VALUE options the name
is theirs: ``--set gap=5`` is meant by "gap = 5 m leaves no arms".  Addresses, which may hold a
password, are never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_SECRET = ("--storage", "--scheduler")


def with_option(message: str, arguments: Sequence[str]) -> str:
    """``message`` with the option that it is about in front, where it names none."""
    best, found = 0, ""
    for option, value in _pairs(arguments):
        if re.search(rf"{re.escape(option)}(?![\w-])", message):
            return message
        strength = _about(message, option, value)
        if strength > best:
            best, found = strength, f"{option} {value}"
    return f"{found}: {message}" if found else message


def _pairs(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Options that have a value, with it."""
    for index, item in enumerate(arguments):
        option, equals, value = item.partition("=")
        if not option.startswith("--") or option == "--" or option in _SECRET:
            continue
        if equals:
            yield option, value
        elif index + 1 < len(arguments) and not arguments[index + 1].startswith("--"):
            yield option, arguments[index + 1]


def _about(message: str, option: str, value: str) -> int:
    """2 where name and value stand in the message, 1 where the name has a value there, else 0."""
    left, _, right = value.partition("=")
    name, text = (left.strip(" <>"), right.strip()) if right else (option.lstrip("-"), value)
    word = rf"(?<![\w-]){re.escape(name).replace(re.escape('-'), '[-_ ]')}(?![\w-])"
    if not re.search(word, message):
        return 0
    if any(_stands(item, message) for item in _spellings(text)):
        return 2
    return int(re.search(f"{word} = ", message) is not None)


def _stands(text: str, message: str) -> bool:
    return bool(text) and bool(re.search(rf"(?<![\w.-]){re.escape(text)}(?![\w-])", message))


def _spellings(value: str) -> Iterator[str]:
    """The value as given and as messages write numbers: 0.50 is 0.5 there."""
    yield value
    try:
        numbers = [float(part) for part in value.split(":")]
    except ValueError:
        return
    yield ":".join(f"{number:g}" for number in numbers)
