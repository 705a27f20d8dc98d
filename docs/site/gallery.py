"""The gallery: every picture of docs/images, the script that makes it, and what it shows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from prose import markdown_text


def page(root: Path) -> str:
    """By script; LookupError for a picture that none makes."""
    scripts = [
        *sorted((root / "docs" / "figures").glob("*.py")),
        *sorted((root / "benchmarks").glob("*.py")),
        root / "tests" / "validation" / "book.py",
    ]
    left = {path.name for path in (root / "docs" / "images").glob("*.png")}
    parts = [
        "# Gallery\n\nEvery picture of these pages, with the script that makes it again: "
        "`python docs/figures/NAME.py`."
    ]
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        made = [name for name in dict.fromkeys(re.findall(r"[\w]+\.png", text)) if name in left]
        made += [name for name in sorted(left) if name not in made and _stem(name, text)]
        if not made:
            continue
        left -= set(made)
        first = (
            (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0].partition("  Run")[0]
        )
        first = first.replace("\n", " ").strip()
        parts.append(f"## {script.stem.replace('_', ' ').capitalize()}")
        parts.append(f"{markdown_text(first)} (`{script.relative_to(root)}`)")
        parts += [f"![{name.partition('.')[0].replace('_', ' ')}](images/{name})" for name in made]
    if left:
        raise LookupError(f"no script makes {', '.join(sorted(left))}")
    return "\n\n".join(parts)


def _stem(name: str, text: str) -> bool:
    """Whether the script makes a family of names that this one belongs to (f"a_{x}mhz.png")."""
    return any(
        re.fullmatch(re.sub(r"\\\{.*?\\\}", r"\\w+", re.escape(pattern)), name)
        for pattern in re.findall(r'f"([^"]*\{[^"]*\}[^"]*\.png)"', text)
    )
