"""The box that a name is typed into, and the parsing of a pasted list."""

from typing import Final

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QLineEdit, QWidget


class LineEdit(QLineEdit):
    """A line of text that keeps Enter, Esc and the up and down keys from the window's shortcuts.

    Signals:
        escaped: Esc was pressed.
    """

    escaped = Signal()

    _OWN: Final = (
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Escape,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
    )

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
        """Whether Qt's line edit would claim `event`, which is a shortcut of the window.

        On X11 it claims Emacs' keys, such as Ctrl+E for the end of the line, and it claims undo and
        redo even where it has nothing to undo.
        """
        if event.matches(QKeySequence.StandardKey.Undo):
            return not self.isUndoAvailable()
        if event.matches(QKeySequence.StandardKey.Redo):
            return not self.isRedoAvailable()
        return event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() in (
            Qt.Key.Key_E,
            Qt.Key.Key_O,
            Qt.Key.Key_U,
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Emit `escaped` on Esc, and keep claimed keys from the list behind an editor."""
        super().keyPressEvent(event)
        if event.key() in self._OWN:
            event.accept()
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()


def lines_of(text: str) -> list[str]:
    """Return the names in a pasted `text`, one per line or cell, without blanks and comments.

    A spreadsheet puts tabs between cells.
    """
    lines = (line.strip() for line in text.replace("\t", "\n").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


class NameBox(LineEdit):
    """The box that a name is typed into.

    Signals:
        lines_pasted: Several lines were pasted or dropped; the box keeps what it had.
        focus_released: Esc was pressed in the empty box.
    """

    lines_pasted = Signal(list)
    focus_released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Type a name, press Enter")
        self.setAccessibleName("New concept")
        self.textEdited.connect(self._on_text_edited)
        self.escaped.connect(self._on_escaped)

    def take(self, mime: QMimeData) -> None:
        """Insert a text of one line; emit `lines_pasted` for one of several."""
        lines = lines_of(mime.text())
        if len(lines) > 1:
            self.lines_pasted.emit(lines)
        elif lines:
            self.insert(lines[0])
            self.textEdited.emit(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste by way of `take`; the rest is Qt's."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.take(QGuiApplication.clipboard().mimeData())
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Drop several lines by way of `take`; the rest is Qt's."""
        if len(lines_of(event.mimeData().text())) > 1:
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

    def _on_escaped(self) -> None:
        if self.text():
            self.clear()
        else:
            self.focus_released.emit()

    def _on_text_edited(self, text: str) -> None:
        # Lines inserted in other ways, such as the middle mouse button on X11.
        if len(lines_of(text)) > 1:
            self.clear()
            self.lines_pasted.emit(lines_of(text))
