"""Where shipped data live: geometries, soil models, measurements, by bare name or by path."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ..errors import InputError
from .checks import did_you_mean
from .files import is_file, is_folder


def folder(kind: str) -> Path:
    """Folder of shipped ``kind`` ("geometries", "soil_models", "measurements", "arrays").

    In a wheel the data are inside the package; in a source tree they stand beside it.
    """
    package = Path(__file__).resolve().parents[1]
    installed = package / "data" / kind
    return installed if installed.is_dir() else package.parent / kind


def names(kind: str, suffix: str = ".toml") -> tuple[str, ...]:
    """Bare names of everything shipped of that kind, sorted."""
    return tuple(sorted(path.stem for path in folder(kind).glob(f"*{suffix}")))


def find(
    kind: str,
    name: str | os.PathLike[str],
    suffix: str = ".toml",
    also: Callable[[], Iterable[str]] = tuple,
    apart: Callable[[], Mapping[str, Iterable[str]]] = dict,
) -> Path:
    """Path of a shipped name or of a file; the error lists what is shipped, and ``also``.

    apart: shipped names that are another kind of thing, listed by themselves under its name.
    """
    text = os.fspath(name)
    if not text.strip():
        raise InputError(f"empty name for {kind}; shipped: {_known(kind, suffix, also, apart)}")
    if len(text) > 240 or "\0" in text:
        raise InputError(
            f"name of {len(text)} characters for {kind}; give a path or a shipped name"
        )
    path = Path(text)
    if path.suffix == suffix or len(path.parts) > 1:
        if is_file(path):
            return path
        if is_folder(path):
            raise InputError(f"{text} is a folder; give a {suffix} file or a shipped name")
        if len(path.parts) > 1:
            raise InputError(f"file {text} does not exist; give a path or a shipped name")
    shipped = folder(kind) / f"{path.name.removesuffix(suffix)}{suffix}"
    if is_file(shipped):
        return shipped
    if is_file(path):
        raise InputError(
            f"{text} exists but is not a {suffix} file; rename it or give a shipped name"
        )
    if is_folder(path):
        raise InputError(f"{text} is a folder; give a {suffix} file or a shipped name")
    near = did_you_mean(path.name.removesuffix(suffix), {*names(kind, suffix), *also()})
    raise InputError(
        f"{text!r} is neither a file nor shipped; {near}shipped {kind}: "
        f"{_known(kind, suffix, also, apart)}"
    )


def _known(
    kind: str,
    suffix: str,
    also: Callable[[], Iterable[str]],
    apart: Callable[[], Mapping[str, Iterable[str]]],
) -> str:
    others = {word: sorted(listed) for word, listed in apart().items()}
    own = {*names(kind, suffix), *also()}.difference(*others.values())
    rest = "".join(f"; {word}: {', '.join(listed)}" for word, listed in others.items() if listed)
    return ", ".join(sorted(own)) + rest
