"""A page with what was said of it so far, and what its pictures show of that."""

from dataclasses import dataclass, field, replace

from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.project.project import Project
from nameplate.project.sheets import SKIPPED, WRONG, Mark, Sheet
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.sheets.page_picture import PagePicture, Verdict
from nameplate.wording.numbers import percent
from nameplate.wording.texts import what_of


@dataclass
class Page:
    """A page and what was said of it so far.

    Attributes:
        sheet: The page; it never changes while it is shown.
        marks: By row; those of rows that the page has no more stay for the page that has them.
        current: The position of the picture that keys were for.
    """

    sheet: Sheet
    marks: dict[int, Mark] = field(default_factory=dict[int, Mark])
    current: int = 0

    def mark(self, rows: list[int], mark: Mark | None) -> None:
        """Say the same of several images; None, or the concept of the page, takes marks off.

        An image that has another mark than `WRONG` keeps it if it is only said to be wrong.
        """
        for row in rows:
            if mark is None or mark == self.sheet.concept:
                self.marks.pop(row, None)
            elif mark == WRONG:
                self.marks.setdefault(row, mark)
            else:
                self.marks[row] = mark

    def forget_names(self, known: set[int]) -> None:
        """Let images be wrong without a name whose name is not among `known` any more."""
        for row, mark in self.marks.items():
            if mark not in known and mark != SKIPPED:
                self.marks[row] = WRONG

    def pictures(self, project: Project, suggestions: Suggestions) -> list[PagePicture]:
        """Return what the page shows of each picture."""
        classifier = suggestions.classifier
        is_told = classifier is not None and not classifier.is_trivial
        probabilities = self.sheet.probability.tolist()
        return [
            self._decided(row, project) or self._marked(row, project, percent(p) if is_told else "")
            for row, p in zip(self.sheet.rows.tolist(), probabilities, strict=True)
        ]

    def _marked(self, row: int, project: Project, detail: str) -> PagePicture:
        """Return a picture that is undecided, with its mark."""
        picture, mark = PagePicture(project.images.paths[row]), self.marks.get(row)
        if mark is None:
            return replace(picture, detail=detail)
        if mark == SKIPPED:
            return replace(picture, verdict=Verdict.SKIPPED)
        verdict = Verdict.WRONG if mark == WRONG else Verdict.NAMED
        key = self.sheet.concept if mark == WRONG else mark
        concept = next((c for c in project.concepts if c.key == key), None)
        name, colour = (concept.name, concept.colour) if concept else ("", "")
        return replace(picture, verdict=verdict, label=name, colour=colour)

    @staticmethod
    def _decided(row: int, project: Project) -> PagePicture | None:
        """Return a picture that turning the page does not decide, with the reason; else None."""
        images, labels = project.images, project.labels
        picture = PagePicture(images.paths[row])
        if images.is_removed[row]:
            return replace(picture, verdict=Verdict.GONE, note="was taken out of the project")
        if images.states[row] == ImageState.UNREADABLE:
            return replace(picture, verdict=Verdict.GONE, note=what_of(images.reasons[row]))
        if labels.decided_by[row] != DecidedBy.PERSON:
            return None
        if labels.states[row] == ReviewState.SKIPPED:
            return replace(picture, verdict=Verdict.SKIPPED)
        keys = labels.members(row)
        of = [concept for concept in project.concepts if concept.key in keys]
        label = ", ".join(concept.name for concept in of) or "none of these"
        colour = of[0].colour if of else ""
        return replace(picture, verdict=Verdict.DECIDED, label=label, colour=colour)
