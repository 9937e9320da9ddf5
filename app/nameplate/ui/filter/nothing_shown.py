"""The page that is shown when the filter hides all pictures."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.ui.widgets.boxes import column, plain_label, primary_button, row, title
from nameplate.ui.widgets.painting import entry_text
from nameplate.wording.texts import tr

MOST_OFFERS: Final = 2


class NothingShown(QWidget):
    """Shows which conditions hide all pictures, with buttons for other filters."""

    def __init__(self) -> None:
        super().__init__()
        self._title, self._text = title(""), plain_label()
        for text in (self._title, self._text):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            text.setWordWrap(True)
        self._offers = tuple(QPushButton() for _ in range(MOST_OFFERS))
        self.show_all = primary_button(tr("Show all pictures"))
        self.setFocusProxy(self.show_all)
        all_buttons = (self.show_all, *self._offers)
        for button in all_buttons:
            button.setAutoDefault(True)
        buttons = [row(None, button, None) for button in all_buttons]
        parts = (None, self._title, self._text, 8, *buttons, None)
        self.setLayout(column(*parts, margins=(40, 20, 40, 20), spacing=8))
        for number, button in enumerate(self._offers):
            button.clicked.connect(lambda _=False, number=number: self._acts[number]())
        self.tell(tr("No picture matches."))

    @property
    def text(self) -> str:
        """The reason why nothing is shown."""
        return "\n".join(filter(None, (self._title.text(), self._text.text())))

    def tell(self, text: str, *offers: tuple[str, Callable[[], object]]) -> None:
        """Show the reason, and at most two further buttons, each with its text."""
        first, _, rest = text.partition("\n")
        self._title.setText(first)
        self._text.setText(rest)
        self._text.setVisible(bool(rest))
        self._acts = [act for _, act in offers]
        for number, button in enumerate(self._offers):
            button.setVisible(number < len(offers))
            button.setText(entry_text(offers[number][0]) if number < len(offers) else "")
