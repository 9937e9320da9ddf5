"""What is seen of pages: what a page asks, its pictures, what the keys do, and the end."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from nameplate.features.pages.source import Heading, NoPage
from nameplate.ui.pages.page_or_end import PageOrEnd
from nameplate.ui.pages.page_view import PageView
from nameplate.ui.widgets.boxes import column, plain_label, row
from nameplate.ui.widgets.painting import (
    clear_pixmap,
    entry_text,
    font_of,
    smooth_painter,
)
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.workbench import Workbench

_SWATCH: Final = 14
_HOW: Final = "Click or drag what is wrong, or press the key of its right name."


class PagePanel(QWidget):
    """A page of pictures, or what is to be said where there is none.

    Attributes:
        view: The pictures.
        turn: The button by which the rest is right.
        back: The one that asks for the page before.
        next_step: At the end, the one that does what is offered next.
        on_shown: Called when it is seen again.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self._workbench = workbench
        self.view = PageView(workbench.pictures.thumbnails)
        self._swatch = QLabel()
        self._title = Paragraph(max_lines=1, role=QPalette.ColorRole.WindowText)
        self._count = Paragraph(max_lines=1)
        self._progress = plain_label()
        self._note = Paragraph(max_lines=3)
        self._hint = ""
        self._heading = Heading("", "")
        self.back, self.turn = QPushButton("Page before"), QPushButton()
        self.on_shown: Callable[[], object] = lambda: None
        self._lay_out()
        self.setFocusProxy(self.view)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        workbench.follow_keys(self._on_keys_changed)

    def _lay_out(self) -> None:
        self._title.setFont(font_of(self.font(), 1.25, QFont.Weight.DemiBold))
        self._progress.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for button in (self.back, self.turn):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys go on being for the pictures
        top = row(
            self._swatch, self._title, self._progress, margins=(14, 10, 14, 0), spacing=8, grows=1
        )
        note = row(self._note, margins=(14, 0, 14, 0), grows=0)
        bottom = row(self._count, self.back, self.turn, margins=(14, 0, 14, 10), spacing=8, grows=0)
        self._page = QWidget()
        self._page_layout = column(top, note, self.view, bottom, spacing=4, grows=2)
        self._page.setLayout(self._page_layout)
        self._export = QPushButton("Export…")
        leave, self.next_step = QPushButton("Back to the grid"), QPushButton()
        self._export.clicked.connect(lambda: self._workbench.trigger("export"))
        leave.clicked.connect(self._workbench.pictures.modes.leave)
        self._stack = PageOrEnd(self._page, [leave, self._export, self.next_step])
        self.setLayout(column(self._stack))

    @property
    def is_page_shown(self) -> bool:
        """Whether there is a page, and not what is said where there is none."""
        return self._stack.is_page_shown

    @property
    def text(self) -> str:
        """All that is said in words, for a screen reader and for tests."""
        if self.is_page_shown:
            parts = (self._title.text(), self._count.text(), self._progress.text())
            return "\n".join((*parts, self._note.text(), self.turn.text()))
        return self._stack.end_text

    def _on_keys_changed(self) -> None:
        key_of, was = self._workbench.actions.key_of, self._hint
        accept, skip, heading = key_of("accept"), key_of("skip"), self._heading
        parts = (
            heading.how or _HOW,
            f"{skip}: skip." if skip and not heading.how else "",
            f"{accept}: the rest is right." if accept and not heading.how else "",
            "Backspace: page before.",
            f"Tab: {heading.tab}." if heading.tab else "",
        )
        self._hint = " ".join(filter(None, parts))
        self.turn.setToolTip(tip(f"Go on to the next page{f' ({accept})' if accept else ''}"))
        if self._note.text() == was:
            self.show_note("")

    def showEvent(self, event: QShowEvent) -> None:
        """Look again: what stood in its place may have changed what there is to look at."""
        super().showEvent(event)
        self.on_shown()

    def make_room(self) -> None:
        """Lay the page out also while something else is shown, so that its size is known."""
        self._page.resize(self._stack.size())
        self._page_layout.activate()

    def show_heading(self, heading: Heading) -> None:
        """Show a page, with this above it."""
        self._heading = heading
        self._on_keys_changed()
        ratio = self.devicePixelRatioF()
        swatch = clear_pixmap(QSize(_SWATCH, _SWATCH), ratio)
        with smooth_painter(swatch) as painter:
            painter.setBrush(QColor(heading.colour))
            painter.drawRoundedRect(QRectF(0, 0, _SWATCH, _SWATCH), 4, 4)
        self._swatch.setPixmap(swatch)
        self._swatch.setVisible(bool(heading.colour))
        self._title.show_text(heading.title)
        self._count.setToolTip(
            "Pictures that are alike lie next to each other" if heading.count else ""
        )
        self._count.setText(heading.count)  # its place stays also where it is empty
        self._progress.setText(heading.progress)
        self.view.setAccessibleName(f"{heading.title}: {heading.progress}")
        if not self.is_page_shown:
            focused = self.window().focusWidget()
            is_elsewhere = focused and focused.isVisible() and not self.isAncestorOf(focused)
            self._stack.show_page()
            if not is_elsewhere:
                self.view.setFocus()

    def show_turn(self, text: str, *, goes_back: bool) -> None:
        """Say what Enter will do, and whether there is a page to go back to."""
        self.turn.setText(entry_text(text))
        self.back.setEnabled(goes_back)
        self.back.setToolTip("Take the last page back (Backspace)")

    def show_note(self, note: str) -> None:
        """Say what the last page became, or what has to be waited for; else what the keys do."""
        how = self._heading.how or self._heading.surely
        self._note.show_text(f"{note} {how}".strip() if note else self._hint)

    def show_end(self, end: NoPage) -> None:
        """Say why there is no page, with what can be done next."""
        self._export.setVisible(end.leads_to_export)
        self.next_step.setText(end.next_step)
        self.next_step.setVisible(bool(end.next_step))
        self.view.setAccessibleName(f"{end.title} {end.text}")
        self._stack.show_end(end.title, end.text)
