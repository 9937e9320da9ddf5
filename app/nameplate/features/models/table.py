"""The table of models."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QTreeWidgetItem

from nameplate.domain.text import deferred
from nameplate.features.models.overview import ModelInfo
from nameplate.features.models.rows import ModelRow, licence_in_short
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.table import Table
from nameplate.wording.numbers import format_bytes
from nameplate.wording.texts import tr

_HEADS: Final = (
    *(deferred("Model"), deferred("Size"), "ImageNet"),
    *(deferred("Languages"), deferred("Licence"), deferred("State")),
)
_SIZE, _ACCURACY, _LANGUAGES = 1, 2, 3
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROW: Final = Qt.ItemDataRole.UserRole


class ModelTable(Table):
    """All models, one of which is current, if any is shown."""

    def __init__(self) -> None:
        super().__init__(tr("Models"), [tr(head) for head in _HEADS], stretched=(_LANGUAGES,))
        told = tr("Share of pictures named right, as published")
        self.headerItem().setToolTip(_ACCURACY, told)
        for column in (_SIZE, _ACCURACY):
            self.headerItem().setTextAlignment(column, _RIGHT)

    @property
    def current(self) -> ModelRow | None:
        """The current model."""
        item = self.currentItem()
        row = item.data(0, _ROW) if item and not item.isHidden() else None
        return row if isinstance(row, ModelRow) else None

    @property
    def current_id(self) -> str:
        """The id of the current model; empty for none."""
        return self.current.info.model_id if self.current else ""

    def item_of(self, model_id: str) -> QTreeWidgetItem | None:
        """Return the item of the model `model_id`; None where there is none."""
        return next((item for item in self.items if _row(item).info.model_id == model_id), None)

    def choose(self, model_id: str) -> None:
        """Make the model `model_id` the current one; the first where it is not there."""
        if (item := self.item_of(model_id) or self.topLevelItem(0)) is not None:
            self.setCurrentItem(item)

    def set_rows(self, rows: Sequence[ModelRow]) -> None:
        """Show `rows`; if the models are others than before, none is current afterwards."""
        new = [row.info.model_id for row in rows]
        if new != [_row(item).info.model_id for item in self.items]:
            with QSignalBlocker(self):
                self.clear()
                self.add_rows([()] * len(rows))
        for item, row in zip(self.items, rows, strict=True):
            if item.data(0, _ROW) != row:
                _fill(item, row)

    def show_matching(self, words: str) -> None:
        """Show the models about which all `words` are said."""
        for item in self.items:
            info = _row(item).info
            texts = (info.summary, info.recommended, info.licence, info.languages)
            words_of = (info.title, info.model_id, *texts, *map(tr, texts))
            said = " ".join((*words_of, item.text(len(_HEADS) - 1))).casefold()
            item.setHidden(not all(word in said for word in words.casefold().split()))


def _row(item: QTreeWidgetItem) -> ModelRow:
    row = item.data(0, _ROW)
    return row if isinstance(row, ModelRow) else ModelRow(ModelInfo("", ""))


def _fill(item: QTreeWidgetItem, row: ModelRow) -> None:
    info = row.info
    accuracy = "" if info.accuracy is None else tr("{percent:.0f}%", percent=info.accuracy)
    size = format_bytes(info.bytes) if info.bytes else ""
    languages, licence = tr(info.languages), licence_in_short(info.licence)
    cells = (info.title, size, accuracy, languages, licence, row.state)
    weight = QFont.Weight.DemiBold if row.is_in_use else QFont.Weight.Normal
    for column, text in enumerate(cells):
        item.setText(column, text)
        item.setFont(column, font_of(item.font(column), weight=weight))
        if column in {_SIZE, _ACCURACY}:
            item.setTextAlignment(column, _RIGHT)
    item.setToolTip(_LANGUAGES, tip(languages))
    item.setToolTip(0, tip(f"{info.title}. {tr(info.summary)}"))
    item.setData(0, _ROW, row)
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, row.accessible_text)
