"""A promise and its checks as what JSON can hold; read from files that anybody may have made."""

import base64
import binascii
import zlib
from contextlib import suppress
from itertools import pairwise
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.labels import LATEST, DecidedBy, LabelTable
from nameplate.features.promise.facts import PageMarks, Tries
from nameplate.features.promise.rules.promises import (
    LEAST_SHARE,
    MOST_SHARE,
    Basis,
    Check,
    Outcome,
    Plan,
    Promise,
    PromisedLabels,
    joined_tries,
)
from nameplate.features.promise.rules.stages import LONGEST_PLAN
from nameplate.pipeline.pages.rules import SKIPPED, WRONG
from nameplate.project.file.values import LARGEST_CONCEPT_ID, Json, checked_id, whole_number
from nameplate.project.project import Project

_LONGEST: Final = 1000
"""Characters of the name of a model or a digest."""

_MOST_TRIES: Final = 10**6
_MOST_OVERLOOKED: Final = 0.5
_LARGEST_SEED: Final = 2**53

_LABEL: Final = np.dtype([("id", "<i8"), ("set", "<i4"), ("probability", "<f4")])
"""One promised label: `set` is a place in the list of sets of concepts beside it."""


def promise_json(promise: Promise | None, labels: LabelTable) -> Json | None:
    """Return a promise, without its checks, as what JSON can hold.

    `labels` are those of its project, which give codes their meaning.
    """
    if promise is None:
        return None
    basis, plan, promised = promise.basis, promise.plan, promise.labels
    codes, places = np.unique(promised.concepts, return_inverse=True)
    packed = np.zeros(len(promised), _LABEL)
    packed["id"], packed["set"] = np.diff(promised.ids, prepend=0), places
    packed["probability"] = promised.probability
    # Column by column, which packs to a third.
    plain = b"".join(np.ascontiguousarray(packed[name]).tobytes() for name in _names())
    return {
        "target": promise.target,
        "confidence": promise.confidence,
        "seed": promise.seed,
        "count": len(promised),
        "labels": base64.b64encode(zlib.compress(plain, level=1)).decode(),
        "sets": [list(labels.sets.members(code)) for code in codes.tolist()],
        "model": basis.model,
        "decider": int(basis.decider),
        "classifier": basis.classifier,
        "names": basis.names,
        "sentences": basis.sentences,
        "looks": list(plan.looks),
        "allowed": plan.allowed,
        "risk": plan.risk,
        "overlooked": plan.overlooked,
        "is_corrected": plan.is_corrected,
        "begun_at": promise.begun_at,
        "tries": promise.tries,
        "population": promise.population,
        "given_at": promise.applied_at,
        "is_ended": promise.is_ended,
        "pictures": promise.pictures,
        "run_least": promise.run_least,
    }


def promise_of(values: Any, project: Project) -> Promise | None:
    """Return the promise of a project that `promise_json` described.

    Raises:
        ValueError, LookupError, TypeError: It is no promise, or not one of this project.
    """
    if values is None:
        return None
    labels = _labels_of(values, project)
    promise = Promise(
        float(values["target"]),
        float(values["confidence"]),
        whole_number(values["seed"], _LARGEST_SEED),
        labels,
        _basis_of(values),
        _plan_of(values, len(labels)),
        whole_number(values["begun_at"], LATEST),
        whole_number(values["tries"], _MOST_TRIES),
        whole_number(values["population"], len(project.images)),
        applied_at=whole_number(values["given_at"], LATEST),
        is_ended=values["is_ended"] is True,
        pictures=_text(values["pictures"]),
        run_least=_least_of(values["run_least"]),
    )
    shares = (promise.target, promise.confidence)
    if not all(LEAST_SHARE <= share <= MOST_SHARE for share in shares) or promise.tries < 1:
        raise ValueError("a promise that nobody can make")
    if promise.population < len(labels):
        raise ValueError("a promise about more labels than it began with")
    return promise


def tries_json(tries: Tries) -> list[list[int]]:
    """Return tries as what JSON can hold."""
    return [[seed, number] for seed, number in sorted(tries.items())]


def tries_of(values: Any) -> Tries:
    """Return the tries that `tries_json` described.

    Raises:
        ValueError, LookupError, TypeError: They are none.
    """
    pairs = (
        (whole_number(seed, _LARGEST_SEED), whole_number(one, _MOST_TRIES)) for seed, one in values
    )
    return dict(sorted(pairs))  # of one seed the highest number counts


def joined_json(first: list[list[int]], second: list[list[int]]) -> list[list[int]]:
    """Return the tries of two lives that become one, as what JSON can hold."""
    return tries_json(joined_tries(tries_of(first), tries_of(second)))


def checks_json(checks: tuple[Check, ...], _labels: LabelTable) -> list[list[int]]:
    """Return checks as what JSON can hold."""
    return [[check.image, int(check.outcome), int(check.is_blind)] for check in checks]


