"""The box above a long list of names that finds one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from nameplate.ui.concepts.name_box import LineEdit


class FindBox(LineEdit):
    """A box that is emptied by Esc, and left by a second one.

    Signals:
        focus_released: Esc was pressed in the empty box.
    """

    focus_released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Find a name")
        self.setPlaceholderText("Find a name")
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(0)
        self.escaped.connect(self._on_escaped)

    def _on_escaped(self) -> None:
        if self.text():
            self.clear()
        else:
            self.focus_released.emit()
