"""Pages of one name's suggestions, alike ones together: the usual source of pages."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.labels import NO_CONCEPT, DecidedBy
from nameplate.domain.marked_pages import MarkedPage
from nameplate.project.labelling import Circumstances
from nameplate.project.page_decision import decide_page
from nameplate.project.sheets import NO_ROWS, Candidates, Mark, Rows, Sheet
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets import keeping
from nameplate.ui.sheets.page import Page, SheetPage
from nameplate.ui.sheets.page_picture import PagePicture, Verdict
from nameplate.ui.sheets.placement import Placement
from nameplate.ui.sheets.source import Heading, NoPage, PageTurn
from nameplate.ui.sheets.words import PageCounts, end_of, heading_of, heading_of_several
from nameplate.ui.widgets.painting import shortened
from nameplate.wording.progress import NextStep

_LONGEST = 24


class SuggestedPages(QObject):
    """Makes pages of the pictures of the view that are suggested as one name; a `PageSource`.

    The marks of a page that is left stay with its name, for when that is shown again. What was
    marked as wrong without a name is kept in the project, too: the picture is never suggested so
    again.

    Attributes:
        placement: Where pictures stand among each other.

    Signals:
        step_requested: What comes next at the end was pressed; the id of its action.
    """

    step_requested = Signal(str)

    def __init__(
        self,
        owner: ProjectOwner,
        scoring: Scoring,
        arrangement: Arrangement,
        unseen: Callable[[], Collection[int]],
    ) -> None:
        """Make pages without the images whose ids `unseen` returns."""
        super().__init__(arrangement)
        self._owner = owner
        self._scoring = scoring
        self._arrangement = arrangement
        self._unseen = unseen
        self.placement = Placement(owner, self)
        self._keys: tuple[str, ...] = ()
        owner.opened.connect(self._forget)
        self._forget()

    @Slot()
    def _forget(self) -> None:
        """Begin anew: another project was opened."""
        self._candidates: Candidates | None = None
        self._drafts: dict[ConceptId, SheetPage] = {}
        # Marks of pages that were left, by what the images are suggested as; not those of drafts.
        self._left_out: dict[ConceptId, dict[int, Mark]] = {}
        self._wanted: ConceptId | None = None
        self._step = NextStep.NONE
        # Names of which the next page has some pictures each; empty for a usual page.
        self._few: Collection[ConceptId] = ()
        # The page that was shown when the project was closed, until it is shown again.
        self._first: SheetPage | None = None
        self._restore()

    def _restore(self) -> None:
        """Put the pages away that the project has kept."""
        images, known = self._owner.project.images, self._known
        for one in self._owner.project.pages:
            if one.promise:
                continue
            if not one.images:
                marks = self._left_out.setdefault(one.concept, {})
                marks |= keeping.marks_from(images, one.marks)
                continue
            page = keeping.page_from(images, one)
            page.forget_names(known)
            if not self._is_open(page):
                continue
            if self._first is None:
                self._first = page
            elif one.concept in self._drafts:
                self._left_out.setdefault(one.concept, {}).update(page.marks)
            else:
                self.put_away(page)

    def _is_open(self, page: SheetPage) -> bool:
        """Whether a page has something to decide, and was not turned."""
        project = self._owner.project
        rows, suggested = page.sheet.rows, page.sheet.suggested.tolist()
        is_decided = project.labels.decided_by[rows] == DecidedBy.PERSON
        is_decided |= project.images.is_removed[rows]
        pairs = zip(project.images.ids[rows].tolist(), suggested, strict=True)
        is_rejected = [key in project.rejected.get(image, ()) for image, key in pairs]
        return not (is_decided | is_rejected).all()

    @property
    def _known(self) -> set[ConceptId]:
        return {concept.key for concept in self._owner.project.concepts}

    def set_keys(self, keys: Sequence[str]) -> None:
        """Show these keys of the names, in the order of the concepts."""
        self._keys = tuple(keys)

    def concept_of(self, page: Page | None) -> Concept | None:
        """Return that of a page; None where there is none any more."""
        if not isinstance(page, SheetPage):
            return None
        concepts = self._owner.project.concepts
        return next((c for c in concepts if c.key == page.sheet.concept), None)

    # ---- which pages there are

    def look(self) -> None:
        """Find out which images are undecided, and what they are suggested as."""
        project, rows = self._owner.project, self._arrangement.model.order
        if unseen := self._unseen():
            rows = rows[~np.isin(project.images.ids[rows], list(unseen))]
        suggestions, stacks = self._owner.suggestions, self._owner.stacks
        self._candidates = Candidates.of(project, suggestions, rows, stacks)

    def _rest(self) -> Candidates:
        if self._candidates is None:
            self.look()
        assert self._candidates is not None  # noqa: S101 - `look` found it
        return self._candidates

    def ask_for(self, names: Collection[ConceptId]) -> None:
        """Let the next page have some pictures of each of these names."""
        self._few = names

    def _sheet(self, among: Candidates, size: int, wanted: ConceptId | None) -> Sheet | None:
        if self._few and (few := among.few_of_each(size, self._few)):
            return few
        return among.next_sheet(size, wanted, self.placement.standing)

    def next_page(self, size: int) -> Page | NoPage:
        """Return the page that is to be looked at next, or why there is none."""
        if not self._owner.project.concepts:
            return NoPage("There are no names yet.", "Type a name on the left first.")
        first = None if self._few else self._first
        if first is not None and not self.is_stale(first):
            self._first = None
            return self._without_others(first)
        text, is_scored = "The first page comes in a moment.", self._scoring.is_current
        if not is_scored or not self.placement.prepare():
            title = "The pictures are being compared." if is_scored else "The names are being read."
            return NoPage(title, text, waits=not is_scored)
        candidates = self._rest()
        sheet = self._sheet(candidates, size, self._wanted)
        if sheet is None:
            return self._end(candidates)
        marks, draft = dict[int, Mark](), self._drafts.pop(sheet.concept, None)
        for key in np.unique(sheet.suggested).tolist():
            if other := self._drafts.pop(key, None):  # of one of the names of a page of several
                marks |= other.marks
            marks |= self._left_out.pop(key, {})
        if draft is None or self.is_stale(draft):  # which hides it, or has decided it meanwhile
            marks |= self._undecided(draft.marks) if draft else {}
            return SheetPage(sheet.rows, marks, sheet=sheet)
        draft.take_over(marks)
        return self._without_others(draft)

    def _end(self, candidates: Candidates) -> NoPage:
        """Return that there is no page, and what is left."""
        end = end_of(self._owner.project, self._arrangement.images, candidates, len(self._unseen()))
        self._step = end.step
        return end.page

    def renewed(self, page: Page, size: int) -> Page | None:
        """Return a page that was left, as it is to be shown now; None where another one is.

        Without marks it is the one that would be made now. With marks it is without what is
        suggested otherwise by now, or decided; what is marked stays.
        """
        assert isinstance(page, SheetPage)  # noqa: S101 - it was made here
        if not self._waiting(page.marks, page.proposed):
            made = self._sheet(self._rest(), size, self._wanted)
            is_same = made is not None and made.shows_as(page.sheet)
            return page if is_same and self._scoring.is_current else None
        return self._without_others(page)

    def _without_others(self, page: SheetPage) -> SheetPage:
        """Return a page with marks without unmarked images that do not belong on it any more."""
        if not self._scoring.is_current:
            return page
        rows = page.all_rows
        now = Candidates.of(self._owner.project, self._owner.suggestions, rows)
        keys = [now.concepts[place].key for place in now.places.tolist()]
        belongs = {
            row
            for row, key in zip(now.rows.tolist(), keys, strict=True)
            if key == page.proposed(row)
        }
        marked = self._undecided(page.marks)
        for row in marked:
            belongs.update((row, *page.sheet.behind.get(row, ())))
        if belongs.issuperset(rows.tolist()):
            return page
        sheet, current = page.sheet.only(belongs), int(page.rows[page.current])
        place = np.flatnonzero(sheet.rows == current)
        return SheetPage(
            sheet.rows,
            page.marks,
            int(place[0]) if len(place) else 0,
            history=page.history,
            sheet=sheet,
        )

    def resized(self, page: Page, size: int) -> Page | None:
        """Return a page of the same name in another size, with the same marks."""
        concept = self.concept_of(page)
        sheet = self._sheet(self._rest(), size, concept.key if concept else None)
        if sheet is None:
            return None
        return SheetPage(sheet.rows, page.marks, history=page.history, sheet=sheet)

    def ahead(self, page: Page, size: int) -> Rows:
        """Return the images of the next page, as things are."""
        rest = self._rest().without(page.all_rows)
        sheet = rest.next_sheet(size, self._wanted, self.placement.standing)
        return sheet.rows if sheet else NO_ROWS

    def is_stale(self, page: Page) -> bool:
        """Whether a page has nothing to decide any more, or nothing that the view shows."""
        if self.concept_of(page) is None and not _is_of_several(page):
            return True
        rows = page.all_rows
        is_open = self._owner.project.labels.decided_by[rows] != DecidedBy.PERSON
        is_there = self._arrangement.model.positions_of(rows) >= 0
        return not (is_open & is_there).any()

    # ---- what is said

    def heading(self, page: Page, number: int, size: int) -> Heading:
        """Return name, key and how many pictures are suggested as it."""
        concept, counts = self.concept_of(page), PageCounts(number, len(page.all_rows), size)
        rest, classifier = self._rest().without(page.all_rows), self._owner.suggestions.classifier
        if concept is None:
            return heading_of_several(rest, counts) if _is_of_several(page) else Heading("", "")
        place = self._owner.project.concepts.index(concept)
        key = self._keys[place] if place < len(self._keys) else ""
        is_learned = classifier is not None and classifier.decider == DecidedBy.PROBE
        return heading_of(concept, key, rest, counts, is_learned=is_learned)

    def turn_text(self, page: Page, pictures: Sequence[PagePicture]) -> str:
        """Return how many pictures become what."""
        rest = sum(picture.count for picture in pictures if picture.verdict is Verdict.RIGHT)
        concept, verb = self.concept_of(page), "is" if rest == 1 else "are"
        if rest and _is_of_several(page):
            return f"{rest:,} {verb} right, next page"
        if not rest or concept is None:
            return "Next page"
        return f"{rest:,} {verb} “{shortened(concept.name, _LONGEST)}”, next page"

    # ---- what a person does

    def keeps_from_turning(self, page: Page, unseen: Collection[int]) -> str:
        """Return nothing: what cannot be seen is left undecided."""
        del page, unseen
        return ""

    def keeps_from_naming(self, page: Page) -> str:
        """Return nothing: names can be added at any time."""
        del page
        return ""

    def decide(self, page: Page, unseen: Collection[int], now: Circumstances) -> PageTurn:
        """Return what turning a page decides."""
        assert isinstance(page, SheetPage)  # noqa: S101 - it was made here
        made = decide_page(self._owner.project, page.sheet, page.marks, now, unseen)
        change = None if made.is_empty else made.change
        return PageTurn(change, made.title, made.left_out)

    def after(self, page: Page) -> None:
        """Keep the marks of images that a page, made smaller, had no more."""
        rows, self._few = set(page.rows.tolist()), ()
        self._leave_out({row: mark for row, mark in page.marks.items() if row not in rows})

    def _leave_out(self, marks: Mapping[int, Mark]) -> None:
        """Keep marks for the next pages of what their images are suggested as."""
        rest, suggested = self._rest(), self._owner.suggestions.suggested
        places = np.flatnonzero(np.isin(rest.rows, list(marks)))
        keys = [rest.concepts[place].key for place in rest.places[places].tolist()]
        shown = dict(zip(rest.rows[places].tolist(), keys, strict=True))
        for row, mark in self._undecided(marks).items():
            key = shown.get(row, int(suggested[row]))  # the view may hide it
            if key != NO_CONCEPT:
                self._left_out.setdefault(key, {})[row] = mark

    def _undecided(self, marks: Mapping[int, Mark]) -> dict[int, Mark]:
        decided_by = self._owner.project.labels.decided_by
        return {r: mark for r, mark in marks.items() if decided_by[r] != DecidedBy.PERSON}

    def put_away(self, page: Page) -> None:
        """Keep the marks of a page for when its name is shown again, or any of its names."""
        if _is_of_several(page):
            for row, mark in self._waiting(page.marks, page.proposed).items():
                if (key := page.proposed(row)) is not None:
                    self._left_out.setdefault(key, {})[row] = mark
        elif page.marks and isinstance(page, SheetPage) and self._is_open(page):
            page.current = 0
            self.take_out(page)
            self._drafts[page.sheet.concept] = page

    def take_out(self, page: Page) -> None:
        """Let `page` take the place of what was put away of its name, the marks of which stay."""
        other = self._drafts.pop(page.sheet.concept, None) if isinstance(page, SheetPage) else None
        if other is not None and other is not page:
            self._leave_out(other.marks)

    def kept(self, page: Page | None) -> tuple[MarkedPage, ...]:
        """Return the page that is shown, and what was put away, as far as marks wait there."""
        images, pages = self._owner.project.images, [page, self._first, *self._drafts.values()]
        of_pages = [
            (one, self._waiting(one.marks, one.proposed))
            for one in pages
            if isinstance(one, SheetPage)
        ]
        left = [
            (key, self._waiting(marks, lambda _row, key=key: key))
            for key, marks in self._left_out.items()
        ]
        return (
            *(keeping.kept_page(images, one, marks) for one, marks in of_pages if marks),
            *(keeping.kept_marks(images, key, marks) for key, marks in left if marks),
        )

    def _waiting(
        self, marks: Mapping[int, Mark], proposed: Callable[[int], ConceptId | None]
    ) -> dict[int, Mark]:
        """Return the marks of images that no turned page or other decision settled."""
        ids, rejected = self._owner.project.images.ids, self._owner.project.rejected
        return {
            row: mark
            for row, mark in self._undecided(marks).items()
            if proposed(row) not in rejected.get(int(ids[row]), ())
        }

    def drafts(self) -> Collection[Page]:
        """Return the pages that were put away."""
        return [*self._drafts.values(), *([self._first] if self._first else [])]

    def choose(self, page: Page, step: int) -> bool:
        """Let the next page be of the next name that has pictures, or of the one before."""
        self.look()
        self._few = ()
        counts, concept = self._rest().counts(), self.concept_of(page)
        keys = [c.key for c in self._owner.project.concepts if c.key in counts]
        if not keys:
            return False
        place = keys.index(concept.key) + step if concept and concept.key in keys else 0
        self._wanted = keys[place % len(keys)]
        return True

    def go_on(self) -> None:
        """Do what is offered next at the end."""
        self.step_requested.emit(self._step.value)


def _is_of_several(page: Page) -> bool:
    return isinstance(page, SheetPage) and page.sheet.concept == NO_CONCEPT
