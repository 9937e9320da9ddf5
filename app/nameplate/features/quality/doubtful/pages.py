"""Pages of doubtful labels: each is kept, or the picture gets another name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, SetFactOfImages, SetLabels, Several, Title
from nameplate.domain.concepts import ConceptId
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.features.quality.doubtful.audit import (
    Audit,
    call_right,
    doubtful_places,
    is_called_right,
    same_labels,
)
from nameplate.features.quality.doubtful.finder import Finder
from nameplate.features.quality.facts import CALLED_RIGHT
from nameplate.pipeline.pages.deciding import PageStep, mark_title
from nameplate.pipeline.pages.rules import SKIPPED, WRONG, Mark
from nameplate.project.label_changes import (
    NO_ROWS,
    DecisionContext,
    Rows,
    accept,
    decided,
    rejects,
    skip,
)
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.pages.page import Page
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.ui.pages.source import Heading, NoPage, PageSource
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import tr, trn


@dataclass(eq=False, kw_only=True)
class DoubtfulPage(Page):
    """A page of doubtful labels.

    Attributes:
        audit: The doubts, also of the images in `behind`.
        behind: By row of an image, its look-alikes with the same doubt: one decision is for all.
        marked: Rows that were decided on it: they stay on it.
    """

    audit: Audit
    behind: Mapping[int, tuple[int, ...]]
    marked: set[int] = field(default_factory=set[int])

    @property
    def all_rows(self) -> Rows:
        """Those of its images and of their look-alikes."""
        return self.with_rest(self.rows.tolist())

    def places(self, rows: Rows) -> Rows:
        """Return the places of images of the page in the audit."""
        return np.searchsorted(self.audit.rows, rows)

    def with_rest(self, rows: Sequence[int]) -> Rows:
        """Return images of the page with their look-alikes."""
        return np.array([one for row in rows for one in (row, *self.behind.get(row, ()))], np.int64)

    def opened(self, rows: Sequence[int]) -> "DoubtfulPage | None":
        """Return the page with the look-alikes of `rows` as pictures of their own."""
        if not any(row in self.behind for row in rows):
            return None
        shown = [row if row not in rows else self.with_rest([row]) for row in self.rows.tolist()]
        behind = {row: rest for row, rest in self.behind.items() if row not in rows}
        return replace(self, rows=np.hstack(shown), behind=behind, current=0)

    def proposed(self, row: int) -> ConceptId:
        """Return the concept that an image has, and keeps without a mark."""
        return int(self.audit.given[self.places(np.array([row]))[0]])

    def suggested(self, row: int) -> ConceptId:
        """Return the other concept, which an image probably shows."""
        return int(self.audit.suggested[self.places(np.array([row]))[0]])

    def said(self, row: int, project: Project) -> Mark | None:
        """Return the decision about an image on the page; None for none."""
        labels, alone = project.labels, np.array([row])
        if self.is_open(alone, project)[0] or labels.decided_by[row] != DecidedBy.PERSON:
            return None
        is_named = labels.states[row] != ReviewState.SKIPPED
        return next(iter(labels.members(row)), SKIPPED) if is_named else SKIPPED

    def is_open(self, rows: Rows, project: Project) -> NDArray[np.bool_]:
        """Return which of its images have the label of before, and nobody called it right."""
        is_same = same_labels(project, rows, self.audit.labels[self.places(rows)])
        return is_same & ~is_called_right(project, rows)

    def picture(self, place: int, project: Project, suggestions: Suggestions) -> PagePicture:
        """Return the picture at a place, with the number of its look-alikes."""
        count = 1 + len(self.behind.get(int(self.rows[place]), ()))
        return replace(super().picture(place, project, suggestions), count=count)

    def _picture(
        self, place: int, row: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        picture = super()._picture(place, row, project, suggestions)
        is_kept = self.said(row, project) == self.proposed(row)
        return replace(picture, verdict=Verdict.DECIDED) if is_kept else picture

    def _unmarked(
        self, picture: PagePicture, place: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        del place, suggestions
        given = project.concept(self.proposed(picture.row))
        other = project.concept(self.suggested(picture.row))
        if given is None:
            return picture
        instead = other.name if other else ""
        return replace(picture, label=given.name, colour=given.colour, instead=instead)

    # ---- what a person does

    def mark(
        self, rows: Rows, mark: Mark | None, project: Project, now: DecisionContext
    ) -> PageStep:
        """Return the step that gives images another name, or takes that back.

        A picture that has a name keeps it where it is only marked as wrong.
        """
        is_said = np.array([self.said(row, project) is not None for row in rows.tolist()], np.bool_)
        title = mark_title(project, mark, len(rows))
        if mark == WRONG:
            rows = rows[~is_said]
            if len(rows) == 1:
                title = mark_title(project, self.suggested(int(rows[0])), 1)
        elif mark is None:
            rows = rows[is_said]
        if not len(rows):
            return PageStep(None, title)
        rows = np.sort(rows)
        if mark is None:
            ids, before = project.images.ids[rows], self.audit.labels[self.places(rows)]
            none = SetFactOfImages(CALLED_RIGHT, dict.fromkeys(ids.tolist()))
            return PageStep(Several((SetLabels(ids, before), none)), title)
        if mark == SKIPPED:
            return PageStep(_confirmed(project, skip(project, rows, now), rows, {}), title)
        keys = {row: self.suggested(row) if mark == WRONG else mark for row in rows.tolist()}
        return PageStep(self._named(rows, keys, project, now), title)

    def kept(self, unseen: Collection[int], project: Project, now: DecisionContext) -> PageStep:
        """Return the step by which the labels without a mark are right."""
        rows = self.all_rows
        is_open = self.is_open(rows, project)
        is_out = np.isin(rows, list(unseen)) | project.images.is_removed[rows]
        kept = rows[is_open & ~is_out]
        title = Title("call-right", {"count": len(kept)})
        step = Several((accept(project, kept, now), call_right(project, kept)))
        left = tuple(rows[is_open & is_out].tolist())
        return PageStep(step if len(kept) else None, title, left)

    def _named(
        self, rows: Rows, keys: Mapping[int, ConceptId], project: Project, now: DecisionContext
    ) -> Change:
        """Return the change by which pictures get a name in place of all that they have."""
        sets, off = project.labels.sets, rejects(project.concepts)
        of = {row: [] if key in off else [key] for row, key in keys.items()}
        codes = np.array([sets.code_of(of[row]) for row in rows.tolist()], np.int32)
        is_kept = np.array([self.proposed(row) == keys[row] for row in rows.tolist()])
        state = np.where(is_kept, ReviewState.ACCEPTED, ReviewState.CORRECTED).astype(np.uint8)
        return _confirmed(project, decided(project, rows, codes, state, now), rows, of)


class DoubtfulPages(PageSource[DoubtfulPage]):
    """Makes pages of doubtful labels, the most doubtful first; look-alikes are one picture."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._finder = workbench.part(Finder)
        self._audit: Audit | None = None
        self._rows = self._firsts = NO_ROWS
        self._behind = dict[int, tuple[int, ...]]()

    def look(self) -> None:
        """Find out which doubtful labels are open, and which of them are look-alikes."""
        found = self._audit = self._finder.audit
        places = doubtful_places(self._workbench.project, found)
        self._rows, self._firsts, self._behind = NO_ROWS, NO_ROWS, {}
        if found is None or not len(places):
            return
        self._rows = found.rows[places]
        given, suggested = found.given[places], found.suggested[places]
        fixes = np.stack([found.copies[places], given, suggested], axis=1)
        _, first, group = np.unique(fixes, axis=0, return_index=True, return_inverse=True)
        self._firsts = self._rows[np.sort(first)]
        order = np.argsort(group, kind="stable")
        parts = np.split(self._rows[order], np.flatnonzero(np.diff(group[order])) + 1)
        self._behind = {int(p[0]): tuple(p[1:].tolist()) for p in parts if len(p) > 1}

    def next_page(self, size: int) -> DoubtfulPage | NoPage:
        """Return the page of the most doubtful labels, or why there is none."""
        if (not_yet := self._not_yet()) is not None:
            return not_yet
        return self._page(size) or self._end()

    def _not_yet(self) -> NoPage | None:
        """Return the reason to wait for pages; None for none."""
        finder = self._finder
        if finder.is_stopped and not finder.waits_for_reading:
            return NoPage(finder.why_unknown, "", tr("Compare them"), finder.find)
        if finder.is_current and not finder.waits_for_reading:
            return None
        finder.find()
        return NoPage(finder.why_unknown)

    def _end(self) -> NoPage:
        """Return the end of the pages, with the next step."""
        workbench, found = self._workbench, self._audit
        if found is None or found.if_right is None:
            title = self._finder.why_unknown
            text = tr("Label some, import labels, or use folder names as labels (menu File).")
            go_on = partial(workbench.trigger, "import_labels")
            return NoPage(title, text, tr("Import labels…"), go_on)
        title = tr("No doubtful label is left.")
        text = tr("Only random checks show how many labels are right.")
        go_on = partial(workbench.trigger, "check_at_random")
        return NoPage(title, text, tr("Check at random…"), go_on)

    def _page(self, size: int) -> DoubtfulPage | None:
        rows, found = self._firsts[:size], self._audit
        if found is None or not len(rows):
            return None
        behind = {row: self._behind[row] for row in rows.tolist() if row in self._behind}
        return DoubtfulPage(rows, audit=found, behind=behind)

    def renewed(self, page: DoubtfulPage, size: int) -> DoubtfulPage | None:
        """Return a page that was left; None where labels on it were decided elsewhere."""
        del size
        is_same = bool(page.marked) or bool(np.isin(page.all_rows, self._rows).all())
        return page if is_same and self._finder.is_current else None

    def resized(self, page: DoubtfulPage, size: int) -> DoubtfulPage | None:
        """Return the page with more or fewer labels, unless some are marked."""
        return None if page.marked else self._page(size)

    def ahead(self, page: DoubtfulPage, size: int) -> Sequence[Rows]:
        """Return the images of the next page, as things are."""
        return [self._firsts[~np.isin(self._firsts, page.all_rows)][:size]]

    def is_stale(self, page: DoubtfulPage) -> bool:
        """Whether its labels or names changed elsewhere, or nothing on it is left to decide."""
        project, rows = self._workbench.project, page.all_rows
        places = page.places(rows)
        keys = {*page.audit.given[places].tolist(), *page.audit.suggested[places].tolist()}
        if any(project.concept(key) is None for key in keys):
            return True
        is_open = page.is_open(rows, project)
        is_said = [page.said(row, project) is not None for row in rows.tolist()]
        is_other = ~is_open & ~np.array(is_said, np.bool_)
        return bool(is_other.any()) or not (is_open.any() or page.marked)

    # ---- texts

    def heading(self, page: DoubtfulPage, number: int, size: int) -> Heading:
        """Return the question, and how many doubtful labels are left."""
        del number, size
        left = int(np.count_nonzero(~np.isin(self._rows, page.all_rows)))
        return Heading(
            tr("Which of these labels are wrong?"),
            trn("{count:,} more", "{count:,} more", left, zero=tr("no more")),
            how=tr("Click a wrong one for the other name, or press its key."),
        )

    def turn_text(self, page: DoubtfulPage, pictures: Sequence[PagePicture]) -> str:
        """Return how many labels are kept."""
        kept = sum(picture.count for picture in pictures if picture.verdict is Verdict.RIGHT)
        return trn("Keep {count:,} label", "Keep {count:,} labels", kept, zero=tr("Next page"))

    # ---- steps

    def say(
        self, page: DoubtfulPage, rows: Sequence[int], mark: Mark | None, now: DecisionContext
    ) -> PageStep:
        """Return the step that gives images and their look-alikes a name, or takes it back."""
        project = self._workbench.project
        if self.is_stale(page):  # a name of it is gone
            return PageStep(None, mark_title(project, None, len(rows)))
        every = page.with_rest(rows)
        page.marked.update(every.tolist())
        return page.mark(every, mark, project, now)

    def decide(self, page: DoubtfulPage, unseen: Collection[int], now: DecisionContext) -> PageStep:
        """Return the step by which the labels without a mark are right."""
        return page.kept(unseen, self._workbench.project, now)


def _confirmed(
    project: Project, change: SetLabels, rows: Rows, keys: Mapping[int, Collection[ConceptId]]
) -> Several:
    """Return a change of labels that are also called right, so that they are asked about once."""
    ids = project.images.ids[rows].tolist()
    right = {one: frozenset(keys.get(row, ())) for one, row in zip(ids, rows.tolist(), strict=True)}
    return Several((change, SetFactOfImages(CALLED_RIGHT, right)))
