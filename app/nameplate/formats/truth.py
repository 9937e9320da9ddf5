"""Reads the true labels for an evaluation, and the labels of earlier runs to compare with."""

import csv
import io
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.text import normalised
from nameplate.formats.csv import separated, without_apostrophe
from nameplate.storage.text_files import read_text

_MOST_BYTES: Final = 200_000_000
_MOST_TITLES: Final = 3
_LONGEST_TITLE: Final = 200


@dataclass(frozen=True, slots=True)
class Truth:
    """What images really show, as far as it is known.

    Attributes:
        names: By the path of an image, the names of what it shows; empty for none of the names.
        unknown: Paths of a file that are none of the images.
        contradicted: Paths that a file has twice, with different labels; the last one counts.
    """

    names: Mapping[str, tuple[str, ...]]
    unknown: Sequence[str] = ()
    contradicted: Sequence[str] = ()

    def without(self, images: Collection[str]) -> "Truth":
        """Return what is known of all images but some."""
        names = {path: names for path, names in self.names.items() if path not in images}
        return replace(self, names=names)


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """The labels of a run before this one.

    Attributes:
        title: What they come from: model and templates where the file says it, or the file's name.
        labels: By the path of an image, its labels; empty for none.
    """

    title: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def truth_of_folders(images: Iterable[str]) -> Truth:
    """Return the name of each image's own folder.

    Args:
        images: Their paths; a `Path` for each of 100,000 would take some seconds.
    """
    folders = {image: os.path.dirname(image) for image in images}  # noqa: PTH120
    names = {
        folder: normalised(os.path.basename(os.path.abspath(folder)))  # noqa: PTH100, PTH119
        for folder in set(folders.values())
    }
    return Truth({image: (names[of],) for image, of in folders.items() if names[of]})


def truth_of_csv(file: Path, images: Mapping[str, str]) -> Truth:
    """Return the labels of each image that stands in the `path` column of `file`.

    Several labels are written as in a labels CSV: `cat | dog`. Rows without a label are left out;
    of two rows for one image the last counts.

    Args:
        file: The CSV.
        images: The path of each image, by the relative one that people know.

    Raises:
        UsageError: It is no CSV, a column is missing, or no row names one of the images.
    """
    truth, unknown, contradicted = (
        dict[str, tuple[str, ...]](),
        dict[str, None](),
        dict[str, None](),
    )
    for row in _rows(file):
        path, labels = row["path"], _labels_in(row["label"])
        if not labels:
            continue
        image = images.get(path)
        if image is None:
            unknown[path] = None
            continue
        if _folded(truth.get(image, labels)) != _folded(labels):
            contradicted[path] = None
        truth[image] = labels
    _refuse_strangers(file, truth, images)
    return Truth(truth, tuple(unknown), tuple(contradicted))


def earlier_run(file: Path, images: Mapping[str, str]) -> EarlierRun:
    """Return the labels of an earlier run on the same images.

    Args:
        file: Its labels CSV, or any CSV with the columns path and label.
        images: Of this run, as for `truth_of_csv`.

    Raises:
        UsageError: As `truth_of_csv`.
    """
    labels, titles = dict[str, tuple[str, ...]](), dict[str, None]()
    for row in _rows(file):
        if (image := images.get(row["path"])) is not None:
            labels[image] = _labels_in(row["label"])
            made_by = (normalised(row.get(column, "")) for column in ("model", "templates"))
            titles[", ".join(filter(None, made_by))] = None
    _refuse_strangers(file, labels, images)
    title = " / ".join(list(filter(None, titles))[:_MOST_TITLES])[:_LONGEST_TITLE] or str(file)
    return EarlierRun(title, labels)


def _labels_in(cell: str) -> tuple[str, ...]:
    return tuple(name for label in separated(cell) if (name := normalised(label)))


def _folded(labels: Iterable[str]) -> set[str]:
    return {label.casefold() for label in labels}


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


def _refuse_strangers(file: Path, known: Collection[str], images: Mapping[str, str]) -> None:
    if not known:
        raise UsageError("no-path-of-images", where=str(file), example=next(iter(images), ""))


def concepts_of_truth(truth: Truth) -> tuple[Concept, ...]:
    """Return a concept for each name, sorted; spellings that differ in case are one."""
    by_name: dict[str, str] = {}
    for names in truth.names.values():
        for name in names:
            by_name.setdefault(name.casefold(), name)
    return tuple(Concept(i, by_name[key]) for i, key in enumerate(sorted(by_name)))
