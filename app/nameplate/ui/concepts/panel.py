"""The left column: the concepts, the box to name a new one, and a line for hints and errors."""

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from itertools import compress
from typing import Final, NamedTuple

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from nameplate.domain.concepts import Concept
from nameplate.domain.naming.lists import names_in_line, names_in_text
from nameplate.domain.text import deferred
from nameplate.ui.actions.keys import shown_key
from nameplate.ui.concepts.colour_popup import ColourPopup
from nameplate.ui.concepts.concept_list.actions import NAME_ACTIONS, NameAction
from nameplate.ui.concepts.concept_list.list import ConceptList
from nameplate.ui.concepts.edits import ConceptEdits
from nameplate.ui.concepts.name_box import EmptiedByEsc, NameBox, is_list
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import SMALL, font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.theme import icon, set_drawn
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import sentences, tr

_FIRST_HINT: Final = deferred("Name what your pictures show: cat, dog, horse.")
_MANY: Final = 12
"""From so many names on there is a box to find one."""

_NOTHING_TO_PASTE: Final = deferred("Nothing to paste. Copy a list first, one name a line.")


class PanelActs(NamedTuple):
    """Actions of the panel that other parts carry out."""

    label: Callable[[int], object]
    show_pictures: Callable[[int], object]
    open_details: Callable[[int], object]
    open_split: Callable[[int], object]
    ask_for_file: Callable[[], object]
    take_folders: Callable[[], object]
    ask_where_to_write: Callable[[], object]
    leave: Callable[[], object]


