"""The command line: every verb with its arguments, options and example, as the program has them."""

from __future__ import annotations

import re
from typing import Any

from prose import code, fenced, markdown_text, table

EXIT_CODES = "[exit codes](../guide.md#command-line)"


def page() -> str:
    from lunar_antenna.cli.verbs import VERBS

    parts = [
        "# Command line",
        "What `lunar-antenna VERB --help` says. Every verb has `--json`: one JSON document on "
        "stdout, all "
        f"else on stderr. What the verbs mean for each other, and the {EXIT_CODES}, are in "
        f"the guide.",
    ]
    for name in VERBS.names():
        parts += _verb(name)
    return "\n\n".join(parts)


def command(name: str) -> Any:
    """The verb's command as the program makes it."""
    from typer.main import get_group

    from lunar_antenna.cli.main import build

    return get_group(build(name)).commands[name]


def _verb(name: str) -> list[str]:
    found = command(name)
    inner = getattr(found, "commands", None)
    parts = [f"## {name}", *_help(found.help)]
    if inner is None:
        return [*parts, *_parameters(name, found)]
    for sub, item in inner.items():
        parts += [f"### {name} {sub}", *_help(item.help), *_parameters(f"{name} {sub}", item)]
    return parts


def _help(text: str | None) -> list[str]:
    """Paragraphs; what stands below a line of a backspace alone stands as it is."""
    parts = []
    for paragraph in re.split(r"\n\s*\n", (text or "").strip()):
        if paragraph.startswith("\b\n"):
            parts.append(fenced(paragraph[2:], "console"))
        else:
            parts.append(markdown_text(re.sub(r"\s*\n\s*", " ", paragraph)))
    return parts


def _parameters(name: str, found: Any) -> list[str]:
    arguments = [p for p in found.params if p.param_type_name == "argument"]
    options = [p for p in found.params if p.param_type_name == "option"]
    usage = " ".join(_shown(item) for item in arguments)
    rows = [(code(_shown(p)), markdown_text(getattr(p, "help", None) or ""), "") for p in arguments]
    for item in options:
        words = ", ".join([*item.opts, *item.secondary_opts])
        taken = f" {item.metavar}" if item.metavar and not item.is_flag else ""
        if not taken and not item.is_flag:
            taken = f" {_type(item)}"
        rows.append((code(words + taken), markdown_text(item.help or ""), _default(item)))
    call = f"lunar-antenna {name} {usage} [OPTIONS]".replace("  ", " ")
    return [fenced(call, "console"), table(("argument or option", "meaning", "default"), rows)]


def _shown(argument: Any) -> str:
    name = argument.metavar or argument.human_readable_name
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _default(item: Any) -> str:
    value = item.default
    if value is None or callable(value) or value is False or type(value).__name__ == "Sentinel":
        return ""
    return code(value) if value not in ((), [], "") else ""


def _type(item: Any) -> str:
    """What kind of value an option without a word of its own takes."""
    held = getattr(item, "type_descriptor", None)  # of typer's own options
    name = str(getattr(held, "annotation", "") or getattr(getattr(item, "type", ""), "name", ""))
    words = {"float": "NUMBER", "int": "NUMBER", "integer": "NUMBER", "str": "TEXT", "Path": "FILE"}
    return next((word for part, word in words.items() if part in name), "TEXT")
