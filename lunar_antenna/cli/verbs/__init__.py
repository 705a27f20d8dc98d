"""Verbs of the command line; each is a module of its own name, imported when it is called."""

from __future__ import annotations

import re

from ...common.registry import Registry, source
from .base import Verb

VERBS: Registry[Verb] = Registry(
    "lunar_antenna.cli.verbs", thing="verb", things="verbs", attribute="VERB", kind=Verb
)
_FIRST_LINE = re.compile(r'^HELP(?:: str)? = r?("""|\'\'\'|"|\')(.*?)(?:\1|$)', re.M)


def first_line(name: str) -> str:
    """What the verb does, in one line, read from its source: nothing is imported."""
    found = _FIRST_LINE.search(source(VERBS.module(name)))
    return found.group(2).strip() if found else f"see lunar-antenna {name} --help"
