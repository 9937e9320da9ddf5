"""Each panel and view mode offers what it did: all that a screen reader finds, in order."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface

from corpus.frozen import SAID, compare, kept
from nameplate.ui.grid import accessible
from qt_help import wait

_VARYING = re.compile(r"[\d.,]+ ?(ms|s|/s|MB|GB|seconds?|minutes?)\b|\d+ \w+ 20\d\d|[0-9a-f]{8}")


def take(window, step, pictures):
    """Take a step."""
    match step:
        case "open":
            window.main.activateWindow()
            window.open(pictures)
            window.add("red", "green", "blue")
            window.wait_until_read()
            wait(lambda: "Check 1 page" in window.tools_seen())
        case "select all":
            window.press("Ctrl+A")
        case _:
            window.menu(step)
    window.wait_until_nothing_waits()
    main = window.main
    wait(lambda: not main.jobs.is_busy and main.thumbnails.is_idle and main.inspector.is_settled)
    panel = main.exporting.panel
    wait(lambda: panel.has_preview or not panel.is_open)  # it is asked for a moment later


def offered(interface: QAccessibleInterface) -> list[str]:
    """Return a line for each thing that a screen reader finds, its children after it."""
    state = interface.state()
    if state.invisible and interface.role() != QAccessible.Role.Application:
        return []
    name = interface.text(QAccessible.Text.Name)
    value = interface.text(QAccessible.Text.Value)
    if interface.role() == QAccessible.Role.ComboBox:
        name = value  # as Qt names them on Linux; elsewhere by their labels
    flags = [flag for flag in ("checked", "disabled", "readOnly") if getattr(state, flag)]
    line = " ".join([interface.role().name, name, value and f"= {value}", *flags])
    lines = [_VARYING.sub("#", " ".join(line.split()))] if name or value else []
    for number in range(interface.childCount()):
        if (child := interface.child(number)) is not None:
            lines += offered(child)
    return lines


@pytest.fixture(autouse=True, scope="module")
def pictures_are_told_as_in_the_program(qapp):
    """The program installs what tells screen readers of the pictures; other tests may have, too."""
    accessible.install()


@pytest.mark.parametrize("file", kept("window-*"))
def test_what_is_offered_is_what_was(file, window, coloured: Path):
    """A first line says what a person does before: menu entries, or the steps of `take`.

    Of a feature it is its panel alone, so that a new action elsewhere changes nothing there.
    """
    first, *_ = file.read_text(encoding="utf-8").splitlines()
    for step in filter(None, first.removeprefix("#").strip().split(", ")):
        take(window, step, coloured)
    main = window.main
    shown = main if file.parent == SAID else main.middle.currentWidget()
    lines = offered(QAccessible.queryAccessibleInterface(shown))
    text = "\n".join(lines).replace(str(coloured.parent), "<place>")
    compare(file, f"{first}\n{text}\n")


def test_each_menu_entry_is_where_it_was(window):
    entries = [
        f"{entry.text()} | {entry.shortcut().toString()} | {entry.toolTip()}"
        for entry in window.menu_entries()
    ]
    compare(SAID / "menus.txt", "\n".join(entries) + "\n")
