"""Whether suggestions learn from decisions: the switch, and what they come from now."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.paragraph import Paragraph, tip


class LearningBox(QWidget):
    """The switch, and beneath it in words what is suggested from. A passive view.

    Signals:
        toggled: The switch was pressed.
    """

    toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._switch = QCheckBox("Learn from my decisions")
        self._switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._switch.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._text = Paragraph(max_lines=3)
        self.setLayout(column(self._switch, self._text, margins=(10, 0, 10, 10), spacing=2))
        self._switch.clicked.connect(lambda _is_on: self.toggled.emit())

    @property
    def text(self) -> str:
        """What is said."""
        return self._text.text()

    def show_state(self, text: str, more: str, *, learns: bool) -> None:
        """Show whether it is on and what suggestions come from, with more in the tool tip."""
        self._switch.setChecked(learns)
        self._text.show_text(text[:1].upper() + text[1:])
        self._switch.setAccessibleDescription(f"Suggested from {text}")
        for part in (self._switch, self._text):
            part.setToolTip(tip(more))
