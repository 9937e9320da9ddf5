"""What labels are compared with: decisions, folders on their own, and earlier runs."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.features.evaluation.figures.comparison import paired
from nameplate.features.evaluation.findings import FolderResult, RunResult
from nameplate.features.evaluation.truth import EarlierRun, Truth
from nameplate.imaging.relative_paths import project_root
from nameplate.imaging.scan import names_below
from nameplate.project.project import Project
from nameplate.scoring.shares import Share


def paths_for_people(project: Project, rows: NDArray[np.int64]) -> list[str]:
    """Return the paths that an export gives images."""
    root = project_root(project.images, project.first_images)
    return names_below(root, project.images.paths.select(rows.tolist()).texts)


def images_by_name(project: Project) -> dict[str, str]:
    """Return the paths of a project's images, by those that an export gives them."""
    rows = np.flatnonzero(~project.images.is_removed)
    there = project.images.paths.select(rows.tolist()).texts
    return dict(zip(paths_for_people(project, rows), there, strict=True))


def truth_of_decisions(project: Project) -> Truth:
    """Return what a person decided; without skipped images."""
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


def true_labels(names: Sequence[str], known: Mapping[str, Concept]) -> tuple[str, ...]:
    """Return the labels that names of a truth, or of an earlier run, stand for.

    One may be a synonym of a concept; one of a reject concept is no label.

    Args:
        names: Of one image.
        known: Concepts by their names and synonyms, casefolded.
    """
    if len(names) == 1 and (one := known.get(names[0].casefold())) and not one.is_reject:
        return (one.name,)  # as nearly always, and there may be millions
    found = dict[str, None]()
    for name in names:
        concept = known.get(name.casefold())
        if concept is None or not concept.is_reject:
            found[concept.name if concept else name] = None
    return tuple(found)


def folder_result(
    folder: Path,
    files: Sequence[str],
    is_right: NDArray[np.bool_],
    own: Callable[[NDArray[np.int64]], int] | None = None,
) -> FolderResult:
    """Return how many of the images in a folder are right.

    Args:
        folder: The folder.
        files: N images.
        is_right: Whether each of them is right.
        own: Counts those of some rows that are right if only the names of these are given.
    """
    start = os.path.join(os.path.abspath(folder), "")  # noqa: PTH100, PTH118 - ends with a slash
    inside = [os.path.abspath(file).startswith(start) for file in files]  # noqa: PTH100
    rows = np.flatnonzero(inside)
    share = Share(int(np.count_nonzero(is_right[rows])), len(rows))
    return FolderResult(str(folder), share, Share(own(rows), len(rows)) if own else None)


def run_result(
    run: EarlierRun,
    files: Sequence[str],
    truth: Sequence[tuple[str, ...]],
    is_right: NDArray[np.bool_],
    known: Mapping[str, Concept],
) -> RunResult:
    """Return how right an earlier run is, on the images of both.

    Args:
        run: The earlier one.
        files: N images of this one.
        truth: The labels that each of them should have.
        is_right: Whether each of them has these.
        known: As for `true_labels`.
    """
    rows = [row for row, file in enumerate(files) if file in run.labels]
    was_right = [
        _folded(true_labels(run.labels[files[row]], known)) == _folded(truth[row]) for row in rows
    ]
    return RunResult(run.title, paired(np.array(was_right, dtype=bool), is_right[rows]))


def _folded(names: Sequence[str]) -> set[str]:
    return {name.casefold() for name in names}
