"""The steps that mark images on a page of suggestions, and that turn it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, SetFactOfImages, SetLabels, Several, Title
from nameplate.domain.images import ImageState
from nameplate.domain.labels import NO_CONCEPT, NO_LABEL, DecidedBy, ReviewState, unlabelled
from nameplate.domain.messages import Message
from nameplate.pipeline.pages.rules import SKIPPED, WRONG, Mark, Proposal
from nameplate.project.facts import REJECTED
from nameplate.project.label_changes import DecisionContext, Rows, clear, decided, rejects, skip
from nameplate.project.project import Project


@dataclass(frozen=True, slots=True)
class PageStep:
    """The step that turns a page, or that marks its images.

    Attributes:
        change: As one undoable step; None where nothing was said.
        left_out: Rows that were left undecided, since they cannot be seen.
    """

    change: Change | None
    title: Title
    left_out: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """The outcomes of turning a page, as rows of its images and of their stacks.

    Attributes:
        right: Of which nothing was said: they get what the page says.
        suggested: What that is for each of them.
        named: Have another name already.
        skipped: Get no label.
        aside: Are wrong, without a name: they stay undecided.
        changed: Have another suggestion now: they stay undecided.
        unseen: Can't be shown: they stay undecided.
    """

    right: Rows
    suggested: NDArray[np.int32]
    named: Rows
    skipped: Rows
    aside: Rows
    changed: Rows
    unseen: Rows


def mark_title(project: Project, mark: Mark | None, count: int) -> Title:
    """Return the title of the step by which a person says something of images on a page."""
    if mark is None:
        return Title("take-back")
    if mark == WRONG:
        return Title("mark-wrong", {"count": count})
    if mark == SKIPPED:
        return Title("skip")
    concept = project.concept(mark)
    return Title("label", {"name": concept.name if concept else ""})


def mark_images(
    project: Project,
    rows: Rows,
    suggested: NDArray[np.int32],
    mark: Mark | None,
    now: DecisionContext,
) -> PageStep:
    """Return the step that marks images on a page.

    One that gets a name is decided, corrected, and known not to be what the page says; one that is
    only wrong stays undecided, and loses an automatic label that says so. Where images may have
    several labels, the name takes the place of the page's among them. None, or what the page says
    (`suggested`), takes back what was said. Where nothing was said, and an image is suggested as
    something else by now, what the page says is a name like others.
    """
    order = np.argsort(rows, kind="stable")
    rows, suggested = rows[order], suggested[order]
    is_said = project.labels.decided_by[rows] == DecidedBy.PERSON
    is_said |= project.is_rejected(rows, suggested)
    changes: list[Change] = []
    if mark == WRONG:  # what has a name keeps it
        rows, suggested = rows[~is_said], suggested[~is_said]
        changes = [_rejected(project, rows, suggested), *_without(project, rows, suggested)]
    elif mark == SKIPPED:
        changes = [skip(project, rows, now)]
    else:
        is_changed = differ(suggested, now.suggestions.suggested[rows]) & ~is_said
        is_named = np.full(len(rows), mark is not None) & ((suggested != mark) | is_changed)
        off, named = rows[~is_named & is_said], rows[is_named]
        if len(off):
            taken = _rejected(project, off, suggested[~is_named & is_said], is_wrong=False)
            changes += [clear(project, off), taken]
        if len(named):
            was = suggested[is_named]
            codes = _codes(project, named, np.full(len(named), mark, np.int32), was)
            changes.append(decided(project, named, codes, ReviewState.CORRECTED, now))
            is_other = was != mark
            changes.append(_rejected(project, named[is_other], was[is_other]))
        rows = rows[is_named | is_said]
    title = mark_title(project, mark, len(rows))
    return PageStep(Several(tuple(changes)) if len(rows) else None, title)


def decide_page(
    project: Project, proposal: Proposal, now: DecisionContext, unseen: Iterable[int] = ()
) -> PageStep:
    """Return the step by which a person turns a page.

    Images of which nothing was said get what it says of each, accepted, and those of its stacks
    what stands for them. Where images may have several labels, it is added to those that an image
    has. Images that have another suggestion now are left undecided, and so are rows that
    are `unseen`: they could not be shown. What was named or skipped gets the moment of the page's
    acceptance: a page is one decision, of which learning leaves out all or nothing.
    """
    outcome = outcome_of(project, proposal, now.suggestions.suggested, unseen)
    accepted, concepts = outcome.right, outcome.suggested
    changes: list[Change] = []
    if len(marked := np.concatenate([outcome.named, outcome.skipped])):
        labels = project.labels.all[marked]
        labels["decided_at"] = now.at
        changes.append(SetLabels(project.images.ids[marked], labels))
    if len(accepted):
        codes = _codes(project, accepted, concepts, concepts)
        changes.append(decided(project, accepted, codes, ReviewState.ACCEPTED, now))
    left = np.concatenate([outcome.aside, outcome.changed])
    counts = [len(rows) for rows in (accepted, outcome.named, outcome.skipped, left)]
    change = Several(tuple(changes)) if any(counts) else None
    title = _title(project, proposal, counts)
    return PageStep(change, title, tuple(outcome.unseen.tolist()))


def outcome_of(
    project: Project,
    proposal: Proposal,
    suggested_now: NDArray[np.int32],
    unseen: Iterable[int] = (),
) -> PageOutcome:
    """Return the outcome of each image when a page is turned.

    Args:
        project: Has the images.
        proposal: What the page shows.
        suggested_now: The suggestion of each image of the project now; see `Suggestions`.
        unseen: Rows of images that can't be shown.
    """
    proposal = proposal.opened(proposal.behind)
    rows, suggested = proposal.rows, proposal.suggested
    images, labels = project.images, project.labels
    states = labels.states[rows]
    is_decided = labels.decided_by[rows] == DecidedBy.PERSON
    is_aside = ~is_decided & project.is_rejected(rows, suggested)
    is_out = images.is_removed[rows] | is_decided | is_aside
    is_unseen = np.isin(rows, list(unseen)) | (images.states[rows] == ImageState.UNREADABLE)
    is_unseen &= ~is_out
    is_changed = differ(suggested, suggested_now[rows]) & ~(is_out | is_unseen)
    is_right = np.isin(suggested, [concept.key for concept in project.concepts])
    is_right &= ~(is_out | is_unseen | is_changed)
    return PageOutcome(
        rows[is_right],
        suggested[is_right],
        rows[is_decided & (states == ReviewState.CORRECTED)],
        rows[is_decided & (states == ReviewState.SKIPPED)],
        rows[is_aside & ~images.is_removed[rows]],
        rows[is_changed],
        rows[is_unseen],
    )


def differ(shown: NDArray[np.int32], now: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which images are suggested as something else `now` than a page shows."""
    return (now != shown) & (now != NO_CONCEPT)


