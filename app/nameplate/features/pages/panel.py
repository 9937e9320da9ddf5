"""What is seen of pages: what a page asks, its pictures, what the keys do, and the end."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QPushButton

from nameplate.features.pages.page_or_end import PageOrEnd
from nameplate.features.pages.source import Heading, NoPage
from nameplate.ui.widgets.boxes import column, plain_label, row
from nameplate.ui.widgets.painting import clear_pixmap, entry_text, smooth_painter
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.workbench import Workbench

_SWATCH: Final = 14
_HOW: Final = "Click or drag what is wrong, or press the key of its right name."


class PagePanel(PageOrEnd):
    """A page of pictures, or what is to be said where there is none.

    Attributes:
        turn: The button by which the rest is right.
        back: The one that asks for the page before.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench.pictures.grid, title_lines=1)
        self._workbench = workbench
        self._hint = ""
        self._heading, self._end = Heading("", ""), NoPage("", "")
        self.back, self.turn = QPushButton("Page before"), QPushButton()
        self.back.setToolTip("Take the last page back (Backspace)")
        self._swatch, self._progress = QLabel(), plain_label()
        self._count = Paragraph(max_lines=1)
        leave, self._export = QPushButton("Back to the grid"), QPushButton("Export…")
        self._next_step = QPushButton()
        self._progress.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for button in (self.back, self.turn):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys go on being for the pictures
        top = row(
            self._swatch, self._title, self._progress, margins=(14, 10, 14, 0), spacing=8, grows=1
        )
        note = row(self._note, margins=(14, 0, 14, 0), grows=0)
        bottom = row(self._count, self.back, self.turn, margins=(14, 0, 14, 10), spacing=8, grows=0)
        self.lay_out(
            column(top, note, self.view, bottom, spacing=4, grows=2),
            (self._title, self._count, self._progress, self._note, self.turn),
            (leave, self._export, self._next_step),
        )
        self._export.clicked.connect(lambda: workbench.trigger("export"))
        self._next_step.clicked.connect(lambda: self._end.go_on())
        leave.clicked.connect(workbench.pictures.modes.leave)
        self.setFocusProxy(self.view)
        workbench.follow_keys(self._on_keys_changed)

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
            self._show_note("")

    def _show_heading(self, heading: Heading) -> None:
        """Show a page, with this above it."""
        self._heading = heading
        self._on_keys_changed()
        swatch = clear_pixmap(QSize(_SWATCH, _SWATCH), self.devicePixelRatioF())
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
            self.setCurrentIndex(0)
            if not is_elsewhere:
                self.view.setFocus()

    def _show_note(self, note: str) -> None:
        """Say what the last page became, or what has to be waited for; else what the keys do."""
        how = self._heading.how or self._heading.surely
        self._note.show_text(f"{note} {how}".strip() if note else self._hint)

    def _show_turn(self, text: str, *, goes_back: bool) -> None:
        """Say what Enter will do, and whether there is a page to go back to."""
        self.turn.setText(entry_text(text))
        self.back.setEnabled(goes_back)

    def _show_end(self, end: NoPage) -> None:
        """Say why there is no page, with what can be done next."""
        self._end = end
        self.view.show_page([])
        self.view.setAccessibleName(f"{end.title} {end.text}")
        self._export.setVisible(end.leads_to_export)
        self._next_step.setText(end.next_step)
        self._next_step.setVisible(bool(end.next_step))
        self.say_end(end.title, end.text)
