"""A page of images, and the state in which each is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Effects
from nameplate.domain.concepts import ConceptId
from nameplate.domain.images import ImageState
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.pipeline.pages.rules import SKIPPED, WRONG, Mark, Proposal, Rows
from nameplate.project.facts import REJECTED, said_on_pages
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.wording.numbers import percent
from nameplate.wording.texts import listed, tr, what_of


@dataclass(eq=False)
class Page:
    """A page; its proposals, and where its marks are stored, are up to its source.

    Attributes:
        rows: Of its images; they never change while it is shown.
        current: The position of the picture that keys were for.
        asks_each: Whether each image needs a mark before the page can be turned. What it proposes,
            if anything, must not be seen then, anywhere in the window.
    """

    rows: Rows
    current: int = 0
    asks_each: bool = False

    @property
    def all_rows(self) -> Rows:
        """Those of the images that turning the page decides, also of such as it does not show."""
        return self.rows

    def with_rest(self, rows: Sequence[int]) -> Rows:
        """Return images of the page with those of their stacks that it does not show."""
        return np.array(rows, np.int64)

    def opened(self, rows: Sequence[int]) -> "Page | None":
        """Return the page with the stacks of `rows` shown, too; None where they are in none."""
        del rows
        return None

    def proposed(self, row: int) -> ConceptId | None:
        """Return the one concept that the page says an image is; None for none, or for several."""
        del row
        return None

    def said(self, row: int, project: Project) -> Mark | None:
        """Return the mark of an image; None for none."""
        del row, project
        return None

    def has_all(self, effects: Effects) -> bool:
        """Return whether nothing changed but marks of images of the page."""
        others = effects.images or effects.concepts or len(effects.added) or len(effects.relinked)
        is_said = effects.facts <= said_on_pages() | {REJECTED.name}
        return is_said and not others and bool(np.isin(effects.labelled, self.all_rows).all())

    def next_unmarked(self, position: int, project: Project) -> int:
        """Return the position of the next image without a mark; `position` where there is none."""
        count, rows = len(self.rows), self.rows.tolist()
        places = [(position + step) % count for step in range(1, count)]
        is_open = (place for place in places if self.said(rows[place], project) is None)
        return next(is_open, position)

    def picture(self, place: int, project: Project, suggestions: Suggestions) -> PagePicture:
        """Return the picture at a place, as the page shows it."""
        row = int(self.rows[place])
        return self._gone(row, project) or self._picture(place, row, project, suggestions)

    def _picture(
        self, place: int, row: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        """Return a picture that can be shown, with its mark."""
        picture, mark = PagePicture(row, project.images.paths[row]), self.said(row, project)
        if mark is None:
            return self._unmarked(picture, place, project, suggestions)
        if mark == SKIPPED:
            return replace(picture, verdict=Verdict.SKIPPED)
        verdict = Verdict.WRONG if mark == WRONG else Verdict.NAMED
        key = self.proposed(row) if mark == WRONG else mark
        concept = None if key is None else project.concept(key)
        name, colour = (concept.name, concept.colour) if concept else ("", "")
        return replace(picture, verdict=verdict, label=name, colour=colour)

    def _unmarked(
        self, picture: PagePicture, place: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        """Return a picture without a mark, with its suggestion."""
        del place, project, suggestions
        return picture

    def _gone(self, row: int, project: Project) -> PagePicture | None:
        """Return a picture that cannot be shown, with the reason; None for others."""
        images, picture = project.images, PagePicture(row, project.images.paths[row])
        if images.is_removed[row]:
            return replace(picture, verdict=Verdict.GONE, note=tr("Removed from the project"))
        if images.states[row] == ImageState.UNREADABLE:
            return replace(picture, verdict=Verdict.GONE, note=what_of(images.reasons[row]))
        return None


@dataclass(eq=False, kw_only=True)
class SuggestedPage(Page):
    """A page of images with their suggestions, in blocks of one concept.

    What is said of its images are labels, and what they are known not to be.

    Attributes:
        later: The concepts whose blocks turning the page leaves undecided.
        marked: Rows of images of which something was said on it, and may have been taken back:
            they stay on it, whatever else is decided or suggested.
    """

    proposal: Proposal
    marked: set[int] = field(default_factory=set[int])
    later: set[ConceptId] = field(default_factory=set[ConceptId])

    @property
    def accepted(self) -> Proposal:
        """The images that turning the page decides, without blocks left for later."""
        proposal = self.proposal
        if not self.later:
            return proposal
        stays = ~np.isin(proposal.suggested, list(self.later))
        return proposal.only(self.with_rest(proposal.rows[stays].tolist()).tolist())

    def of(self, proposal: Proposal, current: int = 0) -> "SuggestedPage":
        """Return a page of another proposal, with the marks of this one."""
        return replace(self, rows=proposal.rows, current=current, proposal=proposal)

    @property
    def all_rows(self) -> Rows:
        """Those of its images and of their stacks."""
        return self.proposal.all_rows

    def opened(self, rows: Sequence[int]) -> "SuggestedPage | None":
        """Return the page with the stacks of `rows` shown."""
        behind = [row for row in rows if row in self.proposal.behind]
        if not behind:
            return None
        proposal = self.proposal.opened(behind)
        current = proposal.rows.tolist().index(int(self.rows[self.current]))
        return self.of(proposal, current)

    def with_rest(self, rows: Sequence[int]) -> Rows:
        """Return images of the page with those of their stacks that it does not show."""
        return self.with_stacks(rows)[0]

    def with_stacks(self, rows: Sequence[int]) -> tuple[Rows, NDArray[np.int32]]:
        """Return images with the rest of their stacks, and the suggestion of each."""
        wanted = {one for row in rows for one in (row, *self.proposal.behind.get(row, ()))}
        shown = self.proposal.only(wanted)
        shown = shown.opened(shown.behind)
        return shown.rows, shown.suggested

    def proposed(self, row: int) -> ConceptId | None:
        """Return the concept suggested for an image; None where it is not shown."""
        place = np.flatnonzero(self.proposal.rows == row)
        return int(self.proposal.suggested[place[0]]) if len(place) else None

    def said(self, row: int, project: Project) -> Mark | None:
        """Return the decision about an image; `WRONG` where only its suggestion was rejected."""
        labels = project.labels
        if labels.decided_by[row] == DecidedBy.PERSON:
            is_skipped = labels.states[row] == ReviewState.SKIPPED
            return SKIPPED if is_skipped else next(iter(labels.members(row)), NO_CONCEPT)
        rejected = project.rejected.get(int(project.images.ids[row]), ())
        return WRONG if self.proposed(row) in rejected else None

    def picture(self, place: int, project: Project, suggestions: Suggestions) -> PagePicture:
        """Return a picture, with the number of pictures in its stack."""
        behind = self.proposal.behind.get(int(self.rows[place]), ())
        return replace(super().picture(place, project, suggestions), count=1 + len(behind))

    def _picture(
        self, place: int, row: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        picture, labels = super()._picture(place, row, project, suggestions), project.labels
        if picture.verdict is not Verdict.NAMED:
            return picture
        of = [concept for concept in project.concepts if concept.key in labels.members(row)]
        label = listed([concept.name for concept in of]) or tr("none of these")
        is_right = labels.states[row] == ReviewState.ACCEPTED or self.proposed(row) in [
            concept.key for concept in of
        ]
        verdict = Verdict.DECIDED if is_right else Verdict.NAMED
        return replace(picture, verdict=verdict, label=label, colour=of[0].colour if of else "")

    def _unmarked(
        self, picture: PagePicture, place: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        classifier = suggestions.classifier
        is_told = classifier is not None and not classifier.is_trivial
        detail = self._percent(place, suggestions) if is_told else ""
        suggested = int(self.proposal.suggested[place])
        now = int(suggestions.suggested[picture.row])
        concept, other = project.concept(suggested), project.concept(now)
        if suggested in self.later:
            return replace(picture, verdict=Verdict.LATER)
        if now != suggested and other is not None:
            label, colour = other.name, other.colour
            return replace(picture, verdict=Verdict.CHANGED, label=label, colour=colour)
        is_one = concept is None or len(self.proposal.concepts) == 1
        return replace(picture, detail=detail, of="" if is_one or not concept else concept.name)

    def _percent(self, place: int, suggestions: Suggestions) -> str:
        """Return the probability of a picture's suggestion as the inspector says it now.

        The suggestions may be newer than the page, which stays.
        """
        classifier, before = suggestions.classifier, float(self.proposal.probability[place])
        keys = [c.key for c in classifier.concepts] if classifier else []
        key = int(self.proposal.suggested[place])
        if key not in keys:
            return percent(before)
        found = suggestions.scored_images(self.rows[place : place + 1]).probabilities[0]
        now = float(found[keys.index(key)])
        return percent(before if np.isnan(now) else now)
