"""The preview of an export: how many labels by whom, and the first rows, or folders."""

from typing import Final

from PySide6.QtWidgets import QHeaderView

from nameplate.formats.csv import BEST, HEADER
from nameplate.formats.export_format import Target
from nameplate.formats.exported_image import Which
from nameplate.pipeline.exporting import ExportPreview
from nameplate.ui.widgets.painting import one_line
from nameplate.ui.widgets.table import Table
from nameplate.wording.numbers import counted

_WIDEST: Final = 220
_FIRST: Final = (*HEADER[:2], *BEST)
"""Columns that are shown before the others, which stand between them in the file."""


def show_preview(table: Table, preview: ExportPreview, *, of_names: bool) -> None:
    """Show what would be written; `of_names`: what is counted are names, and not folders."""
    table.clear()
    table.setHeaderHidden(not (preview.rows or preview.folders))
    counted = ["Name" if of_names else "Folder", "Pictures"]
    heads = list(preview.header) or (["First lines"] if preview.rows else counted)
    rows = [*preview.rows] or [(name, f"{count:,}") for name, count in preview.folders]
    if set(_FIRST) <= set(heads):
        places = sorted(range(len(heads)), key=lambda place: heads[place] not in _FIRST)
        heads, *rows = ([cells[place] for place in places] for cells in (heads, *rows))
    table.set_heads(list(map(one_line, heads)), stretched=() if preview.rows else (0,))
    table.add_rows(([*map(one_line, cells)] for cells in rows), right=-1 if preview.rows else 1)
    if preview.more:
        table.add_rows([[f"and {preview.more:,} more"]])
    if preview.rows and len(heads) > 1:
        for at in range(len(heads)):
            table.header().setSectionResizeMode(at, QHeaderView.ResizeMode.Interactive)
            table.resizeColumnToContents(at)
            table.setColumnWidth(at, min(_WIDEST, table.columnWidth(at)))
    table.fit_rows()


def delivered(preview: ExportPreview, target: Target) -> str:
    """Return how many labels are exported, and who gave them."""
    rest = preview.images - preview.decided
    automatic = min(preview.automatic, rest)
    suggested = min(preview.suggested, rest - automatic)
    nameless = rest - automatic - suggested if target is Target.FILE else 0
    parts = (
        (preview.decided, "checked by you"),
        (automatic, "automatic"),
        (suggested, "suggested"),
        (nameless, "without a name"),
    )
    said = [(count, what) for count, what in parts if count]
    noun = "picture" if suggested or nameless else "label"
    all_of_them = counted(preview.images, noun)
    if not said:
        return f"{all_of_them}."
    if len(said) == 1 and preview.images > 1:
        return f"{all_of_them}, all {said[0][1]}."
    return f"{all_of_them}: {', '.join(f'{count:,} {what}' for count, what in said)}."


def left_out(preview: ExportPreview, which: Which) -> str:
    """Return how many pictures are not exported, and why; empty for none."""
    count = preview.total - preview.images
    if count <= 0:
        return ""
    why = "you haven't checked" if which is Which.DECIDED else "without a label"
    are = "is" if count == 1 else "are"
    return f"{counted(count, 'picture')} {why} {are} left out."


def question(preview: ExportPreview, *, has_best: bool) -> str:
    """Return what is asked about suggestions that nobody took; empty where there are none."""
    count = min(preview.suggested, preview.images - preview.decided)
    if count <= 0:
        return ""
    have, them = ("has", "it") if count == 1 else ("have", "them")
    where = ", in the column best" if has_best else ""
    return (
        f"{counted(count, 'picture')} {have} only a suggestion that you haven't checked. "
        f"Export {them} too{where}?"
    )
