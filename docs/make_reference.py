"""Writes the reference from what the program declares: `python docs/make_reference.py [DIR]`.

Keys, commands, conditions of the filter and formats of exports, each a page of `docs/reference`. A
test says when a page is no longer what would be written.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

os.environ["COLUMNS"] = "100"  # of the help of commands

from nameplate.cli.main import COMMANDS
from nameplate.domain.filtering.conditions import keys
from nameplate.domain.filtering.typed import parse
from nameplate.formats.export_format import Target
from nameplate.formats.registry import FORMATS, options_of
from nameplate.plug_ins.feature import MENUS
from nameplate.plug_ins.registry import findings
from nameplate.ui.actions.keys import shown_key
from nameplate.ui.actions.table import ACTIONS, FIXED_KEYS, group_of
from nameplate.wording.filters import term_text
from nameplate.wording.texts import what_of

FOLDER = Path(__file__).parent / "reference"


def pages() -> dict[str, str]:
    """Return the text of each page, by its file name."""
    return {
        "keys.md": _page("Keys", "*Change keys…* gives actions other keys.", _keys()),
        "commands.md": _page("Commands", "What `nameplate COMMAND --help` prints.", _commands()),
        "conditions.md": _page("Conditions of the filter", _HOW, _conditions()),
        "formats.md": _page("Export formats", _CONTENTS, _formats()),
    }


_HOW = (
    "All words must hold; `-` before one means its opposite. A text without a key is looked for in "
    "the path."
)
_CONTENTS = "What each contains, exactly: [formats](../formats.md)."


_ANY = {
    "name": ("`name:cat`", "Labelled so, or suggested so and undecided"),
    "like": ("`like:a red car`", "Everything, the most similar first"),
    "folder": ("`folder:2024/may`", "In that folder or below"),
}
"""Of conditions whose value can be anything."""


def _page(title: str, first: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", first, "", *lines, ""])


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{' --- |' * len(titles)}"
    for cells in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
    yield ""


def _keys() -> Iterator[str]:
    groups: dict[str, list[tuple[str, ...]]] = {menu: [] for menu in MENUS}
    for one in ACTIONS:
        shown = ", ".join(map(shown_key, one.keys))
        groups.setdefault(group_of(one.id), []).append((shown, one.text, one.tip))
    for group, fixed in FIXED_KEYS.items():
        groups.setdefault(group, []).extend((key, text, "") for key, text in fixed)
    for group, rows in groups.items():
        yield f"## {group}"
        yield ""
        yield from _table(("key", "action", ""), rows)


def _commands() -> Iterator[str]:
    for name, command in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=f"nameplate {name}", description=command.help)
        importlib.import_module(command.module).add_options(parser)
        yield f"## {name}"
        yield ""
        yield "```"
        yield parser.format_help().rstrip()
        yield "```"
        yield ""


_VALUES: Final = {"days": "2024-05..2024-06", "texts": "text"}
"""Of what features find besides words."""


def _conditions() -> Iterator[str]:
    rows = list[tuple[str, ...]]()
    for key, declared in keys(findings()).items():
        rows += [_ANY[key]] if key in _ANY else []
        values = (_VALUES[one.values] for one in findings() if one.key == key and one.values)
        typed = (*declared.words, *(f"{key}:{value}" for value in values), *declared.examples)
        rows += [(f"`{word}`", _said(word)) for word in typed if declared.is_shown]
    yield from _table(("type", "shows"), dict.fromkeys(rows))


def _said(word: str) -> str:
    """Return what a condition is called on a chip; empty where it is to be gone on with."""
    return "; ".join(term_text(term, ()) for term in parse(word, (), findings()).filter.terms)


def _formats() -> Iterator[str]:
    what = {Target.FILE: "a file", Target.FOLDER: "a folder", Target.SIDECARS: "sidecars"}
    for one in FORMATS.values():
        yield f"## {one.title} (`{one.id}`)"
        yield ""
        ending = f" `{one.ending}`" if one.ending else ""
        yield f"{what_of(one.purpose)} Writes {what[one.target]}{ending}."
        yield ""
        options = [(f"`{flag}`", text) for flag, text in options_of(one)]
        yield from _table(("option", ""), options) if options else ()


def main(folder: Path) -> None:
    """Write all pages into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
