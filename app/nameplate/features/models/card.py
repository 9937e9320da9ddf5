"""A model in three lines with its button: the one in use, or one that is recommended."""

from collections.abc import Callable

from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.features.models.rows import ModelRow
from nameplate.ui.widgets.boxes import column, plain_label, row
from nameplate.ui.widgets.painting import SMALL, entry_text, font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.texts import after_colon, tr

_TEXT = QPalette.ColorRole.WindowText


class ModelCard(QWidget):
    """Says what a model is for, and does what can be done with it next."""

    def __init__(self, act: Callable[[ModelRow], object] | None = None) -> None:
        """Show nothing yet; the button calls `act`, without which there is none."""
        super().__init__()
        self._act = act
        self._row: ModelRow | None = None
        self._for = plain_label()
        self._for.setFont(font_of(self._for.font(), weight=QFont.Weight.DemiBold))
        self._title = Paragraph(max_lines=1, role=_TEXT)
        self._good_at, self._more = Paragraph(max_lines=1, role=_TEXT), Paragraph(max_lines=1)
        self._more.setFont(font_of(self._more.font(), SMALL))
        self._button = QPushButton(autoDefault=False)
        longest = tr("Download {size:bytes}", size=1e9)
        self._button.setMinimumWidth(self.fontMetrics().horizontalAdvance(longest) + 44)
        self._button.clicked.connect(self._press)
        self._button.setVisible(act is not None)
        head = row(self._for, self._title, spacing=8, grows=1)
        text = column(head, self._good_at, self._more, spacing=2)
        self.setLayout(row(text, self._button, spacing=12, grows=0))

    def show_row(self, model: ModelRow, wanted_for: str, good_at: str, more: str) -> None:
        """Show a model, what it is `wanted_for` and `good_at`, and `more` while all is well."""
        self._row = model
        self._for.setText(wanted_for)
        self._for.setVisible(bool(wanted_for))
        self._title.show_text(model.info.title)
        self._good_at.show_text(good_at)
        if model.activity is not None:
            self._more.show_text(model.second_line)
        else:
            self._more.show_text(model.problem or more, "warning" if model.problem else "")
        self._button.setText(entry_text(model.action))
        self._button.setAccessibleName(after_colon(model.action, model.info.title))
        self._button.setEnabled(model.is_possible)

    def _press(self) -> None:
        if self._act is not None and self._row is not None:
            self._act(self._row)
