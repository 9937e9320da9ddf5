"""Shows a certificate: what it says, and how to verify that once it is asked for."""

from typing import Final

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.texts import tr

_MOST: Final = 10
"""Paragraphs, of what it says and of the method."""


class CertificateView(QWidget):
    """The paragraphs of a certificate, with a button that shows the method.

    Attributes:
        paragraphs: All there may be; those without a text are hidden.
    """

    def __init__(self) -> None:
        super().__init__()
        role = QPalette.ColorRole.WindowText
        self.paragraphs = [Paragraph(max_lines=6, role=role) for _ in range(2 * _MOST)]
        self._method = ""
        self._button = QPushButton(tr("How to verify it"))
        self._button.setCheckable(True)
        self._button.setAutoDefault(True)  # Enter on it must not press the main button
        self._button.toggled.connect(self._show_method)
        parts = (*self.paragraphs[:_MOST], row(self._button, None), *self.paragraphs[_MOST:], None)
        self.setLayout(column(*parts, spacing=12))

    def show_text(self, certificate: str, method: str) -> None:
        """Show a certificate, a paragraph a line; nothing where it is empty."""
        self._method = method
        self.setVisible(bool(certificate))
        _fill(self.paragraphs[:_MOST], certificate)
        self._show_method()

    def _show_method(self) -> None:
        _fill(self.paragraphs[_MOST:], self._method if self._button.isChecked() else "")


def _fill(paragraphs: list[Paragraph], text: str) -> None:
    lines = text.split("\n")
    for place, paragraph in enumerate(paragraphs):
        paragraph.show_text(lines[place] if place < len(lines) else "")
