"""The message bar above the status line, with buttons to answer."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from nameplate.ui.widgets.boxes import row
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.theme import icon

_SHOWN_MS: Final = 9000


class MessageBar(QWidget):
    """Shows one message at a time; information times out, problems stay."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._text = Paragraph(max_lines=8, role=QPalette.ColorRole.WindowText)
        self._button = QPushButton()
        self._other = QPushButton()
        self._stays = False
        self._answer: Callable[[], object] | None = None
        self._other_answer: Callable[[], object] | None = None
        self._close = QToolButton(autoRaise=True)
        self._close.setAccessibleName("Close the message")
        self._close.setToolTip("Close the message")
        parts = (self._icon, self._text, self._button, self._other, self._close)
        self.setLayout(row(*parts, margins=(14, 6, 8, 6), grows=1))
        self._timer = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self._close.clicked.connect(self.hide)
        self._button.clicked.connect(self._on_answered)
        self._other.clicked.connect(self._on_other_answered)
        self.setAutoFillBackground(True)
        self.hide()

    @property
    def text(self) -> str:
        """The current or last message."""
        return self._text.text()

    def tell(
        self,
        text: str,
        *,
        answer: str = "",
        on_answer: Callable[[], object] | None = None,
        is_reply: bool = False,
    ) -> None:
        """Show information for a few seconds, with a button if there is an action.

        Without an action it does not replace a problem or a question, unless it is the reply to
        what the person just did.
        """
        if self._stays and self.isVisible() and on_answer is None and not is_reply:
            return
        self._stays = False
        self._show(text, "info", answer, on_answer)
        self._timer.start()

    def warn(
        self, text: str, *, answer: str = "", on_answer: Callable[[], object] | None = None
    ) -> None:
        """Show a problem until it is closed."""
        self._stays = True
        self._timer.stop()
        self._show(text, "warning", answer, on_answer)

    def ask(
        self,
        text: str,
        *,
        answer: str,
        on_answer: Callable[[], object],
        other: str = "Cancel",
        on_other: Callable[[], object] | None = None,
    ) -> None:
        """Show a question with two buttons until it is answered or closed.

        The focus does not move, so that a key meant for another widget cannot answer; Alt and a
        letter of a button does: the one after an `&`, or else the first.
        """
        self._stays = True
        self._timer.stop()
        self._show(text, "question", _with_key(answer), on_answer)
        self._other.setText(_with_key(other))
        self._other.show()
        self._other_answer = on_other

    def _show(
        self, text: str, icon_name: str, answer: str, on_answer: Callable[[], object] | None
    ) -> None:
        self._icon.setPixmap(icon(icon_name, self).pixmap(18, 18))
        self._close.setIcon(icon("cancel", self))
        self._text.show_text(text)
        self._answer = on_answer
        self._button.setText(answer)
        self._button.setVisible(on_answer is not None)
        self._other.hide()
        self.setAccessibleName(text)
        self.show()

    def _on_answered(self) -> None:
        self.hide()
        if self._answer:
            self._answer()

    def _on_other_answered(self) -> None:
        self.hide()
        if self._other_answer:
            self._other_answer()


def _with_key(text: str) -> str:
    """Return the text of a button that a letter presses."""
    return text if "&" in text else f"&{text}"
