"""What an evaluation found, and the same as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nameplate.domain.messages import Message
from nameplate.formats.outputs.output import Kind
from nameplate.scoring.evaluation.calibration import Reliability
from nameplate.scoring.evaluation.comparison import Paired
from nameplate.scoring.evaluation.coverage import Coverage
from nameplate.scoring.evaluation.judged import Judged
from nameplate.scoring.evaluation.metrics import ConceptResult, Evaluation
from nameplate.scoring.evaluation.sentences import WANTED_PRECISION
from nameplate.scoring.evaluation.shares import Share, difference_of

TOP: Final = (3, 5)
"""For these numbers of names it is said whether the right one is among the first."""

_MOST_CONFUSIONS: Final = 20
_MOST_POINTS: Final = 200
_HEAD: Final = '{\n  "nameplate": "evaluation"'


def _is_own(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(_HEAD)) == _HEAD.encode()


REPORT_JSON: Final = Kind(Message("report-json"), _is_own)


@dataclass(frozen=True, slots=True)
class FolderResult:
    """How many labels of one of the folders are right."""

    name: str
    share: Share


@dataclass(frozen=True, slots=True)
class RunResult:
    """An earlier run beside this one, on the images of both; the earlier one is the first."""

    title: str
    paired: Paired


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the figures come from.

    Attributes:
        model: `ID@FINGERPRINT`.
        templates: The template set's id, or its templates.
        truth: `folders`, `decisions`, or the path of a CSV.
        made: When, in UTC.
        seed: Of the random sample.
    """

    model: str = ""
    templates: str = ""
    truth: str = ""
    made: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything an evaluation found; N images whose truth is known.

    Attributes:
        judged: The images.
        paths: N paths for people, relative.
        files: N absolute paths.
        origin: Where the figures come from.
        folders: One for each folder, where several were given.
        runs: Earlier runs to compare with.
        left_out: Paths of images that were not read, or have no truth.
        unknown_images: Paths of the truth that are none of the images.
        contradicted: Paths that the truth has twice, with different names; the last one counts.
        unknown_names: True names that are none of the concepts, with the number of their images.
    """

    judged: Judged
    paths: Sequence[str]
    files: Sequence[str]
    origin: Origin = Origin()
    folders: Sequence[FolderResult] = ()
    runs: Sequence[RunResult] = ()
    left_out: Sequence[str] = ()
    unknown_images: Sequence[str] = ()
    contradicted: Sequence[str] = ()
    unknown_names: Mapping[str, int] = field(default_factory=dict[str, int])


def summary_of(found: Findings) -> dict[str, Any]:
    """Return the figures as JSON can hold them; null for what too few images show."""
    judged, evaluation = found.judged, found.judged.evaluation
    balanced = evaluation.balanced or (None, None)
    return {
        "images": evaluation.images,
        "accuracy": evaluation.accuracy,
        "left_out": len(found.left_out),
        "concepts": [_concept(one) for one in evaluation.per_concept()],
        "right": evaluation.right,
        "accuracy_95": evaluation.share.interval,
        "balanced_accuracy": balanced[0],
        "balanced_accuracy_95": balanced[1],
        "top": {str(k): judged.among_first(k).value for k in TOP},
        "calibration": _calibration(judged.reliability),
        "coverage": _widest(judged.coverage),
        "confusions": _confusions(evaluation)[:_MOST_CONFUSIONS],
        "folders": _folders(found.folders),
        "compared": [_run(one) for one in found.runs],
        "truth": {
            "unknown_images": len(found.unknown_images),
            "contradicted": len(found.contradicted),
            "unknown_names": dict(found.unknown_names),
        },
        "model": found.origin.model,
        "templates": found.origin.templates,
    }


def report_json(found: Findings) -> bytes:
    """Return the content of `report.json`: the summary, all points of the charts, all images."""
    judged = found.judged
    whole = {
        "nameplate": "evaluation",
        "made": found.origin.made,
        "truth_from": found.origin.truth,
        **summary_of(found),
        "reliability": _bins(judged.reliability),
        "coverage_curve": _curve(judged.coverage),
        "all_confusions": _confusions(judged.evaluation),
        "sample_seed": found.origin.seed,
        "left_out_images": list(found.left_out),
        "unknown_images": list(found.unknown_images),
        "contradicted_images": list(found.contradicted),
        "results": _results(found),
    }
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


def _calibration(found: Reliability) -> dict[str, Any]:
    return {
        "images": found.images,
        "missing": found.missing,
        "expected_error": found.error,
        "too_sure": found.too_sure,
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


def _curve(found: Coverage) -> list[dict[str, Any]]:
    return [_point(found, place) for place in found.some(_MOST_POINTS)]


def _bins(found: Reliability) -> list[dict[str, Any]]:
    return [
        {
            "low": one.low,
            "high": one.high,
            "images": one.right.of,
            "right": one.right.count,
            "mean": one.mean,
            "share": one.right.value,
            "share_95": one.right.interval,
        }
        for one in found.bins
    ]


def _confusions(found: Evaluation) -> list[dict[str, Any]]:
    names = found.names
    return [
        {"truth": names[truth], "label": names[label], "images": count}
        for truth, label, count in found.confusions()
    ]


def _folders(folders: Sequence[FolderResult]) -> list[dict[str, Any]]:
    rows = list[dict[str, Any]]()
    for one in folders:
        difference = difference_of(one.share, folders[0].share) if rows else None
        rows.append(
            {
                "folder": one.name,
                "images": one.share.of,
                "accuracy": one.share.value,
                "accuracy_95": one.share.interval,
                "difference": difference[0] if difference else None,
                "difference_95": difference[1] if difference else None,
            }
        )
    return rows


def _run(one: RunResult) -> dict[str, Any]:
    paired = one.paired
    return {
        "with": one.title,
        "images": paired.images,
        "right_there_alone": paired.first_alone,
        "right_here_alone": paired.second_alone,
        "difference": paired.difference,
        "difference_95": paired.interval(),
        "chance": paired.chance,
        "verdict": paired.verdict.value,
    }


def _results(found: Findings) -> list[dict[str, Any]]:
    judged = found.judged
    names = judged.names
    columns = zip(
        found.paths,
        judged.truth.tolist(),
        judged.labels.tolist(),
        judged.sure.tolist(),
        strict=True,
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
