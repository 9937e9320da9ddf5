"""The usual source of pages: each has similar pictures that are suggested as one name."""

from collections.abc import Callable, Collection, Sequence, Set
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Effects
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.filtering.tally import undecided_of
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.domain.stacks import STACKS
from nameplate.domain.text import deferred
from nameplate.pipeline.learning.fitter import evidence_of
from nameplate.pipeline.pages.deciding import (
    PageOutcome,
    PageStep,
    decide_page,
    differ,
    mark_images,
    outcome_of,
)
from nameplate.pipeline.pages.rules import NO_ROWS, Candidates, Mark, Proposal, Rows
from nameplate.pipeline.pages.selection import projections
from nameplate.project.label_changes import DecisionContext
from nameplate.ui.actions.keys import NAME_KEYS
from nameplate.ui.modes.view_modes import ViewMode
from nameplate.ui.pages.left import undecided
from nameplate.ui.pages.page import Page, SuggestedPage
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.ui.pages.source import Heading, NoPage, PageSource
from nameplate.ui.widgets.painting import shortened
from nameplate.ui.workbench import Workbench
from nameplate.wording.progress import NextStep, others_text, remaining_of, surely_right_text
from nameplate.wording.texts import listed, tr, trn

_LONGEST: Final = 24
_MANY_MORE: Final = 1.2
"""While pictures are read, they are compared again when their number has grown by this factor."""

_PATIENCE_MS: Final = 2000
"""The longest wait of the first page for stacks."""

FIRST_SOON: Final = deferred("The first page comes in a moment.")

_NOTHING: Final = np.empty((0, 0), np.float16)

_STEPS: Final = {
    NextStep.SHOW_ALL: deferred("Show all pictures"),
    NextStep.FIND_MISSING: deferred("Find missing"),
    NextStep.EXPORT: deferred("Export…"),
}


