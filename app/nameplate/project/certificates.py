"""The certificate of a project's labels: its text, and whether its random checks still hold."""

import hashlib
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.labels import NO_LABEL
from nameplate.domain.messages import Message
from nameplate.project.facts import RANDOM_CHECK
from nameplate.project.label_changes import Rows
from nameplate.project.project import Project
from nameplate.project.random_check import OVERLOOKED, CheckResult, RandomCheck
from nameplate.scoring.at_any_time import most_wrong, risk_of_attempt
from nameplate.scoring.random_order import first_in_order

_SEEDS: Final = 2**53


def labelled_rows(project: Project, codes: NDArray[np.int32] | None = None) -> Rows:
    """Return the rows of the images that have a label; `codes` in place of the labels there are."""
    codes, images = project.labels.concepts if codes is None else codes, project.images
    return np.flatnonzero((codes != NO_LABEL) & ~images.is_removed & ~images.was_never_read())


def labels_digest(project: Project, codes: NDArray[np.int32] | None = None) -> str:
    """Return a digest of all labels, by image and by the names that people read.

    `codes` in place of the labels there are.
    """
    rows = labelled_rows(project, codes)
    codes = (project.labels.concepts if codes is None else codes)[rows]
    # Tuples of a name: version 1.0 hashed it with those of its parents.
    names = {concept.key: (concept.name,) for concept in project.concepts}
    members = project.labels.sets.members
    present = np.flatnonzero(np.bincount(codes)).tolist()
    texts = {code: repr(sorted(names[key] for key in members(code))) for code in present}
    ranks = np.zeros(max(present, default=0) + 1, "<i4")  # codes are those of one session
    ranks[sorted(present, key=texts.__getitem__)] = np.arange(len(present))
    hashed = hashlib.blake2b(repr(sorted(texts.values())).encode(), digest_size=16)
    hashed.update(project.images.ids[rows].astype("<i8").tobytes())
    hashed.update(ranks[codes].tobytes())
    return hashed.hexdigest()


def pictures_digest(project: Project, codes: NDArray[np.int32] | None = None) -> str:
    """Return a digest of the contents of the labelled images; empty where not all are known."""
    contents = project.images.contents[labelled_rows(project, codes)]
    if (contents["size"] < 0).any():
        return ""
    return hashlib.blake2b(np.ascontiguousarray(contents).tobytes(), digest_size=16).hexdigest()


def seed_of(project: Project, check: RandomCheck) -> int:
    """Return the seed of the order of the checks, in [1, 2**53).

    It follows from the project's identity, which nobody chose, the attempt and the labels: labels
    that are changed after a look at some checks have others.
    """
    text = repr((project.identity, check.attempt, check.drawn))
    hashed = hashlib.blake2b(text.encode(), digest_size=8)
    return int.from_bytes(hashed.digest()) % (_SEEDS - 1) + 1


def why_ended(project: Project, check: RandomCheck) -> Message | None:
    """Return why random checks say nothing of the labels any more; None where they do."""
    if labels_digest(project) != check.now:
        return Message("check-ended-labels")
    images = project.images
    is_replaced = project.labels.has_label[sorted(images.changed)].any()
    is_other = bool(check.pictures) and check.pictures != pictures_digest(project)
    return Message("check-ended-pictures") if is_replaced or is_other else None


def problem_of(project: Project, check: RandomCheck) -> Message | None:
    """Return the first contradiction in checks that were read from a file, if any."""
    ids = project.images.ids[labelled_rows(project)]
    unnamed = [one.image for one in check.checks if one.outcome is CheckResult.NAMELESS]
    ids = np.union1d(ids, np.array(unnamed, np.int64))
    places = first_in_order(ids, seed_of(project, check), len(check.checks))
    checked = sorted(one.image for one in check.checks)
    if len(ids) == check.labels and sorted(ids[places].tolist()) == checked:
        return None
    return Message("check-of-others")


def certificate_of(project: Project) -> RandomCheck | Message | None:
    """Return the checks that hold for the labels, why they do not any more, or None for none."""
    check = project.fact(RANDOM_CHECK)
    if check is None or not check.share:
        return None
    return why_ended(project, check) or problem_of(project, check) or check


# ---- what it says


def claim_of(check: RandomCheck) -> Message:
    """Return the certificate in one sentence."""
    percent, count = round(100 * check.share, 1), check.labelled
    return Message("certificate-claim", {"percent": percent, "count": count})


def paragraphs_of(project: Project, check: RandomCheck) -> tuple[Message, ...]:
    """Return the certificate: the claim, its basis, its limits and the formula."""
    begun = datetime.fromtimestamp(check.begun_at / 1000, UTC).date().isoformat()
    return (
        claim_of(check),
        _found(check),
        _shown(check),
        Message("certificate-overlooked", {"overlooked": OVERLOOKED}),
        Message("certificate-limits", {"begun": begun}),
        Message("certificate-formula"),
        Message("certificate-rule"),
        _numbers(check),
        Message("certificate-order", {"seed": seed_of(project, check)}),
    )


def _found(check: RandomCheck) -> Message:
    checks, wrong, left = len(check.checks), check.wrong, check.most_left
    if not wrong:
        return Message("certificate-checks-right", {"checks": checks, "left": left})
    if unnamed := check.count(CheckResult.NAMELESS):
        return Message(
            "certificate-checks-nameless",
            {"checks": checks, "count": wrong, "nameless": unnamed, "left": left},
        )
    return Message("certificate-checks", {"checks": checks, "count": wrong, "left": left})


def _shown(check: RandomCheck) -> Message:
    hidden, checks = check.hidden, len(check.checks)
    if 0 < hidden < checks:
        return Message("certificate-hidden", {"hidden": hidden, "checks": checks})
    return Message("certificate-all-hidden" if hidden else "certificate-shown")


def _numbers(check: RandomCheck) -> Message:
    checks, wrong, risk = len(check.checks), check.wrong, risk_of_attempt(check.attempt)
    return Message(
        "certificate-numbers",
        {
            "labels": check.labels,
            "checks": checks,
            "wrong": wrong,
            "risk": risk,
            "attempt": check.attempt,
            "found": most_wrong(check.labels, checks, wrong, risk),
            "most": check.most_wrong,
            "overlooked": OVERLOOKED,
        },
    )
