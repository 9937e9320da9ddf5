"""The part of the accuracy panel about all labels: how many are right, and the next step."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtGui import QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.tally import undecided_of
from nameplate.domain.labels import DecidedBy
from nameplate.domain.messages import Message
from nameplate.features.quality.checks.checking import attempt_of
from nameplate.features.quality.checks.pages import Checks
from nameplate.features.quality.checks.words import (
    basis_text,
    before_text,
    capitalised,
    claim_text,
    ended_text,
)
from nameplate.features.quality.facts import earlier_certificate
from nameplate.features.quality.figures.judging import LEAST_JUDGED, Figures
from nameplate.features.quality.figures.remarks import sources
from nameplate.project.certificates import labelled_rows, labels_digest, paragraphs_of
from nameplate.project.project import Project
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import TITLE, font_of
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentence, sentences, tr, trn, what_of

_MOST_DETAILS: Final = 6
"""Paragraphs of a certificate that are not above: claim, basis and assumption are."""


class LabelsCard(QWidget):
    """The share of right labels that random checks show, and the next step.

    Attributes:
        check_button: Shows the next page of random checks; hidden where hardly any label is there.
        pages_button: Shows pages of suggestions; hidden where none is left to check.
    """

    def __init__(
        self,
        workbench: Workbench,
        leave: Callable[[], object],
        on_refreshed: Callable[[], object],
    ) -> None:
        """Make one for a panel; `leave` closes that, to show pages of suggestions."""
        super().__init__()
        self._workbench, self._leave, self._on_refreshed = workbench, leave, on_refreshed
        self._checks = workbench.part(Checks)
        self._figures: Figures | None = None
        role = QPalette.ColorRole.WindowText
        self._headline = Paragraph(max_lines=2, role=role)
        self._headline.setFont(font_of(self.font(), TITLE, QFont.Weight.DemiBold))
        self._text, self._sources = Paragraph(max_lines=4, role=role), Paragraph(max_lines=2)
        self._note = Paragraph(max_lines=4)
        self._details = [Paragraph(max_lines=8) for _ in range(_MOST_DETAILS)]
        self.check_button = QPushButton(tr("Check at random"))
        self.pages_button = QPushButton(tr("Check pictures"))
        self._hides = QCheckBox(tr("Hide labels while checking"))
        self._hides.setToolTip(tip(tr("You name each picture without seeing its label.")))
        self._copy = QPushButton(tr("Copy"))
        self._export = QPushButton(tr("Export…"))
        self._more = QPushButton(tr("Details"))
        self._more.setCheckable(True)
        self._buttons = (self._copy, self._export, self._more)
        for button in (self.pages_button, self.check_button, *self._buttons):
            button.setAutoDefault(True)  # Enter presses the one with the focus
        main = (self.pages_button, self.check_button, self._hides)
        buttons = row(*main, None, *self._buttons, spacing=8)
        said = (self._headline, self._text, self._sources, self._note)
        self.setLayout(column(*said, buttons, *self._details, spacing=8))
        self.check_button.clicked.connect(self._go_on)
        self.pages_button.clicked.connect(self._show_pages)
        self._hides.toggled.connect(partial(setattr, self._checks, "hides"))
        self._copy.clicked.connect(self._copy_certificate)
        self._export.clicked.connect(lambda: self._workbench.trigger("export"))
        self._more.toggled.connect(self.refresh)
        self._checks.on_looked = lambda: self.refresh() if self.isVisible() else None

    def show_figures(self, figures: Figures | None) -> None:
        """Show the sources of the labels by these figures."""
        self._figures = figures
        self.refresh()

    def refresh(self) -> None:
        """Show the current figures."""
        project = self._workbench.project
        check = self._checks.check if self._checks.is_open else None
        count = len(labelled_rows(project))
        is_early = bool(project.concepts) and count < min(LEAST_JUDGED, project.images.present)
        is_begun = check is not None and bool(check.checks)
        if check is not None and is_begun:
            head, text, note = claim_text(check), basis_text(project, check), ""
        else:
            head, text = _checked_text(project), ""
            is_silent = is_early and count > 0  # so few are not worth checks
            attempt = attempt_of(project, labels_digest(project))
            note = (
                ""
                if is_silent
                else before_text(count, attempt, has_own=project.counts.tally.checked > 0)
            )
        headline = sentence(head) if head else ""
        delivered = sources(self._figures) if self._figures else ""
        self._headline.show_text(headline)
        self._text.show_text(text)
        self._sources.show_text("" if delivered == headline else delivered)
        past = "" if check else self._past
        self._note.show_text(past or note, "info" if past else "")
        is_left = check.labels > len(check.checks) if check else count > 0
        self._show_next(is_early=is_early, is_left=is_left)
        for button in self._buttons:
            button.setVisible(is_begun)
        lines = self._lines[2:3] + self._lines[4:] if is_begun and self._more.isChecked() else []
        for place, paragraph in enumerate(self._details):
            paragraph.show_text(lines[place] if place < len(lines) else "")
        self._on_refreshed()

    def _show_next(self, *, is_early: bool, is_left: bool) -> None:
        """Show the buttons of the next steps.

        Args:
            is_early: There are suggestions, and hardly any label that could be drawn.
            is_left: Some labels were not drawn yet.
        """
        project = self._workbench.project
        suggested = undecided_of(project.images, project.labels) & ~project.labels.has_label
        has_pages = bool(project.concepts) and bool(suggested.any())
        self.pages_button.setVisible(has_pages)
        for button in (self.check_button, self._hides):
            button.setVisible(not is_early)
        self.check_button.setEnabled(is_left)
        self._hides.setEnabled(not project.settings.is_multi)

    @property
    def _past(self) -> str:
        """Why the last checks ended, or the certificate of an earlier version."""
        if (why := self._checks.why) is not None:
            again = tr("Undo that, or start again: each new start takes more checks.")
            return sentences(ended_text(why), again)
        earlier = earlier_certificate(self._workbench.project)
        return capitalised(sentence(what_of(earlier))) if earlier else ""

    @property
    def _lines(self) -> list[str]:
        check = self._checks.check
        messages = paragraphs_of(self._workbench.project, check) if check else ()
        return [capitalised(sentence(what_of(message))) for message in messages]

    def _show_pages(self) -> None:
        self._leave()
        self._workbench.trigger("sheets")

    def _go_on(self) -> None:
        try:
            self._checks.go_on()
        except UsageError as error:
            self._workbench.warn(error_text(error))

    def _copy_certificate(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self._lines))
        self._workbench.say(tr("Certificate copied."), is_reply=True)


def _checked_text(project: Project) -> str:
    """Return how many pictures a person has checked, or how many labels are left to check.

    No share is estimated from decisions: pages show the riskiest names first, so the others are
    not like them, and intervals of 95% held the truth in one of four replays (ADR 28).
    """
    tally, labels = project.counts.tally, project.labels
    is_unchecked = labels.has_label & (labels.decided_by != DecidedBy.PERSON)
    unchecked = int(np.count_nonzero(is_unchecked & ~project.images.is_removed))
    if unchecked:
        return trn(
            "{count:,} label is not checked yet.",
            "{count:,} labels are not checked yet.",
            unchecked,
        )
    if tally.checked and tally.checked == tally.present:
        return what_of(Message("delivered-checked", {"count": tally.checked}))
    if not tally.checked:
        return ""
    count, total = tally.checked, tally.present
    return tr("You checked {count:,} of {total:,} pictures.", count=count, total=total)