class SuggestedPages(PageSource[SuggestedPage]):
    """Makes pages of the pictures of the view that are suggested as one name.

    A mark on a page is stored at once. A picture that is marked as wrong is not suggested as that
    name again. A job computes the similarities by which pictures are put on one page.
    """

    def __init__(
        self, workbench: Workbench, unseen: Set[int], on_ready: Callable[[], object]
    ) -> None:
        """Leave out images with ids in `unseen`; call `on_ready` when there may be a page."""
        self._workbench = workbench
        self._unseen = unseen
        self._arrangement = workbench.pictures.arrangement
        self._on_ready = on_ready
        # See `WhitenedSpace.place`: a row for each of the first images; None until computed.
        self._projections: NDArray[np.float16] | None = None
        self._compared = 0
        self._patience = workbench.later(_PATIENCE_MS, on_ready)
        self._has_waited = False
        workbench.follow(self._on_project_changed)
        self._candidates: Candidates | None = None
        # By name, pages with marks that were left before they were turned.
        self._left = dict[ConceptId, SuggestedPage]()
        self._chosen: ConceptId | None = None

    def concept_of(self, page: Page | None) -> Concept | None:
        """Return the concept of a page; None if it has several, or was deleted."""
        if not isinstance(page, SuggestedPage):
            return None
        return self._workbench.project.concept(page.proposal.concept)

    # ---- making pages

    def look(self) -> None:
        """Find the undecided images and their suggestions."""
        self._candidates = undecided(self._workbench, self._unseen)

    def _undecided(self) -> Candidates:
        if self._candidates is None:
            self.look()
        assert self._candidates is not None  # noqa: S101 - `look` has set it
        return self._candidates

    def _propose(self, among: Candidates, size: int, name: ConceptId | None) -> Proposal | None:
        """Return the next page: of `name`, or else of a name that learning waits for."""
        evidence = evidence_of(self._workbench.fitting.fitted)
        passed_over = evidence.passed_over if evidence else ()
        counts = among.counts()
        wanted = (key for key in (name, *passed_over) if key in counts)
        return among.next_page(size, next(wanted, None), self._projections)

    def next_page(self, size: int) -> SuggestedPage | NoPage:
        """Return the next page, or the reason why there is none."""
        if not self._workbench.project.concepts:
            return NoPage(tr("Type a name on the left first."))
        if not (is_scored := self._workbench.is_scored) or not self._prepare():
            title = tr("Comparing the pictures…") if is_scored else tr("Reading the names…")
            return NoPage(title, tr(FIRST_SOON), waits=not is_scored)
        candidates = self._undecided()
        proposal = self._propose(candidates, size, self._chosen)
        if proposal is None:
            return self._end(candidates)
        left = self._left.pop(proposal.concept, None)
        if left is None or self.is_stale(left):
            return SuggestedPage(proposal.rows, proposal=proposal)
        return self._without_others(left)

    def _prepare(self) -> bool:
        """Return whether similarities are known; request what is missing.

        The first page waits for stacks, but not longer than `_PATIENCE_MS`. When many pictures were
        read since the last comparison, a job compares all again.
        """
        images = self._workbench.project.images
        read = len(images) - images.waiting
        is_much = not self._compared <= read < _MANY_MORE * self._compared
        if read != self._compared and (is_much or not images.waiting):
            self._compared, job = read, partial(projections, images.vectors())
            self._workbench.run("alike", job, self._on_compared, self._on_failed)
        is_known = self._workbench.derived[STACKS] is not None
        if not (images.waiting or is_known or self._has_waited):
            self._has_waited = True
            self._workbench.derived.request(STACKS)
            self._patience.start()
        return self._projections is not None and not self._patience.isActive()

    def _on_compared(self, vectors: NDArray[np.float16]) -> None:
        self._projections = vectors
        if not self._patience.isActive():
            self._on_ready()

    def _on_failed(self, _error: Exception) -> None:
        self._on_compared(_NOTHING)  # pages are then of the most uncertain pictures

    def _on_project_changed(self, effects: Effects) -> None:
        """Report that a page is ready, if it waited for stacks."""
        if STACKS in effects.found and self._patience.isActive():
            self._patience.stop()
            self._on_ready()

    def _end(self, candidates: Candidates) -> NoPage:
        """Return the summary after the last page; `candidates` are on no page."""
        project, shown = self._workbench.project, self._arrangement.images
        tally = project.counts.tally
        is_open = undecided_of(project.images, project.labels)
        left = remaining_of(tally, tally.undecided - int(np.count_nonzero(is_open[shown])))
        skipped = int(np.count_nonzero(project.labels.states[shown] == ReviewState.SKIPPED))
        if not tally.undecided:
            skipped = 0  # `left` includes them
        aside = len(candidates.all_rejected)
        said = others_text(candidates.unread, aside if left.text else 0, len(self._unseen), skipped)
        if aside and not left.text:
            title = trn(
                "No name fits {count:,} picture. Add a name.",
                "No name fits {count:,} pictures. Add a name.",
                aside,
            )
            show = partial(self._show_alone, candidates.all_rejected)
            return NoPage(title, said, tr("Show them") if aside > 1 else tr("Show it"), show)
        given = int(np.count_nonzero(project.labels.decided_by[shown] == DecidedBy.GIVEN))
        if given and not left.text and self._workbench.has("audit"):
            title = trn(
                "{count:,} given label isn't checked.",
                "{count:,} given labels aren't checked.",
                given,
            )
            find = partial(self._workbench.trigger, "audit")
            return NoPage(title, said, tr("Find wrong ones…"), find)
        title = left.text or tr("No more pages for now.")
        # What can't be read keeps nobody from delivering the rest.
        step = NextStep.EXPORT if left.step is NextStep.SHOW_UNREADABLE else left.step
        next_step = _STEPS.get(step) if self._workbench.has(step.value) else None
        go_on = partial(self._workbench.trigger, step.value)
        return NoPage(title, said, tr(next_step) if next_step else "", go_on)

    def _show_alone(self, rows: Rows) -> None:
        pictures = self._workbench.pictures
        pictures.show_only(self._workbench.project.images.ids[rows], lambda: None)
        pictures.modes.show(ViewMode.GRID)

    def renewed(self, page: SuggestedPage, size: int) -> SuggestedPage | None:
        """Return the current state of a page that was left; None if another page is due.

        A page without marks is shown again only if it would still be made. A page with marks keeps
        the marked pictures, and loses those that were decided or are suggested differently.
        """
        if not self._marked(page):
            made = self._propose(self._undecided(), size, self._chosen)
            is_same = made is not None and made.shows_as(page.proposal)
            return page if is_same and self._workbench.is_scored else None
        return self._without_others(page)

    def _without_others(self, page: SuggestedPage) -> SuggestedPage:
        """Return a page without unmarked images that were decided or are suggested differently."""
        if not self._workbench.is_scored:
            return page
        rows = page.all_rows
        now = Candidates.of(self._workbench.project, self._workbench.suggestions, rows)
        places: list[int] = now.places.tolist()
        keys = [now.concepts[place].key for place in places]
        belongs = {
            row
            for row, key in zip(now.rows.tolist(), keys, strict=True)
            if key == page.proposed(row)
        }
        for row in self._marked(page):
            belongs.update((row, *page.proposal.behind.get(row, ())))
        if belongs.issuperset(rows.tolist()):
            return page
        proposal, current = page.proposal.only(belongs), int(page.rows[page.current])
        place = np.flatnonzero(proposal.rows == current)
        at = int(place[0]) if len(place) else 0
        return SuggestedPage(proposal.rows, at, proposal=proposal, marked=page.marked)

    def is_overtaken(self, page: SuggestedPage) -> bool:
        """Whether a page has no marks, and some of its images have another suggestion now."""
        workbench = self._workbench
        if not workbench.is_scored or workbench.fitting.is_due or self._marked(page):
            return False
        rows, shown = page.with_stacks(page.rows.tolist())
        return bool(differ(shown, workbench.suggestions.suggested[rows]).any())

    def _marked(self, page: SuggestedPage) -> list[int]:
        """Return the rows of the marked images of a page."""
        project = self._workbench.project
        return [row for row in page.marked if page.said(row, project) is not None]

    def resized(self, page: SuggestedPage, size: int) -> SuggestedPage | None:
        """Return a page of another size: of the same name or, if it has marks, the same pictures.

        All marked pictures stay, and as many others as there is room for.
        """
        concept, marked = self.concept_of(page), self._marked(page)
        key = concept.key if concept else None
        if not marked:
            made = self._propose(self._undecided(), size, key)
            return made and SuggestedPage(made.rows, proposal=made, marked=page.marked)
        rows = page.rows.tolist()
        unmarked = [row for row in rows if row not in marked]
        gone = unmarked[max(0, size - len(marked)) :]
        proposal = page.proposal.only(
            page.with_stacks([row for row in rows if row not in gone])[0].tolist()
        )
        more = self._propose(self._undecided().without(page.all_rows), size, key)
        if len(proposal.rows) < size and more is not None and more.concept == proposal.concept:
            proposal = proposal.followed_by(more, size)
        return SuggestedPage(proposal.rows, proposal=proposal, marked=page.marked)

    def ahead(self, page: SuggestedPage, size: int) -> Rows:
        """Return the images that the next page would have now."""
        rest = self._undecided().without(page.all_rows)
        proposal = self._propose(rest, size, self._chosen)
        return proposal.rows if proposal else NO_ROWS

    def is_stale(self, page: SuggestedPage) -> bool:
        """Return whether no undecided image of a page is left in the view."""
        if self.concept_of(page) is None and not _is_of_several(page):
            return True
        project, (rows, suggested) = self._workbench.project, page.with_stacks(page.rows.tolist())
        is_open = project.labels.decided_by[rows] != DecidedBy.PERSON
        is_open &= ~project.is_rejected(rows, suggested)
        if not is_open.any():
            return not self._marked(page)
        is_there = self._arrangement.model.positions_of(rows) >= 0
        return not (is_open & is_there).any()

    # ---- texts

    def heading(self, page: SuggestedPage, number: int, size: int) -> Heading:
        """Return name, key and progress."""
        concept, project = self.concept_of(page), self._workbench.project
        if concept is None and not _is_of_several(page):
            return Heading("", "")
        rest = self._undecided().without(page.all_rows)
        left = rest.pages(size)
        # The total is an estimate: wrong pictures come again, and learning changes suggestions.
        progress = tr("Page {number:,} of {total:,}", number=number, total=number)
        if left:
            total = number + left
            progress = tr("Page {number:,} of about {total:,}", number=number, total=total)
        if concept is None:
            few, last = tr("A few pictures of each name"), tr("The last pictures, by name")
            return Heading(few if left else last, progress, tab=tr("one name alone"))
        keys = (one.key for one in project.concepts)
        key = dict(zip(keys, NAME_KEYS, strict=False)).get(concept.key, "")
        classifier = self._workbench.suggestions.classifier
        is_learned = classifier is not None and classifier.decider == DecidedBy.PROBE
        name = concept.name
        if concept.is_reject:
            name = tr("{name} (none of these)", name=name)
        return Heading(
            f"{key}  {name}" if key else name,
            progress,
            concept.colour,
            tab=tr("another name"),
            surely=surely_right_text(rest.surely_right, len(rest.rows), is_learned=is_learned),
        )

    def turn_text(self, page: SuggestedPage, pictures: Sequence[PagePicture]) -> str:
        """Return the number and name of the pictures that turning accepts."""
        count, concept = len(self._outcome(page, pictures).right), self.concept_of(page)
        if not count:
            return tr("Go on")
        if concept is None:
            return tr("Accept {count:,}", count=count)
        name = shortened(concept.name, _LONGEST)
        return tr("Accept {count:,} as {name}", count=count, name=name)

    def rest_text(self, page: SuggestedPage, pictures: Sequence[PagePicture]) -> str:
        """Return the numbers of pictures that get another name, or none."""
        outcome = self._outcome(page, pictures)
        aside = len(outcome.aside)
        return listed(
            (
                trn("{count:,} named", "{count:,} named", len(outcome.named), zero=""),
                trn(
                    "{count:,} wrong, left undecided",
                    "{count:,} wrong, left undecided",
                    aside,
                    zero="",
                ),
                trn("{count:,} skipped", "{count:,} skipped", len(outcome.skipped), zero=""),
                trn(
                    "{count:,} with a new suggestion",
                    "{count:,} with a new suggestion",
                    len(outcome.changed),
                    zero="",
                ),
                trn(
                    "{count:,} can't be shown",
                    "{count:,} can't be shown",
                    len(outcome.unseen),
                    zero="",
                ),
            )
        )

    def _outcome(self, page: SuggestedPage, pictures: Sequence[PagePicture]) -> PageOutcome:
        unseen = (picture.row for picture in pictures if picture.verdict is Verdict.GONE)
        now = self._workbench.suggestions.suggested
        return outcome_of(self._workbench.project, page.proposal, now, unseen)

    # ---- actions

    def say(
        self, page: SuggestedPage, rows: Sequence[int], mark: Mark | None, now: DecisionContext
    ) -> PageStep:
        """Return the step that marks images of a page, with the rest of their stacks."""
        page.marked.update(rows)
        return mark_images(self._workbench.project, *page.with_stacks(rows), mark, now)

    def decide(
        self, page: SuggestedPage, unseen: Collection[int], now: DecisionContext
    ) -> PageStep:
        """Return the step that turns a page."""
        return decide_page(self._workbench.project, page.proposal, now, unseen)

    def put_away(self, page: SuggestedPage) -> None:
        """Keep a page with marks until its name is shown again."""
        if page.marked and not _is_of_several(page):
            page.current = 0
            self._left[page.proposal.concept] = page

    def choose(self, page: SuggestedPage, step: int) -> bool:
        """Make the next page of the next name with pictures, or of the previous one."""
        self.look()
        counts, concept = self._undecided().counts(), self.concept_of(page)
        keys = [c.key for c in self._workbench.project.concepts if c.key in counts]
        if not keys:
            return False
        place = keys.index(concept.key) + step if concept and concept.key in keys else 0
        self._chosen = keys[place % len(keys)]
        return True


def _is_of_several(page: SuggestedPage) -> bool:
    return page.proposal.concept == NO_CONCEPT
