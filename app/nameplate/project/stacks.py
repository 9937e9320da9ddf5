"""What is said of the images of a stack, and what one decision for all of it does."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, Several
from nameplate.domain.images import ImageState
from nameplate.domain.label_sets import NO_LABEL
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.domain.stacks import Stacks, agreeing, members
from nameplate.project.labelling import Circumstances, Rows, decided, skip
from nameplate.project.project import Project

_OTHER: Final = 2**40
"""More than the id of any concept: stands for no label, or several."""
_SKIPPED: Final = -1
_OPEN: Final = -2
"""Less than the code of any label: what was skipped, and what nobody decided."""


def agreeing_stacks(project: Project, stacks: Stacks, suggested: NDArray[np.int32]) -> Stacks:
    """Return the stacks of a project's images, without those whose images differ in what is said.

    That is the label that a person gave, or else what is suggested; of a skipped image nothing is.
    Images that were removed or cannot be read are in no stack.

    Args:
        project: Is not changed.
        stacks: Of its first images, as they were found.
        suggested: An id for each image of the project, NO_CONCEPT for none.
    """
    count, labels, images = len(stacks), project.labels, project.images
    said = suggested[:count].astype(np.int64)
    is_decided = labels.decided_by[:count] == DecidedBy.PERSON
    codes = labels.concepts[:count]
    for code in np.unique(codes[is_decided]).tolist():
        keys = labels.sets.members(code) if code != NO_LABEL else ()
        said[is_decided & (codes == code)] = keys[0] if len(keys) == 1 else _OTHER + code
    said[labels.states[:count] == ReviewState.SKIPPED] = -1
    is_out = images.is_removed | (images.states == ImageState.UNREADABLE)
    return agreeing(stacks.without(is_out[:count]), said)


def with_stacks(project: Project, agreed: Stacks, rows: Rows) -> Rows:
    """Return the rows that a decision about `rows` is for: with the rest of their stacks.

    An image of a stack that a person decided keeps that, unless one of `rows` in its stack was
    decided likewise: then it is that decision of the stack that is changed.

    Args:
        project: Is not changed.
        agreed: From `agreeing_stacks`.
        rows: Of images.

    Returns:
        Ascending.
    """
    more = members(agreed, rows)
    said, of_rows = _decisions(project, more), _decisions(project, rows)
    of_stacks = (agreed.of(more) << 32) + said
    is_alike = np.isin(of_stacks, (agreed.of(rows) << 32) + of_rows)
    return more[(said == _OPEN) | is_alike | np.isin(more, rows)]


def _decisions(project: Project, rows: Rows) -> NDArray[np.int64]:
    """Return a number for what a person decided about each of `rows`."""
    labels = project.labels
    is_skipped = labels.states[rows] == ReviewState.SKIPPED
    said = np.where(is_skipped, _SKIPPED, labels.concepts[rows].astype(np.int64))
    return np.where(labels.decided_by[rows] == DecidedBy.PERSON, said, _OPEN)


def keep_best(project: Project, stacks: Stacks, best: Rows, now: Circumstances) -> Several:
    """Return the change by which of some stacks the best image is kept and the others are skipped.

    The best keeps its label. Where it has none, it gets the one that a person gave others of its
    stack, if that is one; else it stays undecided.

    Args:
        project: Is not changed.
        stacks: As they were found, or those that agree.
        best: Rows of the best image of each stack; one that stands alone stays as it is.
        now: When it is decided.
    """
    best = best[stacks.of(best) >= 0]
    others = np.setdiff1d(members(stacks, best), best)
    labels, suggested = project.labels, now.suggestions.suggested[best]
    codes = _given(project, stacks, best, others)
    is_suggested = (suggested != NO_CONCEPT) & (codes == labels.sets.codes_of(suggested))
    state = np.where(is_suggested, ReviewState.ACCEPTED, ReviewState.CORRECTED).astype(np.uint8)
    gets = codes != NO_LABEL
    others = others[~project.images.is_removed[others]]
    others = others[labels.states[others] != ReviewState.SKIPPED]
    changes = list[Change]()
    if gets.any():
        changes.append(decided(project, best[gets], codes[gets], state[gets], now))
    if len(others):
        changes.append(skip(project, others, now))
    return Several(tuple(changes))


def _given(project: Project, stacks: Stacks, best: Rows, others: Rows) -> NDArray[np.int32]:
    """Return the code of the label that each of `best` gets from its stack; NO_LABEL for none."""
    labels = project.labels
    is_given = (labels.decided_by[others] == DecidedBy.PERSON) & labels.has_label[others]
    numbers, codes = stacks.of(others[is_given]), labels.concepts[others[is_given]]
    lowest = np.full(stacks.count, np.iinfo(np.int32).max, np.int32)
    highest = np.full(stacks.count, NO_LABEL, np.int32)
    np.minimum.at(lowest, numbers, codes)
    np.maximum.at(highest, numbers, codes)
    is_free = ~labels.has_label[best] & (labels.decided_by[best] != DecidedBy.PERSON)
    is_one = (lowest == highest)[stacks.of(best)]
    return np.where(is_free & is_one, highest[stacks.of(best)], np.int32(NO_LABEL))
