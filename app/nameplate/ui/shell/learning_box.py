"""Whether suggestions learn from decisions: the switch, and what they come from now."""

from dataclasses import replace
from typing import Final, Protocol

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QPushButton, QSizePolicy, QWidget

from nameplate.domain.changes import Effects, SetFact, Title
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.project.facts import SETTINGS
from nameplate.ui.jobs.learning import Learning
from nameplate.ui.looks.looks import Looks
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.review.labelling import Labelling
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.wording.learning import more_of, suggested_from
from nameplate.wording.numbers import counted

_OFFER: Final = "learned"
"""What the offer is about, so that it goes when it does not hold any more."""

_EACH: Final = 10
"""Decisions between two offers to auto-label again."""


class _Frame(Protocol):
    looks: Looks

    def do_action(self, action_id: str, *about: object) -> None: ...


class LearningBox(QWidget):
    """The switch, and beneath it in words what is suggested from.

    What was labelled automatically stays as it is when something was learned. Where it would be
    labelled otherwise now, that is said when nothing else is, not after every few decisions, and
    not beneath pages: they would get smaller under the pointer.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        learning: Learning,
        labelling: Labelling,
        messages: MessageBar,
        frame: "_Frame",
    ) -> None:
        super().__init__()
        self._owner = owner
        self._learning = learning
        self._labelling = labelling
        self._messages = messages
        self._frame = frame
        self._told_at, self._is_offered = 0, False
        self._switch = QCheckBox("Learn from my decisions")
        self._switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._switch.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._text = Paragraph(max_lines=3)
        self._show = QPushButton("Show")
        self._show.setToolTip("Show some pictures of these names")
        parts = (self._switch, self._text, row(self._show, None))
        self.setLayout(column(*parts, margins=(10, 0, 10, 10), spacing=2))
        self._show.clicked.connect(self._show_passed_over)
        self._switch.clicked.connect(self.toggle)
        learning.changed.connect(self._show_state)
        learning.settled.connect(self.offer)
        owner.happened.connect(self._on_happened)
        self._show_state()

    @property
    def text(self) -> str:
        """What is said."""
        return self._text.text()

    @Slot()
    def toggle(self) -> None:
        """Toggle whether suggestions learn from decisions."""
        learns = not self._owner.project.settings.learns
        settings = replace(self._owner.project.settings, learns=learns)
        self._owner.change(SetFact(SETTINGS, settings), Title("learn" if learns else "names-only"))

    @Slot()
    def _show_state(self) -> None:
        """Show whether it is on and what suggestions come from, with more in the tool tip."""
        evidence, learns = self._learning.evidence, self._owner.project.settings.learns
        is_in_force = self._learning.is_in_force
        images, labels = self._owner.project.images, self._owner.project.labels
        unread = (labels.decided_by == DecidedBy.PERSON) & (labels.states != ReviewState.SKIPPED)
        unread &= ~images.is_removed & (images.states != ImageState.READY)
        count = int(np.count_nonzero(unread))
        text = suggested_from(evidence, learns=learns, is_in_force=is_in_force, unread=count)
        self._show.setVisible(learns and evidence is not None and bool(evidence.passed_over))
        self._switch.setChecked(learns)
        self._text.show_text(text[:1].upper() + text[1:])
        self._switch.setAccessibleDescription(f"Suggested from {text}")
        for part in (self._switch, self._text):
            part.setToolTip(tip(more_of(evidence, learns=learns)))

    @Slot()
    def _show_passed_over(self) -> None:
        """Show pictures of the names that have to be decided about, too."""
        if evidence := self._learning.evidence:
            self._frame.do_action("sheets", evidence.passed_over)

    @Slot(object)
    def _on_happened(self, effects: Effects) -> None:
        if effects.opened or (effects.suggestions and self._is_offered):
            self._told_at = 0  # if the offer still holds, it is made again
        if effects.settings or effects.suggestions:
            self._show_state()
        if effects.of_project or effects.suggestions:
            self._is_offered = False
            self._messages.withdraw(_OFFER)

    @Slot()
    def offer(self) -> None:
        """Offer to auto-label again where that would change labels.

        Not before stacks are known: what copies taught may be unlearned when these are found.
        """
        evidence = self._learning.evidence
        if evidence is None or not self._learning.is_in_force or self._owner.stacks is None:
            return
        looks = self._frame.looks
        is_on_page = looks.current.decides is not None and looks.stack.isVisible()
        if is_on_page or not self._messages.is_quiet:
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
