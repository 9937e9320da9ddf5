"""The usual source of pages: similar pictures, in blocks that are suggested as one name."""

from collections.abc import Callable, Collection, Sequence, Set
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Effects
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.filtering.tally import undecided_of
from nameplate.domain.labels import DecidedBy, ReviewState
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
from nameplate.pipeline.pages.rules import Candidates, Mark, Proposal, Rows
from nameplate.pipeline.pages.selection import projections
from nameplate.project.label_changes import DecisionContext
from nameplate.ui.actions.keys import NAME_KEYS, shown_key
from nameplate.ui.modes.view_modes import ViewMode
from nameplate.ui.pages.left import undecided
from nameplate.ui.pages.page import Page, SuggestedPage
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.ui.pages.source import LEAVE, BlockHeading, Heading, NoPage, PageSource
from nameplate.ui.widgets.painting import shortened
from nameplate.ui.workbench import Workbench
from nameplate.wording.progress import NextStep, others_text, remaining_of, surely_right_text
from nameplate.wording.texts import listed, tr, trn

_LONGEST: Final = 24
_MOST_NAMED: Final = 4
"""Names on the button; where there are more, it says how many."""
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
        # By names, pages that were begun and left before they were turned.
        self._left = dict[tuple[ConceptId, ...], SuggestedPage]()
        self._chosen: ConceptId | None = None

    def concept_of(self, page: Page | None) -> Concept | None:
        """Return the concept of a page; None if it has several, or was deleted."""
        concepts = page.proposal.concepts if isinstance(page, SuggestedPage) else ()
        return self._workbench.project.concept(concepts[0]) if len(concepts) == 1 else None

    # ---- making pages

    def look(self) -> None:
        """Find the undecided images and their suggestions."""
        self._candidates = undecided(self._workbench, self._unseen)

    def _undecided(self) -> Candidates:
        if self._candidates is None:
            self.look()
        assert self._candidates is not None  # noqa: S101 - `look` has set it
        return self._candidates

    def _propose(
        self, among: Candidates, size: int, first: ConceptId | None = None
    ) -> Proposal | None:
        """Return the next page: of the name that was chosen, alone.

        Otherwise it begins with `first`, or else with a name that learning waits for.
        """
        counts = among.counts()
        if self._chosen in counts:
            return among.next_page(size, self._chosen, self._projections, is_filled=False)
        evidence = evidence_of(self._workbench.fitting.fitted)
        passed_over = evidence.passed_over if evidence else ()
        wanted = (key for key in (first, *passed_over) if key in counts)
        return among.next_page(size, next(wanted, None), self._projections)

    def next_page(self, size: int) -> SuggestedPage | NoPage:
        """Return the next page, or the reason why there is none."""
        if not self._workbench.project.concepts:
            return NoPage(tr("Type a name on the left first."))
        if not (is_scored := self._workbench.is_scored) or not self._prepare():
            title = tr("Comparing the pictures…") if is_scored else tr("Reading the names…")
            return NoPage(title, tr(FIRST_SOON), waits=not is_scored)
        candidates = self._undecided()
        proposal = self._propose(candidates, size)
        if proposal is None:
            return self._end(candidates)
        left = self._left.pop(proposal.concepts, None)
        if left is None or self.is_stale(left):
            return SuggestedPage(proposal.rows, proposal=proposal)
        return self._without_others(left)

    def _prepare(self) -> bool:
        """Return whether similarities are known; request them where they are not.

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
        if not self._is_begun(page):
            made = self._propose(self._undecided(), size)
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
        return page.of(proposal, at)

    def is_overtaken(self, page: SuggestedPage) -> bool:
        """Whether a page was not begun, and some of its images have another suggestion now."""
        workbench = self._workbench
        if not workbench.is_scored or workbench.fitting.is_due or self._is_begun(page):
            return False
        rows, shown = page.with_stacks(page.rows.tolist())
        return bool(differ(shown, workbench.suggestions.suggested[rows]).any())

    def _marked(self, page: SuggestedPage) -> list[int]:
        """Return the rows of the marked images of a page."""
        project = self._workbench.project
        return [row for row in page.marked if page.said(row, project) is not None]

    def _is_begun(self, page: SuggestedPage) -> bool:
        """Whether images of a page are marked, or a block of it is left for later."""
        return bool(page.later or self._marked(page))

    def resized(self, page: SuggestedPage, size: int) -> SuggestedPage | None:
        """Return a page of another size that begins with the same name.

        If the page was begun, it keeps its marked pictures, and as many others as there is room
        for; more of the names that are not left for later may follow.
        """
        first = next(iter(page.proposal.concepts), None)
        if not self._is_begun(page):
            made = self._propose(self._undecided(), size, first)
            return made and page.of(made)
        rows, marked = page.rows.tolist(), self._marked(page)
        unmarked = [row for row in rows if row not in marked]
        gone = unmarked[max(0, size - len(marked)) :]
        kept = page.with_rest([row for row in rows if row not in gone])
        proposal, more = page.proposal.only(kept.tolist()), None
        if (room := size - len(proposal.rows)) > 0:
            more = self._propose(self._undecided().without(page.all_rows), room, first)
        if more is not None and not page.later.intersection(more.concepts):
            proposal = proposal.followed_by(more)
        return page.of(proposal)

    def ahead(self, page: SuggestedPage, size: int) -> Sequence[Rows]:
        """Return the images that the blocks of the next page would have now."""
        proposal = self._propose(self._undecided().without(page.all_rows), size)
        return [proposal.rows[block.places] for block in proposal.blocks] if proposal else ()

    def is_stale(self, page: SuggestedPage) -> bool:
        """Return whether a name of a page was deleted, or nothing on it is left to decide."""
        project = self._workbench.project
        if any(project.concept(key) is None for key in page.proposal.concepts):
            return True
        rows, suggested = page.with_stacks(page.rows.tolist())
        is_open = project.labels.decided_by[rows] != DecidedBy.PERSON
        is_open &= ~project.is_rejected(rows, suggested)
        if not is_open.any():
            return not self._marked(page)
        is_there = self._arrangement.model.positions_of(rows) >= 0
        return not (is_open & is_there).any()

    # ---- texts

    def heading(self, page: SuggestedPage, number: int, size: int) -> Heading:
        """Return names, key and progress."""
        concept, project = self.concept_of(page), self._workbench.project
        rest = self._undecided().without(page.all_rows)
        left = rest.pages(size)
        # The total is an estimate: wrong pictures come again, and learning changes suggestions.
        progress = tr("Page {number:,} of {total:,}", number=number, total=number)
        if left:
            total = number + left
            progress = tr("Page {number:,} of about {total:,}", number=number, total=total)
        if concept is None:
            of = (project.concept(key) for key in page.proposal.concepts)
            names = [shortened(one.name, _LONGEST) for one in of if one]
            title = trn(
                "{count:,} name: {names}",
                "{count:,} names: {names}",
                len(names),
                names=listed(names),
            )
            return Heading(title, progress, tab=tr("one name alone"))
        classifier = self._workbench.suggestions.classifier
        is_learned = classifier is not None and classifier.decider == DecidedBy.PROBE
        return Heading(
            self._name_of(concept),
            progress,
            concept.colour,
            tab=tr("another name"),
            surely=surely_right_text(rest.surely_right, len(rest.rows), is_learned=is_learned),
        )

    def _name_of(self, concept: Concept) -> str:
        """Return the name of a concept with its key."""
        keys = (one.key for one in self._workbench.project.concepts)
        key, name = dict(zip(keys, NAME_KEYS, strict=False)).get(concept.key, ""), concept.name
        if concept.is_reject:
            name = tr("{name} (none of these)", name=name)
        return f"{key}  {name}" if key else name

    def blocks(
        self, page: SuggestedPage, pictures: Sequence[PagePicture]
    ) -> Sequence[BlockHeading]:
        """Return the headings of the blocks, with the number of pictures that Enter accepts."""
        blocks, project = page.proposal.blocks, self._workbench.project
        if len(blocks) == 1:
            return ()
        suggested = self._outcome(page, pictures).suggested
        headings = list[BlockHeading]()
        for block in blocks:
            count = int(np.count_nonzero(suggested == block.concept))
            is_later = block.concept in page.later
            says = trn("{count:,} picture", "{count:,} pictures", count)
            says = tr("left for later", "picture") if is_later else says
            concept = project.concept(block.concept)
            name, colour = (self._name_of(concept), concept.colour) if concept else ("", "")
            headings.append(BlockHeading(len(block.places), name, says, colour, is_later))
        return headings

    def leave(self, page: SuggestedPage, place: int) -> str:
        """Leave the block of the picture at a place undecided, or take that back; say which."""
        key = int(page.proposal.suggested[place])
        concept = self._workbench.project.concept(key)
        if concept is None or len(page.proposal.concepts) == 1:
            return ""
        page.later ^= {key}
        name = shortened(concept.name, _LONGEST)
        if key in page.later:
            return tr(
                "{name}: left for later. {key} brings it back.", name=name, key=shown_key(LEAVE)
            )
        return tr("{name}: back on the page.", name=name)

    def turn_text(self, page: SuggestedPage, pictures: Sequence[PagePicture]) -> str:
        """Return the numbers and names of the pictures that turning accepts."""
        suggested = self._outcome(page, pictures).suggested
        counts = [(key, int(np.count_nonzero(suggested == key))) for key in page.proposal.concepts]
        of = [(self._workbench.project.concept(key), n) for key, n in counts if n]
        names = [(concept.name, n) for concept, n in of if concept]
        count = len(suggested)
        if not names:
            return tr("Go on")
        if len(names) == 1:
            name = shortened(names[0][0], _LONGEST)
            return tr("Accept {count:,} as {name}", count=count, name=name)
        if len(names) > _MOST_NAMED:
            return tr("Accept {count:,} as {names:,} names", count=count, names=len(names))
        most = 2 * _LONGEST // len(names)
        each = [tr("{count:,} {name}", count=n, name=shortened(name, most)) for name, n in names]
        return tr("Accept {count:,}: {each}", count=count, each=listed(each))

    def rest_text(self, page: SuggestedPage, pictures: Sequence[PagePicture]) -> str:
        """Return the numbers of pictures that get another name, or none."""
        outcome = self._outcome(page, pictures)
        wrong, new, unseen = map(len, (outcome.aside, outcome.changed, outcome.unseen))
        later = len(page.all_rows) - len(page.accepted.all_rows)
        parts = [
            trn("{count:,} named", "{count:,} named", len(outcome.named), zero=""),
            trn(
                "{count:,} wrong, left undecided", "{count:,} wrong, left undecided", wrong, zero=""
            ),
            trn("{count:,} skipped", "{count:,} skipped", len(outcome.skipped), zero=""),
            trn("{count:,} left for later", "{count:,} left for later", later, zero=""),
            trn("{count:,} with a new suggestion", "{count:,} with a new suggestion", new, zero=""),
            trn("{count:,} can't be shown", "{count:,} can't be shown", unseen, zero=""),
        ]
        return listed(parts)

    def _outcome(self, page: SuggestedPage, pictures: Sequence[PagePicture]) -> PageOutcome:
        unseen = (picture.row for picture in pictures if picture.verdict is Verdict.GONE)
        now = self._workbench.suggestions.suggested
        return outcome_of(self._workbench.project, page.accepted, now, unseen)

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
        return decide_page(self._workbench.project, page.accepted, now, unseen)

    def put_away(self, page: SuggestedPage) -> None:
        """Keep a page that was begun until its names are shown again."""
        if page.marked or page.later:
            page.current = 0
            self._left[page.proposal.concepts] = page

    def choose(self, page: SuggestedPage, step: int) -> bool:
        """Make the next page of the next name with pictures, or of the previous one."""
        self.look()
        counts, names = self._undecided().counts(), page.proposal.concepts
        keys = [c.key for c in self._workbench.project.concepts if c.key in counts]
        if not keys:
            return False
        step = step if len(names) == 1 else 0  # of several, the first one alone
        place = keys.index(names[0]) + step if names and names[0] in keys else 0
        self._chosen = keys[place % len(keys)]
        return True
