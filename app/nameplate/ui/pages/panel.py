"""The widgets of pages: heading, pictures, buttons, and the message at the end."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QPushButton

from nameplate.domain.text import deferred
from nameplate.pipeline.pages.rules import Rows
from nameplate.ui.actions.keys import shown_key
from nameplate.ui.pages.page import Page
from nameplate.ui.pages.page_or_end import PageOrEnd, keeping_room
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.ui.pages.source import Heading, NoPage
from nameplate.ui.widgets.boxes import column, plain_label, primary_button, row
from nameplate.ui.widgets.painting import clear_pixmap, entry_text, smooth_painter
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import after_colon, sentences, tr

_SWATCH: Final = 14
_HOW: Final = deferred("Click what is wrong, or name it by its key.")


class PagePanel(PageOrEnd):
    """A page of pictures with heading and buttons, or a message where there is none.

    Attributes:
        turn: The button by which the rest is right.
        back: The one that asks for the page before.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench = workbench
        self._heading = Heading("", "")
        self.back, self.turn = QPushButton(tr("Back")), primary_button()
        text, key = tr("Take the last page back"), shown_key("Backspace")
        self.back.setToolTip(tip(tr("{text} ({key})", text=text, key=key)))
        self._swatch, self._progress = QLabel(), plain_label()
        self._rest = keeping_room(Paragraph(max_lines=1))
        self._progress.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for button in (self.back, self.turn):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys go on being for the pictures
        top = row(
            self._swatch, self._title, self._progress, margins=(12, 8, 12, 0), spacing=8, grows=1
        )
        note = row(self._note, margins=(12, 0, 12, 0), grows=0)
        self._rest.setAlignment(Qt.AlignmentFlag.AlignRight)
        # Whatever the button says, the other one stays where it is.
        bottom = row(self.back, self._rest, self.turn, margins=(12, 0, 12, 8), spacing=8, grows=1)
        self.lay_out(
            column(top, note, self.view, bottom, spacing=4, grows=2),
            (self._title, self._progress, self._note, self._rest, self.turn),
        )
        self.setFocusProxy(self.view)
        workbench.follow_keys(self._on_keys_changed)

    def _on_keys_changed(self) -> None:
        key = self._workbench.actions.key_in_brackets("accept")
        self.turn.setToolTip(tip(tr("Accept the rest and show the next page{key}", key=key)))
        key = self._workbench.actions.key_of("large")
        self.view.glass_tip = tr("{text} ({key})", text=tr("Large picture"), key=key)

    def _show_heading(self, heading: Heading) -> None:
        """Show a page, with this above it."""
        self._heading = heading
        swatch = clear_pixmap(QSize(_SWATCH, _SWATCH), self.devicePixelRatioF())
        with smooth_painter(swatch) as painter:
            painter.setBrush(QColor(heading.colour))
            painter.drawRoundedRect(QRectF(0, 0, _SWATCH, _SWATCH), 4, 4)
        self._swatch.setPixmap(swatch)
        self._swatch.setVisible(bool(heading.colour))
        self._title.show_text(heading.title)
        self._progress.setText(heading.progress)
        tab = tr("Tab: {what}.", what=heading.tab) if heading.tab else ""
        self._progress.setToolTip(tip(sentences(heading.surely, tab)))
        self.view.setAccessibleName(after_colon(heading.title, heading.progress))
        if not self.is_page_shown:
            focused = self.window().focusWidget()
            is_elsewhere = focused and focused.isVisible() and not self.isAncestorOf(focused)
            self.setCurrentIndex(0)
            if not is_elsewhere:
                self.view.setFocus()

    def _show_note(self, note: str) -> None:
        """Show the result of the last page, or a reason to wait; by default the hint."""
        self._note.show_text(note or self._heading.how or tr(_HOW))

    def _show_turn(self, text: str, rest: str, *, goes_back: bool) -> None:
        """Show the effect of Enter, also on the rest, and whether one can go back."""
        self.turn.setText(entry_text(text))
        self._rest.show_text(rest)
        self.back.setEnabled(goes_back)

    def _show_end(self, end: NoPage) -> None:
        """Show why there is no page, with the next step."""
        self.view.show_page([])
        self.view.setAccessibleName(sentences(end.title, end.text))
        self.say_end(end.title, end.text, end.next_step, end.go_on)

    # ---- the pictures of a page

    def _pictures_of(self, page: Page) -> list[PagePicture]:
        return [self._picture_of(page, place) for place in range(len(page.rows))]

    def _picture_of(self, page: Page, place: int) -> PagePicture:
        workbench = self._workbench
        picture = page.picture(place, workbench.project, workbench.suggestions)
        has_failed = workbench.pictures.thumbnails.has_failed
        if picture.verdict is Verdict.RIGHT and has_failed(picture.path):
            return replace(picture, verdict=Verdict.GONE)
        return picture

    def _prefetch(self, page: Page, ahead: Sequence[Rows]) -> None:
        """Have the pictures of the next page made while this one is looked at."""
        if not any(map(len, ahead)):
            return
        paths, view = self._workbench.project.images.paths, self.view
        shown = {paths[row] for row in page.rows.tolist()}
        coming = [paths[row] for row in np.concatenate(ahead).tolist()]
        fit = view.fit_for([*map(len, ahead)])
        self._workbench.pictures.thumbnails.prefetch(shown, coming, fit)
