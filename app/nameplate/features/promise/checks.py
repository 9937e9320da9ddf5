"""Follows a promise, and makes its pages of labels to check, drawn at random; some hide them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from nameplate.domain.changes import SetFact, Several
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.images import ImageState
from nameplate.domain.text import deferred
from nameplate.features.promise.facts import MARKS, PageMarks
from nameplate.features.promise.rules.checking import (
    BLIND_PAGE,
    LabelsToCheck,
    next_page,
    record_page,
)
from nameplate.features.promise.rules.promises import Promise, promise_in
from nameplate.features.promise.rules.state import PromiseStage, PromiseState, state_of
from nameplate.features.promise.words import (
    CHOOSE_MODEL,
    export_text,
    is_undone_by_model,
    next_step_of,
    progress_text,
    status_text,
    void_text,
)
from nameplate.pipeline.pages.deciding import PageStep, mark_title
from nameplate.pipeline.pages.rules import NO_ROWS, SKIPPED, WRONG, Mark
from nameplate.project.digests import names_digest
from nameplate.project.labelling import Circumstances
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.pages.page import Page
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.ui.pages.source import Heading, NoPage, PageSource
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import tr, trn

_LOOK_AT_PROMISE: Final = deferred("Go to the certificate")
_SOON_MS: Final = 120
"""After a change, before it is found out what it means for the promise."""


@dataclass(eq=False, kw_only=True)
class CheckPage(Page):
    """A page of promised labels; `concepts` has by row those of the promised label."""

    labels: LabelsToCheck
    concepts: Mapping[int, tuple[ConceptId, ...]]

    @classmethod
    def of(cls, project: Project, labels: LabelsToCheck) -> "CheckPage":
        """Return a page on which nothing was said yet."""
        members = map(project.labels.sets.members, labels.concepts.tolist())
        concepts = dict(zip(labels.rows.tolist(), members, strict=True))
        return cls(labels.rows, asks_each=labels.is_blind, labels=labels, concepts=concepts)

    def is_same_as(self, labels: LabelsToCheck | None) -> bool:
        """Whether `labels` asks for the same images in the same way."""
        if labels is None or labels.is_blind != self.labels.is_blind:
            return False
        return np.array_equal(np.sort(labels.rows), np.sort(self.rows))

    def proposed(self, row: int) -> ConceptId | None:
        """Return the promised concept, where it is seen and not several."""
        of = () if self.asks_each else self.concepts[row]
        return of[0] if len(of) == 1 else None

    def _unmarked(
        self, picture: PagePicture, place: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        if self.asks_each:
            return replace(picture, verdict=Verdict.ASKED)
        of = _named(project, self.concepts[int(self.rows[place])])
        if not of:
            return picture
        others = tuple((concept.name, concept.colour) for concept in of[1:])
        return replace(picture, label=of[0].name, colour=of[0].colour, others=others)

    def said(self, row: int, project: Project) -> Mark | None:
        """Return what a person said of a label; a name that is gone is only wrong."""
        image = int(project.images.ids[row])
        mark = marks_of(project, is_blind=self.asks_each).get(image)
        if mark is None or mark == SKIPPED or project.concept(mark) is not None:
            return mark
        return None if self.asks_each else WRONG

    def _gone(self, row: int, project: Project) -> PagePicture | None:
        # What was said of a picture that cannot be shown any more is what counts.
        said = self.said(row, project)
        return super()._gone(row, project) if said is None else None


def marks_of(project: Project, *, is_blind: bool) -> Mapping[int, Mark]:
    """Return what was said on the page of the promise that is not turned yet, by image."""
    marks, promise = project.fact(MARKS), promise_in(project)
    is_of_it = promise is not None and promise.tries == marks.promise
    return marks.marks if is_of_it and marks.is_blind == is_blind else {}


class Checks(PageSource[CheckPage]):
    """Follows the promise of a project, also while its panel is closed, and says how far it is.

    It makes the pages of labels to check.

    Attributes:
        state: That of the promise, as `look` found it; None where there is no promise.
        goes_on: Whether a promise that failed is checked further all the same.
        soon: To be asked for a look.
        on_looked: Called when something was changed, after the look at what that means.
        on_turned: Called when a page was checked.
        on_left: Called when the person wants to see how far the promise is.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._told: object = None  # the stage that was told last, and names then
        self._hides_names = False
        self.on_looked: Callable[[], object] = lambda: None
        self.on_turned: Callable[[], object] = lambda: None
        self.on_left: Callable[[], object] = lambda: None
        self.forget()
        self.soon = workbench.later(_SOON_MS, self.tell)
        workbench.follow(lambda e: self.soon.ask() if e.of_project or e.suggestions else None)
        workbench.follow_model(self.soon.ask)

    def forget(self) -> None:
        """Begin anew: another promise was begun."""
        self.state: PromiseState | None = None
        self.goes_on = False

    @property
    def promise(self) -> Promise | None:
        """The promise of the project; None for none."""
        return promise_in(self._workbench.project)

    def look(self) -> None:
        """Find out how far the promise is, and whether it still holds."""
        self.state = state_of(self._workbench.project, self._workbench.circumstances.model)

    def hide_names(self) -> None:
        """Hide labels that are to be judged unseen, also in a project that was just opened."""
        self.look()
        page = self.next_page(BLIND_PAGE)
        rows = page.rows if isinstance(page, CheckPage) and page.asks_each else NO_ROWS
        self._hides_names = len(rows) > 0
        self._workbench.pictures.hide_names(rows)

    def tell(self) -> None:
        """Find out how far the promise is, and say so wherever it is said."""
        self.look()
        promise, state, workbench = self.promise, self.state, self._workbench
        before = self._told
        self._told = (state.stage, names_digest(workbench.project)) if state else None
        if self._hides_names and not self._is_open:
            self.hide_names()  # none any more
        is_new = before not in (None, self._told)  # another name stops it once more
        if promise and state and state.stage is PromiseStage.VOID and is_new:
            text = void_text(promise, state)
            if is_undone_by_model(state):  # no step: Undo would take a page of checks back
                models = partial(workbench.trigger, "models")
                workbench.say(text, (tr(CHOOSE_MODEL), models))
            else:
                undo = tr("Undo"), workbench.undo
                workbench.messages.tell(text, undo, stays=True, about=LAST_STEP)
        workbench.show_status(status_text(promise, state), "promise")
        workbench.note_export(export_text(promise, state))
        self.on_looked()

    # ---- which pages there are

    @property
    def _is_open(self) -> bool:
        stage = self.state.stage if self.state else None
        return stage is PromiseStage.OPEN or (stage is PromiseStage.FAILED and self.goes_on)

    def next_page(self, size: int) -> CheckPage | NoPage:
        """Return the labels to check next, or why there is nothing to check."""
        project = self._workbench.project
        labels = next_page(project, size) if self._is_open else None
        if labels is None:
            said = next_step_of(promise_in(project), self.state)
            return NoPage(*said, next_step=tr(_LOOK_AT_PROMISE), go_on=self.on_left)
        return CheckPage.of(project, labels)

    def resized(self, page: CheckPage, size: int) -> CheckPage | None:
        """Return a page of other size; its marks stay with their pictures."""
        del page
        labels = next_page(self._workbench.project, size) if self._is_open else None
        return None if labels is None else CheckPage.of(self._workbench.project, labels)

    def is_stale(self, page: CheckPage) -> bool:
        """Whether other labels are to be checked now, or none."""
        now = next_page(self._workbench.project, len(page.rows)) if self._is_open else None
        return not page.is_same_as(now)

    # ---- what is said

    def heading(self, page: CheckPage, number: int, size: int) -> Heading:
        """Return how far the checks are."""
        progress = progress_text(self.state) if self.state else ""
        if not page.asks_each:
            is_multi = self._workbench.project.settings.is_multi
            # A label is right if all its names are.
            asked = tr("Are all these names right?" if is_multi else "Are these labels right?")
            return Heading(
                asked,
                progress,
                how=tr("Click what is wrong, or name it by its key. A skip counts as wrong."),
            )
        return Heading(
            tr("Name these."),
            progress,
            how=tr("Labels are hidden so you judge freely. A skip counts as wrong."),
        )

    def turn_text(self, page: CheckPage, pictures: Sequence[PagePicture]) -> str:
        """Return how many labels are right, or how many pictures still need a name."""
        if page.asks_each:
            left = sum(picture.verdict is Verdict.ASKED for picture in pictures)
            text = trn("{count:,} still to name", "{count:,} still to name", left)
            return text if left else tr("Next page")
        right = sum(picture.verdict is Verdict.RIGHT for picture in pictures)
        text = trn("{count:,} is right, next page", "{count:,} are right, next page", right)
        return text if right else tr("Next page")

    # ---- what a person does

    def keeps_from_turning(self, page: CheckPage, unseen: Collection[int]) -> str:
        """Return what is still to be said of the pictures of a page."""
        states, rows = self._workbench.project.images.states, page.rows.tolist()
        gone = {*unseen, *(row for row in rows if states[row] == ImageState.UNREADABLE)}
        open_rows = {row for row in rows if page.said(row, self._workbench.project) is None}
        if lost := len(gone & open_rows):
            return trn(
                "{count:,} picture can't be shown. Reconnect the drive, or skip it: "
                "a skipped picture counts as wrong.",
                "{count:,} pictures can't be shown. Reconnect the drive, or skip them: "
                "a skipped picture counts as wrong.",
                lost,
            )
        if page.asks_each and (left := len(open_rows)):
            return trn(
                "{count:,} picture left: name each, or skip it, which counts as wrong.",
                "{count:,} pictures left: name each, or skip it, which counts as wrong.",
                left,
            )
        return ""

    def keeps_from_naming(self, page: CheckPage) -> str:
        """Return that the names are frozen."""
        return tr(
            "A new name would end the certificate. Skip the picture: it counts as wrong, and you "
            "can name it later."
        )

    def say(
        self, page: CheckPage, rows: Sequence[int], mark: Mark | None, now: Circumstances
    ) -> PageStep:
        """Return the step by which labels are marked; they are decided when the page is turned."""
        project = self._workbench.project
        promise, ids = promise_in(project), project.images.ids
        before = marks_of(project, is_blind=page.asks_each)
        marks = dict(before)
        for row in rows:
            image = int(ids[row])
            if mark is None or (mark == page.proposed(row) and not page.asks_each):
                marks.pop(image, None)
            elif mark != WRONG:
                marks[image] = mark
            elif not page.asks_each:  # what is asked is its name, not what it is not
                marks.setdefault(image, mark)
        title = mark_title(project, mark, len(rows))
        if promise is None or marks == before:
            return PageStep(None, title)
        return PageStep(SetFact(MARKS, PageMarks(promise.tries, page.asks_each, marks)), title)

    def decide(self, page: CheckPage, unseen: Collection[int], now: Circumstances) -> PageStep:
        """Return what the checks of a page decide."""
        # The unseen have marks, see `keeps_from_turning`.
        project, said = self._workbench.project, dict[int, Mark]()
        for row in page.rows.tolist():
            if (mark := page.said(row, project)) is not None:
                said[row] = mark
        step = record_page(project, page.labels, said, now)
        change = Several((step.change, SetFact(MARKS, PageMarks()))) if said else step.change
        return PageStep(change, step.title)

    def after(self, page: CheckPage) -> None:
        """Say that a page was checked."""
        del page
        self.on_turned()


def _named(project: Project, keys: tuple[ConceptId, ...]) -> list[Concept]:
    return [concept for concept in project.concepts if concept.key in keys]