class ConceptPanel(QWidget):
    """The concepts and the name box.

    Signals:
        wanted: It is to be in sight: something in it gets the focus.
    """

    wanted = Signal()

    def __init__(self, edits: ConceptEdits, acts: PanelActs) -> None:
        super().__init__()
        self._acts = acts
        self.edits: Final = edits
        edits.panel = self
        self._typed = ""
        self.has_error = False
        self.names: Final = ConceptList(self)
        self.names.setParent(self)  # before the others, as screen readers tell them
        self._find = EmptiedByEsc(self, self.leave)
        self._box = NameBox(self, self.leave, self._take_text)
        self._message = Paragraph(self, max_lines=9)
        of_all: dict[str, Callable[[], object]] = {
            tr("Paste a list of names"): self._paste_list,
            tr("Add names from a file…"): acts.ask_for_file,
            tr("Add names from the folders…"): acts.take_folders,
            tr("Save names to a file…"): acts.ask_where_to_write,
        }
        self._menu = NamesMenu(self.names, self.do, of_all)
        self._more = QToolButton(self, autoRaise=True)
        self._more.setIcon(icon("more"))
        self._lay_out()
        self._connect()
        self.set_concepts((), {})

    def set_concepts(self, concepts: tuple[Concept, ...], counts: dict[int, int]) -> None:
        """Show `concepts` with the number of labelled images by key.

        Selection, focus and a rename in progress are kept; where only counts differ, only those
        rows are repainted.
        """
        rows = self.names.rows
        had, before = rows.rowCount(), rows.concepts
        rows.set_concepts(concepts, counts)
        self.names.setVisible(bool(concepts))
        has_many = len(concepts) >= _MANY
        self._find.setVisible(has_many)
        if self._find.text() and has_many:
            if concepts != before:  # and not their numbers alone
                self.names.filter(self._find.text())
        elif self._find.text():
            self._find.clear()
        self._show_found()
        if len(concepts) > had and self._box.hasFocus():
            self.names.scrollToBottom()
        if bool(had) != bool(concepts) or not self._message.text():
            self.show_hint("")

    def show_hint(self, text: str, *, is_error: bool = False) -> None:
        """Show a hint under the name box, or an error, which goes with the next action.

        Without a text there is none, but how to begin where there are no names.
        """
        self.has_error = is_error and bool(text)
        roles = QPalette.ColorRole
        self._message.setForegroundRole(roles.WindowText if is_error else roles.PlaceholderText)
        first = "" if self.names.rows.rowCount() else tr(_FIRST_HINT)
        self._message.show_text(text or first, "warning" if self.has_error else "")

    def set_next(self, *, is_next: bool) -> None:
        """Show whether to name something is the next step."""
        set_drawn(self._box, "next", is_so=is_next)

    @property
    def is_naming(self) -> bool:
        """Whether the name box has the focus."""
        return self._box.hasFocus()

    def focus_name_box(self) -> None:
        """Focus the name box."""
        self.wanted.emit()
        self._box.setFocus()

    def begin_name(self, text: str) -> None:
        """Continue in the name box a text whose first key was pressed elsewhere."""
        self.focus_name_box()
        self._box.insert(text)

    def leave(self) -> None:
        """Focus the pictures."""
        self._acts.leave()

    def focus_find_box(self) -> None:
        """Focus the search box for names, or the list if there are few."""
        self.wanted.emit()
        goal = self._find if self._find.isVisible() else self.names
        goal.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._find.selectAll()

    def clear_name_box(self) -> None:
        """Empty the name box; Ctrl+Z undoes the project's last step then, not the typing."""
        self._box.setText("")

    def name_text(self) -> str:
        """Return the text of the name box."""
        return self._box.text()

    def _lay_out(self) -> None:
        heading = QLabel(tr("Names"), self)
        heading.setFont(font_of(heading.font(), weight=QFont.Weight.DemiBold))
        heading.setBuddy(self.names)
        self._total = QLabel(self)
        self._total.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._total.setFont(font_of(self._total.font(), SMALL))
        self._more.setAccessibleName(tr("More for names"))
        self._more.setToolTip(tr("Paste a list, rename, recolour, move, delete"))
        self._more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        top = row(heading, self._total, None, self._more, margins=(8, 0, 0, 0), spacing=8)
        below = column(self._box, self._message, margins=(8, 4, 8, 0), spacing=8)
        find = row(self._find, margins=(8, 0, 8, 0))
        self.setLayout(column(top, find, self.names, below, None, margins=(4, 8, 4, 8), spacing=4))
        self.names.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        self._find.setAccessibleName(tr("Find a name"))
        self._find.setPlaceholderText(tr("Find a name"))
        self._find.setClearButtonEnabled(True)
        self.setMinimumWidth(180)
        self.setTabOrder(self._more, self._find)
        self.setTabOrder(self._find, self.names)
        self.setTabOrder(self.names, self._box)

    @cached_property
    def _popup(self) -> ColourPopup:
        return ColourPopup(self)

    def _connect(self) -> None:
        self._find.textChanged.connect(self._on_find)
        self._find.returnPressed.connect(self.names.go_to_first)
        self._box.returnPressed.connect(self._on_box_return_pressed)
        self._box.textChanged.connect(self._on_box_text_changed)
        self._box.textEdited.connect(self._drop_error)
        self.names.customContextMenuRequested.connect(self._on_context_menu_requested)
        self.names.delegate.closeEditor.connect(lambda: self.names.setFocus())
        self._more.clicked.connect(self._on_more_clicked)

    # ---- what a person does

    def label_selected(self, key: int) -> None:
        """Label the selected pictures with a concept, or take that label off."""
        self._acts.label(key)

    def do(self, name: str) -> None:
        """Do one of `NAME_ACTIONS` for the current or the selected concepts."""
        current = self.names.current_concept()
        if current is None:
            return
        self._drop_error()
        key, keys = current.key, self._targets(current.key)
        place = self.names.currentIndex().row()
        others = [one for one in self.names.selected_keys() if one != key]
        acts: dict[str, Callable[[], object]] = {
            "label": lambda: self.label_selected(key),
            "filter": partial(self._acts.show_pictures, key),
            "details": partial(self._acts.open_details, key),
            "rename": lambda: self.names.edit(self.names.currentIndex()),
            "colour": lambda: self.open_colours(key),
            "reject": lambda: self.edits.set_reject(keys, is_reject=not current.is_reject),
            "merge": lambda: self.edits.merge(key, others, as_synonyms=True),
            "merge_only": lambda: self.edits.merge(key, others, as_synonyms=False),
            "split": partial(self._acts.open_split, key),
            "remove": lambda: self.edits.remove(keys),
            "up": lambda: self.edits.move([key], max(0, place - 1)),
            "down": lambda: self.edits.move([key], place + 2),
        }
        acts[name]()

    def rename(self, key: int, line: str) -> None:
        """Rename a concept by the line that was typed in its row."""
        self._drop_error()
        self.edits.rename(key, line)

    def move_names(self, keys: list[int], place: int) -> None:
        """Move concepts before the one at `place`, where they were let go."""
        self._drop_error()
        self.edits.move(keys, place)

    def _targets(self, key: int) -> list[int]:
        selected = self.names.selected_keys()
        return selected if key in selected else [key]

    def open_colours(self, key: int) -> None:
        """Offer colours for a concept, or the selected ones."""
        concept = self.names.rows.concepts[self.names.rows.row_of(key)]
        choose = partial(self.edits.set_colour, self._targets(key))
        self._popup.open_at(self.names.swatch_place(key), concept.colour, choose)

    def _paste_list(self) -> None:
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self._take_text(text)
        else:
            self.show_hint(tr(_NOTHING_TO_PASTE))

    def _take_text(self, text: str) -> None:
        """Add the names in a pasted text, and report omitted parts."""
        pasted = names_in_text(text)
        self._drop_error()
        if pasted.names:
            self.edits.add_lines(list(pasted.names))
        remarks = [
            tr("Names come from one of {count} columns.", count=pasted.columns),
            tr("Left out its heading, {heading}.", heading=pasted.heading),
        ]
        said = [pasted.columns > 1, bool(pasted.heading)]
        if any(said) and not self.has_error:
            self.show_hint(sentences(*compress(remarks, said)))

    def _drop_error(self) -> None:
        if self.has_error:
            self.show_hint("")

    def _on_find(self, text: str) -> None:
        self.names.filter(text)
        self._show_found()

    def _show_found(self) -> None:
        """Show the number of names, and of those found."""
        count, found = self.names.rows.rowCount(), self.names.shown_rows()
        shown = tr("{count:,} of {total:,}", count=found, total=count)
        of_all = shown if found < count else format_number(count)
        self._total.setText(of_all if count else "")

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

    def _on_context_menu_requested(self, place: QPoint) -> None:
        if not self.names.indexAt(place).isValid():
            # The menu key, which gives no useful position.
            place = self.names.visualRect(self.names.currentIndex()).center()
        if self.names.currentIndex().isValid():
            self._menu.open_at(self.names.viewport().mapToGlobal(place), is_for_row=True)

    def _on_more_clicked(self) -> None:
        corner = self._more.rect().bottomLeft()
        self._menu.open_at(self._more.mapToGlobal(corner), is_for_row=False)


