"""Things by name: each is one module of a folder, or an entry point of another package.

A family, modifier, merit, export format, solver or verb is added by one new file in its folder,
which the registry walks; the file's name is the thing's name and its upper-case constant (FAMILY,
MODIFIER, ...) the thing.  A package outside adds one by an entry point:

    [project.entry-points."lunar_antenna.families"]
    zigzag = "lunar_extras.zigzag:FAMILY"

Names are known without importing anything; a thing is imported when it is first asked for.  What
is wrong with a package outside never disturbs the rest: a name that is taken is not used, one that
cannot be imported is an error in one line for who asks for it, and is left out of listings.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from ..errors import InputError, one_line

T = TypeVar("T")
PREFIX = "lunar_antenna."  # of all groups of entry points
_MARK = f"[{PREFIX}".encode()


class Outside(NamedTuple):
    """An entry point of another package: ``value`` is "module:object"."""

    group: str
    name: str
    value: str
    package: str
    version: str

    def __str__(self) -> str:
        return f"{self.name!r} of package {self.package} ({self.value})"

    @property
    def module(self) -> str:
        return self.value.partition(":")[0].strip()

    def load(self) -> Any:
        """The object; whatever its module raises."""
        path = self.value.partition(":")[2]
        found: Any = importlib.import_module(self.module)
        for part in path.split("[")[0].strip().split(".") if path.strip() else ():
            found = getattr(found, part)
        return found


class Registry(Generic[T]):
    """All things of one kind.

    package: the folder walked, as a dotted name; modules named in ``beside``, ``base`` and names
    with a leading underscore hold no thing.  thing, things: the words of messages.  attribute: the
    constant of a module that is the thing or, with ``several``, a tuple of things with names of
    their own.  kind: a thing is an instance of it, or with ``classes`` a subclass.  A thing that
    has a ``name`` is registered under that name.  error: what an unknown name raises.
    """

    def __init__(
        self,
        package: str,
        *,
        thing: str,
        things: str,
        attribute: str,
        kind: type,
        classes: bool = False,
        several: bool = False,
        beside: tuple[str, ...] = (),
        error: type[InputError] = InputError,
    ) -> None:
        self.package = package
        self.group = f"{PREFIX}{things.replace(' ', '_')}"
        self.thing, self.things = thing, things
        self._attribute, self._kind = attribute, kind
        self._classes, self._several = classes, several
        self._beside = frozenset((*beside, "base"))
        self._error = error
        self.refresh()

    def refresh(self) -> None:
        """Forget everything that was found: for tests, and after an installation."""
        self._inside: dict[str, str | T] | None = None
        self._outside: dict[str, Outside] = {}
        self._refused: dict[Outside, str] = {}
        self._loaded: dict[str, T] = {}

    def names(self) -> tuple[str, ...]:
        """Names inside, sorted, then those of packages outside, sorted."""
        return (*sorted(self._found()), *sorted(self._outside))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._found() or name in self._outside)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def get(self, name: object, also: tuple[str, ...] = ()) -> T:
        """The thing of that name, imported if need be.

        also: further names that the message about an unknown one lists.  Raises ``error`` for an
        unknown name and for a thing of a package outside that cannot be used.
        """
        if isinstance(name, str) and name in self._loaded:
            return self._loaded[name]
        inside = self._found()
        if isinstance(name, str) and name in inside:
            held = inside[name]
            self._loaded[name] = self._of_module(held)[name] if isinstance(held, str) else held
            return self._loaded[name]
        if isinstance(name, str) and name in self._outside:
            self._loaded[name] = self._of_package(self._outside[name])
            return self._loaded[name]
        refused = next((item for item in self._refused if item.name == name), None)
        if refused is not None:
            raise self._error(f"{self.thing} {self._refused[refused]}")
        from .checks import did_you_mean, shown

        known = (*self.names(), *also)
        raise self._error(
            f"{self.thing} {shown(name)} is not known; {did_you_mean(name, known)}{self.things}: "
            f"{', '.join(known) or 'none'}"
        )

    def module(self, name: str) -> str:
        """Dotted name of the module that holds the thing; nothing is imported."""
        if name in self._found():
            return f"{self.package}.{name}"
        return self._outside[name].module

    def all(self) -> dict[str, T]:
        """Every thing that can be used, by name; others are left out, with a warning each."""
        found: dict[str, T] = {}
        for name in self.names():
            try:
                found[name] = self.get(name)
            except InputError as error:
                if name not in self._outside:
                    raise
                _warn(str(error))
        return found

    def outside(self) -> tuple[tuple[Outside, str | None], ...]:
        """Every entry point of the group and what is wrong with it, or None."""
        self._found()
        rows: list[tuple[Outside, str | None]] = [*self._refused.items()]
        for name, entry in sorted(self._outside.items()):
            try:
                self.get(name)
                rows.append((entry, None))
            except InputError as error:
                rows.append((entry, str(error)))
        return tuple(rows)

    def _found(self) -> dict[str, str | T]:
        """Inside things by name: the module, or with ``several`` the thing itself."""
        if self._inside is None:
            self._inside = self._walk()
            self._sort_out(self._inside)
        return self._inside

    def _walk(self) -> dict[str, str | T]:
        """What the folder holds, by name."""
        names = (name for name in _modules(self.package) if name not in self._beside)
        modules = [name for name in names if name[0] != "_"]
        if not self._several:
            return {name: name for name in modules}
        every: dict[str, str | T] = {}
        for module in modules:
            for name, held in self._of_module(module).items():
                if name in every:
                    raise AssertionError(f"{self.thing} {name} is defined twice")
                every[name] = held
        return every

    def _entries(self) -> Iterable[Outside]:
        """What packages outside add."""
        return outside(self.group)

    def _load(self, entry: Outside) -> Any:
        """The thing of an entry point; whatever goes wrong there is raised."""
        return entry.load()

    def _sort_out(self, inside: dict[str, str | T]) -> None:
        """Entry points into usable ones and those whose name is taken."""
        by_name: dict[str, list[Outside]] = {}
        for entry in self._entries():
            by_name.setdefault(entry.name, []).append(entry)
        for name, entries in by_name.items():
            if name in inside or len(entries) > 1:
                owners = [f"package {item.package}" for item in entries]
                if name in inside:
                    owners.append("lunar-antenna itself")
                for item in entries:
                    self._refused[item] = (
                        f"{item} is not used: the name is given by {' and '.join(owners)}; "
                        "rename one or uninstall its package"
                    )
                    _warn(f"{self.thing} {self._refused[item]}")
            else:
                self._outside[name] = entries[0]

    def _of_module(self, module: str) -> dict[str, T]:
        """The things of an inside module by name; a mistake there is one of this package."""
        where = f"{self.package}.{module}"
        held = getattr(importlib.import_module(where), self._attribute)
        things = held if self._several else (held,)
        result: dict[str, T] = {}
        for thing in things:
            name = getattr(thing, "name", module)
            wrong = self._wrong(thing, name if self._several else module)
            if wrong is not None:
                raise AssertionError(f"{where}.{self._attribute} {wrong}")
            result[name] = thing
        return result

    def _of_package(self, entry: Outside) -> T:
        fix = f"repair or uninstall {entry.package}"
        try:
            thing: T = self._load(entry)
        except (Exception, SystemExit) as error:  # whatever a foreign module does when imported
            raise self._error(
                f"{self.thing} {entry} cannot be loaded, "
                f"{one_line(f'{type(error).__name__}: {error}')}; {fix}"
            ) from error
        wrong = self._wrong(thing, entry.name)
        if wrong is not None:
            raise self._error(f"{self.thing} {entry} {wrong}; {fix}")
        return thing

    def _wrong(self, thing: object, name: str) -> str | None:
        """What keeps ``thing`` from being the one of that name, or None."""
        where = f"{self._kind.__module__}.{self._kind.__qualname__}"
        if self._classes:
            if not (isinstance(thing, type) and issubclass(thing, self._kind)):
                return f"is no subclass of {where}"
        elif not isinstance(thing, self._kind):
            return f"is no {where}"
        own = getattr(thing, "name", name)
        return None if own == name else f"calls itself {own!r}, not {name!r}"


def outside(group: str) -> tuple[Outside, ...]:
    """Entry points of a group, of all installed packages.

    Reading the metadata of every package takes time that help should not; it is done only where
    some package has entry points for this one at all.
    """
    return tuple(entry for entry in installed() if entry.group == group)


def installed() -> tuple[Outside, ...]:
    """Entry points of all groups."""
    return _installed(tuple(sys.path))


@lru_cache(maxsize=4)
def _installed(path: tuple[str, ...]) -> tuple[Outside, ...]:
    if not any(_declares(folder) for folder in path):
        return ()
    from importlib import metadata

    found = []
    for group in metadata.entry_points().groups:
        for entry in metadata.entry_points(group=group) if group.startswith(PREFIX) else ():
            owner = ("unknown", "") if entry.dist is None else (entry.dist.name, entry.dist.version)
            found.append(Outside(group, entry.name, entry.value, *owner))
    return tuple(sorted(found, key=lambda item: (item.group, item.name, item.package)))


def _declares(folder: str) -> bool:
    """Whether a package installed in ``folder`` has an entry point for this one.

    Asked of every installed package before help is shown, so the slower pathlib is left out.
    """
    try:
        items = [item.path for item in os.scandir(folder or os.curdir) if _is_metadata(item.name)]
    except OSError:  # no folder: an archive, or a path that is not there
        return folder.endswith((".zip", ".egg")) and Path(folder).is_file()
    for item in items:
        try:
            with open(f"{item}/entry_points.txt", "rb", buffering=0) as file:  # noqa: PTH123
                if _MARK in file.read():
                    return True
        except OSError:
            continue
    return False


def _is_metadata(name: str) -> bool:
    return name.endswith((".dist-info", ".egg-info"))


def source(module: str) -> str:
    """Source text of a module; it is not imported, nor its packages; "" where there is none."""
    import importlib.machinery

    parts = module.split(".")
    known = max(n for n in range(len(parts)) if n == 0 or ".".join(parts[:n]) in sys.modules)
    path: Sequence[str] | None = None
    if known:
        path = getattr(sys.modules[".".join(parts[:known])], "__path__", [])
    loader: Any = None
    for count in range(known + 1, len(parts) + 1):
        spec = importlib.machinery.PathFinder.find_spec(".".join(parts[:count]), path)
        if spec is None:
            return ""
        path, loader = spec.submodule_search_locations, spec.loader
    try:
        return loader.get_source(module) or ""
    except (AttributeError, ImportError, SyntaxError):  # no text, or text in no known encoding
        return ""


def _modules(package: str) -> list[str]:
    """Names of the modules and packages in the folder of a package."""
    items = (
        item
        for folder in importlib.import_module(package).__path__
        for item in Path(folder).iterdir()
    )
    return [i.stem for i in items if i.suffix == ".py" or (i / "__init__.py").is_file()]


@lru_cache(maxsize=256)
def _warn(message: str) -> None:
    """Once each."""
    import logging

    logging.getLogger(__name__).warning("%s", message)
