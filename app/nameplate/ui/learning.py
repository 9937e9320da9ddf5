"""A line about the learning from labels, below the names."""

from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.domain.changes import Effects, SetFact, Title
from nameplate.domain.labels import DecidedBy
from nameplate.domain.stacks import STACKS
from nameplate.pipeline.learning.fitter import evidence_of
from nameplate.pipeline.learning.guard import Evidence
from nameplate.project.facts import SETTINGS
from nameplate.project.label_changes import auto_label, outcome_of
from nameplate.ui.widgets.boxes import row
from nameplate.ui.widgets.painting import SMALL, font_of
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.learning import more_of, what_is_learned
from nameplate.wording.texts import tr, trn, what_of

_OFFER: Final = "learned"
"""What the offer is about, so that it goes when it does not hold any more."""

_EACH: Final = 10
"""Decisions between two offers to auto-label again."""


def attach(workbench: Workbench) -> None:
    """Add the line about learning below the names."""
    workbench.part(LearningBox)


def toggle(workbench: Workbench) -> None:
    """Toggle whether suggestions learn from decisions."""
    learns = not workbench.project.settings.learns
    settings = replace(workbench.project.settings, learns=learns)
    workbench.do(SetFact(SETTINGS, settings), Title("learn" if learns else "names-only"))


class LearningBox(QWidget):
    """The state of learning as a sentence, with a button to turn it on where it is off.

    What was labelled automatically stays as it is when something was learned. Where it would be
    labelled otherwise now, that is said when nothing else is, not after every few decisions, and
    not beneath pages: they would get smaller under the pointer.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self._workbench = workbench
        self._told_at, self._is_offered = 0, False
        self._text = Paragraph(max_lines=3)
        self._button = QPushButton(tr("Turn on"))
        self._button.setObjectName("link")
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for part in (self._text, self._button):
            part.setFont(font_of(part.font(), SMALL))
        self.setLayout(row(self._text, self._button, margins=(12, 0, 7, 12), spacing=4, grows=0))
        self._button.clicked.connect(lambda: toggle(workbench))
        workbench.place(self, Area.NAMES)
        workbench.connect_to(workbench.fitting.changed, self._on_fitted)
        workbench.pictures.follow_mode(self._offer)
        workbench.follow(self._on_project_changed)
        self._show_state()

    @property
    def _evidence(self) -> Evidence | None:
        return evidence_of(self._workbench.fitting.fitted)

    def _show_state(self) -> None:
        """Show the state of learning, with details in the tool tip; hide an empty line."""
        workbench, evidence = self._workbench, self._evidence
        fitting, learns = workbench.fitting, workbench.project.settings.learns
        if fitting.fitted and fitting.fitted.said:  # it failed, or a plug-in fitted it
            text = what_of(fitting.fitted.said)
            text = text[:1].upper() + text[1:]
        else:
            text = what_is_learned(evidence, learns=learns, is_in_force=fitting.is_in_force)
        self._button.setVisible(not learns)
        workbench.set_checked("learn", is_on=learns)
        self._text.show_text(text)
        self._text.setToolTip(tip(more_of(evidence, learns=learns)))

    def _on_fitted(self) -> None:
        self._show_state()
        if not self._workbench.fitting.is_due:
            self._offer()

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.suggestions and self._is_offered:
            self._told_at = 0  # if the offer still holds, it is made again
        if effects.settings or effects.suggestions:
            self._show_state()
        if effects.of_project or effects.suggestions:
            self._is_offered = False
            self._workbench.unsay(_OFFER)

    def _offer(self) -> None:
        """Offer to auto-label again where that would change labels.

        Not before stacks are known: what copies taught may be unlearned when these are found.
        """
        workbench, evidence = self._workbench, self._evidence
        if not evidence or not workbench.fitting.is_in_force or workbench.derived[STACKS] is None:
            return
        if workbench.pictures.modes.shows_others or not workbench.messages.is_quiet:
            return
        if abs(evidence.decisions - self._told_at) < _EACH:
            return
        self._told_at = evidence.decisions
        if count := _count_outdated(workbench):
            self._is_offered = True
            text = trn(
                "Learned from your labels: {count:,} automatic label would change.",
                "Learned from your labels: {count:,} automatic labels would change.",
                count,
            )
            again = partial(workbench.trigger, "auto_label")
            workbench.say(text, (tr("Auto-label again"), again), about=_OFFER)


def _count_outdated(workbench: Workbench) -> int:
    """Return how many automatic labels auto-labelling would change or clear."""
    project = workbench.project
    if not np.isin(project.labels.decided_by, (DecidedBy.AUTO, DecidedBy.PROBE)).any():
        return 0
    rows = np.flatnonzero(~project.images.is_removed)
    outcome = outcome_of(project, auto_label(project, rows, workbench.decision_context))
    return outcome.changed + outcome.lost
