"""Sheets: pages of images that are suggested as one concept, which a person decides at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import places_among
from nameplate.domain.changes import Change, SetRejected, Several, Title
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import ImageState
from nameplate.domain.label_sets import NO_LABEL
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.domain.messages import Message
from nameplate.project.labelling import Circumstances, Rows, decided, rejects, skip
from nameplate.project.project import Project
from nameplate.scoring.selection import (
    alike_page,
    first_page,
    pages_of,
    riskiest_group,
    some_of,
)
from nameplate.scoring.suggestions import Suggestions

Mark = ConceptId
"""What a person says of an image on a sheet: its right concept, or one of the two below."""

WRONG: Final[Mark] = -1
"""It is not what the sheet says; what it is, nobody said."""
SKIPPED: Final[Mark] = -2
"""It gets no label."""

Marks = Mapping[int, Mark]
"""By row; an image without a mark is what the sheet says."""

SURE: Final = 0.98
"""From this probability on, a suggestion is called surely right."""

NO_ROWS: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: images that are suggested as one concept.

    Attributes:
        concept: Its id.
        rows: Of the images: those alike next to each other, or riskiest first.
        probability: float32, that of each being the concept, as it was when the page was made.
    """

    concept: ConceptId
    rows: Rows
    probability: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The images that are still to be looked at, and what each of them is suggested as.

    Attributes:
        rows: Of n images.
        concepts: Those of the project.
        places: n int64: which of `concepts` each is suggested as.
        probability: n float32 of the suggestion.
        nameless: Rows of undecided images that every name was rejected for.
        unread: How many more have no suggestion yet.
    """

    rows: Rows
    concepts: tuple[Concept, ...]
    places: NDArray[np.int64]
    probability: NDArray[np.float32]
    nameless: Rows
    unread: int

    @classmethod
    def of(cls, project: Project, suggestions: Suggestions, rows: Rows) -> "Candidates":
        """Return the undecided images among `rows` that can be read.

        An image that was rejected from what is suggested counts as the next best concept.
        """
        images = project.images
        is_open = (project.labels.decided_by != DecidedBy.PERSON) & ~images.is_removed
        rows = rows[(is_open & (images.states != ImageState.UNREADABLE))[rows]]
        suggested, probability, nameless = _next_best(project, suggestions, rows)
        ids = np.array([concept.key for concept in project.concepts], np.int32)
        places = places_among(suggested, ids)
        is_named = (places >= 0) & ~np.isnan(probability)
        unread = len(rows) - int(is_named.sum()) - len(nameless)
        return cls(
            rows[is_named],
            project.concepts,
            places[is_named],
            probability[is_named],
            nameless,
            unread,
        )

    def without(self, rows: Rows) -> "Candidates":
        """Return those that are not in `rows`, such as the page that is shown now."""
        stays = ~np.isin(self.rows, rows)
        return replace(
            self,
            rows=self.rows[stays],
            places=self.places[stays],
            probability=self.probability[stays],
        )

    def counts(self) -> dict[ConceptId, int]:
        """Return how many images are suggested as each concept, in the person's order."""
        counts = np.bincount(self.places, minlength=len(self.concepts)).tolist()
        return {c.key: n for c, n in zip(self.concepts, counts, strict=True) if n}

    @property
    def surely_right(self) -> int:
        """How many are at least as probable as `SURE`."""
        return int(np.count_nonzero(self.probability >= SURE))

    def pages(self, size: int) -> int:
        """Return how many pages of at most `size` images there are."""
        return pages_of(self.places, size)

    def next_sheet(
        self, size: int, concept: ConceptId | None = None, standing: Vectors | None = None
    ) -> Sheet | None:
        """Return the page to look at next; None where there is none.

        Args:
            size: The most images on it.
            concept: Its concept, if it has images; by default the one whose riskiest images have
                the most expected errors.
            standing: A row for each of the project's first images: where it stands among the
                others, see `Spread.place`. With it the page has images that are alike, the surest
                one of the concept among them; without it the riskiest ones.
        """
        risk = np.clip(1 - self.probability, 0, 1)
        keys = [c.key for c in self.concepts]
        place = keys.index(concept) if concept in keys else -1
        if place < 0 or not (self.places == place).any():
            place = riskiest_group(self.places, risk, size)
        if place < 0:
            return None
        chosen = self._alike(place, risk, size, standing)
        if not len(chosen):
            chosen = first_page(self.places, risk, place, size)
        return Sheet(keys[place], self.rows[chosen], self.probability[chosen])

    def _alike(
        self, place: int, risk: NDArray[np.float32], size: int, standing: Vectors | None
    ) -> NDArray[np.int64]:
        """Return a page of alike images of a concept; none where it is not known which are."""
        if standing is None:
            return NO_ROWS
        some = some_of(self.places, place)
        some = some[self.rows[some] < len(standing)]  # the others came later
        return some[alike_page(standing[self.rows[some]], risk[some], size)]