def _rejected(
    project: Project, rows: Rows, concepts: NDArray[np.int32], *, is_wrong: bool = True
) -> SetFactOfImages[frozenset[int]]:
    """Return the change by which each image is known not to be its concept, or is not any more."""
    ids, before, nothing = project.images.ids[rows], project.rejected, frozenset[int]()
    pairs = zip(ids.tolist(), concepts.tolist(), strict=True)
    changed = (
        (one, before.get(one, nothing) | {key} if is_wrong else before.get(one, nothing) - {key})
        for one, key in pairs
    )
    return SetFactOfImages(REJECTED, {one: keys or None for one, keys in changed})


def _without(project: Project, rows: Rows, concepts: NDArray[np.int32]) -> list[Change]:
    """Return the changes by which images lose automatic labels that say `concepts` of each."""
    labels = project.labels
    codes = labels.concepts[rows]
    for key in np.unique(concepts).tolist():
        mine = concepts == key
        codes[mine] = labels.sets.without(codes[mine], [key])
    is_wrong = codes != labels.concepts[rows]
    if not is_wrong.any():
        return []
    left = labels.all[rows[is_wrong]]
    left["concepts"] = codes[is_wrong]
    is_empty = left["concepts"] == NO_LABEL
    left[is_empty] = unlabelled(int(is_empty.sum()))
    return [SetLabels(project.images.ids[rows[is_wrong]], left)]


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


def _title(project: Project, proposal: Proposal, counts: list[int]) -> Title:
    of_each = (
        Message("page-accepted", {"count": counts[0]}),
        Message("page-named", {"count": counts[1]}),
        Message("page-skipped", {"count": counts[2]}),
        Message("page-set-aside", {"count": counts[3]}),
    )
    parts = tuple(part for part in of_each if part.parameters["count"])
    count, concepts = sum(counts), proposal.concepts
    if len(concepts) != 1:
        names = len(concepts)
        return Title("page-of-several", {"count": count, "names": names, "parts": parts})
    concept = project.concept(concepts[0])
    name = concept.name if concept else ""
    return Title("page", {"count": count, "name": name, "parts": parts})
