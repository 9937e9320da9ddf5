"""The box for the sentences of a name, one a line."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from nameplate.ui.widgets.keys import ENTER_KEYS

LINES: Final = 3


class SentencesBox(QPlainTextEdit):
    """A text of a few lines, which is done when it is left, and by Ctrl+Enter."""

    def __init__(self, parent: QWidget, on_done: Callable[[], object]) -> None:
        super().__init__(parent)
        self._on_done = on_done
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)

    def sizeHint(self) -> QSize:
        """Return the size of a few lines."""
        return QSize(80, LINES * self.fontMetrics().lineSpacing() + 14)

    def minimumSizeHint(self) -> QSize:
        """Return the size of a line less, for small windows and large fonts."""
        return self.sizeHint() - QSize(0, self.fontMetrics().lineSpacing())

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window if this field has nothing to undo."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            document, keys = self.document(), QKeySequence.StandardKey
            is_undo = event.matches(keys.Undo) and not document.isUndoAvailable()
            if is_undo or (event.matches(keys.Redo) and not document.isRedoAvailable()):
                event.ignore()
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Be done."""
        super().focusOutEvent(event)
        self._on_done()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Be done with Ctrl+Enter, and leave Esc to the panel."""
        is_enter = event.key() in ENTER_KEYS
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._on_done()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)
