"""The preview of names to add: which ones, from which column."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QListView, QPushButton, QWidget

from nameplate.domain.concepts import PARENT_MARK, Concept, lifted, paths_of
from nameplate.formats.name_lists import NameList
from nameplate.ui.widgets.boxes import choice, column, row
from nameplate.ui.widgets.item_views import NO_PARENT, Index
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.wording.numbers import counted
from nameplate.wording.texts import text_of


class _OfferedNames(QAbstractListModel):
    """The model: names with their parents and check marks."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._concepts: tuple[Concept, ...] = ()
        self._paths: Mapping[int, tuple[str, ...]] = {}
        self.chosen = set[int]()
        """The keys of those that are checked."""

    def show(self, concepts: tuple[Concept, ...], paths: Mapping[int, tuple[str, ...]]) -> None:
        """Show `concepts`, all of them checked."""
        self.beginResetModel()
        self._concepts, self._paths = concepts, paths
        self.chosen = {concept.key for concept in concepts}
        self.endResetModel()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._concepts)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        concept = self._concepts[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return "! " * concept.is_reject + PARENT_MARK.join(self._paths[concept.key])
            case Qt.ItemDataRole.CheckStateRole:
                is_chosen = concept.key in self.chosen
                return Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.ToolTipRole:
                path = PARENT_MARK.join(self._paths[concept.key])
                return tip("\n".join((path, *concept.synonyms)))
            case _:
                return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Check or uncheck a name."""
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        key = self._concepts[index.row()].key
        is_checked = Qt.CheckState(value) == Qt.CheckState.Checked
        (self.chosen.add if is_checked else self.chosen.discard)(key)
        self.dataChanged.emit(index, index)
        return True


class NamesPreview(QFrame):
    """Shows names with check marks. A passive view that emits requests.

    Signals:
        offered: It is about to be shown.
        added: The chosen concepts, as a tuple.
        closed: It was closed; nothing was chosen.
    """

    offered = Signal()
    added = Signal(object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Names to add")
        self._lists: list[NameList] = []
        self._known = frozenset[str]()
        self._title = Paragraph(self, max_lines=2, role=QPalette.ColorRole.WindowText)
        self._column = choice("Column that the names are in")
        self._column.setMaximumWidth(400)
        self._offered = _OfferedNames(self)
        self._names = QListView(self)
        self._names.setObjectName("framed")
        self._names.setModel(self._offered)
        self._names.setAccessibleName("Names to add")
        self._names.setUniformItemSizes(True)
        self._names.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # parents before the name
        self._names.setMinimumHeight(110)
        self._names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._problem = Paragraph(self, max_lines=3)
        self._add = QPushButton(self)
        self._cancel = QPushButton("Cancel", self)
        parts = (self._title, self._column, self._names, self._problem)
        buttons = row(None, self._cancel, self._add, spacing=6)
        self.setLayout(column(*parts, buttons, margins=(10, 6, 10, 10), spacing=6, grows=2))
        self._column.activated.connect(self._show_list)
        self._offered.dataChanged.connect(self._show_count)
        self._add.clicked.connect(self._on_add)
        self._cancel.clicked.connect(self._on_cancel)
        self.hide()

    def offer(self, source: str, lists: Mapping[str, NameList], known: Sequence[Concept]) -> None:
        """Show what could be added.

        Args:
            source: Where the names are from.
            lists: The names by column.
            known: Concepts that are there already.
        """
        self._source, self._lists = source, list(lists.values())
        self._known = frozenset(c.name.casefold() for c in known)
        self._column.clear()
        self._column.addItems(list(lists))
        labels = [at for at, title in enumerate(lists) if title.casefold() in ("label", "name")]
        self._column.setCurrentIndex(labels[0] if labels else 0)
        self._column.setVisible(len(lists) > 1)
        self._show_list()
        self.offered.emit()
        self.show()
        self._names.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Add with Enter, close with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self._on_cancel()
        elif event.key() in ENTER_KEYS and self._add.isEnabled():
            self._on_add()
        else:
            super().keyPressEvent(event)

    def _show_list(self) -> None:
        listed = self._listed
        new = tuple(c for c in listed.concepts if not self._is_known(c))
        self._offered.show(new, paths_of(listed.concepts))
        self._names.setCurrentIndex(self._offered.index(0, 0))
        there = len(listed.concepts) - len(new)
        known = f", {there:,} there already" if there else ""
        self._title.show_text(f"{self._source}: {counted(len(new), 'new name')}{known}")
        problems = listed.problems
        more = f" And {len(problems) - 1:,} more like it." if len(problems) > 1 else ""
        self._problem.show_text(
            text_of(problems[0]) + more if problems else "", "warning" if problems else ""
        )
        self._show_count()

    @property
    def _listed(self) -> NameList:
        """The names of the chosen column."""
        return self._lists[max(0, self._column.currentIndex())]

    def _is_known(self, concept: Concept) -> bool:
        return concept.name.casefold() in self._known

    def _show_count(self) -> None:
        count = len(self._offered.chosen)
        self._add.setText(f"Add {counted(count, 'name')}")
        self._add.setEnabled(count > 0)

    def _on_add(self) -> None:
        listed, chosen = self._listed.concepts, self._offered.chosen
        # Parents that are there are found by name, so these go along.
        added = tuple(c for c in listed if c.key in chosen or self._is_known(c))
        self.hide()
        self.added.emit(lifted(listed, added))

    def _on_cancel(self) -> None:
        self.hide()
        self.closed.emit()
