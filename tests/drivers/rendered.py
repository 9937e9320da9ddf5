"""What a window shows as HTML: nothing that came from a file may be among it."""

import re
from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QAbstractTableModel, QModelIndex
from PySide6.QtGui import QAction, Qt, QTextDocument
from PySide6.QtWidgets import QAbstractItemView, QLabel, QMenu, QMessageBox, QWidget

_MOST_ROWS, _MOST_COLUMNS = 60, 12
_LIVE = re.compile(r"<(?!/?p\b)")
"""Markup of any kind but the paragraph that the program puts around a tool tip itself."""


def markup_in(window: QWidget) -> list[str]:
    """Return each text of the window, and of menus and messages of it, that Qt takes for HTML.

    A tool tip that the program has escaped is none.
    """
    return [
        f"{type(owner).__name__}: {text[:200]}"
        for owner, text in _detecting(window)
        if Qt.mightBeRichText(text) and _LIVE.search(text)
    ]


def read_of(tip: str) -> str:
    """Return what a person reads of a tool tip."""
    if not Qt.mightBeRichText(tip):
        return tip
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText().replace("\u200b", "")


def _detecting(window: QWidget) -> Iterator[tuple[object, str]]:
    """Yield each text that Qt looks through for HTML, and what has it."""
    for part in (window, *window.findChildren(QWidget)):
        yield part, part.toolTip()
        yield part, part.whatsThis()
        if isinstance(part, QLabel) and part.textFormat() != Qt.TextFormat.PlainText:
            yield part, part.text()
        if isinstance(part, QMessageBox) and part.textFormat() != Qt.TextFormat.PlainText:
            yield part, part.text()
            yield part, part.informativeText()
        if isinstance(part, QAbstractItemView) and part.model() is not None:
            for tip in _tips(part.model(), QModelIndex()):
                yield part, tip
        if isinstance(part, QMenu) and part.toolTipsVisible():
            for action in part.actions():
                yield part, action.toolTip()
    for action in window.findChildren(QAction):
        yield action, action.toolTip()
        yield action, action.whatsThis()


def _tips(model: QAbstractItemModel, parent: QModelIndex) -> Iterator[str]:
    role = Qt.ItemDataRole.ToolTipRole
    for row in range(min(model.rowCount(parent), _MOST_ROWS)):
        for column in range(_MOST_COLUMNS):
            if (index := model.index(row, column, parent)).isValid():
                yield str(index.data(role) or "")
        if not isinstance(model, (QAbstractListModel, QAbstractTableModel)):
            yield from _tips(model, model.index(row, 0, parent))
