"""Random checks of labels as steps of a project: the beginning, and pages in a random order."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import GrowFact, SetFact, Several, Title
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import NO_LABEL, ReviewState
from nameplate.features.quality.facts import ATTEMPTS, MARKS, earlier_attempts
from nameplate.pipeline.pages.deciding import PageStep
from nameplate.pipeline.pages.rules import Marks
from nameplate.project.certificates import (
    labelled_rows,
    labels_digest,
    pictures_digest,
    seed_of,
    why_ended,
)
from nameplate.project.facts import RANDOM_CHECK
from nameplate.project.label_changes import DecisionContext, Rows, decided, rejects, skip
from nameplate.project.project import Project
from nameplate.project.random_check import Check, CheckResult, RandomCheck
from nameplate.scoring.random_order import first_in_order

PAGE: Final = 24
"""Labels on a page of checks."""

HIDDEN_PAGE: Final = 8
"""Labels on a page of checks that does not show them, since each picture needs a name."""


@dataclass(frozen=True, slots=True)
class LabelsToCheck:
    """Labels to check together.

    Attributes:
        rows: Of the images, sorted by their names; in random order where labels are hidden.
        concepts: int32 codes of their labels.
        is_hidden: Whether the labels are not shown: the person names each image.
    """

    rows: Rows
    concepts: NDArray[np.int32]
    is_hidden: bool


def attempt_of(project: Project, drawn: str) -> int:
    """Return the attempt that random checks of the labels with this digest are, from 1."""
    known = project.fact(ATTEMPTS)
    most = max(earlier_attempts(project), len(known), *known.values(), 0)
    return known.get(drawn) or most + 1


def begin(project: Project, at: int) -> PageStep:
    """Return the step that fixes the labels there are, and so the order of their checks.

    It counts as an attempt from now on: beginning again until the first page is a good one would
    else be free.

    Raises:
        UsageError: There are no labels.
    """
    count = len(labelled_rows(project))
    if not count:
        raise UsageError("no-labels-to-check")
    drawn = labels_digest(project)
    attempt, known = attempt_of(project, drawn), project.fact(ATTEMPTS)
    check = RandomCheck(attempt, count, drawn, drawn, pictures_digest(project), at)
    change = Several(
        (
            GrowFact(ATTEMPTS, {**known, drawn: attempt}),
            SetFact(RANDOM_CHECK, check),
            SetFact(MARKS, {}),
        )
    )
    return PageStep(change, Title("begin-random-check", {"count": count}))


def next_page(
    project: Project, size: int = PAGE, *, is_hidden: bool = False
) -> LabelsToCheck | None:
    """Return the labels to check next; None where all are checked, or nothing was begun.

    With several labels an image they are always shown.
    """
    check, images, labels = project.fact(RANDOM_CHECK), project.images, project.labels
    if check is None or len(check.checks) >= check.labels:
        return None
    is_hidden = is_hidden and not project.settings.is_multi
    rows = labelled_rows(project)
    checked = np.array([one.image for one in check.checks], np.int64)
    rows = rows[~np.isin(images.ids[rows], checked)]
    count = min(size, HIDDEN_PAGE) if is_hidden else size
    rows = rows[first_in_order(images.ids[rows], seed_of(project, check), count)]
    if not is_hidden:
        keys = [concept.key for concept in project.concepts]
        first = labels.sets.first_concepts()[labels.concepts[rows]].tolist()
        rows = rows[np.argsort(list(map(keys.index, first)), kind="stable")]
    return LabelsToCheck(rows, labels.concepts[rows], is_hidden)


def record_page(
    project: Project,
    page: LabelsToCheck,
    marks: Marks,
    now: DecisionContext,
    shown: Collection[int] = (),
) -> PageStep:
    """Return the step by which a person checks a page; every image of it is decided.

    An image without a mark is labelled rightly. One that gets another name has that from now on;
    one that is marked as wrong or skipped counts as wrong and is left without a label.

    Args:
        project: Is not changed.
        page: As `next_page` gave it.
        marks: By row, as on other pages; on a hidden page one for each image.
        now: When, and the suggestions then.
        shown: Ids of images whose labels were seen, before they were hidden.

    Raises:
        UsageError: Nothing was begun, other labels are there now, the page was checked already, or
            a hidden page has an image without a mark.
    """
    check, rows = project.fact(RANDOM_CHECK), page.rows
    ids = project.images.ids[rows]
    if check is None or why_ended(project, check) is not None:
        raise UsageError("nothing-is-checked")
    if {one.image for one in check.checks}.intersection(ids.tolist()):
        raise UsageError("checked-already")
    if page.is_hidden and not all(row in marks for row in rows.tolist()):
        raise UsageError("page-unfinished")
    codes = _codes(project, page, marks)
    is_right, has_name = codes == page.concepts, codes != NO_LABEL
    outcomes = np.where(is_right, CheckResult.RIGHT, CheckResult.CORRECTED)
    outcomes = np.where(has_name, outcomes, CheckResult.NAMELESS)
    order = np.argsort(ids).tolist()  # within a page there is no order of checks
    is_hidden = page.is_hidden & ~np.isin(ids, list(shown))
    checks = [
        Check(int(ids[one]), CheckResult(int(outcomes[one])), bool(is_hidden[one])) for one in order
    ]
    after = project.labels.concepts.copy()
    after[rows] = codes
    checked = replace(
        check,
        checks=(*check.checks, *checks),
        now=labels_digest(project, after),
        pictures=check.pictures and pictures_digest(project, after),
    )
    state = np.where(is_right, ReviewState.ACCEPTED, ReviewState.CORRECTED).astype(np.uint8)
    changes = (
        decided(project, rows[has_name], codes[has_name], state[has_name], now),
        skip(project, rows[~has_name], now),
        SetFact(RANDOM_CHECK, checked),
        SetFact(MARKS, {one: mark for one, mark in project.fact(MARKS).items() if one not in ids}),
    )
    wrong = int(np.count_nonzero(~is_right))
    return PageStep(Several(changes), Title("audit-page", {"count": len(rows), "wrong": wrong}))


def _codes(project: Project, page: LabelsToCheck, marks: Marks) -> NDArray[np.int32]:
    """Return the labels of a page after its marks; `NO_LABEL` where one was wrong or skipped."""
    codes, known = page.concepts.copy(), {concept.key for concept in project.concepts}
    known -= rejects(project.concepts)
    for place, row in enumerate(page.rows.tolist()):
        if (mark := marks.get(row)) is not None:
            named = project.labels.sets.code_of([mark]) if mark in known else NO_LABEL
            codes[place] = named
    return codes
