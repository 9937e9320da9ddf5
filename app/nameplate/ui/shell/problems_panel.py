"""The list of unreadable files, with the reason for each."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QPushButton, QWidget

from nameplate.ui.widgets.boxes import close_button, column, heading, row
from nameplate.ui.widgets.table import Table

_MOST_SHOWN: Final = 2000
_MOST_HEIGHT: Final = 190


class ProblemsPanel(QWidget):
    """Shows the first 2,000 (file, reason) pairs, and the number of others."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: Callable[[], Iterator[tuple[str, str]]] = lambda: iter(())
        self._title = heading("")
        copy, close = QPushButton("Copy the list"), close_button("Close the list")
        heads = ("File", "What is wrong")
        self._list = Table("Files that could not be read", heads, stretched=(0, 1))
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMaximumHeight(_MOST_HEIGHT)
        head = row(self._title, copy, close, grows=0)
        self.setLayout(column(head, self._list, margins=(12, 8, 12, 8)))
        copy.clicked.connect(self._copy)
        close.clicked.connect(self.hide)
        self.hide()

    def set_problems(self, pairs: Callable[[], Iterator[tuple[str, str]]], count: int) -> None:
        """Show `count` problems; each call of `pairs` returns a new iterator of (file, reason)."""
        self._pairs = pairs
        self._title.setText(f"{count:,} could not be read; all others go on")
        self._list.clear()
        self._list.add_rows(islice(pairs(), _MOST_SHOWN), tips=(0, 1))
        if count > _MOST_SHOWN:
            self._list.add_rows([[f"and {count - _MOST_SHOWN:,} more"]])

    def _copy(self) -> None:
        text = "\n".join(f"{path}\t{reason}" for path, reason in self._pairs())
        QGuiApplication.clipboard().setText(text)
