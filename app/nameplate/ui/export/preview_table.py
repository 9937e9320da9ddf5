"""The table of what an export would write: first rows, first lines, or folders with counts."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from nameplate.pipeline.exporting import ExportPreview
from nameplate.ui.widgets.painting import one_line

_WIDEST: Final = 220
_Mode = QHeaderView.ResizeMode


class PreviewTable(QTreeWidget):
    """Shows an `ExportPreview`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What will be written")
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.header().setStretchLastSection(False)

    @property
    def rows(self) -> list[list[str]]:
        """The cells."""
        count = self.columnCount()
        items = (self.topLevelItem(at) for at in range(self.topLevelItemCount()))
        return [[item.text(at) for at in range(count)] for item in items if item]

    def show_preview(self, preview: ExportPreview, *, of_names: bool) -> None:
        """Show it; `of_names`: what is counted are names, and not folders."""
        self.clear()
        counted = ["Name" if of_names else "Folder", "Pictures"]
        heads = list(preview.header) or (["First lines"] if preview.rows else counted)
        self.setColumnCount(len(heads))
        self.setHeaderLabels(list(map(one_line, heads)))
        rows = [*preview.rows] or [[name, f"{count:,}"] for name, count in preview.folders]
        items = [QTreeWidgetItem(list(map(one_line, cells))) for cells in rows]
        if preview.more:
            items.append(QTreeWidgetItem([f"and {preview.more:,} more"]))
        self.addTopLevelItems(items)
        for item in items if not preview.rows else ():
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._fit(is_counted=not preview.rows)

    def _fit(self, *, is_counted: bool) -> None:
        header = self.header()
        for at in range(self.columnCount()):
            header.setSectionResizeMode(at, _Mode.Interactive)
        if is_counted:
            header.setSectionResizeMode(0, _Mode.Stretch)
            header.setSectionResizeMode(1, _Mode.ResizeToContents)
        elif self.columnCount() == 1:
            header.setSectionResizeMode(0, _Mode.ResizeToContents)
        else:
            for at in range(self.columnCount()):
                self.resizeColumnToContents(at)
                self.setColumnWidth(at, min(_WIDEST, self.columnWidth(at)))
