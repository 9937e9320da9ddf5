"""Whether suggestions learn from decisions: the switch, and what they come from now."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QPushButton, QSizePolicy, QWidget

from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.paragraph import Paragraph, tip


class LearningBox(QWidget):
    """The switch, and beneath it in words what is suggested from. A passive view.

    Signals:
        toggled: The switch was pressed.
        show_requested: Pictures are to be shown that it takes to learn.
    """

    toggled = Signal()
    show_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._switch = QCheckBox("Learn from my decisions")
        self._switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._switch.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._text = Paragraph(max_lines=3)
        self._show = QPushButton("Show")
        self._show.setToolTip("Show some pictures of these names")
        self._show.hide()
        self._show.clicked.connect(self.show_requested)
        parts = (self._switch, self._text, row(self._show, None))
        self.setLayout(column(*parts, margins=(10, 0, 10, 10), spacing=2))
        self._switch.clicked.connect(lambda _is_on: self.toggled.emit())

    @property
    def text(self) -> str:
        """What is said."""
        return self._text.text()

    def show_state(self, text: str, more: str, *, learns: bool, can_show: bool) -> None:
        """Show whether it is on and what suggestions come from, with more in the tool tip.

        Args:
            text: What they come from.
            more: The tool tip.
            learns: Whether it is on.
            can_show: Whether pictures of the names in the text can be shown.
        """
        self._show.setVisible(can_show)
        self._switch.setChecked(learns)
        self._text.show_text(text[:1].upper() + text[1:])
        self._switch.setAccessibleDescription(f"Suggested from {text}")
        for part in (self._switch, self._text):
            part.setToolTip(tip(more))
