"""Reads the true labels for an evaluation: folder names, or a CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.text import normalised
from nameplate.formats.csv import without_apostrophe
from nameplate.imaging.scan import relative_names
from nameplate.storage.text_files import read_text

_MOST_BYTES = 200_000_000


def truth_of_folders(images: Sequence[Path]) -> dict[Path, str]:
    """Return the name of each image's own folder."""
    return {path: name for path in images if (name := normalised(path.absolute().parent.name))}


def truth_of_csv(file: Path, images: Sequence[Path]) -> dict[Path, str]:
    """Return the `label` of each image whose relative path stands in the `path` column of `file`.

    Rows without a label are left out; of two rows for one image the last counts.

    Raises:
        UsageError: It is no CSV, a column is missing, or no row names one of the images.
    """
    rows = csv.DictReader(io.StringIO(read_text(file, limit=_MOST_BYTES), newline=""))
    by_name = dict(zip(relative_names(images), images, strict=True))
    try:
        if not {"path", "label"} <= set(rows.fieldnames or ()):
            raise UsageError("no-truth-columns", where=str(file))
        named = [(without_apostrophe(r["path"] or ""), r["label"] or "") for r in rows]
    except csv.Error as error:
        raise UsageError("no-csv", where=str(file), why=str(error), line=rows.line_num) from error
    truth = {
        by_name[path]: normalised(without_apostrophe(label))
        for path, label in named
        if path in by_name and normalised(label)
    }
    if not truth:
        raise UsageError("no-path-of-images", where=str(file), example=next(iter(by_name), ""))
    return truth


def concepts_of_truth(names: Iterable[str]) -> tuple[Concept, ...]:
    """Return a concept for each of `names`, sorted; spellings that differ in case are one."""
    by_name: dict[str, str] = {}
    for name in names:
        by_name.setdefault(name.casefold(), name)
    return tuple(Concept(i, by_name[key]) for i, key in enumerate(sorted(by_name)))
