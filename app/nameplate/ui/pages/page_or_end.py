"""A page of pictures, or what is to be said where there is none, with what can be done next."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStackedWidget, QWidget

from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph


class PageOrEnd(QStackedWidget):
    """Shows one of the two; it takes the room that there is, whichever it shows."""

    def __init__(self, page: QWidget, buttons: Sequence[QPushButton]) -> None:
        """Show `page` first; `buttons` stand beneath what is said at the end."""
        super().__init__()
        self._title = Paragraph(max_lines=2, role=QPalette.ColorRole.WindowText)
        self._title.setFont(font_of(self.font(), 1.25, QFont.Weight.DemiBold))
        self._text = Paragraph(max_lines=8)
        for text in (self._title, self._text):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        end = QWidget()
        parts = (None, self._title, self._text, 8, row(None, *buttons, None, spacing=8), None)
        end.setLayout(column(*parts, margins=(40, 20, 40, 20), spacing=8))
        self.addWidget(page)
        self.addWidget(end)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    @property
    def is_page_shown(self) -> bool:
        """Whether there is a page, and not what is said where there is none."""
        return self.currentIndex() == 0

    @property
    def end_text(self) -> str:
        """What is said where there is no page."""
        return f"{self._title.text()}\n{self._text.text()}"

    def show_page(self) -> None:
        """Show the page."""
        self.setCurrentIndex(0)

    def show_end(self, title: str, text: str) -> None:
        """Say why there is no page."""
        self._title.show_text(title)
        self._text.show_text(text)
        self.setCurrentIndex(1)
