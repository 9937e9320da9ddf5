"""A bubble with a remark beneath an input box, over the window's other widgets."""

from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QWidget

from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.paragraph import Paragraph

_WIDTH: Final = 420
_EDGE: Final = 12


class Bubble(QFrame):
    """Shows the problem of a box's text beneath it, until it is solved."""

    def __init__(self, box: QWidget) -> None:
        super().__init__(box)
        self._box = box
        self._text = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self.setObjectName("overlay")
        self.setAutoFillBackground(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setLayout(column(self._text, margins=(10, 7, 10, 7)))
        self.hide()

    @property
    def text(self) -> str:
        """The shown problem; empty if there is none."""
        return "" if self.isHidden() else self._text.text()

    def say(self, text: str) -> None:
        """Show a problem; an empty `text` hides the bubble."""
        self._text.show_text(text, icon="warning")
        self.setVisible(bool(text))
        if not text:
            return
        window = self._box.window()
        place = self._box.mapTo(window, QPoint(0, self._box.height() + 2))
        width = min(_WIDTH, window.width() - place.x() - _EDGE)
        self.setParent(window)
        self._text.setFixedWidth(width - 20)
        self.setGeometry(place.x(), place.y(), width, self._text.heightForWidth(width - 20) + 14)
        self.show()
        self.raise_()
