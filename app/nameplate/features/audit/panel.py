"""The panel about labels that came with the pictures: which may be wrong, and what comes next."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QPushButton

from nameplate.domain.changes import Effects
from nameplate.domain.images import ImageState
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.domain.text import deferred
from nameplate.features.audit.folders import use_folders
from nameplate.features.audit.report import report_of
from nameplate.features.audit.rules import (
    Audit,
    Material,
    audit,
    counts_by_name,
    suspects_of,
    worst_names,
)
from nameplate.features.audit.suspects import SuspectPages
from nameplate.features.audit.suspects_csv import SUSPECTS, write_suspects
from nameplate.features.evaluation.report.page import Report
from nameplate.features.evaluation.window.saving import ask_for_report
from nameplate.features.exchange.given import given_in
from nameplate.features.exchange.importing import copy_of
from nameplate.formats.outputs.output import Output
from nameplate.project.digests import names_digest, sentences_digest
from nameplate.ui.saving import save_file
from nameplate.ui.widgets.file_dialogs import ask_where_to_save
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.table import Table
from nameplate.ui.widgets.work_panel import WorkPanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import error_text, sentences, tr, trn

_JOB: Final = "audit"
_MOST_NAMES: Final = 12
_CERTIFY: Final = deferred("Certify accuracy…")
_SAVED: Final = (
    deferred("The list was saved as “{name}”."),
    deferred("The list was not saved."),
)


def ask(workbench: Workbench) -> None:
    """Show the panel, or close it where it is shown."""
    panel = workbench.part(AuditPanel)
    if panel.is_open:
        panel.close_panel()
    else:
        panel.show_audit()


class AuditPanel(WorkPanel):
    """Leads through given labels: the doubtful ones page by page, then random checks.

    What is doubtful is found on a thread, once for the same labels, names and model.

    Attributes:
        table: The names with doubtful or corrected labels.
    """

    guide_page = "import"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(tr("Given labels"), tr(_CERTIFY))
        self._workbench = workbench
        self._pages = SuspectPages(workbench)
        self._pages.on_left = self.show_audit
        self._of: object = None  # what the doubtful ones were found for
        self._heading = Paragraph(max_lines=2, role=QPalette.ColorRole.WindowText)
        self._heading.setFont(font_of(self.font(), weight=QFont.Weight.DemiBold))
        self._text = Paragraph(max_lines=4, role=QPalette.ColorRole.WindowText)
        self.table = Table(tr("Given labels by name"))
        heads = (
            tr("Name"),
            tr("Given", "came with the pictures"),
            tr("Doubtful", "labels"),
            tr("Corrected"),
        )
        self.table.set_heads(heads, stretched=(0,))
        texts = (
            tr(_CERTIFY),
            tr("Save as a list…"),
            tr("Save as a report…"),
            tr("Import labels…"),
            tr("Use folder names"),
        )
        self._others = [QPushButton(text) for text in texts]
        self._certify, self._save, self._report, self._import, self._folders = self._others
        self._folders.setToolTip(tr("Each picture gets the name of its folder as its given label"))
        for button in self._others:
            button.setAutoDefault(True)  # Enter on it must not press the main button
        self.lay_out(self._heading, self._text, others=self._others, below=self.table)
        self._certify.clicked.connect(partial(workbench.trigger, "promise"))
        self._import.clicked.connect(partial(workbench.trigger, "import_labels"))
        self._save.clicked.connect(self._ask_where)
        self._report.clicked.connect(self._ask_for_report)
        self._folders.clicked.connect(partial(use_folders, workbench))
        self.do_work, self.cancel_work = self._do_next, self._stop
        workbench.place(self, Area.MIDDLE)
        workbench.follow(self._on_changed)
        workbench.follow_reading(self._refresh)

    @property
    def found(self) -> Audit | None:
        """What is doubtful; None where that is not known."""
        return self._pages.found

    @property
    def text(self) -> str:
        """All that is said."""
        return "\n".join(one.text() for one in (self._heading, self._text) if not one.isHidden())

    def show_audit(self) -> None:
        """Show the panel, and find what is doubtful where that is not known."""
        self.open_panel()
        self._refresh()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.begin_button.isEnabled():
            self.begin_button.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- what is doubtful

    def _now(self) -> object:
        """Return what the doubts depend on: labels that came, names, model, pictures read."""
        project = self._workbench.project
        names = names_digest(project), sentences_digest(project)
        read = int(np.count_nonzero(project.images.states == ImageState.READY))
        return given_in(project), names, self._workbench.circumstances.model, read

    def _on_changed(self, effects: Effects) -> None:
        if effects.of_project and self.is_open:
            self._refresh()

    def _refresh(self) -> None:
        if not self.is_open:
            return
        workbench, project = self._workbench, self._workbench.project
        is_possible = len(given_in(project).ids) and not project.images.waiting  # all are compared
        if is_possible and not self.is_busy and self._of != self._now():
            if workbench.is_scored or workbench.model is None:
                self._find()
            else:
                workbench.when_scored(self._refresh)
        self._show()

    def _find(self) -> None:
        """Have found which labels are doubtful."""
        self._of, self._pages.found = self._now(), None
        material = Material.of(self._workbench.project, self._workbench.suggestions.copy())

        def job(cancel: CancelToken) -> Iterator[Progress | Audit]:
            yield (yield from audit(material, cancel))

        self.is_busy = True
        self.bar.setRange(0, 0)
        self._workbench.run(_JOB, job, self._on_event, self._on_failed)

    def _on_event(self, found: Progress | Audit) -> None:
        if isinstance(found, Progress):
            self.show_progress(found)
            return
        self.is_busy = False
        if self._of != self._now():  # labels or names have changed meanwhile
            self._refresh()
            return
        self._pages.found = found
        self._show()
        focused = self.window().focusWidget()
        is_here = focused is self or self.isAncestorOf(focused)
        if is_here and self.begin_button.isEnabled():  # not where the person types elsewhere
            self.begin_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_failed(self, error: Exception) -> None:
        self.is_busy = False
        self._show()
        if not isinstance(error, CancelledError):
            self._workbench.warn(
                sentences(tr("Can't compare the given labels."), error_text(error))
            )

    def _stop(self) -> None:
        self._workbench.drop(_JOB)
        self.is_busy, self._of = False, None
        self.leave_panel()

    # ---- what is shown

    def _show(self) -> None:
        self._pages.look()
        doubtful = self._pages.doubtful
        counts = counts_by_name(self._workbench.project, doubtful)
        total = counts.sum(axis=0)
        title = trn(
            "{count:,} label came with these pictures.",
            "{count:,} labels came with these pictures.",
            int(total[0]),
            zero=tr("No labels came with these pictures."),
        )
        self._heading.show_text(title)
        self._text.show_text(self._said(int(total[0]), len(doubtful), *total[2:].tolist()))
        self._show_names(counts)
        self._show_buttons(int(total[0]), len(doubtful))

    def _said(self, count: int, doubtful: int, checked: int, corrected: int) -> str:
        if not count:
            return tr("Import them, or use the names of the folders that the pictures lie in.")
        if self._workbench.project.images.waiting:
            return tr("All pictures are read first, then their labels are compared.")
        if self.is_busy:
            return tr("Comparing the labels with the pictures and names…")
        done = tr(
            "{checked:,} checked, {corrected:,} corrected.", checked=checked, corrected=corrected
        )
        if self.found is None:
            return done if checked else ""
        may_be = trn(
            "{count:,} may be wrong; the most doubtful come first.",
            "{count:,} may be wrong; the most doubtful come first.",
            doubtful,
            zero=tr("The doubtful ones are checked. Random checks say how many are right."),
        )
        return sentences(may_be, done if checked else "")

    def _show_names(self, counts: NDArray[np.int64]) -> None:
        """Show the names with most doubtful and corrected labels."""
        concepts, told = self._workbench.project.concepts, counts[:, [0, 1, 3]]
        rows = [
            [concepts[at].name, *map(format_number, told[at].tolist())]
            for at in worst_names(counts)[:_MOST_NAMES]
            if told[at, 1:].any()
        ]
        self.table.clear()
        self.table.add_rows(rows, tips=(0,))
        self.table.fit_rows()
        self.table.setVisible(bool(rows))

    def _show_buttons(self, count: int, doubtful: int) -> None:
        """Offer what comes next: to check the doubtful ones, then random ones."""
        workbench, found = self._workbench, self.found
        is_known = found is not None
        had_focus = any(one.hasFocus() for one in (*self._others, self.begin_button))
        has_next = doubtful > 0 or (is_known and workbench.has("promise"))
        text = trn("Check {count:,} label", "Check {count:,} labels", doubtful)
        self.begin_button.setText(text if doubtful else tr(_CERTIFY))
        self.begin_button.setVisible(has_next)
        if not self.is_busy:
            self.state.show_text("")
        self.show_work(is_busy=self.is_busy, is_possible=has_next)
        can_certify = count > 0 and workbench.has("promise")
        self._certify.setVisible(can_certify and (doubtful > 0 or not is_known))
        self._save.setVisible(found is not None and len(found.doubtful) > 0)
        self._report.setVisible(is_known)
        self._import.setVisible(not count)
        self._folders.setVisible(not count)
        if had_focus and not self.isAncestorOf(self.window().focusWidget()):
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # not where Qt goes from a hidden button

    # ---- what a person does

    def _do_next(self) -> None:
        if len(self._pages.doubtful):
            self._workbench.check_pages(self._pages)
        else:
            self._workbench.trigger("promise")

    def _ask_for_report(self) -> None:
        if (found := self.found) is not None:
            files = self._workbench.project.images.paths.texts
            ask_for_report(self._workbench, audit_report(self._workbench, found), files)

    def _ask_where(self) -> None:
        if (found := self.found) is not None:
            save = self._workbench.guarded(partial(save_list, self._workbench, found))
            title, path = tr("Save the labels that may be wrong"), Path.home() / "doubtful.csv"
            ask_where_to_save(self._workbench.window, save, title, path, tr("Tables") + " (*.csv)")


def audit_report(workbench: Workbench, found: Audit) -> Callable[[], Report]:
    """Return what makes the report of what was found, as things are now, on any thread."""
    certificate = workbench.want("certificate") or ()
    model, copy = workbench.circumstances.model, copy_of(workbench.project)
    return partial(report_of, copy, found, model, certificate)


def save_list(workbench: Workbench, found: Audit, path: Path) -> None:
    """Write the labels that the panel calls doubtful, judged or not; a file there is replaced."""
    copy = copy_of(workbench.project)
    output = Output(path, SUSPECTS, overwrite=True, images=copy.images.paths.texts)

    def write(stream: BinaryIO, _cancel: CancelToken) -> None:
        write_suspects(stream, suspects_of(copy, found, found.doubtful))

    save_file(workbench, output, write, *_SAVED)
