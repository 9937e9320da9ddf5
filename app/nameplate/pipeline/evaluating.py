"""Compares the labels of a run with the truth, and with earlier runs on the same images."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept, by_any_name
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.formats.evaluation.findings import Findings, FolderResult, Origin, RunResult
from nameplate.formats.label_export import ExportedImage, LabelExport
from nameplate.formats.truth import EarlierRun, Truth
from nameplate.project.project import Project
from nameplate.scoring.evaluation.comparison import paired
from nameplate.scoring.evaluation.judged import Judged, judged
from nameplate.scoring.evaluation.shares import Share


def findings_of(
    export: LabelExport,
    truth: Truth,
    origin: Origin,
    *,
    folders: Sequence[Path] = (),
    runs: Sequence[EarlierRun] = (),
) -> Findings:
    """Compare labels with the truth; images that were not read, or have no truth, are left out.

    A name of the truth, or of an earlier run, may be a synonym of a concept; one of a reject
    concept counts as no label.

    Args:
        export: The labels, one an image, and the probabilities.
        truth: What the images show.
        origin: Where all of that comes from.
        folders: Folders to judge one by one as well.
        runs: Earlier runs to compare with, on the images that both have.
    """
    known = by_any_name(export.scored)
    true_of = {os.path.abspath(path): name for path, name in truth.names.items()}  # noqa: PTH100
    compared, left_out = list[ExportedImage](), list[str]()
    numbers = list[NDArray[np.float32]]()
    for image in export.exported(all_scores=True):
        if image.file not in true_of or image.probability is None:
            left_out.append(image.path)
            continue
        numbers.append(np.array(image.all_probabilities, np.float32))  # a tuple takes 8 times that
        compared.append(replace(image, all_probabilities=()))
    names = [_as_label(true_of[image.file], known) for image in compared]
    found = _judged(export.scored, compared, numbers, names)
    files = [image.file for image in compared]
    concepts = {c.name.casefold() for c in export.scored}
    others = Counter(found.true_names)
    unknown = {n: count for n, count in others.items() if n and n.casefold() not in concepts}
    return Findings(
        found,
        paths=[image.path for image in compared],
        files=files,
        origin=origin,
        folders=[_folder(folder, files, found.is_right) for folder in folders],
        runs=[_run(run, files, found, known) for run in runs],
        left_out=left_out,
        unknown_images=truth.unknown,
        contradicted=truth.contradicted,
        unknown_names=unknown,
    )


def truth_of_decisions(project: Project) -> Truth:
    """Return what a person decided; without skipped images, and those with several labels."""
    table, names = project.labels, {c.key: c.name for c in project.concepts}
    labels = table.all
    is_decided = (labels["decided_by"] == DecidedBy.PERSON) & ~project.images.is_removed
    rows = np.flatnonzero(is_decided & (labels["state"] != ReviewState.SKIPPED)).tolist()
    members = {code: table.sets.members(code) for code in set(labels["concepts"].tolist())}
    truth = dict[Path, str]()
    for row in rows:
        keys = members[int(labels["concepts"][row])]
        if len(keys) < 2:
            truth[project.images.paths[row]] = names.get(keys[0], "") if keys else ""
    return Truth(truth)


def _judged(
    concepts: Sequence[Concept],
    images: Sequence[ExportedImage],
    numbers: Sequence[NDArray[np.float32]],
    truth: Sequence[str],
) -> Judged:
    return judged(
        truth,
        [image.labels[0] if image.labels else "" for image in images],
        [(concept.name, concept.is_reject) for concept in concepts],
        np.array(numbers, dtype=np.float32).reshape(len(images), len(concepts)),
        np.array([image.probability for image in images], dtype=np.float64),
    )


def _as_label(truth: str, known: Mapping[str, Concept]) -> str:
    """Return the name that `truth` is a name or synonym of; a reject concept is no label."""
    concept = known.get(truth.casefold())
    if concept is None:
        return truth
    return "" if concept.is_reject else concept.name


def _folder(folder: Path, files: Sequence[str], is_right: NDArray[np.bool_]) -> FolderResult:
    start = os.path.join(os.path.abspath(folder), "")  # noqa: PTH100, PTH118 - ends with a slash
    rows = [row for row, file in enumerate(files) if file.startswith(start)]
    return FolderResult(str(folder), Share(int(np.count_nonzero(is_right[rows])), len(rows)))


def _run(
    run: EarlierRun, files: Sequence[str], found: Judged, known: Mapping[str, Concept]
) -> RunResult:
    labels = {os.path.abspath(path): name for path, name in run.labels.items()}  # noqa: PTH100
    rows = [row for row, file in enumerate(files) if file in labels]
    true_names = found.true_names
    first = [
        _as_label(labels[files[row]], known).casefold() == true_names[row].casefold()
        for row in rows
    ]
    return RunResult(run.title, paired(np.array(first, dtype=bool), found.is_right[rows]))
