"""The list of unreadable files, with the reason for each."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import font_of
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
        self._title.setFont(font_of(self._title.font(), weight=QFont.Weight.Bold))
        copy = QPushButton("Copy the list")
        self._close = QToolButton(autoRaise=True)
        self._close.setAccessibleName("Close the list")
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
        head = row(self._title, copy, self._close, grows=0)
        self.setLayout(column(head, self._list, margins=(12, 8, 12, 8)))
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
        self._close.setIcon(icon("cancel"))

    def _copy(self) -> None:
        text = "\n".join(f"{path}\t{reason}" for path, reason in self._pairs())
        QGuiApplication.clipboard().setText(text)
