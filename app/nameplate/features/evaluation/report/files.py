"""What an evaluation found, for programs: JSON, and the confusion matrix as a CSV."""

import csv
import json
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.messages import Message
from nameplate.features.evaluation.figures.certainty import Coverage
from nameplate.features.evaluation.figures.judged import ConceptResult, Judged, JudgedSets
from nameplate.features.evaluation.figures.shares import Interval, difference_of, paired
from nameplate.features.evaluation.judging import Figures, FolderResult, means_of
from nameplate.features.evaluation.report.document import SAMPLE_SEED
from nameplate.features.evaluation.report.sentences import TOP, WANTED_PRECISION
from nameplate.formats.csv import RowTooLongError, neutral, read_rows, write_rows
from nameplate.formats.outputs.output import Kind
from nameplate.system.opening import begins_with, open_regular

OF_ONE_LABEL: Final = ("accuracy", "balanced_accuracy", "top", "coverage", "confusions")
"""Figures that make no sense where an image may have several labels."""

_MOST_CONFUSIONS: Final = 20
_MOST_POINTS: Final = 200
_HEAD: Final = b'{\n  "nameplate": "evaluation"'
REPORT_JSON: Final = Kind(Message("report-json"), lambda path: begins_with(path, _HEAD))


def summary_of(found: Figures) -> dict[str, Any]:
    """Return the figures as JSON can hold them; null for what too few images show."""
    judged = found.judged
    own = _of_one(judged) if isinstance(judged, Judged) else _of_several(judged)
    return {
        **own,
        "missing": found.missing,
        "left_out": len(found.left_out),
        "copies": found.copies,
        "delivered": dict(found.delivered) or None,
        "calibration": {
            "images": judged.reliability.right.of,
            "missing": judged.reliability.right.missing,
            "expected_error": judged.reliability.error,
            "too_sure": judged.reliability.too_sure,
        },
        "folders": _folders(found.folders),
        "folders_mean": _mean(found.folders),
        "compared": _names_only(found),
        "learning": _learning(found),
        "truth": {
            "unknown_images": len(found.truth.unknown),
            "contradicted": len(found.truth.contradicted),
            "unknown_names": dict(found.unknown_names),
            "several_labels": len(found.several),
        },
        "model": found.question.model,
        "templates": found.templates,
    }


def _of_one(judged: Judged) -> dict[str, Any]:
    share, balanced = judged.share, judged.balanced or (None, None)
    return {
        "images": share.of,
        "accuracy": share.value or 0.0,
        "concepts": [_concept(one) for one in judged.per_concept()],
        "right": share.count,
        "accuracy_95": share.interval,
        "balanced_accuracy": balanced[0],
        "balanced_accuracy_95": balanced[1],
        "top": {str(k): judged.among_first(k).value for k in TOP},
        "top_95": {str(k): judged.among_first(k).interval for k in TOP},
        "coverage": _widest(judged.coverage),
        "confusions": _confusions(judged)[:_MOST_CONFUSIONS],
    }


def _of_several(judged: JudgedSets) -> dict[str, Any]:
    columns = zip(judged.per_concept(), judged.average_precisions, strict=True)
    return {
        "images": len(judged),
        "exact_match": judged.share.value,
        "right": judged.share.count,
        "exact_match_95": judged.share.interval,
        "precision": judged.given.value,
        "recall": judged.found.value,
        "mean_average_precision": judged.mean_average_precision,
        "concepts": [{**_concept(one), "average_precision": p} for one, p in columns],
        "mistakes": [
            {"name": judged.names[column], "missed": missed, "wrongly_given": wrong}
            for column, missed, wrong in judged.mistakes()
        ],
        "left_out_figures": list(OF_ONE_LABEL),
    }


def _learning(found: Figures) -> dict[str, Any] | None:
    evidence = found.evidence
    if evidence is None:
        return None
    return {
        "decisions": evidence.decisions,
        "is_used": evidence.is_used,
        "gain": evidence.gain,
        "gain_95": evidence.interval,
        "missing": evidence.missing,
        "why_names_alone": evidence.why.code if evidence.why else None,
        "judged_without_itself": len(found.unseen),
    }


def report_json(found: Figures) -> bytes:
    """Return the content of `report.json`: the summary, all points of the charts, all images."""
    judged = found.judged
    whole = {
        "nameplate": "evaluation",
        "made": found.question.made,
        "truth_from": found.question.origin,
        **summary_of(found),
        "reliability": [
            {
                "low": one.low,
                "high": one.high,
                "images": one.right.of,
                "right": one.right.count,
                "mean": one.mean,
                "share": one.right.value,
                "share_95": one.right.interval,
            }
            for one in judged.reliability.bins
        ],
        "sample_seed": SAMPLE_SEED,
        "left_out_images": list(found.left_out),
        "unknown_images": list(found.truth.unknown),
        "contradicted_images": list(found.truth.contradicted),
        "images_with_several_labels": list(found.several),
    }
    if isinstance(judged, Judged):
        points = judged.coverage.some(_MOST_POINTS)
        whole["coverage_curve"] = [_point(judged.coverage, place) for place in points]
        whole["all_confusions"] = _confusions(judged)
        whole["results"] = _results(found.paths, judged)
    else:
        whole["results"] = _set_results(found.paths, judged)
    text = json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def _concept(one: ConceptResult) -> dict[str, Any]:
    return {
        "name": one.name,
        "images": one.images,
        "right": one.right,
        "recall": one.recall,
        "precision": one.precision,
        "labelled": one.labelled,
        "recall_95": one.found.interval,
        "precision_95": one.fitting.interval,
    }


