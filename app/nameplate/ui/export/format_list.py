"""The list of formats that labels are exported in, a line for each."""

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from nameplate.formats.export_format import ExportFormat
from nameplate.formats.registry import FORMATS
from nameplate.ui.widgets.keys import FINDS_BY_LETTERS
from nameplate.ui.widgets.painting import draw_line, mirrored
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.texts import tr, what_of

_SEEN: Final = 6
_PADDING: Final = 10
_GAP: Final = 24


class FormatList(QListWidget):
    """Formats with what each is for; a person finds one by typing how it begins, too."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Format"))
        self.setUniformItemSizes(True)
        self.setProperty(FINDS_BY_LETTERS, True)
        self.setItemDelegate(_Painter(self))
        self._formats = [*FORMATS.values()]

    @property
    def chosen(self) -> ExportFormat:
        """The current one."""
        return self._formats[max(0, self.currentRow())]

    def list_from(self, first: ExportFormat) -> None:
        """List them; `first` comes first, and is the current one."""
        self._formats.sort(key=lambda one: (one is not first, [*FORMATS].index(one.id)))
        self.clear()
        height = self.fontMetrics().height() + _PADDING
        for one in self._formats:
            item = QListWidgetItem(tr(one.title))
            purpose = what_of(one.purpose)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, purpose)
            item.setToolTip(tip(purpose))
            item.setSizeHint(QSize(0, height))
            self.addItem(item)
        self.setCurrentRow(0)
        self.setFixedHeight(height * min(_SEEN, len(self._formats)) + 4)

    @property
    def title_width(self) -> int:
        """The width of the longest title."""
        titles = (self.item(row).text() for row in range(self.count()))
        return max(map(self.fontMetrics().horizontalAdvance, titles), default=0)


class _Painter(QStyledItemDelegate):
    """Draws what a format is for beside its title."""

    def __init__(self, formats: FormatList) -> None:
        super().__init__(formats)
        self._formats = formats

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw a line."""
        super().paint(painter, option, index)
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        room = option.rect.adjusted(self._formats.title_width + _GAP, 0, -6, 0)
        draw_line(
            painter,
            mirrored(room, option.rect),
            index.data(Qt.ItemDataRole.AccessibleDescriptionRole),
        )
