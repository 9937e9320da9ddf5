"""The preview table of an export: first rows, first lines, or folders with counts."""

from typing import Final

from PySide6.QtWidgets import QHeaderView

from nameplate.formats.csv import BEST, HEADER
from nameplate.pipeline.exporting import ExportPreview
from nameplate.ui.widgets.painting import one_line
from nameplate.ui.widgets.table import Table
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import tr

_WIDEST: Final = 220
_FIRST: Final = (*HEADER[:2], *BEST)
"""Columns that are shown before the others, which stand between them in the file."""


def show_preview(table: Table, preview: ExportPreview) -> None:
    """Show what would be written."""
    table.clear()
    table.setHeaderHidden(not (preview.rows or preview.folders))
    counted = [tr("Folder"), tr("Pictures")]
    heads = list(preview.header) or ([tr("First lines")] if preview.rows else counted)
    rows = [*preview.rows] or [(name, format_number(count)) for name, count in preview.folders]
    if set(_FIRST) <= set(heads):
        places = sorted(range(len(heads)), key=lambda place: heads[place] not in _FIRST)
        heads, *rows = ([cells[place] for place in places] for cells in (heads, *rows))
    table.set_heads(list(map(one_line, heads)), stretched=() if preview.rows else (0,))
    table.add_rows(([*map(one_line, cells)] for cells in rows), right=-1 if preview.rows else 1)
    if preview.more:
        table.add_rows([[tr("and {count:,} more", count=preview.more)]])
    if preview.rows and len(heads) > 1:
        for at in range(len(heads)):
            table.header().setSectionResizeMode(at, QHeaderView.ResizeMode.Interactive)
            table.resizeColumnToContents(at)
            table.setColumnWidth(at, min(_WIDEST, table.columnWidth(at)))
    table.fit_rows()
