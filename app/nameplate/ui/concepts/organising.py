"""Merges names, and splits pictures off a name, each as one undoable step."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Title
from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageState
from nameplate.project.labelling import merge, split
from nameplate.ui.concepts.details import ConceptDetails
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import LAST_STEP, MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

SelectedRows = Callable[[], NDArray[np.int64]]


class Organising(QObject):
    """Handles requests of the concept panel and the details, and reports the results."""

    def __init__(
        self,
        panel: ConceptPanel,
        details: ConceptDetails,
        owner: ProjectOwner,
        scoring: Scoring,
        messages: MessageBar,
        selected: SelectedRows,
    ) -> None:
        """Split off the image rows that `selected` returns."""
        super().__init__(panel)
        self._panel = panel
        self._details = details
        self._owner = owner
        self._scoring = scoring
        self._messages = messages
        self._selected = selected
        panel.merge_requested.connect(self.merge)
        panel.name_taken.connect(self.offer_merge)
        panel.split_requested.connect(self._on_split_asked)
        details.split_requested.connect(self._on_split)

    @Slot()
    def selection_changed(self) -> None:
        """Show how many pictures a split would affect."""
        if self._details.isVisible():
            self._details.show_selected(len(self._selected()))

    @Slot(int, str)
    def offer_merge(self, key: int, name: str) -> None:
        """Offer to merge a concept into the one that already has its new name."""
        one, kept = self._owner.project.concept(key), self._named(name)
        if one is None or kept is None:
            return
        count = self._owner.project.counts().get(key, 0)
        labels = f" {counted(count, 'label')} of it would be “{kept.name}”." if count else ""
        self._messages.ask(
            f"“{kept.name}” is there already. Merge “{one.name}” into it?{labels}",
            answer="Merge",
            on_answer=lambda: self.merge(kept.key, [key], as_synonyms=False),
            about=LAST_STEP,
        )

    @Slot(int, list, bool)
    def merge(self, kept: int, others: list[int], as_synonyms: bool) -> None:
        """Merge the concepts `others` into `kept`."""
        project = self._owner.project
        one = project.concept(kept)
        gone = [c for c in project.concepts if c.key in others and c.key != kept]
        if one is None or not gone:
            self._messages.tell("Select the names that are one and the same, then merge them.")
            return
        counts = project.counts()
        count = sum(counts.get(concept.key, 0) for concept in gone)
        try:
            change = merge(project, kept, [c.key for c in gone], as_synonyms=as_synonyms)
        except UsageError as error:
            self._panel.show_error(error_text(error))
            return
        title = Title("merge-names", {"count": len(gone), "name": gone[0].name})
        self._owner.change(change, title)
        what = f"“{gone[0].name}”" if len(gone) == 1 else f"{len(gone):,} names"
        along = f"; {counted(count, 'label')} went along" if count else ""
        self._messages.tell_done(f"{what} merged into “{one.name}”{along}.", self._owner.undo)

    @Slot(int)
    def _on_split_asked(self, key: int) -> None:
        self._panel.details_requested.emit(key)
        self._details.show_selected(len(self._selected()))
        self._details.focus_split()

    @Slot(str)
    def _on_split(self, line: str) -> None:
        key, rows = self._panel.current_key(), self._selected()
        rows = rows[self._owner.project.images.states[rows] != ImageState.UNREADABLE]
        if self._owner.project.concept(key) is None:
            return
        if not len(rows):
            self._details.show_problem("Select the pictures first that get the new name.")
            return
        try:
            change, _ = split(self._owner.project, key, rows, line, self._scoring.circumstances)
        except UsageError as error:
            self._details.show_problem(error_text(error))
            return
        self._owner.change(change, Title("split", {"name": line}))
        self._details.clear_split()
        self._messages.tell_done(
            f"{counted(len(rows), 'picture')} changed: “{line}”.", self._owner.undo
        )

    def _named(self, name: str) -> Concept | None:
        fold = name.casefold()
        return next((c for c in self._owner.project.concepts if c.name.casefold() == fold), None)
