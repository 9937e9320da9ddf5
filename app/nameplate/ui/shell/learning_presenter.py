"""Shows what suggestions are learned from, and offers to update automatic labels."""

from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.ui.concepts.learning_box import LearningBox
from nameplate.ui.jobs.learning import Learning
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.review.labelling import Labelling
from nameplate.ui.sheets.sheets import Sheets
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.learning import more_of, suggested_from
from nameplate.wording.numbers import counted

_OFFER: Final = "learned"
"""What the offer is about, so that it goes when it does not hold any more."""

_EACH: Final = 10
"""Decisions between two offers to auto-label again."""


class LearningPresenter(QObject):
    """Keeps a `LearningBox` up to date.

    What was labelled automatically stays as it is when something was learned. Where it would be
    labelled otherwise now, that is said when nothing else is, not after every few decisions, and
    not beneath pages: they would get smaller under the pointer.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        learning: Learning,
        box: LearningBox,
        labelling: Labelling,
        messages: MessageBar,
        sheets: Sheets,
    ) -> None:
        super().__init__(box)
        self._owner = owner
        self._learning = learning
        self._box = box
        self._labelling = labelling
        self._messages = messages
        self._sheets = sheets
        self._told_at, self._is_offered = 0, False
        box.show_requested.connect(self._show_passed_over)
        learning.changed.connect(self._show)
        learning.settled.connect(self.offer)
        owner.suggestions_changed.connect(self._show)
        owner.suggestions_changed.connect(self._on_suggested)
        owner.changed.connect(self._on_changed)
        owner.opened.connect(self._on_opened)
        self._show()

    @Slot()
    def _show(self) -> None:
        evidence, learns = self._learning.evidence, self._owner.project.settings.learns
        is_in_force = self._learning.is_in_force
        images, labels = self._owner.project.images, self._owner.project.labels
        unread = (labels.decided_by == DecidedBy.PERSON) & (labels.states != ReviewState.SKIPPED)
        unread &= ~images.is_removed & (images.states != ImageState.READY)
        count = int(np.count_nonzero(unread))
        text = suggested_from(evidence, learns=learns, is_in_force=is_in_force, unread=count)
        can_show = learns and evidence is not None and bool(evidence.passed_over)
        more = more_of(evidence, learns=learns)
        self._box.show_state(text, more, learns=learns, can_show=can_show)

    @Slot()
    def _show_passed_over(self) -> None:
        """Show pictures of the names that have to be decided about, too."""
        if evidence := self._learning.evidence:
            self._sheets.show_some_of(evidence.passed_over)

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if effects.settings:
            self._show()
        self._withdraw()

    @Slot()
    def _on_suggested(self) -> None:
        """Take the offer back: if it still holds, it is made again when all is learned from."""
        if self._is_offered:
            self._told_at = 0
        self._withdraw()

    def _withdraw(self) -> None:
        self._is_offered = False
        self._messages.withdraw(_OFFER)

    @Slot()
    def _on_opened(self) -> None:
        self._told_at = 0

    @Slot()
    def offer(self) -> None:
        """Offer to auto-label again where that would change labels.

        Not before stacks are known: what copies taught may be unlearned when these are found.
        """
        evidence = self._learning.evidence
        if evidence is None or not self._learning.is_in_force or self._owner.stacks is None:
            return
        if self._sheets.panel.isVisible() or not self._messages.is_quiet:
            return
        if abs(evidence.decisions - self._told_at) < _EACH:
            return
        self._told_at = evidence.decisions
        if count := self._labelling.count_outdated():
            self._is_offered = True
            decisions = counted(evidence.decisions, "decision")
            labels = counted(count, "automatic label")
            self._messages.tell(
                f"Learned from {decisions}: {labels} would be another now.",
                answer="Auto-label again",
                on_answer=self._labelling.auto_label,
                about=_OFFER,
            )
