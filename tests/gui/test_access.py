"""Whatever is opened can be told by a screen reader, and reached and left by keys."""

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface

from nameplate.ui.actions.table import ACTIONS
from nameplate.ui.grid import accessible
from window_fixtures import read_in

Role, NAME = QAccessible.Role, QAccessible.Text.Name

CONTROLS = {
    *(Role.Button, Role.ButtonMenu, Role.CheckBox, Role.RadioButton, Role.ComboBox),
    *(Role.EditableText, Role.SpinBox, Role.Slider, Role.List, Role.Table, Role.Tree),
    *(Role.Link, Role.MenuItem, Role.ListItem, Role.ProgressBar),
}

PLACES = {Role.Client, Role.NoRole, Role.Pane}
"""Roles of what only holds others, which must not take the focus."""

CELLS = {Role.TreeItem, Role.Cell}
"""Empty ones are told by their row."""

ELSEWHERE = {
    *("quit", "add_folder", "add_files", "open_project", "save_project"),
    *("open_picture", "show_file", "full_screen", "copy", "paste", "import_labels"),
    *("compare_projects", "find_missing"),
}
"""Actions that ask the system for a file, or start another program."""


def complaints(interface: QAccessibleInterface) -> list[str]:
    """Return what could not be told: controls without a name, and places that take the focus.

    What lies within a control, as the list of a combo box, goes by its name.
    """
    state, role = interface.state(), interface.role()
    if state.invisible and role != Role.Application:
        return []
    lines = []
    takes_focus = state.focusable and not state.disabled
    if role not in CELLS and not interface.text(NAME).strip():
        holder = interface.parent()
        what = f"{role.name} in {holder.text(NAME) or holder.object()}"
        if role in CONTROLS or (takes_focus and role not in PLACES):
            lines.append(f"without a name: {what}")
        elif takes_focus:
            lines.append(f"takes the focus: {what}")
    children = () if role == Role.ComboBox else range(interface.childCount())
    for number in children:
        if (child := interface.child(number)) is not None:
            lines += complaints(child)
    return lines


@pytest.fixture(scope="module", autouse=True)
def _pictures_are_told_as_in_the_program(qapp):
    accessible.install()


def test_each_control_of_each_panel_has_a_name(window, coloured):
    window.main.activateWindow()
    window.open(coloured)
    window.add("red", "green", "blue")
    window.wait_until_read()
    found = {}
    for action in ACTIONS:
        entry = window.main.actions_by_id[action.id]
        if action.id in ELSEWHERE or not entry.isEnabled():
            continue
        entry.trigger()
        window.let_work()
        lines = complaints(QAccessible.queryAccessibleInterface(window.main))
        window.wait_until_nothing_waits()
        if lines := lines + complaints(QAccessible.queryAccessibleInterface(window.main)):
            found[action.id] = lines
        window.press("Esc", "Esc")
        window.let_work()
    assert not found


def test_a_screen_reader_finds_each_picture_of_a_page_and_which_is_current(window, coloured):
    read_in(window, coloured, "red", "green", "blue").begin_pages()
    view = window.pages.view
    face = QAccessible.queryAccessibleInterface(view)
    said = [face.child(at).text(NAME) for at in range(face.childCount())]
    assert said[0].startswith("1  red, 2 pictures: ")  # a heading is said before what is below it
    assert all(text.endswith(one.text) for text, one in zip(said, view.pictures, strict=True))
    assert face.focusChild().text(NAME) == said[view.current] == view.accessibleDescription()
    place = face.child(0).rect().center()
    assert face.childAt(place.x(), place.y()).text(NAME) == said[0]
    window.press("Ctrl+A")
    assert face.child(0).state().selected
    assert "wrong" in face.child(0).text(NAME)
