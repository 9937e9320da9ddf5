"""Pages of labels to check, drawn at random; a switch hides the labels."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from nameplate.domain.changes import Effects, SetFact
from nameplate.domain.concepts import ConceptId
from nameplate.domain.images import ImageState
from nameplate.domain.messages import Message
from nameplate.features.quality.checks.checking import LabelsToCheck, begin, next_page, record_page
from nameplate.features.quality.checks.words import claim_text, ended_text, progress_text
from nameplate.features.quality.facts import MARKS
from nameplate.pipeline.pages.deciding import PageStep, mark_title
from nameplate.pipeline.pages.rules import SKIPPED, WRONG, Mark
from nameplate.project.certificates import problem_of, why_ended
from nameplate.project.facts import RANDOM_CHECK
from nameplate.project.label_changes import DecisionContext
from nameplate.project.project import Project
from nameplate.project.random_check import RandomCheck
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.pages.page import Page
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.ui.pages.source import Heading, NoPage, PageSource
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import sentences, tr, trn

_SOON_MS: Final = 120
"""After a change, before the labels are compared."""

HASTY_MS: Final = 100
"""Per label: nobody looks at a picture and its name in less."""


@dataclass(eq=False, kw_only=True)
class CheckPage(Page):
    """A page of labels to check; `concepts` has by row those of its label."""

    labels: LabelsToCheck
    concepts: Mapping[int, tuple[ConceptId, ...]]

    def proposed(self, row: int) -> ConceptId | None:
        """Return the name of a label, where it is seen and not several."""
        of = () if self.asks_each else self.concepts[row]
        return of[0] if len(of) == 1 else None

    def _unmarked(
        self, picture: PagePicture, place: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        if self.asks_each:
            return replace(picture, verdict=Verdict.ASKED)
        keys = self.concepts[int(self.rows[place])]
        of = [concept for concept in project.concepts if concept.key in keys]
        if not of:
            return picture
        others = tuple((concept.name, concept.colour) for concept in of[1:])
        return replace(picture, label=of[0].name, colour=of[0].colour, others=others)

    def said(self, row: int, project: Project) -> Mark | None:
        """Return the mark of a label; one with a name that is gone is only wrong."""
        mark = project.fact(MARKS).get(int(project.images.ids[row]))
        is_known = mark in (None, WRONG, SKIPPED) or project.concept(mark or 0) is not None
        mark = mark if is_known else WRONG
        return None if self.asks_each and mark == WRONG else mark

    def _gone(self, row: int, project: Project) -> PagePicture | None:
        # The mark of a picture that cannot be shown any more is what counts.
        return super()._gone(row, project) if self.said(row, project) is None else None


class Checks(PageSource[CheckPage]):
    """Random checks of a project's labels: whether they still hold, and their pages.

    Attributes:
        why: Why the checks say nothing of the labels any more; None where they do.
        on_looked: Called when something was changed, once it is known what that means.
        on_left: Called when the person wants to see what the checks show.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self.hides = False
        self.why: Message | None = None
        self._judged, self._problem = 0, self.why
        self._shown = set[int]()  # images whose labels were seen on a page
        self._since = 0  # when the page was shown
        self.on_looked: Callable[[], object] = lambda: None
        self.on_left: Callable[[], object] = lambda: None
        self.look()
        self._was_ended = self.why is not None
        self._soon = workbench.later(_SOON_MS, self.tell)
        workbench.follow(self._on_changed)
        self._soon.ask()

    def _on_changed(self, effects: Effects) -> None:
        if effects.opened:
            self._shown.clear()
        if effects.of_project:
            self._soon.ask()

    @property
    def check(self) -> RandomCheck | None:
        """The random checks of the project; None for none."""
        return self._workbench.project.fact(RANDOM_CHECK)

    @property
    def is_open(self) -> bool:
        """Whether checks were begun and still hold."""
        return self.check is not None and self.why is None

    def look(self) -> None:
        """Find out whether the checks still hold.

        Whether they fit the labels is asked once: only a file can have others, and for 100,000
        images it takes 30 ms.
        """
        check, project = self.check, self._workbench.project
        self.why = why_ended(project, check) if check else None
        if check and self.why is None:
            if self._judged != check.begun_at:
                self._judged, self._problem = check.begun_at, problem_of(project, check)
            self.why = self._problem

    def tell(self) -> None:
        """Find out whether the checks still hold, and show that wherever it is shown."""
        self.look()
        workbench, why = self._workbench, self.why
        if why is not None and not self._was_ended:
            undo, messages = (tr("Undo"), workbench.undo), workbench.messages
            done = messages.text if messages.is_about(LAST_STEP) else ""
            text = sentences(done, ended_text(why))
            messages.tell(text, undo, stays=True, about=LAST_STEP)
        self._was_ended = why is not None
        workbench.show_status(claim_text(self.check) if self.is_open else "", "check_at_random")
        self.on_looked()

    def go_on(self) -> None:
        """Show the next page; begin where nothing was begun that holds.

        Raises:
            UsageError: There are no labels.
        """
        workbench = self._workbench
        self.look()
        if not self.is_open:
            step = begin(workbench.project, workbench.decision_context.at)
            if step.change is not None:
                workbench.do(step.change, step.title)
            self.look()
        self._since = workbench.decision_context.at
        workbench.check_pages(self)

    # ---- pages

    def _page(self, size: int) -> CheckPage | None:
        """Return a page without marks; None where no label is left to check."""
        project = self._workbench.project
        labels = next_page(project, size, is_hidden=self.hides) if self.is_open else None
        if labels is None:
            return None
        members = map(project.labels.sets.members, labels.concepts.tolist())
        concepts = dict(zip(labels.rows.tolist(), members, strict=True))
        return CheckPage(labels.rows, asks_each=labels.is_hidden, labels=labels, concepts=concepts)

    def next_page(self, size: int) -> CheckPage | NoPage:
        """Return the labels to check next, or why there is nothing to check."""
        title = ended_text(self.why) if self.why else tr("All labels are checked.")
        none = NoPage(title, next_step=tr("See what they show"), go_on=self.on_left)
        return self._page(size) or none

    def resized(self, page: CheckPage, size: int) -> CheckPage | None:
        """Return a page of another size; marks stay with their pictures."""
        del page
        return self._page(size)

    def is_stale(self, page: CheckPage) -> bool:
        """Whether other labels are to be checked now, or none, or in another way."""
        now = self._page(len(page.rows))
        if now is None or now.asks_each != page.asks_each:
            return True
        return not np.array_equal(np.sort(now.rows), np.sort(page.rows))

    def heading(self, page: CheckPage, number: int, size: int) -> Heading:
        """Return the question, and the progress of the checks."""
        check, is_multi = self.check, self._workbench.project.settings.is_multi
        progress = progress_text(check) if check else ""
        if page.asks_each:
            how = tr("Labels are hidden so you judge freely. A skip counts as wrong.")
            return Heading(tr("Name these."), progress, how=how)
        self._shown.update(self._workbench.project.images.ids[page.rows].tolist())
        # A label is right if all its names are.
        asked = tr("Are all these names right?" if is_multi else "Are these labels right?")
        how = tr("Click what is wrong, or name it by its key. A skip counts as wrong.")
        return Heading(asked, progress, how=how)

    def turn_text(self, page: CheckPage, pictures: Sequence[PagePicture]) -> str:
        """Return how many labels are right, or how many pictures still need a name."""
        if page.asks_each:
            left = sum(picture.verdict is Verdict.ASKED for picture in pictures)
            text = trn("{count:,} still to name", "{count:,} still to name", left)
            return text if left else tr("Next page")
        right = sum(picture.verdict is Verdict.RIGHT for picture in pictures)
        text = trn("{count:,} is right, next page", "{count:,} are right, next page", right)
        return text if right else tr("Next page")

    # ---- decisions

    def keeps_from_turning(self, page: CheckPage, unseen: Collection[int]) -> str:
        """Return which pictures of a page still need a mark, or how fast it would be turned."""
        took = self._workbench.decision_context.at - self._since
        if took < HASTY_MS * len(page.rows):
            return trn(
                "{count:,} label in {seconds:.1f} seconds? Look at it first.",
                "{count:,} labels in {seconds:.1f} seconds? Look at each first.",
                len(page.rows),
                seconds=took / 1000,
            )
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

    def say(
        self, page: CheckPage, rows: Sequence[int], mark: Mark | None, now: DecisionContext
    ) -> PageStep:
        """Return the step by which labels are marked; turning the page decides them."""
        project = self._workbench.project
        before, ids = project.fact(MARKS), project.images.ids
        marks = dict(before)
        for row in rows:
            image = int(ids[row])
            if mark is None or (mark == page.proposed(row) and not page.asks_each):
                marks.pop(image, None)
            elif mark != WRONG:
                marks[image] = mark
            elif not page.asks_each:  # what is asked is its name, not what it is not
                marks.setdefault(image, mark)
        change = None if marks == before else SetFact(MARKS, marks)
        return PageStep(change, mark_title(project, mark, len(rows)))

    def decide(self, page: CheckPage, unseen: Collection[int], now: DecisionContext) -> PageStep:
        """Return the step by which the checks of a page are recorded."""
        project, marks = self._workbench.project, dict[int, Mark]()
        for row in page.rows.tolist():  # the unseen have marks, see `keeps_from_turning`
            if (mark := page.said(row, project)) is not None:
                marks[row] = mark
        self._since = now.at
        return record_page(project, page.labels, marks, now, self._shown)

    def after(self, page: CheckPage) -> None:
        """Show the bound that holds now."""
        del page
        self.tell()
