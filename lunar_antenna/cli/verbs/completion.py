"""``lunar-antenna completion``: the script that makes a shell complete its words."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import options
from ..completion import COMPLETE
from ..failures import PROGRAM
from ..output import Answer
from .base import Verb

HELP = """Print the script that completes words in bash, zsh or fish.

Verbs, options, geometries, soils, solvers and formats; files where none of them fits.

\b
Example:
  eval "$(lunar-antenna completion bash)"                    # now; in ~/.bashrc for always
  lunar-antenna completion zsh >> ~/.zshrc
  lunar-antenna completion fish > ~/.config/fish/completions/lunar-antenna.fish
"""
_BASH = f"""_lunar_antenna() {{
    local IFS=$'\\n' current="${{COMP_WORDS[COMP_CWORD]}}"
    local before=("${{COMP_WORDS[@]:1:COMP_CWORD-1}}")
    COMPREPLY=($({PROGRAM} {COMPLETE} "$current" "${{before[@]}}" 2>/dev/null))
}}
complete -o default -o bashdefault -F _lunar_antenna {PROGRAM}
"""
_ZSH = f"""autoload -Uz compinit && compinit
_lunar_antenna() {{
    local -a found before
    before=("${{(@)words[2,CURRENT-1]}}")
    found=(${{(f)"$({PROGRAM} {COMPLETE} "${{words[CURRENT]}}" "${{before[@]}}" 2>/dev/null)"}})
    if (( $#found )); then compadd -a found; else _files; fi
}}
compdef _lunar_antenna {PROGRAM}
"""
_FISH = f"""complete -c {PROGRAM} -a '(set -l w (commandline -opc); {PROGRAM} {COMPLETE} \
    (commandline -ct) $w[2..-1] 2>/dev/null)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    from ...common.checks import choice

    choice("SHELL", shell, tuple(SCRIPTS))
    return Answer({"shell": shell, "script": SCRIPTS[shell]}, SCRIPTS[shell])


VERB = Verb("completion", HELP, completion)
