"""The panel that shows how well the decisions in another project agree with those here."""

from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QTreeWidgetItem,
    QWidget,
)

from nameplate.project.exchange.comparison import Comparison
from nameplate.project.exchange.matching import ImageMatch
from nameplate.project.exchange.merging import Rule
from nameplate.ui.compare.sentences import (
    agreement_sentence,
    counts_sentence,
    difference_sentence,
    preview_of,
)
from nameplate.ui.widgets.boxes import choice, close_button, column, row
from nameplate.ui.widgets.painting import font_of, one_line
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.table import Table
from nameplate.wording.agreement import category_text

_MOST_ROWS: Final = 500
_HEIGHT: Final = 204
_LEAST_BODY: Final = 34
_RULES: Final = {
    Rule.MINE: "keep mine",
    Rule.THEIRS: "take theirs",
    Rule.NEWEST: "take the newest",
    Rule.NONE: "leave undecided",
}
_PAIR: Final = Qt.ItemDataRole.UserRole


class ComparePanel(QWidget):
    """Shows agreement, kappa, counts, and a table of the differences.

    Signals:
        shown_ids_changed: The ids of the images that are to be shown alone, or None for all.
        take_over_requested: Their decisions are to be taken over; the `Rule`.
        closed: The panel was closed.
    """

    shown_ids_changed = Signal(object)
    take_over_requested = Signal(object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._image = 0
        self._found: Comparison | None = None
        self._make_widgets()
        self._lay_out()
        self.setMaximumHeight(_HEIGHT)
        self.hide()

    def _make_widgets(self) -> None:
        self._title = Paragraph(max_lines=1, role=QPalette.ColorRole.WindowText)
        self._title.setFont(font_of(self._title.font(), weight=QFont.Weight.Bold))
        self._here = Paragraph(max_lines=1, role=QPalette.ColorRole.WindowText)
        self._here.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._close = close_button("Close the comparison")
        self._agreement = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self._counts = Paragraph(max_lines=3)
        self._preview = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self._table = Table("What was decided differently")
        self._table.setToolTip("Enter or a double click shows the pictures of a row")
        self._show = QPushButton()
        self._show.setCheckable(True)
        self._rule = choice("What becomes of pictures that both decided differently")
        for rule, text in _RULES.items():
            self._rule.addItem(text, rule)
        self._take = QPushButton()
        self._close.clicked.connect(self.close_comparison)
        self._show.clicked.connect(self._on_show_clicked)
        self._table.itemActivated.connect(self._on_row_activated)
        self._rule.currentIndexChanged.connect(self._show_preview)
        self._take.clicked.connect(lambda: self.take_over_requested.emit(self._rule.currentData()))

    def _lay_out(self) -> None:
        self._where = QLabel("Where you differ:")
        self._where.setBuddy(self._rule)
        texts = QWidget()
        texts.setLayout(column(self._agreement, self._preview, self._counts, None, spacing=4))
        texts.setAutoFillBackground(False)
        scrolled = QScrollArea(widgetResizable=True)
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        scrolled.setWidget(texts)
        scrolled.viewport().setAutoFillBackground(False)
        scrolled.setMinimumHeight(_LEAST_BODY)  # in a low window the texts scroll
        self._table.setMinimumHeight(_LEAST_BODY)
        body = row(scrolled, self._table, spacing=16)
        body.setStretch(0, 3)
        body.setStretch(1, 2)
        head = row(self._title, self._here, self._close, spacing=16)
        head.setStretch(0, 3)
        head.setStretch(1, 2)
        buttons = row(self._show, None, self._where, self._rule, self._take, spacing=8)
        self.setLayout(column(head, body, buttons, margins=(12, 4, 12, 6), spacing=4, grows=1))

    # ---- what is shown

    @property
    def texts(self) -> list[str]:
        """What the panel says: title, agreement, counts, what would be taken over."""
        return [p.text() for p in (self._title, self._agreement, self._counts, self._preview)]

    @property
    def difference(self) -> str:
        """What both decided about the current picture; empty where they do not differ."""
        return "" if self._here.isHidden() else self._here.text()

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The rows of the table."""
        return self._table.rows

    def show_busy(self, name: str) -> None:
        """Say that the project called `name` is being read."""
        self._name, self._found = one_line(name), None
        self._title.show_text(f"Reading {self._name}…")
        for text in (self._agreement, self._counts, self._preview, self._here):
            text.show_text("")
        self._fill(None)
        self._show_preview()
        self.show_all()
        self.show()

    def show_comparison(self, match: ImageMatch, found: Comparison) -> None:
        """Show how far two people agree."""
        self._found = found
        self._title.show_text(f"Compared with {self._name}")
        self._agreement.show_text(agreement_sentence(found))
        self._counts.show_text(counts_sentence(match, found))
        self._fill(found)
        self.show_image(self._image)
        self._show_preview()
        self._show_state()

    def show_image(self, image: int) -> None:
        """Show both decisions about the image with this id, if they differ."""
        self._image, found = image, self._found
        said = difference_sentence(found, image) if found is not None else ""
        self._here.show_text(said)

    def show_all(self) -> None:
        """Note that all pictures are shown again; emits nothing."""
        with QSignalBlocker(self._show):
            self._show.setChecked(False)
        self._show_state()

    def _show_state(self) -> None:
        differ = len(self._found.disagreed) if self._found is not None else 0
        is_on = self._show.isChecked()
        self._show.setText("Show all pictures" if is_on else "Show the disagreements")
        self._show.setEnabled(is_on or differ > 0)
        for part in (self._where, self._rule):
            part.setEnabled(differ > 0)

    def _fill(self, found: Comparison | None) -> None:
        """List the differences; the current row stays current."""
        pair = next((item.data(0, _PAIR) for item in self._table.selectedItems()), None)
        self._table.clear()
        self._table.setVisible(found is not None and bool(len(found.disagreed)))
        if found is None:
            return
        self._table.set_heads(("You", self._name, "Pictures"), stretched=(0, 1))
        for mine, theirs, count in found.confusions[:_MOST_ROWS]:
            texts = [category_text(found.categories[one]) for one in (mine, theirs)]
            (item,) = self._table.add_rows([[*texts, f"{count:,}"]], right=2)
            item.setData(0, _PAIR, (mine, theirs))
            if pair == (mine, theirs):
                self._table.setCurrentItem(item)
        if len(found.confusions) > _MOST_ROWS:
            self._table.add_rows([[f"and {len(found.confusions) - _MOST_ROWS:,} more rows"]])

    @Slot()
    def _show_preview(self) -> None:
        """Say what taking over would do, before it is done."""
        if self._found is None:
            self._take.setEnabled(False)
            self._take.setText("Take over theirs")
            return
        preview = preview_of(self._found, self._rule.currentData())
        self._preview.show_text(preview.text)
        self._take.setText(preview.button)
        self._take.setEnabled(preview.is_any)

    # ---- what a person does

    @Slot(bool)
    def _on_show_clicked(self, is_on: bool) -> None:
        self._show_state()
        found = self._found
        self.shown_ids_changed.emit(found.disagreed if is_on and found is not None else None)

    @Slot(QTreeWidgetItem)
    def _on_row_activated(self, item: QTreeWidgetItem) -> None:
        pair = item.data(0, _PAIR)
        if self._found is not None and pair:
            self._show.setChecked(True)
            self._show_state()
            self.shown_ids_changed.emit(self._found.disagreed_as(*pair))

    @Slot()
    def close_comparison(self) -> None:
        """Hide the panel; all pictures are shown again."""
        self._found = None
        self.hide()
        self.closed.emit()
