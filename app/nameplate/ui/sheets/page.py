"""A page with what was said of it so far, and what its pictures show of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nameplate.domain.concepts import ConceptId
from nameplate.domain.images import ImageState
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.project.history import History
from nameplate.project.project import Project
from nameplate.project.sheets import SKIPPED, WRONG, Mark, Rows, Sheet
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.sheets.mark_history import MarkHistory
from nameplate.ui.sheets.page_picture import PagePicture, Verdict
from nameplate.wording.numbers import percent
from nameplate.wording.texts import what_of


@dataclass(eq=False)
class Page:
    """A page and what was said of it so far; what it proposes is up to where it comes from.

    Attributes:
        rows: Of its images; they never change while it is shown.
        marks: By row; those of rows that the page has no more stay for the page that has them.
        current: The position of the picture that keys were for.
        asks_each: Whether each image needs a mark before the page can be turned. What it proposes,
            if anything, must not be seen then, anywhere in the window.
        history: How the marks were made; by default, one by one.
    """

    rows: Rows
    marks: dict[int, Mark] = field(default_factory=dict[int, Mark])
    current: int = 0
    asks_each: bool = False
    history: MarkHistory = field(default_factory=MarkHistory)

    def __post_init__(self) -> None:
        if self.marks and not (self.history.done or self.history.undone):
            self.history = self._one_by_one()

    def _one_by_one(self) -> MarkHistory:
        """Return the history in which each mark that is seen was made alone."""
        rows = set(self.rows.tolist())
        return MarkHistory.of({row: mark for row, mark in self.marks.items() if row in rows})

    @property
    def all_rows(self) -> Rows:
        """Those of the images that turning the page decides, also of such as it does not show."""
        return self.rows

    def opened(self, rows: Sequence[int]) -> "Page | None":
        """Return the page with the stacks of `rows` shown, too; None where they are in none."""
        del rows
        return None

    def proposed(self, row: int) -> ConceptId | None:
        """Return the one concept that the page says an image is; None for none, or for several."""
        del row
        return None

    def mark(
        self, rows: Sequence[int], mark: Mark | None, steps: History, *, goes_on: bool = False
    ) -> None:
        """Say the same of several images; None, or what the page says, takes marks off.

        An image that has another mark than `WRONG` keeps it if it is only said to be wrong.

        Args:
            rows: Of the images.
            mark: What is said of them.
            steps: Those of the project, after which it comes.
            goes_on: Whether it is part of what was said last, as more that a drag touches.
        """
        before = dict(self.marks)
        self._put(rows, mark)
        self.history.note(before, self.marks, steps, goes_on=goes_on)

    def move_mark(self, known: set[int], steps: History, *, is_undo: bool) -> bool:
        """Undo or redo the mark that was made last, of the names that are `known` still.

        Returns:
            False if there is none, or a step of the project comes before it.
        """
        is_moved = self.history.move(self.marks, steps, is_undo=is_undo)
        self.forget_names(known)
        return is_moved

    def take_over(self, marks: Mapping[int, Mark]) -> None:
        """Add marks that were made of its images elsewhere."""
        self.marks |= marks
        if marks:
            self.history = self._one_by_one()

    def _put(self, rows: Sequence[int], mark: Mark | None) -> None:
        for row in rows:
            if mark is None or (mark == self.proposed(row) and not self.asks_each):
                self.marks.pop(row, None)
            elif mark == WRONG:
                if not self.asks_each:  # what is asked is its name, not what it is not
                    self.marks.setdefault(row, mark)
            else:
                self.marks[row] = mark

    def next_unmarked(self, position: int) -> int:
        """Return the position of the next image without a mark; `position` where there is none."""
        count, rows = len(self.rows), self.rows.tolist()
        places = [(position + step) % count for step in range(1, count)]
        return next((place for place in places if rows[place] not in self.marks), position)

    def forget_names(self, known: set[int]) -> None:
        """Let images be wrong without a name whose name is not among `known` any more."""
        for row, mark in [*self.marks.items()]:
            if mark not in known and mark != SKIPPED:
                self.marks.pop(row)
                self._put([row], WRONG)

    def pictures(self, project: Project, suggestions: Suggestions) -> list[PagePicture]:
        """Return what the page shows of each picture."""
        return [
            self._settled(row, project) or self._open(place, row, project, suggestions)
            for place, row in enumerate(self.rows.tolist())
        ]

    def _open(
        self, place: int, row: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        """Return a picture that turning the page decides, with its mark."""
        picture, mark = PagePicture(project.images.paths[row]), self.marks.get(row)
        if mark is None:
            return self._unmarked(picture, place, project, suggestions)
        if mark == SKIPPED:
            return replace(picture, verdict=Verdict.SKIPPED)
        verdict = Verdict.WRONG if mark == WRONG else Verdict.NAMED
        key = self.proposed(row) if mark == WRONG else mark
        concept = next((c for c in project.concepts if c.key == key), None)
        name, colour = (concept.name, concept.colour) if concept else ("", "")
        verdict = Verdict.ANSWERED if self.asks_each else verdict
        return replace(picture, verdict=verdict, label=name, colour=colour)

    def _unmarked(
        self, picture: PagePicture, place: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        """Return a picture without a mark, with what the page says of it."""
        del place, project, suggestions
        return picture

    def _settled(self, row: int, project: Project) -> PagePicture | None:
        """Return a picture that turning the page does not decide, with the reason; else None."""
        images, picture = project.images, PagePicture(project.images.paths[row])
        if images.is_removed[row]:
            return replace(picture, verdict=Verdict.GONE, note="was taken out of the project")
        if images.states[row] == ImageState.UNREADABLE:
            return replace(picture, verdict=Verdict.GONE, note=what_of(images.reasons[row]))
        return None


@dataclass(eq=False, kw_only=True)
class SheetPage(Page):
    """A page of images that are suggested as one concept, or the last ones of several.

    Attributes:
        sheet: What it is about.
    """

    sheet: Sheet

    @property
    def all_rows(self) -> Rows:
        """Those of its images and of their stacks."""
        return self.sheet.all_rows

    def opened(self, rows: Sequence[int]) -> "SheetPage | None":
        """Return the page with the stacks of `rows` shown, marked as these are."""
        behind = {row: self.sheet.behind[row] for row in rows if row in self.sheet.behind}
        if not behind:
            return None
        sheet, marks = self.sheet.opened(behind), dict(self.marks)
        for row, rest in behind.items():
            if row in marks:
                marks.update(dict.fromkeys(rest, marks[row]))
        current = sheet.rows.tolist().index(int(self.rows[self.current]))
        history = self.history.spread(behind)
        return SheetPage(sheet.rows, marks, current, history=history, sheet=sheet)

    def proposed(self, row: int) -> ConceptId | None:
        """Return what an image is suggested as; None where the page does not say."""
        place = np.flatnonzero(self.sheet.rows == row)
        key = int(self.sheet.suggested[place[0]]) if len(place) else self.sheet.concept
        return None if key == NO_CONCEPT else key

    def pictures(self, project: Project, suggestions: Suggestions) -> list[PagePicture]:
        """Return what the page shows of each picture, and of how many it stands for."""
        counts = [1 + len(self.sheet.behind.get(row, ())) for row in self.rows.tolist()]
        shown = super().pictures(project, suggestions)
        return [replace(one, count=count) for one, count in zip(shown, counts, strict=True)]

    def _unmarked(
        self, picture: PagePicture, place: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        classifier = suggestions.classifier
        is_told = classifier is not None and not classifier.is_trivial
        detail = self._percent(place, suggestions) if is_told else ""
        if self.sheet.concept != NO_CONCEPT:
            return replace(picture, detail=detail)
        key = int(self.sheet.suggested[place])
        concept = next((c for c in project.concepts if c.key == key), None)
        if concept is None:
            return replace(picture, detail=detail)
        return replace(picture, label=concept.name, colour=concept.colour)

    def _percent(self, place: int, suggestions: Suggestions) -> str:
        """Return the probability of a picture's suggestion as the inspector says it now.

        The suggestions may be newer than the page, which stays.
        """
        classifier, before = suggestions.classifier, float(self.sheet.probability[place])
        keys = [c.key for c in classifier.concepts] if classifier else []
        key = int(self.sheet.suggested[place])
        if key not in keys:
            return percent(before)
        found = suggestions.scored_images(self.rows[place : place + 1]).probabilities[0]
        now = float(found[keys.index(key)])
        return percent(before if np.isnan(now) else now)

    def _settled(self, row: int, project: Project) -> PagePicture | None:
        if gone := super()._settled(row, project):
            return gone
        labels = project.labels
        if labels.decided_by[row] != DecidedBy.PERSON:
            return None
        picture = PagePicture(project.images.paths[row])
        if labels.states[row] == ReviewState.SKIPPED:
            return replace(picture, verdict=Verdict.SKIPPED)
        keys = labels.members(row)
        of = [concept for concept in project.concepts if concept.key in keys]
        label = ", ".join(concept.name for concept in of) or "none of these"
        colour = of[0].colour if of else ""
        return replace(picture, verdict=Verdict.DECIDED, label=label, colour=colour)
