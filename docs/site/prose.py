"""Docstrings of this project as pages: paragraphs, drawings and tables kept as they stand.

A docstring is prose in paragraphs, blocks indented against it that are meant as they stand (a file,
a drawing, a formula), and lines ``name: what it is``.  None of it is reStructuredText: a bar or a
star in it is a bar or a star.  :func:`blocks` takes it apart, :func:`markdown` and
:func:`restructured` put it together again, with every sign of theirs escaped.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_ROLE = re.compile(r":[a-z]+:`[~.]*([^`<]+?)(?: <[^`]*>)?`")
_CODE = re.compile(r"(``.+?``)")
_NAMED = re.compile(r"^(?:`{0,2}[*\w.]+`{0,2}(?:, )?)+: ")
_ITEM = re.compile(r"^[-*] ")
_ENTRY = re.compile(r"^(\[.*\]$|\w+ += |\s)")  # a line of TOML


class Block(NamedTuple):
    """kind: "text", "item" (of a list) or "as it stands"."""

    kind: str
    text: str


def blocks(docstring: str | None) -> list[Block]:
    """The docstring's parts in order."""
    found: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(docstring or "")):
        lines = paragraph.rstrip().splitlines()
        if not lines:
            continue
        if lines[0][0] == " ":
            held = "\n".join(lines)
            if found and found[-1].kind == "as it stands":
                held = f"{found.pop().text}\n\n{held}"
            found.append(Block("as it stands", held))
            continue
        table = all(_ENTRY.match(line) for line in lines)
        if table or (any(line[0] == " " for line in lines[1:]) and not _is_list(lines)):
            found.append(Block("as it stands", "\n".join(lines)))
            continue
        found += _paragraph(lines)
    return found


def _is_list(lines: Sequence[str]) -> bool:
    return bool(_ITEM.match(lines[0]) or _NAMED.match(lines[0]))


def _paragraph(lines: Sequence[str]) -> list[Block]:
    """One text, or items where lines begin as ``name: `` or with a dash do."""
    found: list[Block] = []
    for line in lines:
        starts = _ITEM.match(line) or _NAMED.match(line)
        if starts or not found:
            text = _ITEM.sub("", line)
            found.append(Block("item" if starts else "text", text))
        else:
            last = found.pop()
            found.append(Block(last.kind, f"{last.text} {line.strip()}"))
    return found


def markdown(docstring: str | None) -> str:
    """As Markdown."""
    parts = []
    for kind, text in blocks(docstring):
        if kind == "as it stands":
            parts.append(fenced(inspect.cleandoc("\n" + text)))
        else:
            parts.append(f"- {inline(text)}" if kind == "item" else inline(text))
    return "\n\n".join(parts)


def restructured(docstring: str | None) -> list[str]:
    """As lines of reStructuredText."""
    lines: list[str] = []
    for kind, text in blocks(docstring):
        if kind == "as it stands":
            body = inspect.cleandoc("\n" + text).splitlines()
            lines += [".. code-block:: text", "", *(f"   {line}" for line in body), ""]
        else:
            shown = _each(text, str, _restructured_text)
            lines += [f"- {shown}" if kind == "item" else shown, ""]
    return lines


def inline(text: str) -> str:
    """One line or paragraph of a docstring as Markdown."""
    return _each(text, _markdown_code, markdown_text)


def first(docstring: str | None) -> str:
    """The first paragraph as one line of Markdown."""
    return inline(inspect.cleandoc(docstring or "").partition("\n\n")[0].replace("\n", " "))


def _each(text: str, code: object, plain: object) -> str:
    pieces = _CODE.split(_ROLE.sub(lambda match: f"``{match[1]}``", text))
    return "".join((code if k % 2 else plain)(piece) for k, piece in enumerate(pieces))  # type: ignore[operator]


def _markdown_code(text: str) -> str:
    return f"`{text[2:-2]}`"


def markdown_text(text: str) -> str:
    """Plain words with every sign of Markdown escaped."""
    return re.sub(r"([\\`*_{}\[\]<>$|~#])", r"\\\1", text)


def _restructured_text(text: str) -> str:
    return re.sub(r"([\\*`|_])", r"\\\1", text)


def fenced(text: str, language: str = "text") -> str:
    """A block as it stands, whatever it holds."""
    ticks = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace(chr(10), ' ') for cell in row)} |" for row in lines
    )


def code(value: object) -> str:
    """A value as code in a cell; an empty one leaves it empty."""
    text = str(value)
    return f"`{text}`".replace("|", "\\|") if text else ""
