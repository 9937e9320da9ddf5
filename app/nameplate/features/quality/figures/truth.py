"""The true labels of images: by folders, decisions or a table."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.messages import Message
from nameplate.domain.text import normalised
from nameplate.formats.any_csv import column_named, rows_of, table_of
from nameplate.formats.csv import separated, without_apostrophe
from nameplate.formats.import_format import ImportOptions, opened
from nameplate.imaging.scan import names_below, project_root
from nameplate.project.project import Project

FOLDERS: Final = "folders"
"""The origin of a truth, as an option: an image's folder is its label."""

DECISIONS: Final = "decisions"
"""The origin of a truth, as an option: the decisions in a project."""

_COLUMNS: Final = ("path", "label", "decided_by")
_AUTOMATIC: Final = (DecidedBy.AUTO.name.lower(), DecidedBy.PROBE.name.lower())


@dataclass(frozen=True, slots=True)
class Truth:
    """The true labels of images, where known.

    Attributes:
        names: The true names by path of the image; empty for none of the names.
        unknown: Paths of a file that are none of the images.
        contradicted: Paths that a file has twice, with different labels; the last one counts.
        made: The time of a decision in a project by path, in milliseconds since 1970, and the
            probability of its suggestion then; NaN for none.
    """

    names: Mapping[str, tuple[str, ...]]
    unknown: Sequence[str] = ()
    contradicted: Sequence[str] = ()
    made: Mapping[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])


def truth_of_folders(images: Iterable[str]) -> Truth:
    """Return the name of each image's own folder; a `Path` for each would take some seconds."""
    folders = {image: os.path.dirname(image) for image in images}  # noqa: PTH120
    names = {
        folder: normalised(os.path.basename(os.path.abspath(folder)))  # noqa: PTH100, PTH119
        for folder in set(folders.values())
    }
    return Truth({image: (names[of],) for image, of in folders.items() if names[of]})


def truth_of_decisions(project: Project) -> Truth:
    """Return the decisions of a person; without skipped images."""
    table, names = project.labels, {c.key: c.name for c in project.concepts}
    labels, texts = table.all, project.images.paths.texts
    is_decided = (labels["decided_by"] == DecidedBy.PERSON) & ~project.images.is_removed
    rows = np.flatnonzero(is_decided & (labels["state"] != ReviewState.SKIPPED)).tolist()
    members = {
        code: tuple(names[key] for key in table.sets.members(code) if key in names)
        for code in set(labels["concepts"].tolist())
    }
    codes, moments, probabilities = (
        labels[column][rows].tolist() for column in ("concepts", "decided_at", "probability")
    )
    paths = [texts[row] for row in rows]
    made = dict(zip(paths, zip(moments, probabilities, strict=True), strict=True))
    return Truth({path: members[code] for path, code in zip(paths, codes, strict=True)}, made=made)


def truth_of_csv(file: Path, images: Mapping[str, str], *, is_by_person: bool = False) -> Truth:
    """Return the labels of each image that stands in the `path` column of `file`.

    Several labels are written as in a labels CSV: `cat | dog`. Rows without a label are left out;
    of two rows for one image the last counts.

    Args:
        file: The CSV.
        images: The path of each image, by the relative one that people know.
        is_by_person: Leave out labels that the program gave by the column `decided_by`.

    Raises:
        UsageError: It is no table, a column is missing, or no row has a label of one of the images.
    """
    find, truth = _finder(images), dict[str, tuple[str, ...]]()
    unknown, contradicted = dict[str, None](), dict[str, None]()
    for row in _rows(file):
        path = row["path"]
        labels = tuple(name for one in separated(row["label"]) if (name := normalised(one)))
        if not labels or (is_by_person and row["decided_by"] in _AUTOMATIC):
            continue
        image = find(path)
        if image is None:
            unknown[path] = None
            continue
        if folded(truth.get(image, labels)) != folded(labels):
            contradicted[path] = None
        truth[image] = labels
    if not truth and not unknown:
        if is_by_person:
            raise UsageError("no-row-by-person", where=str(file))
        raise UsageError("no-row-with-label", where=str(file))
    if not truth:
        raise UsageError("no-path-of-images", where=str(file), example=next(iter(images), ""))
    return Truth(truth, tuple(unknown), tuple(contradicted))


def folded(labels: Iterable[str]) -> set[str]:
    """Return names for a comparison without regard to case and order."""
    return {label.casefold() for label in labels}


def _rows(file: Path) -> Iterator[dict[str, str]]:
    """Yield the cells of each row by the names of their columns.

    Delimiter and encoding are found as in an import.
    """
    options = ImportOptions()
    with opened(file) as stream:
        table = table_of(stream, file, options)
        places = {name: column_named(table.columns, name) for name in _COLUMNS}
        if places["path"] is None or places["label"] is None:
            raise UsageError("no-truth-columns", where=str(file))
        for line, row in rows_of(stream, table, file):
            if isinstance(row, Message):
                raise UsageError("no-csv", where=str(file), why=row, line=line)
            yield {name: _cell(row, place) for name, place in places.items()}


def _cell(row: Sequence[str], place: int | None) -> str:
    return without_apostrophe(row[place]) if place is not None and place < len(row) else ""


def _finder(images: Mapping[str, str]) -> Callable[[str], str | None]:
    r"""Return a function from a path in a file to its image; None for none of them.

    It may be written with `\`, begin with `./`, or be the path of the very file.
    """
    own = {os.path.abspath(path): path for path in images.values()}  # noqa: PTH100

    def find(path: str) -> str | None:
        if path in images:
            return images[path]
        plain = os.path.normpath(path.replace("\\", "/"))
        return images.get(plain.replace(os.sep, "/")) or own.get(os.path.abspath(plain))  # noqa: PTH100

    return find


def concepts_of_truth(truth: Truth) -> tuple[Concept, ...]:
    """Return a concept for each name, sorted; spellings that differ in case are one."""
    by_name: dict[str, str] = {}
    for names in truth.names.values():
        for name in names:
            by_name.setdefault(name.casefold(), name)
    return tuple(Concept(i, by_name[key]) for i, key in enumerate(sorted(by_name)))


def true_labels(names: Sequence[str], known: Mapping[str, Concept]) -> tuple[str, ...]:
    """Return the labels that names of a truth stand for.

    One may be a synonym of a concept; one of a reject concept is no label. `known` are concepts by
    their names and synonyms, casefolded.
    """
    if len(names) == 1 and (one := known.get(names[0].casefold())) and not one.is_reject:
        return (one.name,)  # as nearly always, and there may be millions
    found = dict[str, None]()
    for name in names:
        concept = known.get(name.casefold())
        if concept is None or not concept.is_reject:
            found[concept.name if concept else name] = None
    return tuple(found)


def paths_for_people(project: Project, rows: NDArray[np.int64]) -> list[str]:
    """Return the paths that an export gives images."""
    root = project_root(project.images, project.first_images)
    return names_below(root, project.images.paths.select(rows.tolist()).texts)


def images_by_name(project: Project) -> dict[str, str]:
    """Return the paths of a project's images, by those that an export gives them."""
    rows = np.flatnonzero(~project.images.is_removed)
    there = project.images.paths.select(rows.tolist()).texts
    return dict(zip(paths_for_people(project, rows), there, strict=True))
