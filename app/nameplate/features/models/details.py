"""The details of one model, with buttons for its actions."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QLabel,
    QLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nameplate.domain.text import escaped
from nameplate.features.models.library import ModelLibrary
from nameplate.features.models.rows import ModelRow, facts
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.texts import what_of

_STEPS: Final = 1000
_TEXT: Final = QPalette.ColorRole.WindowText


class ModelDetails(QWidget):
    """Shows one `ModelRow`, and does what its buttons say."""

    def __init__(self, library: ModelLibrary, remove: Callable[[], object]) -> None:
        """Show nothing yet; `remove` asks whether to delete the model."""
        super().__init__()
        self._library = library
        self._row: ModelRow | None = None
        self._title = Paragraph(max_lines=3, role=_TEXT)
        self._title.setFont(font_of(self._title.font(), 1.35, QFont.Weight.Bold))
        self._summary = Paragraph(max_lines=6, role=_TEXT)
        self._problem = Paragraph(max_lines=10, role=_TEXT)
        self._notes = Paragraph(max_lines=16)
        self._facts = QVBoxLayout()
        self._accept = QCheckBox("I accept this licence")
        self._licence = QPushButton("Read the licence")
        self._bar = QProgressBar(textVisible=False)
        self._doing = Paragraph(max_lines=2)
        self._main = QPushButton()
        self._check = QPushButton("Check")
        self._remove = QPushButton("Remove")
        self._lay_out()
        self._main.clicked.connect(self.press)
        self._check.clicked.connect(lambda: library.check(self._model_id))
        self._remove.clicked.connect(remove)
        self._licence.clicked.connect(
            lambda: self._row and Outside.open_web_page(self._row.info.licence_url)
        )
        self._accept.toggled.connect(self._refresh_buttons)
        self.show_row(None)

    def _lay_out(self) -> None:
        self._facts.setSpacing(7)
        self._bar.setFixedHeight(6)
        self._bar.setAccessibleName("How far it is")
        self._check.setToolTip("Run the model on generated pictures and names")
        body = QWidget()
        parts = (self._title, self._problem, self._summary, self._facts, self._notes, None)
        body.setLayout(column(*parts, margins=(20, 16, 20, 16), spacing=10))
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # so that keys can scroll it
        scroll.setAccessibleName("What is known of the model")
        scroll.setWidget(body)
        scroll.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        self.setLayout(column(scroll, self._foot(), spacing=0, grows=0))

    def _foot(self) -> QLayout:
        buttons = (self._main, self._licence, self._check, self._remove)
        for button in buttons:
            button.setAutoDefault(False)
        below = row(*buttons, None, spacing=8)
        parts = (self._bar, self._doing, self._accept, below)
        return column(*parts, margins=(20, 10, 20, 14), spacing=8)

    def show_row(self, row: ModelRow | None) -> None:
        """Show `row`; None for nothing."""
        before, self._row = self._row, row
        is_other = row is None or before is None or before.info.model_id != row.info.model_id
        if is_other:
            self._accept.setChecked(False)
        if row is not None and (is_other or before is None or before.info != row.info):
            self._title.show_text(row.info.title)
            self._summary.show_text(row.info.summary)
            self._notes.show_text(
                " ".join(escaped(what_of(note)) for note in row.info.notes), "info"
            )
            self._show_facts(row)
        self.setVisible(row is not None)
        if row is not None:
            self._problem.show_text("" if row.activity else row.problem, "warning")
            self._show_activity(row)
        self._refresh_buttons()

    def press(self) -> None:
        """Perform the action of the main button, or focus the licence box it needs."""
        row = self._row
        if row is None:
            return
        if row.activity is not None:
            if row.activity.can_be_cancelled:
                self._library.cancel(row.info.model_id)
        elif row.info.is_here:
            if not row.is_in_use and not row.info.problem:
                self._library.use(row.info)
        elif self._needs_acceptance and not self._accept.isChecked():
            self._accept.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            is_accepted = self._accept.isChecked()
            self._library.download(row.info.model_id, accept_licence=is_accepted)

    @property
    def _model_id(self) -> str:
        return self._row.info.model_id if self._row else ""

    @property
    def _needs_acceptance(self) -> bool:
        row = self._row
        return row is not None and row.info.needs_acceptance and not row.info.is_here

    def _show_facts(self, row: ModelRow) -> None:
        while item := self._facts.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        rows = facts(row.info)
        wide = max(self.fontMetrics().horizontalAdvance(name) for name, _ in rows)
        for name, value in rows:
            self._facts.addWidget(_fact(name, value, wide))

    def _show_activity(self, row: ModelRow) -> None:
        self._bar.setVisible(row.activity is not None)
        self._doing.show_text("" if row.activity is None else row.second_line)
        if row.activity is None:
            return
        progress = row.activity.progress
        known = progress is not None and progress.total > 0
        self._bar.setMaximum(_STEPS if known else 0)
        if progress is not None and known:
            self._bar.setValue(round(_STEPS * progress.done / progress.total))

    def _refresh_buttons(self) -> None:
        row = self._row
        if row is None:
            return
        info, is_idle = row.info, row.activity is None
        self._accept.setVisible(self._needs_acceptance and is_idle)
        self._licence.setVisible(bool(info.licence_url))
        self._check.setVisible(info.is_here)
        self._check.setEnabled(is_idle)
        self._remove.setVisible(info.is_removable)
        self._remove.setEnabled(is_idle and not row.is_in_use)
        self._remove.setToolTip("Use another model first" if row.is_in_use else "")
        if row.activity is not None:
            text, can = "Cancel", row.activity.can_be_cancelled
        elif info.is_here:
            text = "In use" if row.is_in_use else "Use this model"
            can = not row.is_in_use and not info.problem
        else:
            text = "Go on" if info.bytes_here else "Download"
            can = not self._needs_acceptance or self._accept.isChecked()
        self._main.setText(text)
        self._main.setEnabled(can)
        self._main.setDefault(can and is_idle)


def _fact(name: str, value: str, name_width: int) -> QWidget:
    """Return one line of the table, in a widget: nested layouts ignore height for width."""
    body = QWidget()
    label, text = QLabel(name), Paragraph(max_lines=5, role=_TEXT)
    label.setFixedWidth(name_width)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    text.show_text(value)
    text.setAccessibleName(f"{name}: {value}")
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    body.setLayout(row(label, text, spacing=16, grows=1))
    return body
