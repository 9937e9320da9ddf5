"""The list of files that could not be read, with the reason for each."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nameplate.ui.theme import icon

_MOST_SHOWN: Final = 2000
_MOST_HEIGHT: Final = 190


class ProblemsPanel(QWidget):
    """Shows (file, reason) pairs; the first two thousand, and how many more there are.

    Signals:
        closed: The panel was closed.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems: Sequence[tuple[str, str]] = ()
        self._title = QLabel()
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        copy = QPushButton("Copy the list")
        self._close = QToolButton(autoRaise=True)
        self._close.setAccessibleName("Close the list")
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(copy)
        head.addWidget(self._close)
        self._list = QTreeWidget()
        self._list.setHeaderLabels(["File", "What is wrong"])
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setAlternatingRowColors(True)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self._list.setAccessibleName("Files that could not be read")
        self.setMaximumHeight(_MOST_HEIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.addLayout(head)
        column.addWidget(self._list)
        copy.clicked.connect(self._copy)
        self._close.clicked.connect(self._on_closed)
        self.retint()
        self.hide()

    @property
    def problems(self) -> Sequence[tuple[str, str]]:
        """The (file, reason) pairs that are shown."""
        return self._problems

    def set_problems(self, problems: Sequence[tuple[str, str]]) -> None:
        """Show `problems`: (file, reason)."""
        if problems == self._problems:
            return
        self._problems = problems
        self._title.setText(f"{len(problems):,} could not be read; all others go on")
        self._list.clear()
        shown = [QTreeWidgetItem(list(pair)) for pair in problems[:_MOST_SHOWN]]
        if len(problems) > _MOST_SHOWN:
            shown.append(QTreeWidgetItem([f"and {len(problems) - _MOST_SHOWN:,} more", ""]))
        for item in shown:
            item.setToolTip(0, item.text(0))
            item.setToolTip(1, item.text(1))
        self._list.addTopLevelItems(shown)

    def retint(self) -> None:
        """Draw the icon in the palette's colour."""
        self._close.setIcon(icon("cancel", self))

    def _copy(self) -> None:
        text = "\n".join(f"{path}\t{reason}" for path, reason in self._problems)
        QGuiApplication.clipboard().setText(text)

    def _on_closed(self) -> None:
        self.hide()
        self.closed.emit()