class NamesMenu(QMenu):
    """The menu of the actions on a name, and of those on the whole list."""

    def __init__(
        self,
        names: ConceptList,
        do: Callable[[str], object],
        of_all: Mapping[str, Callable[[], object]],
    ) -> None:
        """Offer the actions of the whole list, and `NAME_ACTIONS`, which `do` carries out."""
        super().__init__(names)
        self._names, self._do = names, do
        self._of_all = [self.addAction(text, act) for text, act in of_all.items()]
        self._of_all.append(self.addSeparator())
        self._of_all[0].setIcon(icon("paste"))
        self._actions = dict[str, QAction]()
        for one in NAME_ACTIONS:
            self._actions[one.name] = self._action(one)
            if one.is_group_end:
                self.addSeparator()

    def _action(self, one: NameAction) -> QAction:
        action = self.addAction(f"{tr(one.text)}\t{shown_key(one.key)}")
        action.setCheckable(one.name == "reject")
        action.triggered.connect(lambda: self._do(one.name))
        if one.icon:
            action.setIcon(icon(one.icon))
        return action

    def open_at(self, corner: QPoint, *, is_for_row: bool) -> None:
        """Offer the possible actions; for a row, without those of the whole list."""
        names = self._names
        concepts, selected = names.rows.concepts, names.selected_keys()
        current = names.current_concept()
        for action in self._of_all:
            action.setVisible(not is_for_row)
        self._of_all[3].setEnabled(bool(concepts))
        for action in self._actions.values():
            action.setEnabled(current is not None)
        for way, end in (("up", concepts[:1]), ("down", concepts[-1:])):
            self._actions[way].setEnabled(current is not None and current not in end)
        for name in ("merge", "merge_only"):
            self._actions[name].setEnabled(current is not None and len(selected) > 1)
        self._actions["reject"].setChecked(current is not None and current.is_reject)
        self.popup(corner)
