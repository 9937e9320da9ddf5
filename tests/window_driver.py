"""Drives the real window in a person's words: names, pictures, keys, chips, bars, messages.

The one place in the tests that knows which parts a window has. What a test says about a person it
says to the driver; what it says about a unit below the window, to `main` and its public parts.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QMimeData,
    QPoint,
    QPointF,
    QRect,
    QSettings,
    Qt,
    QUrl,
)
from PySide6.QtGui import QAction, QDrag, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
    QToolButton,
    QTreeWidget,
    QWidget,
)

from nameplate.domain.filtering.filters import Filter, OneOf, Term
from nameplate.domain.filtering.views import Sort
from nameplate.domain.labels import ReviewState
from nameplate.domain.messages import Message
from nameplate.pipeline.reading.batch_encoder import Embedded
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.storage.settings import settings_path
from nameplate.ui.concepts.list import ConceptList
from nameplate.ui.concepts.name_box import NameBox
from nameplate.ui.concepts.rows import INDENT, KEY_ROLE
from nameplate.ui.filter.line import FilterLine
from nameplate.ui.filter.menu import FilterMenu
from nameplate.ui.inspector.bars import Bar, BarChart
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.keyboard.key_dialog import KeyDialog
from nameplate.ui.looks.pane import Pane, ZoomView
from nameplate.ui.main_window import MainWindow
from nameplate.ui.relink.dialog import RelinkDialog
from nameplate.ui.tiles.model import Tile, TileKind, state_text
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.picture import PictureView
from nameplate.ui.widgets.search_list import Entry
from nameplate.wording.texts import what_of
from page_driver import PageDriver, called
from qt_help import (
    LEFT,
    button_in,
    button_is_shown,
    drop_on,
    heard,
    hold_key,
    is_part_of_another,
    labelled,
    press_button,
    press_keys,
    set_control,
    spoken_text,
    wait,
)

COLOURS = ["red", "green", "blue"]


class WindowDriver(PageDriver):
    """A window, and a person in front of it.

    Pictures are called by folder and file (`red/wide.png`) and listed in the order shown.

    Attributes:
        main: The window.
        settings: What it remembers.
    """

    def __init__(self, main: MainWindow, settings: QSettings | None = None) -> None:
        self.main = main
        self.settings = settings or QSettings(str(settings_path()), QSettings.Format.IniFormat)

    @classmethod
    def on(cls, model: Path, settings_file: Path) -> "WindowDriver":
        """Open a window on a model folder, which is loaded meanwhile."""
        settings = QSettings(str(settings_file), QSettings.Format.IniFormat)
        return cls(MainWindow(ModelInUse(model, "cpu"), settings), settings)

    def show(self, width: int = 1200, height: int = 760) -> None:
        self.main.resize(width, height)
        self.main.show()

    # ---- what is below the window

    @property
    def project(self) -> Project:
        return self.main.owner.project

    @property
    def suggestions(self) -> Suggestions:
        return self.main.owner.suggestions

    @property
    def model(self):
        """The model in use; None while none is loaded."""
        return self.main.model_in_use.model

    @property
    def model_id(self) -> str:
        return self.model.manifest.id if self.model else ""

    @property
    def is_reading(self) -> bool:
        return self.main.reading.is_reading

    @property
    def is_looking_for_pictures(self) -> bool:
        return self.main.reading.is_scanning

    @property
    def is_scoring(self) -> bool:
        return self.main.scoring.is_scoring

    @property
    def is_loading(self) -> bool:
        """Whether a model is being loaded."""
        return self.main.model_in_use.is_loading

    @property
    def are_suggestions_current(self) -> bool:
        """Whether what is suggested is of the names and the model of now."""
        return self.main.scoring.is_current

    def priority(self) -> list[int]:
        """Return the rows to read first, as the reading job takes them: once."""
        return self.main.reading.priority.pop()

    def put_pictures(self, paths: Sequence[Path]) -> None:
        """Let pictures come in, as from a folder that is looked through."""
        self.main.owner.add_images(paths, step=0)

    def put_vectors(self, event: Embedded) -> None:
        """Let vectors come in, as from the model."""
        self.main.owner.record(event)

    # ---- waiting

    def wait_until_loaded(self) -> None:
        wait(lambda: self.model is not None)

    @property
    def is_settled(self) -> bool:
        """Whether all is found, read and scored for the names of now."""
        is_busy = self.is_looking_for_pictures or self.is_reading or self.is_scoring
        return not is_busy and self.are_suggestions_current

    def wait_until_read(self) -> None:
        """Wait until pictures are found, read and scored for the names of now."""
        wait(lambda: self.project.images.present and self.is_settled)

    def wait_for_pictures(self, count: int) -> None:
        """Wait until the project has `count` pictures, read or not."""
        wait(lambda: self.project.images.present == count)

    def wait_for_message(self, part: str, seconds: float = 15) -> None:
        wait(lambda: part in self.message, seconds)

    def wait_until_nothing_waits(self) -> None:
        """Wait until all pictures are found and read."""
        wait(lambda: not self.is_looking_for_pictures and not self.project.images.waiting, 20)

    # ---- opening and closing

    def open(self, *paths: Path) -> None:
        """Open files and folders, as the dialogs and the command line do."""
        self.main.opener.open(list(paths))

    def drop(self, *things: Path | QUrl) -> None:
        drop_on(self.main, *things)

    def drag_out(self, picture: str) -> QMimeData:
        """Drag a picture, and what else is selected, out of the window; return what is dragged."""
        view = self.main.grid.viewport()
        place = self.main.arrangement.model.index_of(self._row_of(picture))
        start = self.main.grid.visualRect(place).center()
        dragged, actions = list[QMimeData](), list[Qt.DropAction]()

        def dropped_elsewhere(drag: QDrag, action: Qt.DropAction) -> Qt.DropAction:
            dragged.append(drag.mimeData())
            actions.append(action)
            return action

        with pytest.MonkeyPatch.context() as patch:  # a real drag waits for a real mouse
            patch.setattr(QDrag, "exec", dropped_elsewhere)
            QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
            QTest.mouseMove(view, start + QPoint(40, 0))
            QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 0))
        assert actions == [Qt.DropAction.CopyAction]
        return dragged[0]

    def open_project(self, path: Path) -> None:
        """Open a project's file and wait until it is there."""
        with heard(self.main.files.opened):
            self.open(path)

    def find_recent(self) -> list[str]:
        """Look for the projects of before; return the entries of their menu."""
        with heard(self.main.files.recent_found):
            self.main.files.look_for_recent()
        return [action.text() for action in self.main.recent.menu.actions()]

    def offered_to_go_on(self) -> str:
        """Look for the project of last time; return what its button says."""
        self.find_recent()
        return button_in(self.main.start_page, "Go on with").text()

    @property
    def offers_to_go_on(self) -> bool:
        buttons = self.main.start_page.findChildren(QPushButton)
        return any(b.isVisible() and b.text().startswith("Go on with") for b in buttons)

    def go_on_with_last(self) -> None:
        """Open the project of last time by its button."""
        with heard(self.main.files.opened) as came:

            def press() -> list[tuple[object, ...]]:
                press_button(self.main.start_page, "Go on with")
                QTest.qWait(50)
                return came

            # A click that comes before the search for the last project has ended does nothing.
            wait(lambda: came or press())

    def save_as(self, path: Path) -> None:
        with heard(self.main.files.moved):
            self.main.files.save_as(path)

    def open_export(self, chosen: str = "", path: Path | None = None, **options: object) -> None:
        """Open the panel that exports, choose format, options and place; wait for its preview."""
        self.main.messages.clear()
        self.menu("Export…")
        panel = self.main.export_panel
        if chosen:
            (item,) = panel.findChild(QListWidget).findItems(chosen, Qt.MatchFlag.MatchExactly)
            panel.findChild(QListWidget).setCurrentItem(item)
        for option, value in options.items():
            set_control(panel.options.control(option), value)
        if path is not None:
            self.type_place(path)
        self.wait_for_preview()

    def type_place(self, path: Path | str) -> None:
        """Type where an export goes."""
        box = labelled(self.main.export_panel, QLineEdit, "Where to write")
        box.selectAll()
        QTest.keyClick(box, Qt.Key.Key_Delete)
        QTest.keyClicks(box, str(path))

    def wait_for_preview(self) -> None:
        """Wait until the panel that exports says what would be written, or why it cannot be."""
        wait(lambda: self.main.export_panel.has_preview)

    def wait_for_refusal(self, part: str) -> None:
        """Wait until the panel that exports says this about what is in the way."""
        wait(lambda: part in self.export_says()[-1])

    def begin_export(
        self, path: Path, chosen: str = "CSV", *, overwrite: bool = False, **options: object
    ) -> bool:
        """Export to a file or folder; return whether the panel lets it be done."""
        self.open_export(chosen, path, **options)
        panel = self.main.export_panel
        if overwrite and button_is_shown(panel, "Replace it"):
            self.answer_export("Replace it")
        is_possible = self.can_export()
        if is_possible:
            self.answer_export("Export")
        return is_possible

    def export(
        self, path: Path, chosen: str = "CSV", *, overwrite: bool = False, **options: object
    ) -> str:
        """Export to a file or folder and return what is said about it, in the bar or in place."""
        if not self.begin_export(path, chosen, overwrite=overwrite, **options):
            said = self.export_says()[-1]
            press_keys(self.main.export_panel, "Esc")
            return said
        wait(lambda: self.message)
        return self.message

    def answer_export(self, text: str) -> None:
        """Press a button of the panel that exports, or tick a box."""
        button_in(self.main.export_panel, text).click()

    def can_export(self) -> bool:
        """Whether the panel lets it be done."""
        return button_in(self.main.export_panel, "Export").isEnabled()

    def export_says(self) -> list[str]:
        """What the panel that exports says; empty where it is not shown."""
        panel = self.main.export_panel
        return panel.texts if panel.is_open else []

    def export_preview(self) -> list[list[str]]:
        """The rows of what would be written."""
        return [list(row) for row in self.main.export_panel.rows]

    def open_import(self, path: Path | None = None) -> list[str]:
        """Open the panel that imports, type a path; return what it says once that is read."""
        self.main.messages.clear()
        self.menu("Import labels…")
        if path is not None:
            box = labelled(self.main.import_panel, QLineEdit, "File or folder to read")
            QTest.keyClicks(box, str(path))
            press_keys(box, "Return")
        return self.import_says()

    def import_says(self) -> list[str]:
        """What the panel that imports says, once it has read; empty where it is not shown."""
        panel = self.main.import_panel
        wait(lambda: not panel.is_busy)
        return panel.texts if panel.is_open else []

    def choose_import(self, box: str, value: str) -> list[str]:
        """Choose in a box of the panel that imports; return what it says then."""
        combo = labelled(self.main.import_panel, QComboBox, box)
        assert combo.findText(value) >= 0, [combo.itemText(i) for i in range(combo.count())]
        combo.setCurrentIndex(combo.findText(value))
        combo.activated.emit(combo.currentIndex())
        return self.import_says()

    def unusable_rows(self) -> list[tuple[str, ...]]:
        """The list of rows that cannot be imported: row, picture, what is wrong."""
        return self.main.import_panel.rows.problems

    def first_rows(self) -> list[tuple[str, str, str]]:
        """How a file begins, in the panel that imports: row, picture, labels."""
        return self.main.import_panel.rows.first_rows

    def answer_import(self, text: str) -> None:
        """Press a button of the panel that imports, or tick a box; wait for what it does."""
        button_in(self.main.import_panel, text).click()
        wait(lambda: not self.main.import_panel.is_busy)

    def can_import(self) -> bool:
        """Whether the panel that imports has anything to import."""
        buttons = self.main.import_panel.findChildren(QPushButton)
        return any(b.isVisible() and b.isEnabled() and b.isDefault() for b in buttons)

    def begin_to_use(self, model: Path) -> None:
        """Load another model, as the dialog does when nothing has to be asked."""
        self.main.model_in_use.use(model)

    def use(self, model: Path) -> None:
        """Load another model and wait until all is read and scored with it."""
        with heard(self.main.model_in_use.loaded):
            self.begin_to_use(model)
        self.wait_until_read()

    def close(self) -> None:
        """Close the window as a person does, and shut it down as the program does."""
        self.main.close()
        assert not self.main.isVisible()
        self.main.shut_down()

    # ---- what a person does

    def press(self, *keys: str) -> None:
        """Press keys, each in what has the focus then."""
        for key in keys:
            press_keys(self.main.focusWidget() or self.main, key)

    def press_on_pictures(self, *keys: str) -> None:
        """Go to the pictures and press keys there."""
        self.menu("Go to the pictures")
        self.press(*keys)

    def hold(self, key: str) -> None:
        """Hold a key down longer than was meant, so that the keyboard repeats it."""
        hold_key(self.main.focusWidget(), key)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        QTest.keyClicks(self.main.focusWidget(), text)

    def menu(self, text: str) -> None:
        """Choose a menu entry that begins with `text`."""
        action = self.menu_entry(text)
        assert action.isEnabled(), text
        action.trigger()

    def add(self, *lines: str) -> None:
        """Name concepts: one is typed, several are pasted."""
        box = self._name_box
        if len(lines) == 1:
            box.setText(lines[0])
            press_keys(box, "Return")
            return
        data = QMimeData()
        data.setText("\n".join(lines))
        box.take(data)

    def click_name(self, name: str) -> None:
        """Click a name in the list of concepts."""
        names = self.main.panel.names
        row = names.visualRect(names.rows.index(names.rows.row_of(self._key_of(name)), 0))
        QTest.mouseClick(names.viewport(), LEFT, pos=row.center())

    def press_in_empty_name_box(self, *keys: str) -> None:
        self.main.panel.focus_name_box()
        self.press(*keys)

    def rename(self, name: str, line: str) -> None:
        editing = self._concept_list(name)
        press_keys(editing, "F2")
        editor = editing.viewport().findChild(QLineEdit)
        editor.setText(line)
        press_keys(editor, "Return")
        # Qt keeps the editor a moment longer, which would be found by the next rename.
        wait(lambda: editing.viewport().findChild(QLineEdit) is None)

    def delete(self, name: str) -> None:
        press_keys(self._concept_list(name), "Del")

    def drag_name(self, name: str, onto: str, *, beside: int = 0, left: int = 0) -> None:
        """Drag a name in the list onto another, or `beside` it: above (-1) or below (1).

        `left` is how many steps of indentation the pointer goes to the left meanwhile.
        """
        view = self._concept_list(name)
        rows = [view.visualRect(view.rows.index(self.names().index(n), 0)) for n in (name, onto)]
        start = rows[0].center()
        goal = rows[1].center() + QPoint(-left * INDENT, beside * (rows[1].height() // 2 - 1))
        QTest.mousePress(view.viewport(), LEFT, pos=start)
        for place in (start + QPoint(0, 20), goal):
            at, button = QPointF(view.viewport().mapToGlobal(place)), Qt.MouseButton
            none = Qt.KeyboardModifier.NoModifier
            move = QMouseEvent(
                QEvent.Type.MouseMove, QPointF(place), at, button.NoButton, button.LeftButton, none
            )
            QApplication.sendEvent(view.viewport(), move)
        QTest.mouseRelease(view.viewport(), LEFT, pos=goal)

    def move_down(self, name: str) -> None:
        press_keys(self._concept_list(name), "Alt+Down")

    def reject(self, name: str) -> None:
        """Let a name mean none of these, or no longer."""
        press_keys(self._concept_list(name), "!")

    def select_names(self, *names: str) -> None:
        """Select names in the list; the last one is current."""
        concepts = self._concept_list(names[-1])
        for name in names:
            index = concepts.rows.index(concepts.rows.row_of(self._key_of(name)), 0)
            concepts.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)
        concepts.setFocus()

    def press_on_names(self, *keys: str) -> None:
        """Press keys in the list of names."""
        press_keys(self.main.panel.findChild(ConceptList), *keys)

    def open_details(self, name: str) -> None:
        """Open the details of a name, where the focus is then."""
        press_keys(self._concept_list(name), "Alt+Return")

    def detail(self, name: str) -> QWidget:
        """Return a field of the details by the beginning of its name for screen readers."""
        fields = self.main.names.details.findChildren(QWidget)
        return next(f for f in fields if f.accessibleName().startswith(name) and f.isVisible())

    def type_detail(self, name: str, text: str) -> None:
        """Replace what stands in a field of the details, by typing."""
        field = self.detail(name)
        field.setFocus()
        field.selectAll()
        press_keys(field, "Del")
        QTest.keyClicks(field, text)

    @property
    def details_say(self) -> str:
        """The remarks in the details; empty where they are not shown."""
        texts = [p.text() for p in self.main.names.details.findChildren(Paragraph) if p.isVisible()]
        return "\n".join(texts)

    def offered_names(self) -> list[str]:
        """Return the names that could be added."""
        names = self.main.names.preview.findChild(QListWidget)
        return [names.item(row).text() for row in range(names.count())]

    def choose_names_column(self, title: str) -> None:
        """Choose the column of a CSV that names are taken from."""
        box = self._box("Column that the names are in")
        box.setCurrentText(title)
        box.activated.emit(box.currentIndex())

    @property
    def preview_says(self) -> str:
        """The remarks in the preview of names."""
        texts = self.main.names.preview.findChildren(Paragraph)
        return "\n".join(p.text() for p in texts if p.isVisible())

    def find_name(self, text: str) -> None:
        """Type into the box that finds names."""
        self.menu("Find a name")
        self.type(text)

    def marks(self) -> dict[str, str]:
        """Return the check marks beside the names: "all", "some" or "none" of the selected."""
        rows = self.main.panel.findChild(ConceptList).rows
        states = [
            rows.index(n, 0).data(Qt.ItemDataRole.CheckStateRole) for n in range(rows.rowCount())
        ]
        words = {Qt.CheckState.Checked: "all", Qt.CheckState.PartiallyChecked: "some"}
        pairs = zip(self.names(), states, strict=True)
        return {name: words.get(state, "none") for name, state in pairs if state is not None}

    def spoken(self, name: str) -> str:
        """Return what a screen reader says of a name in the list."""
        return self._concept_list(name).currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)

    def click_mark(self, name: str) -> None:
        """Click the check mark beside a name."""
        concepts = self.main.panel.findChild(ConceptList)
        row = concepts.visualRect(concepts.rows.index(concepts.rows.row_of(self._key_of(name)), 0))
        place = concepts.delegate.mark_rect(row).center()
        QTest.mouseClick(concepts.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def shown_names(self) -> list[str]:
        """Return the names that the list shows."""
        concepts = self.main.panel.findChild(ConceptList)
        return [n for row, n in enumerate(self.names()) if not concepts.isRowHidden(row)]

    def colour(self, name: str, colour: str) -> None:
        self.main.panel.colour_requested.emit([self._key_of(name)], colour)

    def select(self, picture: str | int) -> None:
        """Select a picture by name, or by its place."""
        name = self.pictures()[picture] if isinstance(picture, int) else picture
        self.main.grid.set_current_image(self._row_of(name))

    def look_at(self, line: str = "", *, sort: Sort = Sort.ADDED, is_falling: bool = False) -> None:
        """Type a filter and press Enter; choose the order, and turn it round if need be."""
        # Offscreen, a list of words that was closed may still be the active window.
        self.main.activateWindow()
        QApplication.processEvents()
        self.filter_line.setFocus()
        self.filter_line.setText(line)
        press_keys(self.filter_line, "Return")
        self._box("Order of the pictures").setCurrentText(what_of(sort.value))
        if self.main.arrangement.view.is_falling != is_falling:
            self.turn_round()

    def look_at_without(self, picture: str) -> None:
        """Let the view hide a picture meanwhile, as other suggestions may; the focus stays."""
        row = np.array([self._row_of(picture)])
        gone = Term(OneOf.of(self.project.images.ids[row]), is_not=True)
        terms = self.main.arrangement.view.filter.terms
        self.main.arrangement.set_filter(Filter((*terms, gone)))

    def turn_round(self) -> None:
        """Turn the order of the pictures round."""
        buttons = self.main.tools.findChildren(QToolButton)
        next(b for b in buttons if b.accessibleName().startswith("Direction")).click()

    def type_filter(self, text: str) -> None:
        """Type into the filter line, letter by letter, where the cursor is."""
        self.press("Ctrl+F")
        self.type(text)

    def wait_until_arranged(self) -> None:
        wait(lambda: not self.main.arrangement.arranging.is_busy)

    def set_minimum(self, percent: int) -> None:
        self.minimum_box.setValue(percent)

    def read_as(self, title: str) -> None:
        """Choose the sentences that names are put into."""
        box = self._box("How a name is put")
        box.setCurrentText(title)
        box.activated.emit(box.currentIndex())

    def name_by_key(self, name: str) -> None:
        """Press the key of a name; that of the list of names where it has no digit."""
        place = self.names().index(name)
        if place < 9:
            self.press(str(place + 1))
        else:
            self.main.panel.concept_activated.emit(self._key_of(name))

    def let_work(self) -> None:
        """Let the window do what follows from the last key."""
        QTest.qWait(1)
        QApplication.processEvents()

    def lose(self, picture: str) -> None:
        """Let a file turn out to be unreadable."""
        row = self._row_of(picture)
        self.project.images.set_unreadable(row, Message("has-vanished"))
        self.main.owner.read.emit(np.array([row]))

    # ---- answers

    def answer(self, text: str) -> None:
        """Press a button of the message bar."""
        press_button(self.main.messages, text)

    def offers_answer(self, text: str) -> bool:
        """Whether the message bar is seen and has this button."""
        return button_is_shown(self.main.messages, f"&{text}")

    @property
    def missing_dialog(self) -> RelinkDialog | None:
        """The dialog of missing pictures, while it is shown."""
        dialog = self.main.missing.dialog
        return dialog if dialog is not None and dialog.isVisible() else None

    def look_for_missing_in(self, folder: Path) -> str:
        """Choose a folder in the dialog of missing pictures; return what it says of it."""
        dialog = self.missing_dialog
        assert dialog is not None
        dialog.look_in(folder)
        wait(lambda: not button_is_shown(dialog, "Cancel"))
        return dialog.text

    def answer_missing(self, text: str) -> None:
        """Press a button of the dialog of missing pictures."""
        press_button(self.main.missing.dialog, text)

    def compare_with(self, project: Path) -> list[str]:
        """Compare with a project as the dialog does; return what the panel says, in sentences."""
        self.main.comparing.open(project)
        wait(lambda: self.comparison[:1] == [f"Compared with {project.stem}"])
        return self.comparison

    def answer_comparison(self, text: str) -> None:
        """Press a button of the panel that compares."""
        press_button(self.main.compare_panel, text)

    def settle_differences(self, text: str) -> None:
        """Choose what becomes of pictures that both decided differently."""
        self._box("What becomes of pictures").setCurrentText(text)

    def open_difference(self, place: int) -> None:
        """Show the pictures of a row of the table of differences, by the keyboard."""
        table = self.main.compare_panel.findChild(QTreeWidget)
        table.setFocus()
        table.setCurrentItem(table.topLevelItem(place))
        table.itemActivated.emit(table.currentItem(), 0)

    # ---- what a person sees

    @property
    def comparison(self) -> list[str]:
        """What the panel that compares says; empty where it is not shown."""
        panel = self.main.compare_panel
        return panel.texts if panel.isVisible() else []

    @property
    def difference_here(self) -> str:
        """What both decided about the current picture, where they differ."""
        return self.main.compare_panel.difference

    @property
    def differences(self) -> list[tuple[str, ...]]:
        """The table of what was decided differently: you, they, how many pictures."""
        return self.main.compare_panel.rows

    @property
    def title(self) -> str:
        return self.main.windowTitle()

    @property
    def message(self) -> str:
        """What the bar says; empty where there is none."""
        return self.main.messages.text if self.main.messages.isVisible() else ""

    @property
    def filter_line(self) -> FilterLine:
        """Where a filter is typed."""
        return self.main.findChild(FilterLine, "filter_line")

    @property
    def conditions(self) -> list[str]:
        """The conditions that apply, in words."""
        return self.main.tools.chips.texts

    @property
    def filter_problem(self) -> str:
        """What is said to be wrong with the filter that is typed."""
        return self.main.tools.filter.problem

    @property
    def filter_menu(self) -> FilterMenu:
        """The menu beside the filter line."""
        return self.main.filtering.menu

    @property
    def view(self) -> tuple[str, str, str]:
        """What is said to be shown: the filter, the order, and what comes first."""
        buttons = self.main.tools.findChildren(QToolButton)
        direction = next(b for b in buttons if b.accessibleName().startswith("Direction"))
        order = self._box("Order of the pictures").currentText()
        return self.filter_line.text(), order, direction.accessibleName().partition(": ")[2]

    @property
    def why_nothing(self) -> str:
        """What the middle says where the filter hides all pictures."""
        return self.main.nothing.text if self.shows_nothing else ""

    @property
    def standing_message(self) -> str:
        """What stands above the pictures as long as it holds; empty where there is nothing."""
        return self.main.standing.text if self.main.standing.isVisible() else ""

    @property
    def hint(self) -> str:
        """What stands under the name box."""
        return self.main.panel.findChild(Paragraph).text()

    @property
    def status(self) -> str:
        return self.main.status.text

    @property
    def checked(self) -> str:
        """What the status line says about how far the checking is."""
        return self.main.status.checked_text

    @property
    def end_message(self) -> str:
        """What is said at the end of the checking; empty before."""
        return self.main.finish.bar.text if self.main.finish.bar.isVisible() else ""

    @property
    def model_text(self) -> str:
        """What the status line says about model and device."""
        return self.main.status.model_text

    @property
    def model_button(self) -> QToolButton:
        buttons = self.main.status.findChildren(QToolButton)
        return next(b for b in buttons if b.accessibleName().startswith("Model"))

    @property
    def is_inviting(self) -> bool:
        """Whether the middle invites to drop a folder."""
        return self.main.start_page.isVisible()

    @property
    def shows_nothing(self) -> bool:
        """Whether the middle says that no picture is of this kind."""
        return self.main.nothing.isVisible()

    @property
    def place_of_pictures(self) -> QRect:
        """Where in the window the pictures are."""
        stack = self.main.looks.stack
        QApplication.processEvents()
        return QRect(stack.mapTo(self.main, QPoint()), stack.size())

    @property
    def shows_pictures(self) -> bool:
        return self.main.grid.isVisible()

    @property
    def has_focus_on_pictures(self) -> bool:
        """Whether the pictures, as they are looked at, have the focus."""
        return self.main.looks.has_focus

    def _tools(self) -> list[QToolButton]:
        buttons = self.main.tools.findChildren(QToolButton)
        return [one for one in buttons if one.defaultAction() is not None and one.text()]

    def tools_seen(self) -> list[str]:
        """The main actions whose buttons lie wholly in the tool row."""
        row = self.main.tools.rect()
        places = {
            b.text(): b.rect().translated(b.mapTo(self.main.tools, QPoint())) for b in self._tools()
        }
        return [text for text, place in places.items() if row.contains(place)]

    def words_on_tools(self) -> list[str]:
        """The main actions that are written on their buttons."""
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        return [one.text() for one in self._tools() if one.toolButtonStyle() is style]

    def focus_on_bars(self) -> None:
        self.main.inspector.chart.setFocus()

    def focus_on(self, text: str) -> None:
        """Go to a button, check box, list or table in sight, by its text or what it is for."""
        parts = [w for w in self.main.findChildren(QWidget) if w.isVisible()]
        named = [w for w in parts if text in (w.accessibleName(), spoken_text(w))]
        assert len(named) == 1, [w.accessibleName() or spoken_text(w) for w in parts]
        named[0].setFocus()

    @property
    def focused(self) -> str:
        """What has the focus, as a screen reader says it."""
        widget = self.main.focusWidget()
        return "" if widget is None else widget.accessibleName() or spoken_text(widget)

    def can_be_used(self) -> set[str]:
        """Return the buttons, boxes, lists and tables in sight that can be used now."""
        kinds = (QAbstractButton, QComboBox, QSpinBox, QLineEdit, QAbstractItemView)
        parts = [w for w in self.main.findChildren(QWidget) if w.isVisible() and w.isEnabled()]
        used = [w for w in parts if isinstance(w, kinds) and not is_part_of_another(w)]
        return {w.accessibleName() or spoken_text(w) for w in used}

    def walk_by_tab(self) -> list[str]:
        """Press Tab until the focus is where it was; return where it has been, in order."""
        start, been = self.main.focusWidget(), list[str]()
        while not been or self.main.focusWidget() is not start:
            been.append(self.focused)
            assert len(been) < 100, been
            self.press("Tab")
        return been

    def focus_on_box(self, box: str) -> None:
        """Go to a box of the tool row, or under the names, by what it is for."""
        boxes = [*self.main.findChildren(QComboBox), *self.main.findChildren(QSpinBox)]
        next(b for b in boxes if b.accessibleName().startswith(box)).setFocus()

    @property
    def found(self) -> list[str]:
        """What the open list of names or commands offers, the best first; empty for none."""
        keyboard = self.main.keyboard
        lists = [box for box in (keyboard.picker, keyboard.finder) if box.isVisible()]
        return [entry.text for box in lists for entry in box.shown]

    def found_entry(self, text: str) -> Entry:
        return next(e for e in self.main.keyboard.finder.shown if e.text == text)

    @property
    def all_keys(self) -> str:
        """What the sheet of all keys says; empty while it is closed."""
        sheet = self.main.keyboard.sheet
        return sheet.text if sheet.isVisible() else ""

    @property
    def key_dialog(self) -> KeyDialog:
        """The dialog in which keys are changed."""
        assert self.main.keyboard.dialog is not None
        return self.main.keyboard.dialog

    def keys_beside_names(self) -> list[str]:
        rows = self.main.panel.names.rows
        return [rows.index(n, 0).data(KEY_ROLE) for n in range(rows.rowCount())]

    def picture_menu_entries(self) -> list[str]:
        """Open the menu of the picture by its key and return its entries; Esc closes it."""
        self.press("Menu")
        menu = self.main.picture_menu.menu
        wait(menu.isVisible)
        entries = [action.text() for action in menu.actions() if not action.isSeparator()]
        press_keys(menu, "Escape")
        assert not menu.isVisible()
        return entries

    @property
    def typed(self) -> str:
        """What stands in the name box."""
        return self._name_box.text()

    @property
    def minimum_box(self) -> QSpinBox:
        """The box of the least probability, in percent."""
        boxes = self.main.tools.findChildren(QSpinBox)
        return next(b for b in boxes if b.accessibleName().startswith("Least probability"))

    @property
    def sentences(self) -> list[str]:
        """What names can be put into, by title."""
        box = self._box("How a name is put")
        return [box.itemText(i) for i in range(box.count())]

    @property
    def sentence(self) -> str:
        return self._box("How a name is put").currentText()

    def menu_entries(self) -> list[QAction]:
        # Each menu while its entry in the bar is held: PySide lets go of both together.
        bar = self.main.menuBar().actions()
        return [a for entry in bar for a in entry.menu().actions() if not a.isSeparator()]

    def menu_entry(self, text: str) -> QAction:
        entries = self.menu_entries()
        exact = [a for a in entries if a.text() == text]
        found = exact or [a for a in entries if a.text().startswith(text)]
        assert len(found) == 1, [a.text() for a in entries]
        return found[0]

    def offers(self, text: str) -> bool:
        """Whether a menu entry can be chosen."""
        return self.menu_entry(text).isEnabled()

    def names(self) -> list[str]:
        return [concept.name for concept in self.main.panel.findChild(ConceptList).rows.concepts]

    def pictures(self) -> list[str]:
        """Return the pictures that are shown, in order."""
        paths = self.project.images.paths
        return [called(paths[row]) for row in self.main.arrangement.model.order.tolist()]

    def tiles(self) -> dict[str, Tile]:
        """Return the tile of each picture shown."""
        shown = [
            self.main.arrangement.model.tile(place)
            for place in range(self.main.arrangement.model.rowCount())
        ]
        return {called(tile.path): tile for tile in shown}

    def labels(self) -> dict[str, str]:
        """Return the label of each picture shown, automatic or decided; empty for none."""
        with_label = (TileKind.AUTO, TileKind.DECIDED)
        return {n: t.label if t.kind in with_label else "" for n, t in self.tiles().items()}

    def chips(self) -> list[str]:
        """Return the labels of the pictures in the order shown; empty for none."""
        return list(self.labels().values())

    def state(self, picture: str) -> str:
        """Return what a screen reader says about a picture: `decided by you: cat`."""
        return state_text(self.tiles()[picture])

    def review_state(self, picture: str) -> ReviewState:
        """Return what a CSV says about a picture."""
        return ReviewState(self.project.labels.states[self._row_of(picture)])

    def current(self) -> str:
        """Return the picture that keys are for; empty where there is none."""
        row = self.main.grid.current_image_row()
        return called(self.project.images.paths[row]) if row >= 0 else ""

    def bars(self) -> dict[str, Bar]:
        """Return the bars of the current picture by name, from the top."""
        return {bar.name: bar for bar in self.main.inspector.findChild(BarChart).bars}

    @property
    def picture(self) -> PictureView:
        """The picture of the inspector."""
        return self.main.inspector.findChild(PictureView)

    @property
    def look(self) -> str:
        """How the pictures are looked at: grid, large, compare."""
        return self.main.looks.current.name.lower()

    @property
    def panes(self) -> tuple[Pane, ...]:
        """What shows a single picture each, in the large view and in compare."""
        looks = self.main.picture_looks
        return (looks.compare if self.look == "compare" else looks.large).panes

    @property
    def large(self) -> ZoomView:
        """The large picture of the large view, or the one in compare that keys are for."""
        row = self.main.grid.current_image_row()
        return next(pane.view for pane in self.panes if pane.row == row)

    def side_by_side(self) -> list[str]:
        """Return the pictures of the large view or of compare, in order."""
        return [called(self.project.images.paths[pane.row]) for pane in self.panes]

    def captions(self) -> list[str]:
        """Return what a screen reader says of each of these pictures."""
        return [pane.view.accessibleName() for pane in self.panes]

    def facts(self) -> str:
        """Return what stands beneath the large picture about its size: `90 × 60 at 100%`."""
        return self.panes[0].bar.caption.facts

    def inspected(self) -> list[str]:
        """Return what the inspector says of the current picture: name, size, remarks."""
        paragraphs = self.main.inspector.findChildren(Paragraph)
        return [p.text() for p in paragraphs if p.isVisible() and p.text()]

    @property
    def is_sharp(self) -> bool:
        """Whether the large picture itself is shown, no smaller copy of it."""
        path = self.project.images.paths[self.main.grid.current_image_row()]
        there = self.main.picture_looks.loader.fitted(path)
        if there is None or there.problem:
            return False
        needed = self.large.picture_rect().width() * self.large.devicePixelRatioF() - 2
        return there.image.width() >= min(needed, there.size[0])

    def wait_until_decoded(self) -> None:
        """Wait until all that is looked at, and what comes next, is decoded."""
        looks = self.main.picture_looks
        wait(lambda: looks.large.is_settled and looks.compare.is_settled)

    @property
    def is_full_screen(self) -> bool:
        return self.main.isFullScreen()

    @property
    def message_in_picture(self) -> str:
        """What stands in place of the large picture; empty where there is a picture."""
        return self.large.message

    def visible_rows(self) -> list[int]:
        """Return the rows of the pictures that are in sight."""
        places = self.main.grid.shown_positions()
        return self.main.arrangement.model.order[places.start : places.stop].tolist()

    def unreadable(self) -> dict[str, str]:
        """Open the list of unreadable files and return the reasons by file, by its button."""
        self.menu("Unreadable files")
        press_button(self.main.problems, "Copy the list")
        copied = QApplication.clipboard().text().splitlines()
        return {called(Path(f)): why for f, why in (line.split("\t") for line in copied)}

    # ---- the parts

    @property
    def _name_box(self) -> NameBox:
        return self.main.panel.findChild(NameBox)

    def _box(self, accessible_name: str) -> QComboBox:
        boxes = self.main.findChildren(QComboBox)
        return next(b for b in boxes if b.accessibleName().startswith(accessible_name))

    def _concept_list(self, name: str) -> ConceptList:
        """Select a name in the list of concepts, and return that."""
        concepts = self.main.panel.findChild(ConceptList)
        concepts.setCurrentIndex(concepts.rows.index(concepts.rows.row_of(self._key_of(name)), 0))
        return concepts

    def _key_of(self, name: str) -> int:
        return next(c.key for c in self.project.concepts if c.name == name)

    def _row_of(self, name: str) -> int:
        paths, order = self.project.images.paths, self.main.arrangement.model.order.tolist()
        return next(row for row in order if called(paths[row]) == name)
