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
            best, found = strength, option if option in _SECRET else f"{option} {value}"
    return f"{found}: {message}" if found else message


def _pairs(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Options that have a value, with it."""
    for index, item in enumerate(arguments):
        option, equals, value = item.partition("=")
        if not option.startswith("--") or option == "--":
            continue
        if equals:
            yield option, value
        elif index + 1 < len(arguments) and not arguments[index + 1].startswith("--"):
            yield option, arguments[index + 1]


def _about(message: str, option: str, value: str) -> int:
    """How surely the message is about the option: 0 not at all.

    3 where its name and value stand there, 2 where its name has a value there, 1 where its value is
    quoted.
    """
    left, _, right = value.partition("=")
    own = bool(right) and option not in _SECRET
    name, text = (left.strip(" <>"), right.strip()) if own else (option.lstrip("-"), value)
    word = rf"(?<![\w-]){re.escape(name).replace(re.escape('-'), '[-_ ]')}(?![\w-])"
    if re.search(word, message):
        if option in _SECRET:
            return 1
        if any(_stands(item, message) for item in _spellings(text)):
            return 3
        if re.search(f"{word} = ", message):
            return 2
    return int(repr(value) in message or message.startswith(f"{value} "))


def _stands(text: str, message: str) -> bool:
    if not text:
        return "empty" in message
    return bool(re.search(rf"(?<![\w.-]){re.escape(text)}(?![\w-])", message))


def _spellings(value: str) -> Iterator[str]:
    """The value as given and as messages write numbers: 0.50 is 0.5 there."""
    yield value
    try:
        numbers = [float(part) for part in value.split(":")]
    except ValueError:
        return
    yield ":".join(f"{number:g}" for number in numbers)
