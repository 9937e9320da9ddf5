"""The status line: progress with rate, time left and Cancel; problems; model and device."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from nameplate.domain.progress import Progress
from nameplate.ui.widgets.boxes import row
from nameplate.ui.widgets.painting import entry_text, one_line, shortened
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.wording.numbers import time_left

_LONGEST_TITLE: Final = 44

_LEAST_BUTTON: Final = 60
_AROUND_TEXT: Final = 12


class _Button(QToolButton):
    """A flat button whose text is cut where there is no room, so that it widens no window."""

    def __init__(self) -> None:
        super().__init__(autoRaise=True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Return a size with room for some letters."""
        hint = self.sizeHint()
        return QSize(min(_LEAST_BUTTON, hint.width()), hint.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the button, with three dots where its text is cut."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        if self.width() < self.sizeHint().width():
            room, right = self.width() - _AROUND_TEXT, Qt.TextElideMode.ElideRight
            option.text = self.fontMetrics().elidedText(self.text(), right, room)
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)


def _text() -> Paragraph:
    role = QPalette.ColorRole.WindowText
    return Paragraph(max_lines=1, role=role, is_as_wide_as_text=True)


class StatusLine(QWidget):
    """The status line at the bottom of the window.

    Signals:
        cancel_requested: Cancel was pressed.
        resume_requested: "Go on" was pressed.
        problems_requested: The number of unreadable files was pressed.
        models_requested: The name of the model was pressed.
    """

    cancel_requested = Signal()
    resume_requested = Signal()
    problems_requested = Signal()
    models_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedSize(130, 6)
        self._text = _text()
        self._cancel = QPushButton("Cancel")
        self._resume = QPushButton("Go on")
        self._checked = _text()
        self._note = _Button()
        self._on_note: Callable[[], object] = lambda: None
        self._problems = _Button()
        self._model = _Button()
        self.show_model("Loading the model…")
        left = (self._bar, self._text, self._cancel, self._resume)
        parts = (*left, None, self._checked, self._note, self._problems, self._model)
        self.setLayout(row(*parts, margins=(12, 3, 12, 3), spacing=10))
        self._cancel.clicked.connect(self.cancel_requested)
        self._resume.clicked.connect(self.resume_requested)
        self._problems.clicked.connect(self.problems_requested)
        self._model.clicked.connect(self.models_requested)
        self._note.clicked.connect(lambda: self._on_note())
        self._problems.hide()
        self._note.hide()
        self.show_text("")

    @property
    def text(self) -> str:
        """The main text."""
        return self._text.text()

    @property
    def model_text(self) -> str:
        """The text about model and device."""
        return self._model_text

    def show_progress(self, progress: Progress, what: str = "Reading") -> None:
        """Show the progress of reading, or of something else, with Cancel."""
        self._bar.setMaximum(max(1, progress.total))
        self._bar.setValue(progress.done)
        parts = [f"{what} {progress.done:,} of {progress.total:,}"]
        if progress.rate:
            parts += [f"{progress.rate:,.0f}/s", time_left(progress.seconds_left)]
        self._text.show_text("   ".join(part for part in parts if part))
        self._show(bar=True, cancel=True, resume=False)

    def show_busy(self, text: str) -> None:
        """Show a task of unknown length, with Cancel."""
        self._bar.setMaximum(0)
        self._text.show_text(text)
        self._show(bar=True, cancel=True, resume=False)

    def show_paused(self, text: str) -> None:
        """Show that reading was cancelled, with a button to go on."""
        self._text.show_text(text)
        self._show(bar=False, cancel=False, resume=True)

    def show_text(self, text: str) -> None:
        """Show only a text."""
        self._text.show_text(text)
        self._show(bar=False, cancel=False, resume=False)

    @property
    def checked_text(self) -> str:
        """The progress of checking."""
        return self._checked.text()

    def show_checked(self, text: str, details: str) -> None:
        """Show the progress of checking, with details in the tool tip."""
        self._checked.show_text(text)
        self._checked.setToolTip(tip(details))
        self._checked.setAccessibleName(details)

    @property
    def note_text(self) -> str:
        """How far something is; empty if nothing is said."""
        return "" if self._note.isHidden() else self._note.text()

    def show_note(self, text: str, on_pressed: Callable[[], object] = lambda: None) -> None:
        """Show how far something is that goes on when it is pressed; an empty `text` hides it."""
        self._on_note = on_pressed
        self._note.setText(entry_text(text))
        self._note.setToolTip(tip(f"{text}. Press to go on with it." if text else ""))
        self._note.setAccessibleName(text)
        self._note.setVisible(bool(text))

    def show_problems(self, unreadable: int, missing: int, not_found: int) -> None:
        """Show the numbers of files that cannot be read; hidden if there are none.

        Args:
            unreadable: Pictures of the project whose files are there.
            missing: Pictures of the project whose files are not where they were.
            not_found: What was to be added, and is not there.
        """
        counts = {"unreadable": unreadable, "missing": missing, "not found": not_found}
        parts = [f"{count:,} {what}" for what, count in counts.items() if count]
        self._problems.setText("⚠ " + ", ".join(parts))
        self._problems.setToolTip("Show the files that could not be read, with the reasons")
        self._problems.setVisible(bool(parts))

    def show_model(self, title: str, device: str = "", why: str = "") -> None:
        """Show model and device; `why` explains why no better device is used."""
        on = f" on {device}" if device else ""
        self._model_text = one_line(f"{shortened(title, _LONGEST_TITLE)}{on}")
        self._model.setText(entry_text(self._model_text))
        parts = (f"{title}{on}.", why, "Press to choose a model.")
        self._model.setToolTip(tip(" ".join(part for part in parts if part)))
        self._model.setAccessibleName(f"Model: {title}{on}")

    def _show(self, *, bar: bool, cancel: bool, resume: bool) -> None:
        self._bar.setVisible(bar)
        self._cancel.setVisible(cancel)
        self._resume.setVisible(resume)
