"""The boxes into which names and their sentences are typed."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.wording.texts import tr

LINES: Final = 3
"""Of a box for sentences."""


class LineEdit(QLineEdit):
    """A line edit that gets Enter, Esc, Up and Down before the window's shortcuts.

    What it lies in gets Esc then.
    """

    _OWN: Final = (*ENTER_KEYS, Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down)

    def event(self, event: QEvent) -> bool:
        """Claim some keys before shortcuts do, and leave others to the shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in self._OWN:
                event.accept()
                return True
            if self._is_for_the_window(event):
                event.ignore()
                return True
        return super().event(event)

    def _is_for_the_window(self, event: QKeyEvent) -> bool:
        """Return whether Qt's line edit would claim `event`, a shortcut of the window.

        On X11 it claims Emacs' keys, such as Ctrl+E for the end of the line, and it claims undo and
        redo even where it has nothing to undo.
        """
        if event.matches(QKeySequence.StandardKey.Undo):
            return not (self.text() and self.isUndoAvailable())
        if event.matches(QKeySequence.StandardKey.Redo):
            return not (self.text() and self.isRedoAvailable())
        return event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() in (
            Qt.Key.Key_E,
            Qt.Key.Key_O,
            Qt.Key.Key_U,
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep claimed keys but Esc from the list behind an editor."""
        super().keyPressEvent(event)
        if event.key() in self._OWN and event.key() != Qt.Key.Key_Escape:
            event.accept()


class EmptiedByEsc(LineEdit):
    """A line edit that Esc clears, or leaves if it is empty."""

    def __init__(self, parent: QWidget, leave: Callable[[], object]) -> None:
        """Call `leave` when Esc is pressed in the empty line."""
        super().__init__(parent)
        self._leave = leave
        self.setMinimumWidth(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear it with Esc, or leave it."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.text():
            self.clear()
        else:
            self._leave()


class NameBox(EmptiedByEsc):
    """The box for new names."""

    def __init__(
        self, parent: QWidget, leave: Callable[[], object], take_list: Callable[[str], object]
    ) -> None:
        """Call `take_list` with a text of several names that was pasted or dropped.

        The box keeps what it had.
        """
        super().__init__(parent, leave)
        self._take_list = take_list
        self.setPlaceholderText(tr("Add a name"))
        self.setAccessibleName(tr("New name"))
        self.textEdited.connect(self._on_text_edited)

    def take(self, mime: QMimeData) -> None:
        """Insert a single line, or hand over several lines or cells."""
        text = mime.text().strip()
        if is_list(text):
            self._take_list(text)
        elif text:
            self.insert(text)
            self.textEdited.emit(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste by way of `take`; the rest is Qt's."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.take(QGuiApplication.clipboard().mimeData())
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Drop several lines by way of `take`; the rest is Qt's."""
        if is_list(event.mimeData().text()):
            event.acceptProposedAction()
            self.take(event.mimeData())
        else:
            super().dropEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show Qt's menu, its Paste by way of `take`."""
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        paste = next((a for a in menu.actions() if a.objectName() == "edit-paste"), None)
        if paste is not None:
            paste.triggered.disconnect()
            paste.triggered.connect(lambda: self.take(QGuiApplication.clipboard().mimeData()))
        menu.popup(event.globalPos())

    def _on_text_edited(self, text: str) -> None:
        # Lines inserted in other ways, such as the middle mouse button on X11.
        if is_list(text):
            self.clear()
            self._take_list(text)


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


def is_list(text: str) -> bool:
    """Return whether a text has several lines or cells."""
    return any(mark in text.strip() for mark in "\n\r\t\u2029")
