"""Man page and shell completion, from the commands as the program declares them."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

os.environ["COLUMNS"] = "80"  # of usages in the man page

import shtab
from argparse_manpage.manpage import Manpage

from nameplate import __version__
from nameplate.cli.main import COMMANDS, parser_of
from nameplate.cli.options import some_path, some_text

SHELLS: Final = ("bash", "zsh", "fish")


def man_page() -> str:
    """Return the man page of `nameplate` with all commands, in roff."""
    facts = {
        "project_name": "Nameplate",
        "version": __version__,
        "manual_title": "Nameplate",
        "description": "label pictures by naming things",
    }
    return str(Manpage(parser_of(*COMMANDS), facts))


def completions() -> dict[str, str]:
    """Return a completion script for each of `SHELLS`."""
    parser = parser_of(*COMMANDS)
    for action in _actions(parser):
        if action.type in (some_path, some_text):
            action.complete = shtab.FILE
    scripts = {shell: shtab.complete(parser, shell) for shell in SHELLS}
    # The first word may be a folder or a project as well, which shtab knows nothing of.
    scripts["bash"] = scripts["bash"].replace("-o bashdefault", "-o bashdefault -o default")
    return scripts


def write(share: Path, zsh_folder: str) -> None:
    """Write the man page and the completions below `share`, where each shell looks."""
    scripts = completions()
    for name, text in (
        ("man/man1/nameplate.1", man_page()),
        ("bash-completion/completions/nameplate", scripts["bash"]),
        ("fish/vendor_completions.d/nameplate.fish", scripts["fish"]),
        (f"zsh/{zsh_folder}/_nameplate", scripts["zsh"]),
    ):
        file = share / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the options and arguments of a parser and of all commands below it."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no public list of them
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - likewise
            for sub in action.choices.values():
                yield from _actions(sub)
