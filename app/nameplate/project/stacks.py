"""What keeping the best image of a stack does to it and to the others."""

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, Several
from nameplate.domain.label_sets import NO_LABEL
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.domain.stacks import Stacks, members
from nameplate.project.labelling import Circumstances, Rows, decided, skip
from nameplate.project.project import Project


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
