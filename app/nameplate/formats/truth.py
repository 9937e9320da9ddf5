"""Reads the true labels for an evaluation, and the labels of earlier runs to compare with."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.text import normalised
from nameplate.formats.csv import separated, without_apostrophe
from nameplate.imaging.scan import relative_names
from nameplate.storage.text_files import read_text

_MOST_BYTES: Final = 200_000_000
_MOST_TITLES: Final = 3
_LONGEST_TITLE: Final = 200


@dataclass(frozen=True, slots=True)
class Truth:
    """The true labels of images, where known.

    Attributes:
        names: By image, the name of what it shows; "" for none of the names.
        unknown: Paths of a file that are none of the images.
        contradicted: Paths that a file has twice, with different labels; the last one counts.
    """

    names: Mapping[Path, str]
    unknown: Sequence[str] = ()
    contradicted: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """The labels of a run before this one.

    Attributes:
        title: What they come from: model and templates where the file says it, or the file's name.
        labels: By image, its label; "" for none.
    """

    title: str
    labels: Mapping[Path, str] = field(default_factory=dict[Path, str])


def truth_of_folders(images: Sequence[Path]) -> dict[Path, str]:
    """Return the name of each image's own folder."""
    return {path: name for path in images if (name := normalised(path.absolute().parent.name))}


def truth_of_csv(file: Path, images: Sequence[Path]) -> Truth:
    """Return the `label` of each image whose relative path stands in the `path` column of `file`.

    Rows without a label are left out; of two rows for one image the last counts.

    Raises:
        UsageError: It is no CSV, a column is missing, or no row names one of the images.
    """
    by_name = dict(zip(relative_names(images), images, strict=True))
    truth, unknown, contradicted = dict[Path, str](), dict[str, None](), dict[str, None]()
    for row in _rows(file):
        path, label = row["path"], normalised(row["label"])
        if not label:
            continue
        image = by_name.get(path)
        if image is None:
            unknown[path] = None
            continue
        if truth.get(image, label).casefold() != label.casefold():
            contradicted[path] = None
        truth[image] = label
    _refuse_strangers(file, truth, by_name)
    return Truth(truth, tuple(unknown), tuple(contradicted))


def earlier_run(file: Path, images: Sequence[Path]) -> EarlierRun:
    """Return the labels of an earlier run on the same images.

    Args:
        file: Its labels CSV, or any CSV with the columns path and label.
        images: Of this run.

    Raises:
        UsageError: As `truth_of_csv`.
    """
    by_name = dict(zip(relative_names(images), images, strict=True))
    labels, titles = dict[Path, str](), dict[str, None]()
    for row in _rows(file):
        if (image := by_name.get(row["path"])) is not None:
            labels[image] = normalised(next(iter(separated(row["label"])), ""))
            made_by = (normalised(row.get(column, "")) for column in ("model", "templates"))
            titles[", ".join(filter(None, made_by))] = None
    _refuse_strangers(file, labels, by_name)
    title = " / ".join(list(filter(None, titles))[:_MOST_TITLES])[:_LONGEST_TITLE] or str(file)
    return EarlierRun(title, labels)


def _rows(file: Path) -> list[dict[str, str]]:
    """Return the cells of each row by the names of their columns.

    Raises:
        UsageError: It is no CSV, or a column is missing.
    """
    rows = csv.DictReader(io.StringIO(read_text(file, limit=_MOST_BYTES), newline=""))
    try:
        if not {"path", "label"} <= set(rows.fieldnames or ()):
            raise UsageError("no-truth-columns", where=str(file))
        wanted = ("path", "label", "model", "templates")
        return [
            {column: without_apostrophe(row.get(column) or "") for column in wanted} for row in rows
        ]
    except csv.Error as error:
        raise UsageError("no-csv", where=str(file), why=str(error), line=rows.line_num) from error


def _refuse_strangers(file: Path, known: Mapping[Path, str], by_name: Mapping[str, Path]) -> None:
    if not known:
        raise UsageError("no-path-of-images", where=str(file), example=next(iter(by_name), ""))


def concepts_of_truth(names: Iterable[str]) -> tuple[Concept, ...]:
    """Return a concept for each of `names`, sorted; spellings that differ in case are one."""
    by_name: dict[str, str] = {}
    for name in names:
        if name:
            by_name.setdefault(name.casefold(), name)
    return tuple(Concept(i, by_name[key]) for i, key in enumerate(sorted(by_name)))
