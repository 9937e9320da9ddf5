"""Pages of promised labels, drawn at random, for a person to check; some hide the label."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.images import ImageState
from nameplate.domain.marked_pages import MarkedPage
from nameplate.features.promise.words import next_step_of, progress_text
from nameplate.project.labelling import Circumstances
from nameplate.project.project import Project
from nameplate.project.promising.auditing import AuditPage, next_page, record_page
from nameplate.project.promising.state import PromiseStage, PromiseState, state_of
from nameplate.project.sheets import NO_ROWS, Rows
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.sheets.keeping import marks_from, marks_of
from nameplate.ui.sheets.page import Page
from nameplate.ui.sheets.page_picture import PagePicture, Verdict
from nameplate.ui.sheets.source import Heading, NoPage, PageTurn
from nameplate.ui.workbench import Workbench
from nameplate.wording.numbers import counted

_LOOK_AT_PROMISE = "Go to the promise"


@dataclass(eq=False, kw_only=True)
class CheckPage(Page):
    """A page of promised labels.

    Attributes:
        audit: What is checked.
        concepts: By row, those of the promised label.
    """

    audit: AuditPage
    concepts: Mapping[int, tuple[ConceptId, ...]]

    @classmethod
    def of(cls, project: Project, audit: AuditPage) -> "CheckPage":
        """Return a page on which nothing was said yet."""
        members = map(project.labels.sets.members, audit.concepts.tolist())
        concepts = dict(zip(audit.rows.tolist(), members, strict=True))
        return cls(audit.rows, asks_each=audit.is_blind, audit=audit, concepts=concepts)

    def is_same_as(self, audit: AuditPage | None) -> bool:
        """Whether `audit` asks for the same images in the same way."""
        if audit is None or audit.is_blind != self.audit.is_blind:
            return False
        return np.array_equal(np.sort(audit.rows), np.sort(self.rows))

    def proposed(self, row: int) -> ConceptId | None:
        """Return the promised concept, where it is seen and not several."""
        of = () if self.asks_each else self.concepts[row]
        return of[0] if len(of) == 1 else None

    def _unmarked(
        self, picture: PagePicture, place: int, project: Project, suggestions: Suggestions
    ) -> PagePicture:
        del suggestions
        if self.asks_each:
            return replace(picture, verdict=Verdict.ASKED)
        of = _named(project, self.concepts[int(self.rows[place])])
        if not of:
            return picture
        others = tuple((concept.name, concept.colour) for concept in of[1:])
        return replace(picture, label=of[0].name, colour=of[0].colour, others=others)

    def _settled(self, row: int, project: Project) -> PagePicture | None:
        # What was said of a picture that cannot be shown any more is what counts.
        return None if row in self.marks else super()._settled(row, project)


class CheckPages:
    """Makes the pages of the promise of a project; a `PageSource`.

    Attributes:
        state: That of the promise, as `look` found it; None where there is no promise.
        goes_on: Whether a promise that failed is checked further all the same.
        on_turned: Called when a page was checked.
        on_left: Called when the person wants to see how far the promise is.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self.on_turned: Callable[[], object] = lambda: None
        self.on_left: Callable[[], object] = lambda: None
        self.forget()

    def forget(self) -> None:
        """Begin anew: another promise was begun."""
        self.state: PromiseState | None = None
        self.goes_on = False
        self._draft = self._restored()

    def _restored(self) -> CheckPage | None:
        """Return the page that the project has kept; None where it is none of its promise."""
        project = self._workbench.project
        kept = next((page for page in project.pages if page.promise), None)
        if kept is None or project.promise is None or project.promise.tries != kept.promise:
            return None
        audit = next_page(project, len(kept.images))
        rows = project.images.rows_of(np.array(kept.images, np.int64))
        if audit is None or audit.is_blind != kept.is_blind or set(rows) != set(audit.rows):
            return None
        page = CheckPage.of(project, audit)
        page.take_over(marks_from(project.images, kept.marks))
        page.forget_names({concept.key for concept in project.concepts})
        return page

    # ---- which pages there are

    def look(self) -> None:
        """Find out how far the promise is, and whether it still holds."""
        self.state = state_of(self._workbench.project, self._workbench.circumstances.model)

    @property
    def _is_open(self) -> bool:
        stage = self.state.stage if self.state else None
        return stage is PromiseStage.OPEN or (stage is PromiseStage.FAILED and self.goes_on)

    def next_page(self, size: int) -> Page | NoPage:
        """Return the labels to check next, or why there is nothing to check."""
        project = self._workbench.project
        audit = next_page(project, size) if self._is_open else None
        if audit is None:
            return NoPage(*next_step_of(project.promise, self.state), next_step=_LOOK_AT_PROMISE)
        draft, self._draft = self._draft, None
        if draft is not None and draft.is_same_as(next_page(project, len(draft.rows))):
            return draft
        return CheckPage.of(project, audit)

    def renewed(self, page: Page, size: int) -> Page | None:
        """Return the page: what it asks does not depend on what is suggested."""
        del size
        return page

    def resized(self, page: Page, size: int) -> Page | None:
        """Return a page of other size; its marks stay with their pictures."""
        audit = next_page(self._workbench.project, size) if self._is_open else None
        if audit is None:
            return None
        other = CheckPage.of(self._workbench.project, audit)
        if other.asks_each is page.asks_each:
            rows = set(other.rows.tolist())
            other.marks = {row: mark for row, mark in page.marks.items() if row in rows}
        return other

    def ahead(self, page: Page, size: int) -> Rows:
        """Return nothing: which page follows depends on what this one finds."""
        del page, size
        return NO_ROWS

    def is_stale(self, page: Page) -> bool:
        """Whether other labels are to be checked now, or none."""
        if not self._is_open or not isinstance(page, CheckPage):
            return True
        return not page.is_same_as(next_page(self._workbench.project, len(page.rows)))

    # ---- what is said

    def heading(self, page: Page, number: int, size: int) -> Heading:
        """Return how far the checks are."""
        del number, size
        progress = progress_text(self.state) if self.state else ""
        if not page.asks_each:
            is_multi = self._workbench.project.settings.is_multi
            what = "names" if is_multi else "labels"  # a label is right if all its names are
            return Heading(f"Are {'all ' * is_multi}these {what} right?", progress)
        return Heading(
            "Name these.",
            progress,
            how="The labels are hidden, so that nothing sways you: press the key of the name of "
            "each picture, or skip what nobody can tell.",
        )

    def turn_text(self, page: Page, pictures: Sequence[PagePicture]) -> str:
        """Return how many labels are right, or how many pictures still need a name."""
        if page.asks_each:
            left = sum(picture.verdict is Verdict.ASKED for picture in pictures)
            return f"{left:,} still to name" if left else "Next page"
        right = sum(picture.verdict is Verdict.RIGHT for picture in pictures)
        verb = "is" if right == 1 else "are"
        return f"{right:,} {verb} right, next page" if right else "Next page"

    # ---- what a person does

    def keeps_from_turning(self, page: Page, unseen: Collection[int]) -> str:
        """Return what is still to be said of the pictures of a page."""
        states, rows = self._workbench.project.images.states, page.rows.tolist()
        gone = {*unseen, *(row for row in rows if states[row] == ImageState.UNREADABLE)}
        if lost := sum(row not in page.marks for row in gone):
            them = "it" if lost == 1 else "them"
            return (
                f"{counted(lost, 'picture')} cannot be seen. Bring the drive back, or skip {them}: "
                "what is skipped here counts as wrong."
            )
        if page.asks_each and (left := sum(row not in page.marks for row in rows)):
            verb = "has" if left == 1 else "have"
            return f"{counted(left, 'picture')} still {verb} no name: name each, or skip it."
        return ""

    def keeps_from_naming(self, page: Page) -> str:
        """Return that the names are frozen."""
        del page
        return (
            "While labels are checked for a promise, another name would make it void. "
            "Skip the picture: it counts as wrong, and you can name it afterwards."
        )

    def decide(self, page: Page, unseen: Collection[int], now: Circumstances) -> PageTurn:
        """Return what the checks of a page decide."""
        del unseen  # they have marks, see `keeps_from_turning`
        assert isinstance(page, CheckPage)  # noqa: S101 - it was made here
        step = record_page(self._workbench.project, page.audit, page.marks, now)
        return PageTurn(step.change, step.title)

    def after(self, page: Page) -> None:
        """Say that a page was checked."""
        del page
        self.on_turned()

    def put_away(self, page: Page) -> None:
        """Keep the marks of a page that is left."""
        if isinstance(page, CheckPage) and page.marks:
            self._draft = page

    def take_out(self, page: Page) -> None:
        """Forget the page that was put away: one before it is shown again."""
        del page
        self._draft = None

    def kept(self, page: Page | None) -> tuple[MarkedPage, ...]:
        """Return the page that is shown or was put away, if it has marks."""
        project, of = self._workbench.project, page if isinstance(page, CheckPage) else self._draft
        if of is None or not of.marks or project.promise is None:
            return ()
        ids, marks = project.images.ids[of.rows].tolist(), marks_of(project.images, of.marks)
        number, is_blind = project.promise.tries, of.asks_each
        return (MarkedPage(images=tuple(ids), marks=marks, promise=number, is_blind=is_blind),)

    def drafts(self) -> Collection[Page]:
        """Return the page that was put away."""
        return [self._draft] if self._draft else []

    def choose(self, page: Page, step: int) -> bool:
        """Return False: nobody chooses what is checked."""
        del page, step
        return False

    def go_on(self) -> None:
        """Lead to the promise."""
        self.on_left()


def _named(project: Project, keys: tuple[ConceptId, ...]) -> list[Concept]:
    return [concept for concept in project.concepts if concept.key in keys]
