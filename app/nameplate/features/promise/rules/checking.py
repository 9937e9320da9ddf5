"""Checks of promised labels: pages in the order of the seed, and what a person says of them."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, SetFact, Several, Title
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import NO_LABEL, ReviewState
from nameplate.features.promise.facts import CHECKS
from nameplate.features.promise.rules.applying import applied
from nameplate.features.promise.rules.beginning import PromiseStep, change_to
from nameplate.features.promise.rules.promises import Check, Outcome, promise_in
from nameplate.features.promise.rules.state import why_void
from nameplate.pipeline.pages.rules import Marks
from nameplate.project.labelling import Circumstances, Rows, decided, rejects, skip
from nameplate.project.project import Project
from nameplate.scoring.random_order import first_in_order

PAGE: Final = 24
"""Labels on a page of checks."""

BLIND_PAGE: Final = 8
"""Labels on a page of checks where the label is not shown, since each needs a name."""

BLIND_EVERY: Final = 8
"""One check in so many is blind; all where the labels came with the pictures."""


@dataclass(frozen=True, slots=True)
class LabelsToCheck:
    """Labels to check together.

    Attributes:
        rows: Of the images, sorted by their names; in random order where it is blind.
        concepts: int32 codes of the promised labels.
        is_blind: Whether the labels must not be shown: the person names each image.
    """

    rows: Rows
    concepts: NDArray[np.int32]
    is_blind: bool


def next_page(project: Project, size: int = PAGE) -> LabelsToCheck | None:
    """Return the labels to check next; None where enough are, or all, or there is no promise.

    It ends where the plan looks at the checks, so that none is made in vain.
    """
    promise = promise_in(project)
    if promise is None or promise.applied_at or promise.is_ended:
        return None
    done = len(promise.checks)
    needed = promise.plan.needed(promise.wrong)
    left = len(promise.labels) - done if needed is None else needed - done
    if left <= 0:
        return None
    blind = sum(check.is_blind for check in promise.checks)
    is_due = promise.is_of_given or (done > 0 and blind * BLIND_EVERY < done)
    is_blind = is_due and not project.settings.is_multi
    open_places = np.flatnonzero(~promise.is_checked)
    count = min(size, BLIND_PAGE if is_blind else size, left)
    ids = promise.labels.ids[open_places]
    places = open_places[first_in_order(ids, promise.seed, count)]
    codes = promise.labels.concepts[places]
    if not is_blind:
        keys = [concept.key for concept in project.concepts]
        first = project.labels.sets.first_concepts()[codes].tolist()
        by_name = [keys.index(key) if key in keys else len(keys) for key in first]
        places = places[np.argsort(by_name, kind="stable")]
    rows = project.images.rows_of(promise.labels.ids[places])
    return LabelsToCheck(rows, promise.labels.concepts[places], is_blind)


def record_page(
    project: Project, page: LabelsToCheck, marks: Marks, now: Circumstances
) -> PromiseStep:
    """Return the step by which a person checks a page; every image of it is decided.

    Labels that came with the pictures are certified with the last page: nothing is to be applied.

    An image without a mark is what was promised. One that gets another name has that from now on;
    what is marked as wrong or skipped counts as wrong and is left without a name.

    Args:
        project: Is not changed.
        page: What was checked, as `next_page` gave it.
        marks: By row, what was said of it, as on other pages; on a blind page one for each image.
        now: When, and what is suggested.

    Raises:
        UsageError: There is no promise or it is void, the page is not of it or was checked already,
            or a blind page has an image without a mark.
    """
    promise, rows = promise_in(project), page.rows
    ids = project.images.ids[rows]
    if promise is None or promise.applied_at or np.isin(ids, promise.checked_ids).any():
        raise UsageError("promise-other-page")
    if not np.isin(ids, promise.labels.ids).all():
        raise UsageError("promise-other-page")
    if why_void(project, promise, now.model) is not None:  # its names may be gone
        raise UsageError("promise-not-checked")
    if page.is_blind and not all(row in marks for row in rows.tolist()):
        raise UsageError("promise-page-unfinished")
    codes, known = page.concepts.copy(), {c.key for c in project.concepts}
    off = rejects(project.concepts)
    for place, row in enumerate(rows.tolist()):
        mark = marks.get(row)
        if mark is not None:
            is_named = mark in known and mark not in off
            codes[place] = project.labels.sets.code_of([mark]) if is_named else NO_LABEL
    is_right, has_name = codes == page.concepts, codes != NO_LABEL
    outcomes = np.where(is_right, Outcome.RIGHT, Outcome.CORRECTED)
    outcomes = np.where(has_name, outcomes, Outcome.NAMELESS)
    order = np.argsort(ids)  # within a page there is no order of checks
    checks = tuple(
        Check(int(ids[place]), Outcome(int(outcomes[place])), page.is_blind)
        for place in order.tolist()
    )
    state = np.where(is_right, ReviewState.ACCEPTED, ReviewState.CORRECTED).astype(np.uint8)
    checked = replace(promise, checks=(*promise.checks, *checks))
    needed = promise.plan.needed(checked.wrong)
    is_enough = needed is not None and len(checked.checks) >= needed
    certified = applied(project, checked, now) if is_enough and promise.is_of_given else None
    changes: list[Change] = [
        decided(project, rows[has_name], codes[has_name], state[has_name], now),
        skip(project, rows[~has_name], now),
        change_to(project, certified) if certified else SetFact(CHECKS, checked.checks),
    ]
    wrong = int(np.count_nonzero(~is_right))
    title = Title("audit-page", {"count": len(rows), "wrong": wrong})
    return PromiseStep(Several(tuple(changes)), title)
