"""Pages of given labels that may be wrong: each is kept, or gets another name."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from nameplate.domain.changes import SetLabels, Title
from nameplate.domain.concepts import ConceptId
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.domain.text import deferred
from nameplate.features.audit.rules import Audit, doubtful_rows
from nameplate.features.exchange.given import given_in
from nameplate.pipeline.pages.deciding import PageStep, mark_title
from nameplate.pipeline.pages.rules import SKIPPED, WRONG, Mark
from nameplate.project.labelling import NO_ROWS, Circumstances, Rows, accept, decided, rejects, skip
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.pages.page import Page
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.ui.pages.source import Heading, NoPage, PageSource
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import tr, trn

_GO_BACK: Final = deferred("Back to the given labels")


@dataclass(eq=False, kw_only=True)
class SuspectPage(Page):
    """A page of labels that may be wrong.

    Attributes:
        given: By row, the concept that the picture came with.
        suggested: By row, what it shows most probably.
        marked: Rows of which something was said on it: they stay on it.
    """

    given: Mapping[int, ConceptId]
    suggested: Mapping[int, ConceptId]
    marked: set[int] = field(default_factory=set[int])

    def proposed(self, row: int) -> ConceptId | None:
        """Return the given concept, which an image without a mark keeps."""
        return self.given.get(row)

    def said(self, row: int, project: Project) -> Mark | None:
        """Return what a person decided about an image; None for nothing."""
        labels = project.labels
        if labels.decided_by[row] != DecidedBy.PERSON:
            return None
        is_named = labels.states[row] != ReviewState.SKIPPED
        return next(iter(labels.members(row)), SKIPPED) if is_named else SKIPPED

    def _picture(
        self, place: int, row: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        picture = super()._picture(place, row, project, suggestions)
        is_kept = self.said(row, project) == self.given[row]
        return replace(picture, verdict=Verdict.DECIDED) if is_kept else picture

    def _unmarked(
        self, picture: PagePicture, place: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        del place, suggestions
        given = project.concept(self.given[picture.row])
        other = project.concept(self.suggested[picture.row])
        if given is None:
            return picture
        instead = other.name if other else ""
        return replace(picture, label=given.name, colour=given.colour, instead=instead)


class SuspectPages(PageSource[SuspectPage]):
    """Makes pages of the labels that an audit doubts, the most doubtful first.

    Attributes:
        found: What the audit found; None before.
        doubtful: Rows of labels that may be wrong and nobody judged, as `look` found them.
        on_left: Called when the person wants to see how far it is.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self.doubtful = NO_ROWS
        self.found: Audit | None = None
        self.on_left: Callable[[], object] = lambda: None

    def look(self) -> None:
        """Find out which doubtful labels nobody has judged."""
        self.doubtful = doubtful_rows(self._workbench.project, self.found)

    def next_page(self, size: int) -> SuspectPage | NoPage:
        """Return the page of the most doubtful labels, or that there are none."""
        rows = self.doubtful[:size]
        if not len(rows) or self.found is None:
            text = tr("Random checks can now say how many labels are right.")
            title = tr("The doubtful labels are checked.")
            return NoPage(title, text, tr(_GO_BACK), lambda: self.on_left(), leads_back=True)
        return self._page(self.found, rows)

    def _page(self, found: Audit, rows: Rows, marked: Collection[int] = ()) -> SuspectPage:
        material = found.material
        keys = np.array([concept.key for concept in material.concepts], np.int32)
        places = np.searchsorted(material.rows, rows)
        given, suggested = (
            dict(zip(rows.tolist(), keys[one[places]].tolist(), strict=True))
            for one in (material.given, found.suggested)
        )
        return SuspectPage(rows, given=given, suggested=suggested, marked={*marked})

    def renewed(self, page: SuspectPage, size: int) -> SuspectPage | None:
        """Return a page that was left; None where labels on it were judged elsewhere meanwhile."""
        del size
        is_same = bool(page.marked) or bool(np.isin(page.rows, self.doubtful).all())
        return page if is_same else None

    def resized(self, page: SuspectPage, size: int) -> SuspectPage | None:
        """Return the page with more or fewer labels; those with a mark stay."""
        if self.found is None:
            return None
        more = np.concatenate([page.rows, self.doubtful[~np.isin(self.doubtful, page.rows)]])
        is_marked = np.isin(more, list(page.marked))
        is_kept = is_marked | (np.cumsum(~is_marked) <= size - len(page.marked))
        return self._page(self.found, more[is_kept], page.marked)

    def ahead(self, page: SuspectPage, size: int) -> Rows:
        """Return the images of the next page, as things are."""
        return self.doubtful[~np.isin(self.doubtful, page.rows)][:size]

    def is_stale(self, page: SuspectPage) -> bool:
        """Whether all its labels were judged elsewhere, or labels or names are others by now."""
        project = self._workbench.project
        names = {*page.given.values(), *page.suggested.values()}
        if self.found is None or any(project.concept(key) is None for key in names):
            return True
        is_open = project.labels.decided_by[page.rows] == DecidedBy.GIVEN
        is_other = is_open & ~np.isin(page.rows, self.doubtful)
        return bool(is_other.any()) or not (is_open.any() or page.marked)

    # ---- what is said

    def heading(self, page: SuspectPage, number: int, size: int) -> Heading:
        """Return what is asked, and how many doubtful labels are left."""
        del number, size
        left = len(self.doubtful[~np.isin(self.doubtful, page.rows)])
        return Heading(
            tr("Which of these labels are wrong?"),
            trn("{count:,} more", "{count:,} more", left, zero=tr("the last ones")),
            how=tr("Click a wrong one for the other name, or press its key."),
        )

    def turn_text(self, page: SuspectPage, pictures: Sequence[PagePicture]) -> str:
        """Return how many labels are kept."""
        kept = sum(picture.verdict is Verdict.RIGHT for picture in pictures)
        return trn("Keep {count:,} label", "Keep {count:,} labels", kept, zero=tr("Next page"))

    # ---- what a person does

    def say(
        self, page: SuspectPage, rows: Sequence[int], mark: Mark | None, now: Circumstances
    ) -> PageStep:
        """Return the step that gives pictures another name, or the label they came with again."""
        project = self._workbench.project
        self.look()
        if self.is_stale(page):  # a name of it is gone
            return PageStep(None, mark_title(project, None, len(rows)))
        page.marked.update(rows)
        is_said = [page.said(row, project) is not None for row in rows]
        title = mark_title(project, mark, len(rows))
        if mark == WRONG:  # one that has a name keeps it
            rows = [row for row, is_named in zip(rows, is_said, strict=True) if not is_named]
            if len(rows) == 1:
                title = mark_title(project, page.suggested[rows[0]], 1)
        elif mark is None:
            rows = [row for row, is_named in zip(rows, is_said, strict=True) if is_named]
        if not rows:
            return PageStep(None, title)
        of = np.array(sorted(rows), np.int64)
        if mark is None:
            return PageStep(_given_again(project, of, now), title)
        if mark == SKIPPED:
            return PageStep(skip(project, of, now), title)
        keys = [page.suggested[row] if mark == WRONG else mark for row in of.tolist()]
        return PageStep(_named(project, page, of, keys, now), title)

    def decide(self, page: SuspectPage, unseen: Collection[int], now: Circumstances) -> PageStep:
        """Return the step by which the labels without a mark are right."""
        project, rows = self._workbench.project, page.rows
        self.look()
        is_open = project.labels.decided_by[rows] == DecidedBy.GIVEN
        is_out = ~np.isin(rows, self.doubtful) | np.isin(rows, list(unseen))
        kept = rows[is_open & ~is_out]
        title = Title("keep-given", {"count": len(kept)})
        step = accept(project, kept, now) if len(kept) else None
        return PageStep(step, title, tuple(rows[is_open & is_out].tolist()))


def _named(
    project: Project, page: SuspectPage, rows: Rows, keys: Sequence[ConceptId], now: Circumstances
) -> SetLabels:
    """Return the change by which a person says what pictures show; one name takes all others."""
    sets, off = project.labels.sets, rejects(project.concepts)
    codes = [sets.code_of([] if key in off else [key]) for key in keys]
    is_kept = [page.given[row] == key for row, key in zip(rows.tolist(), keys, strict=True)]
    state = np.where(is_kept, ReviewState.ACCEPTED, ReviewState.CORRECTED).astype(np.uint8)
    return decided(project, rows, np.array(codes, np.int32), state, now)


def _given_again(project: Project, rows: Rows, now: Circumstances) -> SetLabels:
    """Return the change by which pictures have the label again that they came with."""
    ids = project.images.ids[rows]
    codes = given_in(project).of(ids)
    new = labels_of(codes, DecidedBy.GIVEN, ReviewState.SUGGESTED, decided_at=now.at)
    return SetLabels(ids, new)
