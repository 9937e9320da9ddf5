"""Shows what random checks say of the labels; leads to the next page and to the certificate."""

from typing import Final

from PySide6.QtGui import QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from nameplate.domain.errors import UsageError
from nameplate.features.quality.checking import attempt_of
from nameplate.features.quality.checks import Checks
from nameplate.features.quality.earlier import earlier_certificate
from nameplate.features.quality.words import (
    basis_text,
    before_text,
    capitalised,
    ended_text,
    headline,
)
from nameplate.project.certificates import labelled_rows, labels_digest, paragraphs_of
from nameplate.ui.widgets.boxes import column, primary_button, row
from nameplate.ui.widgets.painting import TITLE, font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentence, sentences, tr, what_of

_MOST_DETAILS: Final = 8
"""Paragraphs of a certificate below its claim."""


class CertificateCard(QWidget):
    """Random checks and the certificate of the labels, as a part of a panel.

    Attributes:
        check_button: Shows the next page of checks.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self._workbench = workbench
        self._checks = workbench.part(Checks)
        role = QPalette.ColorRole.WindowText
        self._headline = Paragraph(max_lines=2, role=role)
        self._headline.setFont(font_of(self.font(), TITLE, QFont.Weight.DemiBold))
        self._text = Paragraph(max_lines=4, role=role)
        self._note = Paragraph(max_lines=4)
        self._details = [Paragraph(max_lines=8) for _ in range(_MOST_DETAILS)]
        self.check_button = primary_button(tr("Check at random"))
        self._hides = QCheckBox(tr("Hide labels while checking"))
        self._copy = QPushButton(tr("Copy"))
        self._export = QPushButton(tr("Export…"))
        self._more = QPushButton(tr("Details"))
        self._more.setCheckable(True)
        self._buttons = (self._copy, self._export, self._more)
        for button in self._buttons:
            button.setAutoDefault(True)  # Enter on it must not press the main button
        buttons = row(self.check_button, self._hides, None, *self._buttons, spacing=8)
        said = (self._headline, self._text, self._note)
        self.setLayout(column(*said, buttons, *self._details, spacing=12))
        self._connect()

    def _connect(self) -> None:
        self.check_button.clicked.connect(self.check)
        self._hides.toggled.connect(self._hide_labels)
        self._copy.clicked.connect(self._copy_certificate)
        self._export.clicked.connect(lambda: self._workbench.trigger("export"))
        self._more.toggled.connect(self.refresh)
        self._checks.on_looked = lambda: self.refresh() if self.isVisible() else None

    @property
    def text(self) -> str:
        """All that is shown of the checks."""
        parts = (self._headline, self._text, self._note, *self._details)
        return "\n".join(part.text() for part in parts if not part.isHidden())

    def refresh(self) -> None:
        """Show what the checks say now."""
        project, checks = self._workbench.project, self._checks
        check, why = checks.check, checks.why
        if check is not None and why is None:
            self._headline.show_text(headline(check))
            is_begun = bool(check.checks)
            text = basis_text(check) if is_begun else before_text(check.labels, check.attempt)
            self._text.show_text(text)
            self._note.show_text("")
            self.check_button.setEnabled(len(check.checks) < check.labels)
        else:
            count, is_begun = len(labelled_rows(project)), False
            self._headline.show_text("")
            self._text.show_text(before_text(count, attempt_of(project, labels_digest(project))))
            self._note.show_text(self._past(), "info")
            self.check_button.setEnabled(count > 0)
        self._hides.setEnabled(not project.settings.is_multi)
        for button in self._buttons:
            button.setVisible(is_begun)
        self._show_details(is_shown=is_begun and self._more.isChecked())

    def _past(self) -> str:
        """Return why the last checks ended, or the certificate of an earlier version."""
        if (why := self._checks.why) is not None:
            again = tr("Undo that, or start again: each new start takes more checks.")
            return sentences(ended_text(why), again)
        earlier = earlier_certificate(self._workbench.project)
        return capitalised(sentence(what_of(earlier))) if earlier else ""

    def _show_details(self, *, is_shown: bool) -> None:
        lines = self._lines[1:] if is_shown else []
        for place, paragraph in enumerate(self._details):
            paragraph.show_text(lines[place] if place < len(lines) else "")

    @property
    def _lines(self) -> list[str]:
        check = self._checks.check
        messages = paragraphs_of(self._workbench.project, check) if check else ()
        return [capitalised(sentence(what_of(message))) for message in messages]

    def check(self) -> None:
        """Show the next page of checks."""
        if not self.check_button.isEnabled():
            return
        try:
            self._checks.go_on()
        except UsageError as error:
            self._workbench.warn(error_text(error))

    def _hide_labels(self, is_on: bool) -> None:
        self._checks.hides = is_on

    def _copy_certificate(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self._lines))
        self._workbench.say(tr("Certificate copied."), is_reply=True)
