"""A preview of names that could be added: which ones, from which column."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QPushButton, QWidget

from nameplate.domain.concepts import PARENT_MARK, Concept, paths_of
from nameplate.formats.name_lists import NameList
from nameplate.ui.widgets.boxes import choice, column, row
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.widgets.scroll_bar import SlimScrollBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import text_of

_CHECKABLE = (
    Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
)


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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Names to add")
        self._lists: list[NameList] = []
        self._known = frozenset[str]()
        self._concepts: tuple[Concept, ...] = ()
        self._title = Paragraph(self, max_lines=2, role=QPalette.ColorRole.WindowText)
        self._column = choice("Column that the names are in")
        self._column.setMaximumWidth(400)
        self._names = QListWidget(self)
        self._names.setAccessibleName("Names to add")
        self._names.setVerticalScrollBar(SlimScrollBar(self._names))
        self._names.setUniformItemSizes(True)
        self._names.setMinimumHeight(110)
        self._names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._problem = Paragraph(self, max_lines=3)
        self._add = QPushButton(self)
        self._cancel = QPushButton("Cancel", self)
        parts = (self._title, self._column, self._names, self._problem)
        buttons = row(None, self._cancel, self._add, spacing=6)
        self.setLayout(column(*parts, buttons, margins=(10, 6, 10, 10), spacing=6, grows=2))
        self._column.activated.connect(self._show_list)
        self._names.itemChanged.connect(self._show_count)
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
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._add.isEnabled():
            self._on_add()
        else:
            super().keyPressEvent(event)

    def _show_list(self) -> None:
        listed = self._lists[max(0, self._column.currentIndex())]
        self._concepts = tuple(c for c in listed.concepts if c.name.casefold() not in self._known)
        paths = paths_of(listed.concepts)
        self._names.blockSignals(True)
        self._names.clear()
        for concept in self._concepts:
            path = PARENT_MARK.join(paths[concept.key])
            item = QListWidgetItem(("! " if concept.is_reject else "") + path)
            item.setFlags(_CHECKABLE)
            item.setCheckState(Qt.CheckState.Checked)
            item.setToolTip(tip("\n".join(concept.names)))
            self._names.addItem(item)
        self._names.setCurrentRow(0)
        self._names.blockSignals(False)
        there = len(listed.concepts) - len(self._concepts)
        known = f", {there:,} there already" if there else ""
        self._title.show_text(f"{self._source}: {counted(len(self._concepts), 'new name')}{known}")
        problems = listed.problems
        more = f" And {len(problems) - 1:,} more like it." if len(problems) > 1 else ""
        self._problem.show_text(
            text_of(problems[0]) + more if problems else "", "warning" if problems else ""
        )
        self._show_count()

    def _chosen(self) -> tuple[Concept, ...]:
        checked = Qt.CheckState.Checked
        return tuple(
            c for n, c in enumerate(self._concepts) if self._names.item(n).checkState() == checked
        )

    def _show_count(self) -> None:
        count = len(self._chosen())
        self._add.setText(f"Add {counted(count, 'name')}")
        self._add.setEnabled(count > 0)

    def _on_add(self) -> None:
        # Parents that are there are found by name, so all of the list goes along.
        chosen = {concept.key for concept in self._chosen()}
        listed = self._lists[max(0, self._column.currentIndex())].concepts
        self.hide()
        self.added.emit(
            tuple(c for c in listed if c.key in chosen or c.name.casefold() in self._known)
        )

    def _on_cancel(self) -> None:
        self.hide()
        self.closed.emit()
