"""Drives the column of names in a person's words; a part of `WindowDriver`."""

from PySide6.QtCore import QItemSelectionModel, QMimeData, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QMenu, QPushButton, QWidget

from drivers.base import DriverBase
from nameplate.ui.concepts.concept_list.list import ConceptList
from nameplate.ui.concepts.concept_list.model import KEY_ROLE
from nameplate.ui.concepts.name_box import NameBox
from nameplate.ui.widgets.paragraph import Paragraph
from qt_help import LEFT, move_held, press_keys, wait


class NamesDriver(DriverBase):
    """What a person does to names and their details, and sees of them."""

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
        row = names.visualRect(self._index_of(name))
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

    def drag_name(self, name: str, other: str, *, beside: int) -> None:
        """Drag a name in the list beside another: above (-1) or below (1)."""
        view = self._concept_list(name)
        rows = [view.visualRect(view.rows.index(self.names().index(n), 0)) for n in (name, other)]
        start = rows[0].center()
        goal = rows[1].center() + QPoint(0, beside * (rows[1].height() // 2 - 1))
        QTest.mousePress(view.viewport(), LEFT, pos=start)
        for place in (start + QPoint(0, 20), goal):
            move_held(view.viewport(), place)
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
            flag = QItemSelectionModel.SelectionFlag.Select
            concepts.selectionModel().select(self._index_of(name), flag)
        concepts.setFocus()

    def press_on_names(self, *keys: str) -> None:
        """Press keys in the list of names."""
        press_keys(self.main.panel.names, *keys)

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
        names = self.main.names.preview.findChild(QListView).model()
        return [names.index(row, 0).data() for row in range(names.rowCount())]

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
        rows = self.main.panel.names.rows
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
        concepts = self.main.panel.names
        place = concepts.delegate.mark_rect(concepts.visualRect(self._index_of(name))).center()
        QTest.mouseClick(concepts.viewport(), LEFT, pos=place)

    def shown_names(self) -> list[str]:
        """Return the names that the list shows."""
        concepts = self.main.panel.names
        return [n for row, n in enumerate(self.names()) if not concepts.isRowHidden(row)]

    def colour(self, name: str, colour: str) -> None:
        self.main.names.edits.set_colour([self._key_of(name)], colour)

    def read_as(self, title: str) -> None:
        """Choose the sentences that names are put into."""
        next(entry for entry in self._prompts if entry.text() == title).trigger()

    def name_by_key(self, name: str) -> None:
        """Press the key of a name; that of the list of names where it has no digit."""
        place = self.names().index(name)
        if place < 9:
            self.press(str(place + 1))
        else:
            self.main.panel.label_selected(self._key_of(name))

    @property
    def hint(self) -> str:
        """What stands under the name box."""
        return self.main.panel.findChild(Paragraph).text()

    def keys_beside_names(self) -> list[str]:
        rows = self.main.panel.names.rows
        return [rows.index(n, 0).data(KEY_ROLE) for n in range(rows.rowCount())]

    @property
    def typed(self) -> str:
        """What stands in the name box."""
        return self._name_box.text()

    @property
    def sentences(self) -> list[str]:
        """What names can be put into, by title."""
        return [entry.text() for entry in self._prompts]

    @property
    def sentence(self) -> str:
        return next(entry.text() for entry in self._prompts if entry.isChecked())

    @property
    def prompt(self) -> str:
        """The line under the names that says what they are put into; empty while there is none."""
        line = self.main.names.templates.findChild(QPushButton)
        return line.text() if line.isVisible() else ""

    @property
    def _prompts(self) -> list[QAction]:
        return self.main.names.templates.findChild(QMenu).actions()

    def names(self) -> list[str]:
        return [concept.name for concept in self.main.panel.names.rows.concepts]

    @property
    def _name_box(self) -> NameBox:
        return self.main.panel.findChild(NameBox)

    def _concept_list(self, name: str) -> ConceptList:
        """Select a name in the list of concepts, and return that."""
        concepts = self.main.panel.names
        concepts.setCurrentIndex(self._index_of(name))
        return concepts

    def _index_of(self, name: str) -> QModelIndex:
        rows = self.main.panel.names.rows
        return rows.index(rows.row_of(self._key_of(name)), 0)
