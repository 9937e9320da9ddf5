"""A page of pictures, or a message and a next step where there is none."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QLabel, QLayout, QPushButton, QSizePolicy, QStackedWidget, QWidget

from nameplate.ui.modes.view_modes import ViewMode
from nameplate.ui.pages.page_view import PageView
from nameplate.ui.widgets.boxes import column, primary_button, row
from nameplate.ui.widgets.painting import TITLE, font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import sentences, tr


class PageOrEnd(QStackedWidget):
    """Shows one of the two; it takes the room that there is, whichever it shows."""

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self.view = PageView(workbench.pictures.grid)
        self._leave = partial(workbench.pictures.modes.show, ViewMode.GRID)
        self._go_on: Callable[[], object] = self._leave
        self._next_step = primary_button()
        self._next_step.clicked.connect(lambda: self._go_on())
        self._body, self._end = QWidget(), QWidget()
        self._end.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        role = QPalette.ColorRole.WindowText
        self._title = Paragraph(max_lines=1, role=role)
        self._end_title = Paragraph(max_lines=2, role=role)
        self._note, self._end_text = keeping_room(Paragraph(max_lines=1)), Paragraph(max_lines=8)
        for title in (self._title, self._end_title):
            title.setFont(font_of(self.font(), TITLE, QFont.Weight.DemiBold))
        for text in (self._end_title, self._end_text):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._said: Sequence[QLabel | QPushButton] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def lay_out(self, body: QLayout, said: Sequence[QLabel | QPushButton]) -> None:
        """Lay out a page; `said` are its texts."""
        self._said = said
        self._body.setLayout(body)
        buttons = row(None, self._next_step, None)
        parts = (None, self._end_title, self._end_text, 8, buttons, None)
        self._end.setLayout(column(*parts, margins=(40, 20, 40, 20), spacing=8))
        self.addWidget(self._body)
        self.addWidget(self._end)

    def minimumSizeHint(self) -> QSize:
        """Return nothing: a page has the room that there is."""
        return QSize(0, 0)

    @property
    def is_page_shown(self) -> bool:
        """Whether the page is shown, and not the message."""
        return self.currentIndex() == 0

    @property
    def has_next_step(self) -> bool:
        """Whether the button where there is no page leads on, and not back to the pictures."""
        return self._go_on is not self._leave

    @property
    def text(self) -> str:
        """All that is said in words, for a screen reader and for tests."""
        said = self._said if self.is_page_shown else (self._end_title, self._end_text)
        return "\n".join(part.text() for part in said)

    def say_end(
        self,
        title: str,
        text: str = "",
        next_step: str = "",
        go_on: Callable[[], object] | None = None,
    ) -> None:
        """Say why there is no page, with a button; without a next step it leads to the pictures."""
        self._end_title.show_text(title)
        self._end_text.show_text(text)
        self._next_step.setText(next_step or tr("Back to the pictures"))
        self._go_on = go_on if next_step and go_on is not None else self._leave
        self._end.setAccessibleName(sentences(title, text))
        self.setCurrentIndex(1)
        if self._next_step.hasFocus():
            self._end.setFocus()  # one Enter too many, meant for a page, must not go on


def keeping_room(line: Paragraph) -> Paragraph:
    """Make a line keep its room while it is empty, so that nothing moves; return it."""
    policy = line.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    line.setSizePolicy(policy)
    return line
