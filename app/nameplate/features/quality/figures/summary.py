"""The figures of an evaluation for programs: JSON, and the confusion matrix as a CSV."""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from nameplate.domain.labels import NO_LABEL
from nameplate.domain.messages import Message
from nameplate.features.quality.figures.certainty import Coverage
from nameplate.features.quality.figures.judging import Figures, FolderResult, Judged, means_of
from nameplate.features.quality.figures.remarks import thresholds
from nameplate.features.quality.records import LEAST_OF_A_NAME, NameFigures, Records
from nameplate.features.quality.shares import Interval, Share, difference_of, paired
from nameplate.formats.csv import RowTooLongError, neutral, read_rows, write_rows
from nameplate.formats.outputs.output import Kind
from nameplate.system.opening import begins_with, open_regular

WANTED_PRECISION: Final = 0.95
"""The precision for which a threshold is named."""

_TOP: Final = (3, 5)
"""The shares of images whose truth is among so many names are given."""

_OF_ONE_LABEL: Final = (
    "accuracy",
    "balanced_accuracy",
    "top",
    "coverage",
    "thresholds",
    "confusions",
)
"""Figures that make no sense where an image may have several labels."""

_MOST_CONFUSIONS: Final = 20
_HEAD: Final = b'{\n  "nameplate": "evaluation"'
REPORT_JSON: Final = Kind(Message("report-json"), lambda path: begins_with(path, _HEAD))


def summary_of(found: Figures) -> dict[str, Any]:
    """Return the figures as JSON can hold them; null for shares of too few images."""
    judged = found.judged
    own = _of_several(judged) if judged.is_several else _of_one(judged)
    return {
        **own,
        "missing": found.missing,
        "left_out": len(found.left_out),
        "copies": found.copies,
        "copies_of_learned": len(found.known.copies_of_learned),
        "delivered": dict(found.delivered) or None,
        "calibration": {
            "images": judged.reliability.images,
            **({"pairs": judged.reliability.right.of} if judged.is_several else {}),
            "missing": judged.reliability.missing,
            "expected_error": judged.reliability.error,
            "too_sure": judged.reliability.too_sure,
        },
        "reliability": _bins(judged),
        "folders": _folders(found.folders),
        "folders_mean": _mean(found.folders),
        "compared": _names_only(found),
        "learning": _learning(found),
        "truth": {
            "unknown_images": len(found.question.truth.unknown),
            "contradicted": len(found.question.truth.contradicted),
            "unknown_names": dict(found.known.unknown),
            "several_labels": len(found.several),
        },
        "model": found.question.model,
        "templates": found.templates,
    }


def _of_one(judged: Judged) -> dict[str, Any]:
    records = judged.records
    share, balanced = records.share, records.balanced or (None, None)
    return {
        "images": share.of,
        "accuracy": share.value,
        "concepts": list(map(_concept, records.by_name)),
        "right": share.count,
        "accuracy_95": share.interval,
        "balanced_accuracy": balanced[0],
        "balanced_accuracy_95": balanced[1],
        "top": {str(k): judged.among_first(k).value for k in _TOP},
        "top_95": {str(k): judged.among_first(k).interval for k in _TOP},
        "coverage": _widest(judged.coverage) if judged.coverage else None,
        "thresholds": [
            {"minimum": least, "labelled": given.count, "right": right.count}
            for least, given, right in thresholds(judged)
        ],
        "confusions": _confusions(records)[:_MOST_CONFUSIONS],
    }


def _of_several(judged: Judged) -> dict[str, Any]:
    records, precisions = judged.records, judged.average_precisions
    names = records.by_name
    right = sum(one.right for one in names)
    missed = [(one.name, one.images - one.right, one.labelled - one.right) for one in names]
    return {
        "images": len(records),
        "exact_match": records.share.value,
        "right": records.share.count,
        "exact_match_95": records.share.interval,
        "precision": Share(right, sum(one.labelled for one in names)).value,
        "recall": Share(right, sum(one.images for one in names)).value,
        "mean_average_precision": _mean_average_precision(judged),
        "concepts": [{**_concept(one), "average_precision": precisions[one.key]} for one in names],
        "mistakes": [
            {"name": name, "missed": missing, "wrongly_given": wrong}
            for name, missing, wrong in sorted(missed, key=lambda one: -one[1] - one[2])
            if missing + wrong
        ],
        "left_out_figures": list(_OF_ONE_LABEL),
    }


