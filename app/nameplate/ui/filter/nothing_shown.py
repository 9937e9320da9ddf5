"""The page that is shown if the filter hides all pictures."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import entry_text


class NothingShown(QWidget):
    """Shows which conditions hide all pictures, and offers to remove them.

    Signals:
        show_all_requested: "Show all pictures" was pressed.
        leave_out_requested: "Leave out" was pressed: the condition that hides everything.
    """

    show_all_requested = Signal()
    leave_out_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._leave_out = QPushButton()
        self._show_all = QPushButton("Show all pictures")
        self.setFocusProxy(self._show_all)
        for button in (self._leave_out, self._show_all):
            button.setAutoDefault(True)
        buttons = [row(None, button, None) for button in (self._leave_out, self._show_all)]
        self.setLayout(column(None, self._text, *buttons, None, spacing=10))
        self._show_all.clicked.connect(self.show_all_requested)
        self._leave_out.clicked.connect(self.leave_out_requested)
        self.tell("No picture is of this kind.")

    @property
    def text(self) -> str:
        """The reason why nothing is shown."""
        return self._text.text()

    def tell(self, text: str, leave_out: str = "") -> None:
        """Show the reason, and which condition to remove if one is enough."""
        self._text.setText(text)
        self._leave_out.setText(entry_text(f"Leave out “{leave_out}”"))
        self._leave_out.setVisible(bool(leave_out))