def checks_of(values: Any, project: Project) -> tuple[Check, ...]:
    """Return the checks that `checks_json` described.

    Raises:
        ValueError, LookupError, TypeError: They are no checks, or not of this project.
    """
    if len(values) > len(project.images):
        raise ValueError("more checks than images")
    checks = tuple(
        Check(checked_id(image), Outcome(outcome), bool(is_blind))
        for image, outcome, is_blind in values
    )
    ids = np.unique(np.array([check.image for check in checks], np.int64))
    project.images.rows_of(ids)
    if len(ids) < len(checks):
        raise ValueError("an image that was checked twice")
    return checks


def marks_json(marks: PageMarks, _labels: LabelTable) -> list[Any]:
    """Return marks as what JSON can hold."""
    return [marks.promise, marks.is_blind, list(marks.marks.items())]


def marks_of(values: Any, project: Project) -> PageMarks:
    """Return the marks that `marks_json` described; none where they are no marks of this project.

    A project opens without them: what they say was not decided yet.
    """
    with suppress(ArithmeticError, ValueError, LookupError, TypeError):
        return _marks_of(values, project)
    return PageMarks()


def _marks_of(values: Any, project: Project) -> PageMarks:
    promise, is_blind, items = values
    if len(items) > len(project.images):
        raise ValueError("more marks than images")
    marks = {checked_id(image): int(mark) for image, mark in items}
    project.images.rows_of(np.array(sorted(marks), np.int64))
    if not all(min(WRONG, SKIPPED) <= mark <= LARGEST_CONCEPT_ID for mark in marks.values()):
        raise ValueError("no mark")
    return PageMarks(checked_id(promise), is_blind is True, marks)


def _names() -> tuple[str, ...]:
    return cast("tuple[str, ...]", _LABEL.names)


def _labels_of(values: Json, project: Project) -> PromisedLabels:
    count = whole_number(values["count"], len(project.images))
    columns = _unpacked(str(values["labels"]), count)
    ids = np.cumsum(columns[0], dtype=np.int64)
    if not count or np.any(columns[0] <= 0):
        raise ValueError("ids that do not rise")
    project.images.rows_of(ids)
    known = range(project.next_concept_id)
    codes = list[int]()
    for members in values["sets"][: count + 1]:
        if not members or any(member not in known for member in members):
            raise ValueError("a promise about a concept that never was")
        codes.append(project.labels.sets.code_of(members))
    places, probability = columns[1], columns[2].astype(np.float32)
    if places.min() < 0 or places.max() >= len(codes):
        raise ValueError("a promise about no concept")
    if not np.all((probability >= 0) & (probability <= 1)):
        raise ValueError("a probability out of range")
    return PromisedLabels(ids, np.array(codes, np.int32)[places], probability)


def _unpacked(text: str, count: int) -> list[NDArray[Any]]:
    """Return the columns of `count` labels; never more is unpacked than they take."""
    size = count * _LABEL.itemsize
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(base64.b64decode(text, validate=True), size + 1)
    except (zlib.error, binascii.Error) as error:
        raise ValueError(f"no labels: {error}") from error
    if len(plain) != size:
        raise ValueError("another number of labels")
    columns, start = list[NDArray[Any]](), 0
    for name in _names():
        kind = _LABEL[name]
        columns.append(np.frombuffer(plain, kind, count, start))
        start += count * kind.itemsize
    return columns


def _basis_of(values: Json) -> Basis:
    names_of_texts = ("model", "classifier", "names", "sentences")
    model, classifier, names, sentences = (_text(values[name]) for name in names_of_texts)
    decider = DecidedBy(values["decider"])
    if decider not in (DecidedBy.AUTO, DecidedBy.PROBE, DecidedBy.GIVEN):
        raise ValueError("labels that a person decided")
    return Basis(model, decider, classifier, names, sentences)


def _plan_of(values: Json, count: int) -> Plan:
    looks = tuple(whole_number(look, count) for look in values["looks"][: LONGEST_PLAN + 1])
    allowed, risk = whole_number(values["allowed"], count), float(values["risk"])
    overlooked = float(values["overlooked"])
    is_corrected = bool(values["is_corrected"])
    is_rising = all(first <= second for first, second in pairwise(looks))
    if not looks or len(looks) > LONGEST_PLAN or not is_rising or not 0 < risk < 1:
        raise ValueError("no plan")
    if not 0 <= overlooked <= _MOST_OVERLOOKED:
        raise ValueError("a share out of range")
    return Plan(looks, count, allowed, risk, overlooked, is_corrected)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError("no names of what labels come from")
    return value


def _least_of(value: Any) -> float | None:
    if value is None:
        return None
    if not isinstance(value, float) or not 0 <= value <= 1:
        raise ValueError("a probability out of range")
    return value
