"""The look of sheets: what the page asks, its pictures, what the keys do, and the end."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from nameplate.ui.commands.actions import Actions
from nameplate.ui.sheets.page_or_end import PageOrEnd
from nameplate.ui.sheets.page_view import PageView
from nameplate.ui.sheets.source import Heading, NoPage
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.boxes import column, plain_label, row
from nameplate.ui.widgets.painting import (
    clear_pixmap,
    entry_text,
    font_of,
    smooth_painter,
)
from nameplate.ui.widgets.paragraph import Paragraph, tip

_SWATCH: Final = 14
_HOW: Final = "Click or drag what is wrong, or press the key of its right name."


class SheetPanel(QWidget):
    """A page of pictures, or what is to be said where there is none.

    Signals:
        turn_requested: The rest is right.
        back_requested: The page before is asked for.
        export_requested: At the end.
        leave_requested: At the end: back to the grid.
        next_step_requested: At the end: what is offered as the next step.
        all_requested: All pictures of the page are wrong.
        zoom_requested: Fewer and larger pictures a page (-1), or more and smaller ones (1).
    """

    turn_requested = Signal()
    back_requested = Signal()
    export_requested = Signal()
    leave_requested = Signal()
    next_step_requested = Signal()
    all_requested = Signal()
    zoom_requested = Signal(int)

    def __init__(self, loader: ThumbnailLoader) -> None:
        super().__init__()
        self.view = PageView(loader)
        self._swatch = QLabel()
        self._title = Paragraph(max_lines=1, role=QPalette.ColorRole.WindowText)
        self._count = Paragraph(max_lines=1)
        self._progress = plain_label()
        self._note = Paragraph(max_lines=3)
        self._hint = ""
        self._heading = Heading("", "")
        self._back = QPushButton("Page before")
        self._turn = QPushButton()
        self._lay_out()
        self._turn.clicked.connect(self.turn_requested)
        self._back.clicked.connect(self.back_requested)
        self.setFocusProxy(self.view)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)

    def _lay_out(self) -> None:
        self._title.setFont(font_of(self.font(), 1.25, QFont.Weight.DemiBold))
        self._progress.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for button in (self._back, self._turn):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys go on being for the pictures
        top = row(
            self._swatch, self._title, self._progress, margins=(14, 10, 14, 0), spacing=8, grows=1
        )
        note = row(self._note, margins=(14, 0, 14, 0), grows=0)
        bottom = row(
            self._count, self._back, self._turn, margins=(14, 0, 14, 10), spacing=8, grows=0
        )
        self._page = QWidget()
        self._page_layout = column(top, note, self.view, bottom, spacing=4, grows=2)
        self._page.setLayout(self._page_layout)
        self._export = QPushButton("Export…")
        self._leave = QPushButton("Back to the grid")
        self._export.clicked.connect(self.export_requested)
        self._leave.clicked.connect(self.leave_requested)
        self._next_step = QPushButton()
        self._next_step.clicked.connect(self.next_step_requested)
        self._stack = PageOrEnd(self._page, [self._leave, self._export, self._next_step])
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
            return "\n".join((*parts, self._note.text(), self._turn.text()))
        return self._stack.end_text

    def set_actions(self, actions: Actions) -> None:
        """Say which keys do what, whichever they are now."""
        self._actions = actions
        actions.keys_changed.connect(self._on_keys_changed)
        self._on_keys_changed()

    @Slot()
    def _on_keys_changed(self) -> None:
        key_of, was = self._actions.key_of, self._hint
        accept, skip, heading = key_of("accept"), key_of("skip"), self._heading
        parts = (
            heading.how or _HOW,
            f"{skip}: skip." if skip and not heading.how else "",
            f"{accept}: the rest is right." if accept and not heading.how else "",
            "Backspace: page before.",
            f"Tab: {heading.tab}." if heading.tab else "",
        )
        self._hint = " ".join(filter(None, parts))
        self._turn.setToolTip(tip(f"Go on to the next page{f' ({accept})' if accept else ''}"))
        if self._note.text() == was:
            self.show_note("")

    def selectAll(self) -> None:
        """Mark the whole page, as Ctrl+A selects all in a grid."""
        self.all_requested.emit()

    def zoom_in(self) -> None:
        """Ask for fewer and larger pictures a page."""
        self.zoom_requested.emit(-1)

    def zoom_out(self) -> None:
        """Ask for more and smaller pictures a page."""
        self.zoom_requested.emit(1)

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
        self._turn.setText(entry_text(text))
        self._back.setEnabled(goes_back)
        self._back.setToolTip("Take the last page back (Backspace)")

    def show_note(self, note: str) -> None:
        """Say what the last page became, or what has to be waited for; else what the keys do."""
        how = self._heading.how or self._heading.surely
        self._note.show_text(f"{note} {how}".strip() if note else self._hint)

    def show_end(self, end: NoPage) -> None:
        """Say why there is no page, with what can be done next."""
        self._export.setVisible(end.leads_to_export)
        self._next_step.setText(end.next_step)
        self._next_step.setVisible(bool(end.next_step))
        self.view.setAccessibleName(f"{end.title} {end.text}")
        self._stack.show_end(end.title, end.text)