def _widest(found: Coverage) -> dict[str, Any]:
    place = found.widest(WANTED_PRECISION)
    if place is None:
        return {"wanted": WANTED_PRECISION, "labelled": 0.0, "precision": None, "threshold": None}
    return {"wanted": WANTED_PRECISION, **_point(found, place)}


def _point(found: Coverage, place: int) -> dict[str, Any]:
    precision = found.precision(place)
    return {
        "threshold": float(found.thresholds[place]),
        "labelled": found.share(place),
        "precision": precision.value,
        "precision_95": precision.interval,
    }


def _confusions(found: Judged) -> list[dict[str, Any]]:
    names = found.names
    return [
        {"truth": names[truth], "label": names[label], "images": count}
        for truth, label, count in found.confusions
    ]


def _folders(folders: Sequence[FolderResult]) -> list[dict[str, Any]]:
    rows = list[dict[str, Any]]()
    for one in folders:
        difference = difference_of(one.share, folders[0].share) if rows else None
        figures = {
            "accuracy": (one.share.value, one.share.interval),
            "accuracy_among_own_names": one.own and (one.own.value, one.own.interval),
            "difference": difference,
        }
        rows.append({"folder": one.name, "images": one.share.of, **_with_95(figures)})
    return rows


def _with_95(figures: Mapping[str, tuple[float | None, Interval | None] | None]) -> dict[str, Any]:
    """Return each figure, and its interval beside it; None for those that are not known."""
    found = dict[str, Any]()
    for key, figure in figures.items():
        found[key], found[f"{key}_95"] = figure or (None, None)
    return found


def _mean(folders: Sequence[FolderResult]) -> dict[str, Any] | None:
    if not folders:
        return None
    keys = "accuracy", "accuracy_among_own_names"
    return _with_95(dict(zip(keys, means_of(folders), strict=False)))


def _names_only(found: Figures) -> list[dict[str, Any]]:
    """Return how right names alone are on the same images; empty where nothing was learned."""
    if found.names_only is None:
        return []
    both = paired(found.names_only.is_right, found.judged.is_right)
    figures = {
        "with": "names only",
        "images": both.images,
        "right_there_alone": both.first_alone,
        "right_here_alone": both.second_alone,
        "difference": both.difference,
        "difference_95": both.interval,
        "chance": both.chance,
        "verdict": both.verdict.value,
    }
    return [figures]


def _results(paths: Sequence[str], judged: Judged) -> list[dict[str, Any]]:
    names = judged.names
    columns = zip(
        paths, judged.truth.tolist(), judged.labels.tolist(), judged.sure.tolist(), strict=True
    )
    return [
        {
            "path": path,
            "truth": names[truth],
            "label": names[label],
            "probability": sure if sure == sure else None,  # noqa: PLR0124 - NaN
        }
        for path, truth, label, sure in columns
    ]


def _set_results(paths: Sequence[str], judged: JudgedSets) -> list[dict[str, Any]]:
    both = map(judged.names_of, range(len(judged)))
    return [
        {"path": path, "truth": truth, "labels": labels}
        for path, (labels, truth) in zip(paths, both, strict=True)
    ]


_TRUTH: Final = "truth"
"""The first cell."""


def write_confusion(stream: BinaryIO, names: Sequence[str], matrix: NDArray[np.integer]) -> None:
    """Write a confusion matrix.

    Args:
        stream: Where to.
        names: K names, for rows and columns alike.
        matrix: K x K counts of images; [i, j] have truth i and label j.

    Raises:
        ValueError: The matrix is not K x K.
    """
    if matrix.shape != (len(names), len(names)):
        raise ValueError(f"{matrix.shape} counts for {len(names)} names")
    rows = ([neutral(n), *map(str, counts)] for n, counts in zip(names, matrix, strict=True))
    write_rows(stream, chain([[_TRUTH, *map(neutral, names)]], rows))


def _is_confusion(path: Path) -> bool:
    """Return whether a file is a confusion matrix: its first row and column are equal."""
    with open_regular(path) as raw:
        if raw.read(len(_TRUTH) + 1) != f"{_TRUTH},".encode():
            return False
    try:
        with TextIOWrapper(open_regular(path), "utf-8", newline="") as stream:
            rows = read_rows(stream)
            names = next(rows)[1:]
            first = [row[0] for row in islice(rows, len(names) + 1) if len(row) == len(names) + 1]
    except (csv.Error, RowTooLongError, UnicodeDecodeError):
        return False
    return names == first


CONFUSION: Final = Kind(Message("confusion-matrix"), _is_confusion)
