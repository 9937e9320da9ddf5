"""The panel that lists what deserves another look, and says what may help."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Signal, Slot
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QWidget

from nameplate.ui.oddities.sentences import Kind, Line
from nameplate.ui.widgets.boxes import close_button, column, heading, row
from nameplate.ui.widgets.painting import entry_text
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.widgets.table import Table

_SHARE: Final = 0.6
_SHARE_BESIDE: Final = 0.38
"""Of the height of the window that it takes at most: alone, and beneath the pictures of a line."""

_FEWEST_ROWS: Final = 5
_MARGINS: Final = (12, 4, 12, 6)
_SPACING: Final = 4


class OdditiesPanel(QWidget):
    """Lists kinds of pictures and pairs of names; a line opens its pictures.

    Signals:
        shown: The pictures of a `Line` are to be shown.
        right_requested: The selected pictures are right as they are.
        merge_requested: The keys of two concepts, the second of which becomes the first.
        details_requested: The key of a concept that is to be described better.
        back_requested: What was shown before is to be shown again.
        closed: The panel was closed.
    """

    shown = Signal(object)
    right_requested = Signal()
    merge_requested = Signal(int, int)
    details_requested = Signal(int)
    back_requested = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Line] = ()
        self._table = Table("What deserves another look", ("What", "Pictures"), (0,))
        self._table.setToolTip("Enter or a double click shows the pictures of a line")
        self._text = Paragraph(max_lines=8, role=QPalette.ColorRole.WindowText)
        self._close = close_button("Close")
        self._show = QPushButton("Show the pictures")
        self._right = QPushButton("The selected are right")
        self._merge, self._first, self._second = QPushButton(), QPushButton(), QPushButton()
        self._back = QPushButton("Show all pictures")
        self._back.setToolTip("What was shown before; closing the panel does that, too")
        self._back.hide()
        self._lay_out()
        self._table.currentItemChanged.connect(self._on_current)
        self._table.itemActivated.connect(self._on_shown)
        self._show.clicked.connect(self._on_shown)
        self._right.clicked.connect(self.right_requested)
        self._merge.clicked.connect(lambda: self.merge_requested.emit(*self._pair()))
        self._first.clicked.connect(lambda: self.details_requested.emit(self._pair()[0]))
        self._second.clicked.connect(lambda: self.details_requested.emit(self._pair()[1]))
        self._back.clicked.connect(self.back_requested)
        self._close.clicked.connect(self.close_panel)
        self.hide()

    def _lay_out(self) -> None:
        text = QWidget()
        text.setLayout(column(self._text, None))
        text.setAutoFillBackground(False)
        scrolled = QScrollArea(widgetResizable=True)
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        scrolled.setWidget(text)
        scrolled.viewport().setAutoFillBackground(False)
        self._table.setMinimumHeight(60)
        body = row(self._table, scrolled, spacing=16)
        body.setStretch(0, 3)
        body.setStretch(1, 2)
        self._head = row(heading("Take another look"), None, self._close, spacing=16)
        buttons = (self._show, self._right, self._merge, self._first, self._second)
        self._below = row(self._back, None, *buttons, spacing=8)
        parts = (self._head, body, self._below)
        self.setLayout(column(*parts, margins=_MARGINS, spacing=_SPACING, grows=1))

    # ---- how large it is

    def sizeHint(self) -> QSize:
        """Return the size in which all lines are seen, as far as the window has room for them."""
        lines = max(len(self._lines), _FEWEST_ROWS) * max(self._table.sizeHintForRow(0), 20)
        table = lines + self._table.header().sizeHint().height() + 2 * self._table.frameWidth()
        others = self._head.sizeHint().height() + self._below.sizeHint().height()
        height = table + others + _MARGINS[1] + _MARGINS[3] + 2 * _SPACING
        share = _SHARE if self._back.isHidden() else _SHARE_BESIDE
        return QSize(super().sizeHint().width(), min(height, int(share * self.window().height())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take more or less of another window."""
        super().resizeEvent(event)
        self.updateGeometry()

    # ---- what is shown

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The lines, with their numbers of pictures."""
        return self._table.rows

    @property
    def text(self) -> str:
        """What is said of the current line."""
        return self._text.text()

    @property
    def line(self) -> Line | None:
        """The current line."""
        at = self._table.currentIndex().row()
        return self._lines[at] if 0 <= at < len(self._lines) else None

    def show_busy(self) -> None:
        """Say that it is being looked for."""
        if not self._lines:
            self._text.show_text("Looking. This takes a moment.")
        self._refresh()
        self.show()
        self._table.setFocus()

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show what was found; the current line stays, if it is there."""
        before = self.line.kind if self.line is not None else None
        self._lines = lines
        with QSignalBlocker(self._table):
            self._table.clear()
            items = self._table.add_rows([(one.title, one.count) for one in lines], right=1)
            kinds: list[Kind | None] = [one.kind for one in lines]
            place = kinds.index(before) if before in kinds else 0
            if items:
                self._table.setCurrentItem(items[place])
        self._refresh()
        self.updateGeometry()

    def set_alone(self, *, is_on: bool) -> None:
        """Offer the way back while the pictures of a line are shown alone, and leave them room."""
        self._back.setVisible(is_on)
        self.updateGeometry()

    def forget(self) -> None:
        """Show nothing: another project was opened."""
        self.show_lines(())

    def go_to(self, title: str) -> None:
        """Make the line with a title current."""
        item = next(item for item in self._table.items if item.text(0) == title)
        self._table.setCurrentItem(item)

    def _pair(self) -> tuple[int, int]:
        line = self.line
        return line.kind if line is not None and isinstance(line.kind, tuple) else (-1, -1)

    @Slot()
    def _refresh(self) -> None:
        line = self.line
        names = line.names if line else None
        if line is not None:
            self._text.show_text(line.text)
        self._show.setEnabled(line is not None and len(line.rows) > 0)
        self._right.setVisible(names is None)
        self._right.setEnabled(self._show.isEnabled())
        for button in (self._merge, self._first, self._second):
            button.setVisible(names is not None)
        if names:
            self._merge.setText("Merge them")
            self._merge.setToolTip(tip(f"“{names[1]}” becomes a synonym of “{names[0]}”"))
            for button, name in zip((self._first, self._second), names, strict=True):
                button.setText(entry_text(f"Describe “{name}”…"))

    # ---- what a person does

    @Slot()
    def _on_current(self) -> None:
        self._refresh()

    @Slot()
    def _on_shown(self) -> None:
        line = self.line
        if line is not None and len(line.rows):
            self.shown.emit(line)

    @Slot()
    def close_panel(self) -> None:
        """Hide the panel."""
        self.hide()
        self.closed.emit()
