"""The preview table of an export: first rows, first lines, or folders with counts."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView

from nameplate.formats.csv import BEST, HEADER
from nameplate.pipeline.exporting import ExportPreview
from nameplate.ui.widgets.painting import one_line
from nameplate.ui.widgets.table import Table

_WIDEST: Final = 220
_FIRST: Final = (*HEADER[:2], *BEST)
"""Columns that are shown before the others, which stand between them in the file."""


class PreviewTable(Table):
    """Shows an `ExportPreview`."""

    def __init__(self) -> None:
        super().__init__("What will be written")
        self.setAlternatingRowColors(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def show_preview(self, preview: ExportPreview, *, of_names: bool) -> None:
        """Show it; `of_names`: what is counted are names, and not folders."""
        self.clear()
        self.setHeaderHidden(not (preview.rows or preview.folders))
        counted = ["Name" if of_names else "Folder", "Pictures"]
        heads = list(preview.header) or (["First lines"] if preview.rows else counted)
        rows = [*preview.rows] or [(name, f"{count:,}") for name, count in preview.folders]
        if set(_FIRST) <= set(heads):
            places = sorted(range(len(heads)), key=lambda place: heads[place] not in _FIRST)
            heads, *rows = ([cells[place] for place in places] for cells in (heads, *rows))
        self.set_heads(list(map(one_line, heads)), stretched=() if preview.rows else (0,))
        self.add_rows(([*map(one_line, cells)] for cells in rows), right=-1 if preview.rows else 1)
        if preview.more:
            self.add_rows([[f"and {preview.more:,} more"]])
        if preview.rows and len(heads) > 1:
            for at in range(len(heads)):
                self.header().setSectionResizeMode(at, QHeaderView.ResizeMode.Interactive)
                self.resizeColumnToContents(at)
                self.setColumnWidth(at, min(_WIDEST, self.columnWidth(at)))