def _mean_average_precision(judged: Judged) -> float | None:
    """Return the mean over the names that images show; None where one of them has too few."""
    shown = [one for one in judged.records.by_name if one.images]
    if not shown or min(one.images for one in shown) < LEAST_OF_A_NAME:
        return None
    found = (judged.average_precisions[one.key] for one in shown)
    return float(np.mean([one for one in found if one is not None]))


def _names_only(found: Figures) -> list[dict[str, Any]]:
    """Compare names alone with the learned classifier, on the same images."""
    if found.names_only is None:
        return []
    pair = paired(found.names_only, found.judged.records.is_right)
    return [
        {
            "with": "names only",
            "images": pair.images,
            "right_there_alone": pair.first_alone,
            "right_here_alone": pair.second_alone,
            "difference": pair.difference,
            "difference_95": pair.interval,
            "chance": pair.chance,
            "verdict": pair.verdict,
        }
    ]


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
    """Return the content of `report.json`: the summary, all thresholds, confusions and images."""
    judged = found.judged
    whole = {
        "nameplate": "evaluation",
        "made": found.question.made,
        "truth_from": found.question.origin,
        **summary_of(found),
        "left_out_images": list(found.left_out),
        "unknown_images": list(found.question.truth.unknown),
        "contradicted_images": list(found.question.truth.contradicted),
        "images_with_several_labels": list(found.several),
    }
    if judged.coverage:
        whole["all_confusions"] = _confusions(judged.records)
    whole["results"] = _results(found)
    text = json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def _bins(judged: Judged) -> list[dict[str, Any]]:
    """Return the share that is right for each range of probabilities."""
    bins = judged.reliability.bins
    return [
        {
            "low": at / len(bins),
            "high": (at + 1) / len(bins),
            "pairs" if judged.is_several else "images": one.right.of,
            "right": one.right.count,
            "mean": one.mean,
            "share": one.right.value,
            "share_95": one.right.interval,
        }
        for at, one in enumerate(bins)
    ]


def _concept(one: NameFigures) -> dict[str, Any]:
    return {
        "name": one.name,
        "images": one.images,
        "right": one.right,
        "recall": Share(one.right, one.images).value,
        "precision": Share(one.right, one.labelled).value,
        "labelled": one.labelled,
        "recall_95": one.found.interval,
        "precision_95": one.fitting.interval,
    }


def _widest(found: Coverage) -> dict[str, Any]:
    place = found.widest(WANTED_PRECISION)
    if place is None:
        return {"wanted": WANTED_PRECISION, "labelled": 0.0, "precision": None, "threshold": None}
    precision = found.precision(place)
    return {
        "wanted": WANTED_PRECISION,
        "threshold": float(found.thresholds[place]),
        "labelled": int(found.labelled[place]) / found.images,
        "precision": precision.value,
        "precision_95": precision.interval,
    }


def _confusions(found: Records) -> list[dict[str, Any]]:
    names = found.names_of  # one at most
    return [
        {"truth": "".join(names(truth)), "label": "".join(names(label)), "images": count}
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


def _results(found: Figures) -> list[dict[str, Any]]:
    judged, records = found.judged, found.judged.records
    names = records.names_of

    def result(path: str, truth: int, label: int, sure: float) -> dict[str, Any]:
        if judged.is_several:
            return {"path": path, "truth": list(names(truth)), "labels": list(names(label))}
        one = {"path": path, "truth": "".join(names(truth)), "label": "".join(names(label))}
        return {**one, "probability": None if math.isnan(sure) else sure}

    codes = records.opinions.tolist(), records.labels.tolist()
    return list(map(result, found.paths, *codes, judged.sure.tolist()))


_TRUTH: Final = "truth"
"""The first cell."""


def write_confusion(stream: BinaryIO, found: Records) -> None:
    """Write the confusion matrix of images with one label each: truth in rows, label in columns.

    The last row and column are those of none of the names.
    """
    keys = dict.fromkeys(found.names)
    place = {found.sets.code_of([key]): at for at, key in enumerate(keys)} | {NO_LABEL: len(keys)}
    counts = np.zeros((len(place), len(place)), np.int64)
    labels, opinions, images = found.pairs
    at = [[place[code] for code in codes.tolist()] for codes in (opinions, labels)]
    counts[tuple(at)] = images
    names = [*map(neutral, found.names.values()), ""]
    rows = ([name, *map(str, row)] for name, row in zip(names, counts.tolist(), strict=True))
    write_rows(stream, chain([[_TRUTH, *names]], rows))


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
