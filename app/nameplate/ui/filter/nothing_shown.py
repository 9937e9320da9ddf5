"""The page that is shown if the filter hides all pictures."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from nameplate.ui.widgets.boxes import column, primary_button, row
from nameplate.ui.widgets.painting import entry_text

MOST_OFFERS: Final = 2


class NothingShown(QWidget):
    """Shows which conditions hide all pictures, and offers other ones.

    Attributes:
        show_all: The button that shows all pictures.
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._offers = tuple(QPushButton() for _ in range(MOST_OFFERS))
        self.show_all = primary_button("Show all pictures")
        self.setFocusProxy(self.show_all)
        for button in self._offers:
            button.setAutoDefault(True)
        buttons = [row(None, button, None) for button in (*self._offers, self.show_all)]
        self.setLayout(column(None, self._text, *buttons, None, spacing=10))
        for number, button in enumerate(self._offers):
            button.clicked.connect(lambda _=False, number=number: self._acts[number]())
        self.tell("No picture matches.")

    @property
    def text(self) -> str:
        """The reason why nothing is shown."""
        return self._text.text()

    def tell(self, text: str, *offers: tuple[str, Callable[[], object]]) -> None:
        """Show the reason, and at most two other things to do, each with its words."""
        self._text.setText(text)
        self._acts = [act for _, act in offers]
        for number, button in enumerate(self._offers):
            button.setVisible(number < len(offers))
            button.setText(entry_text(offers[number][0]) if number < len(offers) else "")
