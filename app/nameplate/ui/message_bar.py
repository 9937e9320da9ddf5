"""One line above the status line that says what just happened, with a way to answer."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from nameplate.ui.theme import icon

_SHOWN_MS: Final = 9000


class MessageBar(QWidget):
    """Shows one message at a time; good news leave by themselves, problems stay."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._button = QPushButton()
        self._is_problem = False
        self._answer: Callable[[], object] | None = None
        self._close = QToolButton(autoRaise=True)
        self._close.setAccessibleName("Close the message")
        self._close.setToolTip("Close the message")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        row.addWidget(self._close)
        self._timer = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self._close.clicked.connect(self.hide)
        self._button.clicked.connect(self._on_answered)
        self.setAutoFillBackground(True)
        self.hide()

    @property
    def text(self) -> str:
        """The message that is shown or was last."""
        return self._text.text()

    def tell(
        self, text: str, *, answer: str = "", on_answer: Callable[[], object] | None = None
    ) -> None:
        """Show good news for a few seconds, with a button where there is something to do.

        News that ask for nothing do not take the place of a problem.
        """
        if self._is_problem and self.isVisible() and on_answer is None:
            return
        self._is_problem = False
        self._show(text, "info", answer, on_answer)
        self._timer.start()

    def warn(
        self, text: str, *, answer: str = "", on_answer: Callable[[], object] | None = None
    ) -> None:
        """Show a problem until it is closed."""
        self._is_problem = True
        self._timer.stop()
        self._show(text, "warning", answer, on_answer)

    def _show(
        self, text: str, icon_name: str, answer: str, on_answer: Callable[[], object] | None
    ) -> None:
        self._icon.setPixmap(icon(icon_name, self).pixmap(18, 18))
        self._close.setIcon(icon("cancel", self))
        self._text.setText(text)
        self._answer = on_answer
        self._button.setText(answer)
        self._button.setVisible(on_answer is not None)
        self.setAccessibleName(text)
        self.show()

    def _on_answered(self) -> None:
        self.hide()
        if self._answer:
            self._answer()
