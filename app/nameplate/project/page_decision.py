"""What turning a page of suggestions decides, as one undoable step."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, SetFactOfImages, SetLabels, Several, Title
from nameplate.domain.images import ImageState
from nameplate.domain.label_sets import NO_LABEL
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState, unlabelled
from nameplate.domain.messages import Message
from nameplate.project.facts import REJECTED
from nameplate.project.labelling import Circumstances, Rows, decided, rejects, skip
from nameplate.project.project import Project
from nameplate.project.sheets import SKIPPED, WRONG, Marks, Sheet


@dataclass(frozen=True, slots=True)
class PageDecision:
    """What turning a page does.

    Attributes:
        change: To the labels, and to what images are not, as one undoable step; may be nothing.
        title: Of the step.
        left_out: Rows that were left as they are, since they cannot be seen or were decided
            meanwhile.
    """

    change: Several
    title: Title
    left_out: tuple[int, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing of any image."""
        return not self.change.changes


def decide_page(
    project: Project,
    sheet: Sheet,
    marks: Marks,
    now: Circumstances,
    unseen: Iterable[int] = (),
) -> PageDecision:
    """Return what a person's turning of a page decides.

    Images without a mark get its concept, accepted; renamed ones get theirs, corrected; skipped
    ones get no label; what is only marked as wrong stays undecided, and loses an automatic label
    that says so. Where images may have several
    labels, the concept is added to those that an image has; renaming takes the page's concept off.

    Args:
        project: Is not changed.
        sheet: The page.
        marks: What was said of its images; those of other rows are ignored.
        now: When, and what is suggested.
        unseen: Rows of images that could not be shown, and are left undecided.
    """
    sheet, marks = _all_shown(sheet, marks)
    rows, images = sheet.rows, project.images
    is_gone = images.is_removed[rows] | (images.states[rows] == ImageState.UNREADABLE)
    is_gone |= np.isin(rows, list(unseen))
    is_gone |= project.labels.decided_by[rows] == DecidedBy.PERSON
    there, suggested = rows[~is_gone], sheet.suggested[~is_gone]
    known = {concept.key for concept in project.concepts}
    pairs = zip(there.tolist(), suggested.tolist(), strict=True)
    said = np.array([marks.get(row, key) for row, key in pairs], np.int64)
    is_named = np.isin(said, list(known))
    named, skipped, aside = there[is_named], there[said == SKIPPED], there[said == WRONG]
    concepts = said[is_named].astype(np.int32)
    is_accepted = concepts == suggested[is_named]
    state = np.where(is_accepted, ReviewState.ACCEPTED, ReviewState.CORRECTED).astype(np.uint8)
    codes = _codes(project, named, concepts, suggested[is_named])
    changes: list[Change] = []
    if len(named):
        changes.append(decided(project, named, codes, state, now))
    if len(skipped):
        changes.append(skip(project, skipped, now))
    if len(aside):
        changes += _rejecting(project, aside, suggested[said == WRONG])
    counts = (int(is_accepted.sum()), int((~is_accepted).sum()), len(skipped), len(aside))
    return PageDecision(
        Several(tuple(changes)),
        _title(project, sheet, len(there), counts),
        tuple(rows[is_gone].tolist()),
    )


def _all_shown(sheet: Sheet, marks: Marks) -> tuple[Sheet, Marks]:
    """Return a page as if all stacks were shown, each image with the mark of what stood for it."""
    of_rest = {
        one: marks[row] for row, rest in sheet.behind.items() if row in marks for one in rest
    }
    return sheet.opened(sheet.behind), {**marks, **of_rest}


def _rejecting(project: Project, rows: Rows, concepts: NDArray[np.int32]) -> list[Change]:
    """Return the changes by which images are known not to be what `concepts` says of each."""
    ids, labels = project.images.ids[rows], project.labels
    before, nothing = project.rejected, frozenset[int]()
    pairs = zip(ids.tolist(), concepts.tolist(), strict=True)
    rejected = SetFactOfImages(
        REJECTED, {one: before.get(one, nothing) | {key} for one, key in pairs}
    )
    codes = labels.concepts[rows]
    for key in np.unique(concepts).tolist():
        mine = concepts == key
        codes[mine] = labels.sets.without(codes[mine], [key])
    is_wrong = codes != labels.concepts[rows]
    if not is_wrong.any():
        return [rejected]
    left = labels.all[rows[is_wrong]]
    left["concepts"] = codes[is_wrong]
    is_empty = left["concepts"] == NO_LABEL
    left[is_empty] = unlabelled(int(is_empty.sum()))
    return [rejected, SetLabels(ids[is_wrong], left)]


def _codes(
    project: Project, rows: Rows, concepts: NDArray[np.int32], suggested: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the codes of the labels that images get which were given `concepts`."""
    sets, labels = project.labels.sets, project.labels.concepts[rows]
    off = rejects(project.concepts)
    codes = np.full(len(rows), NO_LABEL, np.int32)
    pairs = np.unique(np.stack([concepts, suggested], axis=1), axis=0)
    for concept, was in pairs.tolist():
        mine = (concepts == concept) & (suggested == was)
        if concept in off:
            continue  # a reject concept leaves an image decided, without a label
        before = labels[mine] if project.settings.is_multi else codes[mine]
        codes[mine] = sets.with_added(sets.without(before, [was]), concept)
    return codes


def _title(project: Project, sheet: Sheet, count: int, counts: tuple[int, int, int, int]) -> Title:
    name = next((c.name for c in project.concepts if c.key == sheet.concept), "")
    accepted, named, skipped, aside = counts
    parts = (
        Message("page-accepted", {"count": accepted}),
        Message("page-named", {"count": named}),
        Message("page-skipped", {"count": skipped}),
        Message("page-set-aside", {"count": aside}),
    )
    said = tuple(part for part, n in zip(parts, counts, strict=True) if n)
    if sheet.concept == NO_CONCEPT:
        return Title("last-page", {"count": count, "parts": said})
    return Title("page", {"count": count, "name": name, "parts": said})
