"""Pages of doubtful labels: each is kept, or the picture gets another name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, SetFactOfImages, SetLabels, Several, Title
from nameplate.domain.concepts import ConceptId
from nameplate.domain.labels import DecidedBy, Labels, ReviewState
from nameplate.features.quality.doubtful.rules import call_right, is_called_right, same_labels
from nameplate.features.quality.facts import CALLED_RIGHT
from nameplate.pipeline.pages.deciding import PageStep, mark_title
from nameplate.pipeline.pages.rules import SKIPPED, WRONG, Mark
from nameplate.project.labelling import Circumstances, Rows, accept, decided, rejects, skip
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.pages.page import Page
from nameplate.ui.pages.page_picture import PagePicture, Verdict


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubtful label: the concept that an image has, and the one that it probably shows."""

    given: ConceptId
    suggested: ConceptId


@dataclass(eq=False, kw_only=True)
class DoubtfulPage(Page):
    """A page of doubtful labels.

    Attributes:
        doubts: By row, also of the images in `behind`.
        behind: By row of an image, its look-alikes with the same doubt: one decision is for all.
        labels: By row, the label record before the page.
        marked: Rows that were decided on it: they stay on it.
    """

    doubts: Mapping[int, Doubt]
    behind: Mapping[int, tuple[int, ...]]
    labels: Mapping[int, Labels]
    marked: set[int] = field(default_factory=set[int])

    @property
    def all_rows(self) -> Rows:
        """Those of its images and of their look-alikes."""
        return self.with_rest(self.rows.tolist())

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

    def proposed(self, row: int) -> ConceptId | None:
        """Return the concept that an image has, and keeps without a mark."""
        return self.doubts[row].given if row in self.doubts else None

    def said(self, row: int, project: Project) -> Mark | None:
        """Return the decision about an image on the page; None for none."""
        labels, alone = project.labels, np.array([row])
        is_same = same_labels(project, alone, self.labels[row])[0]
        if is_same and not is_called_right(project, alone)[0]:
            return None
        if labels.decided_by[row] != DecidedBy.PERSON:
            return None
        is_named = labels.states[row] != ReviewState.SKIPPED
        return next(iter(labels.members(row)), SKIPPED) if is_named else SKIPPED

    def is_open(self, rows: Rows, project: Project) -> NDArray[np.bool_]:
        """Return which of its images have the label of before, and nobody called it right."""
        before = np.concatenate([self.labels[row] for row in rows.tolist()])
        return same_labels(project, rows, before) & ~is_called_right(project, rows)

    def picture(self, place: int, project: Project, suggestions: Suggestions) -> PagePicture:
        """Return the picture at a place, with the number of its look-alikes."""
        count = 1 + len(self.behind.get(int(self.rows[place]), ()))
        return replace(super().picture(place, project, suggestions), count=count)

    def _picture(
        self, place: int, row: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        picture = super()._picture(place, row, project, suggestions)
        is_kept = self.said(row, project) == self.doubts[row].given
        return replace(picture, verdict=Verdict.DECIDED) if is_kept else picture

    def _unmarked(
        self, picture: PagePicture, place: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        del place, suggestions
        doubt = self.doubts[picture.row]
        given, other = project.concept(doubt.given), project.concept(doubt.suggested)
        if given is None:
            return picture
        instead = other.name if other else ""
        return replace(picture, label=given.name, colour=given.colour, instead=instead)

    # ---- what a person does

    def mark(self, rows: Rows, mark: Mark | None, project: Project, now: Circumstances) -> PageStep:
        """Return the step that gives images another name, or takes that back.

        A picture that has a name keeps it where it is only marked as wrong.
        """
        is_said = np.array([self.said(row, project) is not None for row in rows.tolist()], np.bool_)
        title = mark_title(project, mark, len(rows))
        if mark == WRONG:
            rows = rows[~is_said]
            if len(rows) == 1:
                title = mark_title(project, self.doubts[int(rows[0])].suggested, 1)
        elif mark is None:
            rows = rows[is_said]
        if not len(rows):
            return PageStep(None, title)
        rows = np.sort(rows)
        if mark is None:
            return PageStep(self._taken_back(rows, project), title)
        if mark == SKIPPED:
            return PageStep(_confirmed(project, skip(project, rows, now), rows, {}), title)
        keys = {row: self.doubts[row].suggested if mark == WRONG else mark for row in rows.tolist()}
        return PageStep(self._named(rows, keys, project, now), title)

    def kept(self, unseen: Collection[int], project: Project, now: Circumstances) -> PageStep:
        """Return the step by which the labels without a mark are right."""
        rows = self.all_rows
        is_open = self.is_open(rows, project)
        is_out = np.isin(rows, list(unseen)) | project.images.is_removed[rows]
        kept = rows[is_open & ~is_out]
        title = Title("call-right", {"count": len(kept)})
        step = Several((accept(project, kept, now), call_right(project, kept)))
        left = tuple(rows[is_open & is_out].tolist())
        return PageStep(step if len(kept) else None, title, left)

    def _taken_back(self, rows: Rows, project: Project) -> Change:
        ids = project.images.ids[rows]
        before = np.concatenate([self.labels[row] for row in rows.tolist()])
        none = dict.fromkeys(ids.tolist())
        return Several((SetLabels(ids, before), SetFactOfImages(CALLED_RIGHT, none)))

    def _named(
        self, rows: Rows, keys: Mapping[int, ConceptId], project: Project, now: Circumstances
    ) -> Change:
        """Return the change by which pictures get a name in place of all that they have."""
        sets, off = project.labels.sets, rejects(project.concepts)
        of = {row: [] if key in off else [key] for row, key in keys.items()}
        codes = np.array([sets.code_of(of[row]) for row in rows.tolist()], np.int32)
        is_kept = np.array([self.doubts[row].given == keys[row] for row in rows.tolist()])
        state = np.where(is_kept, ReviewState.ACCEPTED, ReviewState.CORRECTED).astype(np.uint8)
        return _confirmed(project, decided(project, rows, codes, state, now), rows, of)


def _confirmed(
    project: Project, change: SetLabels, rows: Rows, keys: Mapping[int, Collection[ConceptId]]
) -> Several:
    """Return a change of labels that are also called right, so that they are asked about once."""
    ids = project.images.ids[rows].tolist()
    right = {one: frozenset(keys.get(row, ())) for one, row in zip(ids, rows.tolist(), strict=True)}
    return Several((change, SetFactOfImages(CALLED_RIGHT, right)))
