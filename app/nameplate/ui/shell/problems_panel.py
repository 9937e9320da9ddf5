"""The list of unreadable files, with the reason for each."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from PySide6.QtCore import Qt
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

from nameplate.ui.widgets.theme import icon

_MOST_SHOWN: Final = 2000
_MOST_HEIGHT: Final = 190


class ProblemsPanel(QWidget):
    """Shows (file, reason) pairs; the first 2,000, and the number of the others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pairs: Callable[[], Iterator[tuple[str, str]]] = lambda: iter(())
        self._count = 0
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
        self._close.clicked.connect(self.hide)
        self.refresh_icons()
        self.hide()

    @property
    def count(self) -> int:
        """The number of problems, shown or not."""
        return self._count

    def set_problems(self, pairs: Callable[[], Iterator[tuple[str, str]]], count: int) -> None:
        """Show `count` problems: each call of `pairs` returns a new iterator of (file, reason)."""
        self._pairs, self._count = pairs, count
        self._title.setText(f"{count:,} could not be read; all others go on")
        self._list.clear()
        shown = [QTreeWidgetItem(list(pair)) for pair in islice(pairs(), _MOST_SHOWN)]
        if count > _MOST_SHOWN:
            shown.append(QTreeWidgetItem([f"and {count - _MOST_SHOWN:,} more", ""]))
        for item in shown:
            item.setToolTip(0, item.text(0))
            item.setToolTip(1, item.text(1))
        self._list.addTopLevelItems(shown)

    def refresh_icons(self) -> None:
        """Redraw the icon in the palette's colour."""
        self._close.setIcon(icon("cancel", self))

    def _copy(self) -> None:
        text = "\n".join(f"{path}\t{reason}" for path, reason in self._pairs())
        QGuiApplication.clipboard().setText(text)
