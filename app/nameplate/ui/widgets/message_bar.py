"""The message bar: one message, with buttons to answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QCursor, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QLabel, QPushButton, QWidget

from nameplate.domain.text import deferred
from nameplate.ui.widgets.boxes import close_button, row
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.theme import icon, scaled
from nameplate.wording.texts import tr

LAST_STEP: Final = "last-step"
"""What a message is about that the next change of the project makes pointless."""

OTHER_PROJECT: Final = "other-project"
"""What a message is about that offers to go on with another project."""

_SHOWN_MS: Final = 9000
_MOST_WAITING: Final = 8
_NEW_MS: Final = 700
"""So long the mouse answers no message that appears: a click that was meant for what was there
before would do it."""

_PRESSES: Final = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)

WIDEST: Final = 640
"""Pixels of a line of text and its buttons; a longer text has several lines."""

_SPACING: Final = 8
_ICON: Final = 18
_CONTROL: Final = 30
"""Height of a button, and so of the line that the icon and the first line of text stand in."""

_MARGINS: Final = (14, 6, 8, 6)
_DIRECTIONS: Final = (QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight)


Answer = tuple[str, Callable[[], object] | None]
"""The text of a button, and what it does besides closing the message."""

CANCEL: Final[Answer] = (deferred("Cancel"), None)


@dataclass(frozen=True, slots=True)
class _Message:
    text: str
    icon: str
    stays: bool
    about: str
    answers: Sequence[Answer] = ()
    is_reply: bool = False


class MessageBar(QWidget):
    """Shows one message at a time; information times out, problems and questions stay.

    The newest is shown. A problem or question that another message covers comes back after it,
    unless it was withdrawn meanwhile: what a message is `about` may have ended. A click on a button
    leaves the focus where it is.

    Attributes:
        on_left: Called when the bar had the focus and is hidden.
    """

    def __init__(self) -> None:
        super().__init__()
        self.on_left: Callable[[], object] = lambda: None
        self._now: _Message | None = None
        self._waiting: list[_Message] = []
        self._icon = QLabel()
        self._text = Paragraph(
            max_lines=8, role=QPalette.ColorRole.WindowText, is_as_wide_as_text=True
        )
        self._buttons = (QPushButton(), QPushButton())
        self._close = close = close_button(tr("Close the message"))
        self._icon.setFixedWidth(scaled(_ICON))
        close.setFixedSize(_CONTROL, _CONTROL)
        self._answers = row(*self._buttons, None, spacing=_SPACING)
        self._body = row(self._text, self._answers, spacing=_SPACING, grows=1)
        layout = row(self._icon, self._body, close, margins=_MARGINS, spacing=_SPACING, grows=1)
        for part in (self._icon, close):
            layout.setAlignment(part, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        self._timer = Later(self, _SHOWN_MS, self._time_out)
        self._new = QTimer(self, singleShot=True, interval=_NEW_MS)
        for button in (*self._buttons, close):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(self.dismiss)
        for number, button in enumerate(self._buttons):
            button.clicked.connect(lambda _=False, number=number: self._answer(number))
        for button in (*self._buttons, close):
            button.installEventFilter(self)
        self.setAutoFillBackground(True)
        self.hide()

    @property
    def text(self) -> str:
        """The current or last message."""
        return self._text.text()

    def is_about(self, about: str) -> bool:
        """Return whether the current message is about something."""
        return self._now is not None and self._now.about == about

    @property
    def is_quiet(self) -> bool:
        """Whether there is no message."""
        return self._now is None

    def tell(
        self,
        text: str,
        *answers: Answer,
        is_reply: bool = False,
        stays: bool = False,
        about: str = "",
    ) -> None:
        """Show information for a few seconds, with up to two buttons.

        Without any it waits until a problem or a question is closed, unless it is the reply to what
        the person just did, which goes with `end_reply`. What `stays` is shown until it is closed.
        """
        message = _Message(text, "info", stays, about, answers, is_reply and not answers)
        self._show(message, waits=not answers and not is_reply)

    def tell_done(
        self,
        text: str,
        undo: Callable[[], object],
        show: Callable[[], object] | None = None,
    ) -> None:
        """Show a message about the last step, with Undo, until the project changes again.

        `show` shows pictures that the text is about.
        """
        shows: list[Answer] = [(tr("Show"), show)] if show else []
        self.tell(text, (tr("Undo"), undo), *shows, about=LAST_STEP)

    def warn(self, text: str, *answers: Answer, about: str = "") -> None:
        """Show a problem until it is closed, or messages `about` the same are withdrawn."""
        self._show(_Message(text, "warning", stays=True, about=about, answers=answers))

    def ask(self, text: str, *answers: Answer, waits: bool = False, about: str = "") -> None:
        """Show a question with one or two buttons until it is answered, closed or withdrawn.

        One that `waits` comes after a problem or a question that is shown.
        The focus does not move, so that a key meant for another widget cannot answer; Alt and a
        letter of a button does: the one after an `&`, or else the first that no other has.
        """
        worded = [(tr(text), act) if act is None else (text, act) for text, act in answers]
        texts = _with_letters([answer for answer, _ in worded])
        answers = tuple((text, act) for text, (_, act) in zip(texts, worded, strict=True))
        self._show(
            _Message(text, "question", stays=True, about=about, answers=answers), waits=waits
        )

    def withdraw(self, about: str) -> None:
        """Remove messages about something that has ended."""
        self._waiting = [message for message in self._waiting if message.about != about]
        if self._now and self._now.about == about:
            self.dismiss()

    def withdraw_all(self, about: str) -> None:
        """Remove messages whose `about` begins with a prefix."""
        for message in [*self._waiting, *filter(None, [self._now])]:
            if message.about.startswith(about):
                self.withdraw(message.about)

    def end_reply(self) -> None:
        """Close a message that only replied to the previous action.

        One that has just appeared stays: it may be about that.
        """
        if self._now and self._now.is_reply and not self._new.isActive():
            self.dismiss()

    def dismiss(self) -> None:
        """Close the message, and show the one beneath it."""
        self._timer.stop()
        self._now = None
        if self._waiting:
            self._show(self._waiting.pop())
        else:
            focused = QApplication.focusWidget()
            has_focus = focused is not None and self.isAncestorOf(focused)
            self.hide()
            if has_focus:
                self.on_left()

    def clear(self) -> None:
        """Close all messages."""
        self._waiting.clear()
        self.dismiss()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let no press of the mouse answer a message that has only just appeared."""
        return (event.type() in _PRESSES and self._new.isActive()) or super().eventFilter(
            watched, event
        )

    # ---- how it is laid out

    def size_within(self, width: int) -> QSize:
        """Return the size that it wants: one line, if that is not wider than `width`."""
        width = min(width, self._around + self._text_width + self._width_of_answers + 2 * _SPACING)
        self._arrange(width)
        return QSize(width, self.sizeHint().height())

    def hold(self) -> None:
        """Let no press of the mouse answer for a moment: the bar is new, or stands elsewhere."""
        self._new.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out text and buttons for another width."""
        super().resizeEvent(event)
        self._arrange(self.width())

    @property
    def _around(self) -> int:
        return _MARGINS[0] + _MARGINS[2] + scaled(_ICON) + _CONTROL + 2 * _SPACING

    @property
    def _text_width(self) -> int:
        return self.fontMetrics().horizontalAdvance(self._text.text()) + 2

    @property
    def _width_of_answers(self) -> int:
        shown = [b.sizeHint().width() for b in self._buttons if b.isVisibleTo(self)]
        return sum(shown) + _SPACING * max(0, len(shown) - 1)

    def _arrange(self, width: int) -> None:
        """Put the buttons beside a text of up to two lines, otherwise under it."""
        room, answers, text = width - self._around, self._width_of_answers, self._text_width
        beside = min(room, WIDEST) - answers - (_SPACING if answers else 0)
        is_beside = not answers or text <= 2 * beside
        is_line = is_beside and text <= beside
        self._text.setMaximumWidth(max(1, beside if is_beside else min(room, WIDEST)))
        self._icon.setFixedHeight(_CONTROL if is_line else self.fontMetrics().height() + 2)
        self._body.setDirection(_DIRECTIONS[is_beside])
        self._answers.setDirection(_DIRECTIONS[answers <= room])

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of another look."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._now:
            self._show_icon(self._now)

    def _show_icon(self, message: _Message) -> None:
        self._icon.setPixmap(icon(message.icon).pixmap(self._icon.width()))

    def _show(self, message: _Message, *, waits: bool = False) -> None:
        if waits and self._now and self._now.stays:
            self._wait(message, is_next=False)
            return
        if self._now and self._now.stays and self._now.text != message.text:
            self._wait(self._now, is_next=True)
        self._waiting = [other for other in self._waiting if other.text != message.text]
        goes_on = self._now and self._now.about == message.about not in ("", LAST_STEP)
        if not goes_on:
            self.hold()
        self._now = message
        self._show_icon(message)
        self._text.show_text(message.text)
        for number, button in enumerate(self._buttons):
            button.setVisible(number < len(message.answers))
            button.setText(message.answers[number][0] if button.isVisibleTo(self) else "")
        self.setAccessibleName(message.text)
        self._arrange(self.width())
        self.show()
        if message.stays:
            self._timer.stop()
        else:
            self._timer.start()

    def _time_out(self) -> None:
        """Close the message, but not while the pointer is on it."""
        at = QApplication.widgetAt(QCursor.pos())
        if at is not None and self.isAncestorOf(at):
            self._timer.start()
        else:
            self.dismiss()

    def _wait(self, message: _Message, *, is_next: bool) -> None:
        others = [other for other in self._waiting if other.text != message.text]
        self._waiting = [*others, message] if is_next else [message, *others]
        self._waiting = self._waiting[-_MOST_WAITING:]

    def _answer(self, number: int) -> None:
        answer = self._now.answers[number][1] if self._now else None
        self.dismiss()
        if answer:
            answer()


def _with_letters(texts: list[str]) -> list[str]:
    """Return the texts of buttons with an `&` before a letter that no other of them has."""
    taken = {text.partition("&")[2][:1].casefold() for text in texts if "&" in text}
    for place, text in enumerate(texts):
        if "&" not in text:
            free = (
                at
                for at, sign in enumerate(text)
                if sign.isalpha() and sign.casefold() not in taken
            )
            at = next(free, 0)
            taken.add(text[at : at + 1].casefold())
            texts[place] = f"{text[:at]}&{text[at:]}"
    return texts
