"""The truth that labels are held against: folder names, or a CSV."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from nameplate.domain.errors import UsageError
from nameplate.storage.scan import common_folder, relative_name
from nameplate.storage.text_files import read_text


def truth_of_folders(images: Sequence[Path]) -> dict[Path, str]:
    """Return the name of each image's own folder."""
    return {path: path.absolute().parent.name for path in images}


def truth_of_csv(file: Path, images: Sequence[Path]) -> dict[Path, str]:
    """Return the `label` of each image whose relative path stands in the `path` column of `file`.

    Raises:
        UsageError: A column is missing, or no row names one of the images.
    """
    rows = csv.DictReader(io.StringIO(read_text(file, limit=200_000_000), newline=""))
    if not {"path", "label"} <= set(rows.fieldnames or ()):
        remedy = "The first line must name the columns: path,label."
        raise UsageError("no columns path and label", where=str(file), remedy=remedy)
    folder = common_folder(images)
    by_name = {relative_name(path, folder): path for path in images}
    truth = {
        by_name[name]: row["label"] or ""
        for row in rows
        if (name := _without_apostrophe(row["path"] or "")) in by_name
    }
    if not truth:
        remedy = f"Its paths must be relative to {folder}."
        raise UsageError("not one of its paths is among the images", where=str(file), remedy=remedy)
    return truth


def _without_apostrophe(cell: str) -> str:
    # Exports put an apostrophe before a cell that a spreadsheet would run as a formula.
    return cell[1:] if cell[:1] == "'" and cell[1:2] in set("=+-@\t\r") else cell
