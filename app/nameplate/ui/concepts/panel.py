"""The left column: the concepts, the box to name a new one, and a line for hints and errors."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from nameplate.domain.concepts import Concept
from nameplate.domain.naming.edits import WAYS, Way, place_beside
from nameplate.domain.naming.lists import names_in_line, names_in_text
from nameplate.ui.concepts.colour_popup import ColourPopup
from nameplate.ui.concepts.concept_list.commands import NamesMenu
from nameplate.ui.concepts.concept_list.drops import Drop
from nameplate.ui.concepts.concept_list.list import ConceptList
from nameplate.ui.concepts.edits import ConceptEdits
from nameplate.ui.concepts.name_box import EmptiedByEsc, NameBox, is_list
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts

_FIRST_HINT: Final = "Name what the pictures show, one name at a time: cat, dog, other."
_MANY: Final = 12
"""With more names than these there is a box to find one."""

_NOTHING_TO_PASTE: Final = "There is nothing to paste. Copy a list first, one name a line."


class _MoreButton(QToolButton):
    """A button with three dots, drawn so that they are the same in every font."""

    def sizeHint(self) -> QSize:
        """Return the size, which no font changes."""
        return QSize(28, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dots."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse() or self.hasFocus() or self.isDown():
            painter.setBrush(self.palette().color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(self.rect(), 5, 5)
        painter.setBrush(self.palette().color(QPalette.ColorRole.WindowText))
        middle = QPointF(self.width() / 2, self.height() / 2)
        for step in (-6, 0, 6):
            painter.drawEllipse(middle + QPointF(step, 0), 1.6, 1.6)


class ConceptPanel(QWidget):
    """The concepts and the name box.

    Attributes:
        edits: Does what is asked for here, where that changes the project.

    Signals:
        current_changed: The key of the concept that is current now, -1 for none.
    """

    current_changed = Signal(int)

    def __init__(self, window: "WindowParts", edits: ConceptEdits) -> None:
        super().__init__()
        self._window = window
        self.edits: Final = edits
        edits.panel = self
        self._typed = ""
        self._coloured: list[int] = []
        self._has_error = False
        self._list = ConceptList(
            self,
            do=self._do,
            choose_colour=self._open_colours,
            toggle_mark=self.label_selected,
            move=self._on_dropped,
            rename=self._rename,
        )
        self._find = EmptiedByEsc(self, self._leave)
        self._box = NameBox(self, self._leave, self._take_text)
        self._message = Paragraph(self, max_lines=6)
        of_all: dict[str, Callable[[], object]] = {
            "Paste a list": self._paste_list,
            "Names from a file…": lambda: window.names.preview.ask_for_file(),
            "Names from the folders…": lambda: window.names.preview.take_folders(),
            "Names to a file…": lambda: window.names.preview.ask_where_to_write(),
        }
        self._menu = NamesMenu(self, self._do, of_all)
        self._more = _MoreButton(self)
        self._lay_out()
        self._connect()
        self.set_concepts((), {})

    def set_concepts(self, concepts: tuple[Concept, ...], counts: dict[int, int]) -> None:
        """Show `concepts` with the number of labelled images by key.

        Selection, focus and a rename in progress are kept; where only counts differ, only those
        rows are repainted.
        """
        had, before = self._list.rows.rowCount(), self._list.rows.concepts
        self._list.rows.set_concepts(concepts, counts)
        self._list.setVisible(bool(concepts))
        has_many = len(concepts) > _MANY
        self._find.setVisible(has_many)
        if self._find.text() and has_many:
            if concepts != before:  # and not their numbers alone
                self._list.filter(self._find.text())
        elif self._find.text():
            self._find.clear()
        self._list.setMaximumHeight(self._list.sizeHint().height())
        self._show_found()
        if len(concepts) > had and self._box.hasFocus():
            self._list.scrollToBottom()
        if bool(had) != bool(concepts) or not self._message.text():
            self._show_first_hint()

    def set_keys(self, keys: Sequence[str]) -> None:
        """Show the keys of the names, in their order."""
        self._list.rows.set_keys(keys)

    @property
    def names(self) -> ConceptList:
        """The list of the names."""
        return self._list

    def set_marks(self, marks: Mapping[int, Qt.CheckState]) -> None:
        """Show check marks beside the concepts with these keys; a click or Space toggles one."""
        self._list.rows.set_marks(marks)

    def show_hint(self, text: str) -> None:
        """Show a hint under the name box; an empty `text` hides it."""
        self._show(text, is_error=False)

    def show_error(self, text: str) -> None:
        """Show an error under the name box until the next action."""
        self._show(text, is_error=True)

    def label_selected(self, key: int) -> None:
        """Label the selected pictures with a concept."""
        self._window.decisions.label(key)

    @property
    def has_error(self) -> bool:
        """Whether an error is shown."""
        return self._has_error

    def focus_name_box(self) -> None:
        """Focus the name box."""
        self._box.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin_name(self, text: str) -> None:
        """Go on in the name box with what was begun to be typed elsewhere."""
        self.focus_name_box()
        self._box.insert(text)

    def focus_find_box(self) -> None:
        """Focus the search box for names, or the list if there are few."""
        goal = self._find if self._find.isVisible() else self._list
        goal.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._find.selectAll()

    def clear_name_box(self) -> None:
        """Empty the name box; Ctrl+Z undoes the project's last step then, not the typing."""
        self._box.setText("")

    def name_text(self) -> str:
        """Return the text of the name box."""
        return self._box.text()

    def selected_keys(self) -> list[int]:
        """Return the keys of the selected concepts, in the order of the list."""
        return self._list.selected_keys()

    def current_key(self) -> int:
        """Return the key of the current concept; -1 for none."""
        current = self._list.current_concept()
        return current.key if current else -1

    def focus_list(self) -> None:
        """Focus the list."""
        self._list.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font and the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._list.setMaximumHeight(self._list.sizeHint().height())

    def _lay_out(self) -> None:
        heading = QLabel("Names", self)
        heading.setFont(font_of(heading.font(), weight=QFont.Weight.DemiBold))
        heading.setBuddy(self._list)
        self._total = QLabel(self)
        self._total.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._more.setAccessibleName("More for names")
        self._more.setToolTip("Paste a list, rename, colour, move, delete")
        self._more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        top = row(heading, self._total, None, self._more, margins=(6, 0, 2, 0), spacing=6)
        below = column(self._box, self._message, margins=(6, 6, 6, 0), spacing=8)
        find = row(self._find, margins=(6, 0, 6, 0))
        self.setLayout(column(top, find, self._list, below, None, margins=(4, 8, 4, 8), spacing=4))
        self._list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._find.setAccessibleName("Find a name")
        self._find.setPlaceholderText("Find a name")
        self._find.setClearButtonEnabled(True)
        self.setMinimumWidth(200)
        self.setTabOrder(self._more, self._find)
        self.setTabOrder(self._find, self._list)
        self.setTabOrder(self._list, self._box)

    @cached_property
    def _popup(self) -> ColourPopup:
        return ColourPopup(self, self._on_colour_chosen)

    def _connect(self) -> None:
        self._find.textChanged.connect(self._on_find)
        self._find.returnPressed.connect(self._go_to_found)
        self._box.returnPressed.connect(self._on_box_return_pressed)
        self._box.textChanged.connect(self._on_box_text_changed)
        self._box.textEdited.connect(self._drop_error)
        self._list.customContextMenuRequested.connect(self._on_context_menu_requested)
        self._list.delegate.closeEditor.connect(self.focus_list)
        self._list.selectionModel().currentChanged.connect(
            lambda *_: self.current_changed.emit(self.current_key())
        )
        self._more.clicked.connect(self._on_more_clicked)

    def _leave(self) -> None:
        self._window.modes.focus()

    def _do(self, name: str) -> None:
        """Do the command `name` for the current or the selected concepts."""
        current = self._list.current_concept()
        if current is None:
            return
        self._drop_error()
        key, keys = current.key, self._targets(current.key)
        others = [one for one in self.selected_keys() if one != key]
        acts: dict[str, Callable[[], object]] = {
            "label": lambda: self.label_selected(key),
            "filter": lambda: self._window.filtering.show_concept(key),
            "details": lambda: self._window.names.details.open(key),
            "rename": self._list.edit_current,
            "colour": lambda: self._open_colours(key),
            "reject": lambda: self.edits.set_reject(keys, is_reject=not current.is_reject),
            "merge": lambda: self.edits.merge(key, others, as_synonyms=True),
            "merge_only": lambda: self.edits.merge(key, others, as_synonyms=False),
            "split": lambda: self._window.names.details.open_split(key),
            "remove": lambda: self.edits.remove(keys),
        }
        acts |= {way: partial(self._move, way, key, keys) for way in WAYS}
        acts[name]()

    def _move(self, way: Way, key: int, keys: list[int]) -> None:
        """Move a concept, or the selected ones into or out of a parent."""
        place = place_beside(self._list.rows.concepts, key, way, keys)
        if place is not None:
            self.edits.move(keys if way in ("in", "out") else [key], place)

    def _rename(self, key: int, line: str) -> None:
        self._drop_error()
        self.edits.rename(key, line)

    def _on_dropped(self, drop: Drop) -> None:
        self._drop_error()
        self.edits.move(list(drop.keys), drop.place)

    def _targets(self, key: int) -> list[int]:
        selected = self.selected_keys()
        return selected if key in selected else [key]

    def _open_colours(self, key: int) -> None:
        concept = self._list.rows.concepts[self._list.rows.row_of(key)]
        self._coloured = self._targets(key)
        self._popup.open_at(self._list.swatch_place(key), concept.colour)

    def _paste_list(self) -> None:
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self._take_text(text)
        else:
            self.show_hint(_NOTHING_TO_PASTE)

    def _take_text(self, text: str) -> None:
        """Add the names in a pasted text, and tell what was left out."""
        pasted = names_in_text(text)
        self._drop_error()
        if pasted.names:
            self.edits.add_lines(list(pasted.names))
        remarks = [
            f"Of {pasted.columns} columns, the names were read from one." * (pasted.columns > 1),
            f"“{pasted.heading}” was left out as its heading." if pasted.heading else "",
        ]
        if any(remarks) and not self._has_error:
            self.show_hint(" ".join(filter(None, remarks)))

    def _drop_error(self) -> None:
        if self._has_error:
            self._show("", is_error=False)

    def _show_first_hint(self) -> None:
        is_empty = not self._list.rows.rowCount()
        self._message.show_text(_FIRST_HINT if is_empty else "")

    def _show(self, text: str, *, is_error: bool) -> None:
        self._has_error = is_error and bool(text)
        role = QPalette.ColorRole.WindowText if is_error else QPalette.ColorRole.PlaceholderText
        self._message.setForegroundRole(role)
        self._message.show_text(text, "warning" if self._has_error else "")
        if not text:
            self._show_first_hint()

    def _on_find(self, text: str) -> None:
        self._list.filter(text)
        self._list.setMaximumHeight(self._list.sizeHint().height())
        self._show_found()

    def _show_found(self) -> None:
        """Show the number of names, and of those found."""
        count, found = self._list.rows.rowCount(), self._list.shown_rows()
        of_all = f"{found:,} of {count:,}" if found < count else f"{count:,}"
        self._total.setText(of_all if count else "")

    def _go_to_found(self) -> None:
        """Make the first name that was found current, and focus the list."""
        self._list.go_to_first()
        self._list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_box_return_pressed(self) -> None:
        line = self._box.text().strip()
        if line:
            self._drop_error()
            self.edits.add_line(line)

    def _on_box_text_changed(self, text: str) -> None:
        names = names_in_line(text)  # the last one of several is the one that is being typed
        typed = names[-1] if names and not is_list(text) else ""
        if typed != self._typed:
            self._typed = typed
            self.edits.set_typed(typed)

    def _on_colour_chosen(self, colour: str) -> None:
        self.edits.set_colour(self._coloured, colour)

    def _on_context_menu_requested(self, place: QPoint) -> None:
        if not self._list.indexAt(place).isValid():
            # The menu key, which gives no useful position.
            place = self._list.visualRect(self._list.currentIndex()).center()
        if self._list.currentIndex().isValid():
            self._show_menu(self._list.viewport().mapToGlobal(place), is_for_row=True)

    def _on_more_clicked(self) -> None:
        corner = self._more.rect().bottomLeft()
        self._show_menu(self._more.mapToGlobal(corner), is_for_row=False)

    def _show_menu(self, place: QPoint, *, is_for_row: bool) -> None:
        current, rows = self._list.current_concept(), self._list.rows
        self._menu.show_state(rows.concepts, current, self.selected_keys(), is_for_row=is_for_row)
        self._menu.popup(place)