def _next_best(
    project: Project, suggestions: Suggestions, rows: Rows
) -> tuple[NDArray[np.int32], NDArray[np.float32], Rows]:
    """Return what images are suggested as, the next best where a person rejected the best.

    Returns:
        int32 ids of concepts, float32 probabilities, and the rows that every concept was rejected
        for.
    """
    suggested, probability = suggestions.suggested[rows], suggestions.probability[rows]
    ids, classifier, rejected = project.images.ids[rows], suggestions.classifier, project.rejected
    among = np.flatnonzero(np.isin(ids, list(rejected))) if rejected else NO_ROWS
    is_out = [int(suggested[i]) in rejected[int(ids[i])] for i in among.tolist()]
    among = among[np.array(is_out, np.bool_)]
    if not len(among) or classifier is None:
        return suggested, probability, NO_ROWS
    known = {concept.key for concept in project.concepts}
    keys = np.array([concept.key for concept in classifier.concepts], np.int32)
    found = suggestions.scored_images(rows[among]).probabilities.copy()
    for line, place in enumerate(among.tolist()):
        out = rejected[int(ids[place])]
        found[line, [key in out or key not in known for key in keys.tolist()]] = -1
    best = np.argmax(found, axis=1)
    highest = found[np.arange(len(among)), best]
    suggested[among] = np.where(highest < 0, NO_CONCEPT, keys[best])
    probability[among] = np.where(highest < 0, np.nan, highest)
    return suggested, probability, rows[among[highest < 0]]


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
    ones get no label; what is only marked as wrong stays undecided. Where images may have several
    labels, the concept is added to those that an image has; renaming takes the page's concept off.

    Args:
        project: Is not changed.
        sheet: The page.
        marks: What was said of its images; those of other rows are ignored.
        now: When, and what is suggested.
        unseen: Rows of images that could not be shown, and are left undecided.
    """
    rows, images = sheet.rows, project.images
    is_gone = images.is_removed[rows] | (images.states[rows] == ImageState.UNREADABLE)
    is_gone |= np.isin(rows, list(unseen))
    is_gone |= project.labels.decided_by[rows] == DecidedBy.PERSON
    there = rows[~is_gone]
    known = {concept.key for concept in project.concepts}
    said = np.array([marks.get(row, sheet.concept) for row in there.tolist()], np.int64)
    is_named = np.isin(said, list(known))
    named, skipped, aside = there[is_named], there[said == SKIPPED], there[said == WRONG]
    concepts = said[is_named].astype(np.int32)
    is_accepted = concepts == sheet.concept
    state = np.where(is_accepted, ReviewState.ACCEPTED, ReviewState.CORRECTED).astype(np.uint8)
    codes = _codes(project, named, concepts, sheet.concept)
    changes: list[Change] = []
    if len(named):
        changes.append(decided(project, named, codes, state, now))
    if len(skipped):
        changes.append(skip(project, skipped, now))
    if len(aside):
        changes.append(_rejecting(project, aside, sheet.concept))
    counts = (int(is_accepted.sum()), int((~is_accepted).sum()), len(skipped), len(aside))
    return PageDecision(
        Several(tuple(changes)),
        _title(project, sheet, len(there), counts),
        tuple(rows[is_gone].tolist()),
    )


def _rejecting(project: Project, rows: Rows, concept: ConceptId) -> SetRejected:
    """Return the change by which images are known not to be `concept`."""
    rejected = dict(project.rejected)
    for image in project.images.ids[rows].tolist():
        rejected[image] = rejected.get(image, frozenset()) | {concept}
    return SetRejected(rejected)


def _codes(
    project: Project, rows: Rows, concepts: NDArray[np.int32], of_page: ConceptId
) -> NDArray[np.int32]:
    """Return the codes of the labels that images get which were given `concepts`."""
    sets, labels = project.labels.sets, project.labels.concepts[rows]
    off = rejects(project.concepts)
    codes = np.full(len(rows), NO_LABEL, np.int32)
    for concept in np.unique(concepts).tolist():
        mine = concepts == concept
        if concept in off:
            continue  # a reject concept leaves an image decided, without a label
        before = labels[mine] if project.settings.is_multi else codes[mine]
        codes[mine] = sets.with_added(sets.without(before, [of_page]), concept)
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
    return Title("page", {"count": count, "name": name, "parts": said})
