"""The panel that imports labels: reads a file on a thread, shows a preview, applies it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QCheckBox, QLabel

from nameplate.domain.changes import Effects, Title
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.domain.records import FirstRows, Read, ReadAs, RecordProblem
from nameplate.features.exchange.import_form import ImportForm
from nameplate.features.exchange.import_plan import ImportPlan
from nameplate.features.exchange.import_reader import ImportEvent, ImportReader
from nameplate.features.exchange.importing import Import, change_in, copy_of, import_change
from nameplate.formats.import_format import ImportFormat
from nameplate.formats.registry import import_format_of
from nameplate.project.project import Project
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.message_bar import LAST_STEP, OTHER_PROJECT, Answer
from nameplate.ui.widgets.painting import font_of, one_line
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.table import Table
from nameplate.ui.widgets.work_panel import WorkPanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import error_text, listed, tr, trn, what_of

_LATER_MS: Final = 300
"""After a change of the project, before the preview is computed again."""

_LONGEST_CELL: Final = 300
_MOST_NAMES: Final = 5
_LONGEST_NAME: Final = 40


def ask(workbench: Workbench) -> None:
    """Show the panel, where a file or folder can be chosen."""
    workbench.part(ImportPanel).begin()


def take_file(workbench: Workbench, path: Path) -> None:
    """Show a preview of importing a file or folder."""
    workbench.part(ImportPanel).begin(path)


def take_import(workbench: Workbench, copy: Project, found: Import, *answers: Answer) -> None:
    """Apply an import that was computed on a copy of the project as one step, and report it."""
    change = change_in(workbench.project, copy, found.change)
    workbench.do(change, Title("import-labels", {"count": found.labelled}))
    undo = tr("Undo"), workbench.undo
    workbench.messages.tell(found.text, *answers, undo, about=LAST_STEP)


class ImportPanel(WorkPanel):
    """Panel that previews labels from a file and imports them as one step."""

    guide_page = "import"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(tr("Import labels"), tr("Import", "verb"))
        self._workbench = workbench
        self._plan: ImportPlan | None = None
        self._counted: tuple[Project, Import] | None = None
        self._is_agreed = False  # what is counted is to be imported as soon as it is
        self._images_changed = False
        self._form = ImportForm(self, self._read)
        self._make_answers()
        self._lay_out()
        for box in (self._checked, self._replaces):
            box.toggled.connect(self._on_decided)
        self.do_work, self.cancel_work = self._import, self._stop_reading
        workbench.place(self, Area.MIDDLE)
        workbench.follow(self._on_changed)
        self._later = workbench.later(_LATER_MS, self._count_again)

    def _make_answers(self) -> None:
        self._checked = QCheckBox(tr("Count them as checked by you"))
        self._replaces = QCheckBox(tr("Replace labels you checked too"))
        self._head = Paragraph(max_lines=2, role=QPalette.ColorRole.WindowText)
        self._head.setFont(font_of(self._head.font(), weight=QFont.Weight.DemiBold))
        self._facts = QLabel()
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setWordWrap(True)
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._problem = Paragraph(max_lines=5, role=QPalette.ColorRole.WindowText)
        self.table = RowsTable()
        self.bar.setRange(0, 0)

    def _lay_out(self) -> None:
        said = column(self._head, self._facts, spacing=4)
        self.lay_out(
            self._form, said, self._checked, self._replaces, self._problem, below=self.table
        )

    def begin(self, path: Path | None = None) -> None:
        """Show the panel, with a file or folder if given."""
        self._stop_reading()
        for box in (self._checked, self._replaces):
            with QSignalBlocker(box):
                box.setChecked(False)
        self._show_nothing()
        self._workbench.messages.withdraw(OTHER_PROJECT)
        self.open_panel()
        self._form.begin()
        if path is not None:
            self._form.choose(path)

    @property
    def texts(self) -> list[str]:
        """The texts of the panel: the sentences of the preview, then the problem."""
        return [self._head.text(), *self._facts.text().splitlines(), self._problem.text()]

    # ---- reading

    def _read(self) -> None:
        """Read the source in the form from its beginning."""
        self._plan, self._images_changed, self._is_agreed = None, False, False
        self._workbench.drop("count")
        request = self._form.request
        if request is None:
            self._workbench.drop("read")
            self._show_nothing()
            return
        self._show_busy()
        reader = ImportReader(self._workbench.project)

        def job(cancel: CancelToken) -> Iterator[ImportEvent | ImportFormat]:
            chosen = request.format or import_format_of(request.path)
            yield chosen
            options = replace(request.options, cancel=cancel)
            yield from reader.read(request.path, chosen, options)

        self._workbench.run("read", job, self._on_event, self._on_failed)

    def _on_event(self, event: ImportEvent | ImportFormat) -> None:
        match event:
            case Progress():
                self.state.show_text(_progress_text(event))
            case ImportFormat():
                self._form.show_format(event)
            case ReadAs():
                self._form.show_read_as(event)
            case FirstRows():
                self.table.show_rows(event.items)
            case ImportPlan():
                self._plan = event
                self._count()

    def _on_failed(self, error: Exception) -> None:
        self._is_agreed = False
        is_cancelled = isinstance(error, CancelledError)
        self._show_nothing(
            tr("Cancelled. Nothing was imported.") if is_cancelled else error_text(error)
        )

    def _stop_reading(self) -> None:
        self._plan, self._is_agreed = None, False
        self._later.stop()
        self._workbench.drop("count")
        if self.is_busy:
            self._workbench.drop("read")
            self._show_nothing(tr("Cancelled. Nothing was imported."))

    # ---- preview

    def _on_decided(self) -> None:
        """Count again, and drop the agreement, which was to another import."""
        self._is_agreed = False
        self._count()

    def _count(self) -> None:
        """Compute the preview on a copy of the project."""
        plan, replaces = self._plan, self._replaces.isChecked()
        is_checked = self._checked.isChecked()
        if plan is None:
            return
        copy = copy_of(self._workbench.project)
        self._counted = None

        def job(_cancel: CancelToken) -> Iterator[tuple[Project, Import]]:
            now = round(1000 * time.time())
            yield copy, import_change(copy, plan, at=now, replaces=replaces, is_checked=is_checked)

        self._workbench.run("count", job, self._on_counted, self._on_failed)

    def _on_counted(self, counted_now: tuple[Project, Import]) -> None:
        if self._plan is None:
            return
        self._counted = counted_now
        if self._is_agreed:
            self._import()
        else:
            self._show_plan(self._plan, counted_now[1])

    def _on_changed(self, effects: Effects) -> None:
        if self.is_open and effects.of_project:
            self._images_changed = self._images_changed or effects.images
            self._later.start()

    def _count_again(self) -> None:
        if self._images_changed:
            self._read()
        else:
            self._count()

    def _import(self) -> None:
        """Apply the preview; compute it again first if the project changed."""
        if self._plan is None:
            return
        project = self._workbench.project
        if self._counted is None or self._counted[0].revision != project.revision:
            self._is_agreed = True
            self.state.show_text(tr("Importing…"))
            self._show_answer(is_busy=True)
            self._count()
            return
        copy, found = self._counted
        is_given = bool((self._plan.labels["decided_by"] == DecidedBy.GIVEN).any())
        is_given = is_given and not self._checked.isChecked()
        self._plan, self._is_agreed = None, False
        self._show_nothing()
        self.leave_panel()
        can_be_audited = is_given and self._workbench.has("audit")
        find = tr("Find wrong ones…"), partial(self._workbench.trigger, "audit")
        take_import(self._workbench, copy, found, *[find] * can_be_audited)

    # ---- what is shown

    def _show_nothing(self, problem: str = "") -> None:
        """Show that there is nothing to import, and why."""
        self._head.show_text("")
        self._facts.setText("")
        self._problem.show_text(problem, "warning")
        self.table.show_rows(())
        self._form.show_nothing(is_unclear=bool(problem))
        self._show_answer()

    def _show_busy(self) -> None:
        self._show_nothing()
        self.state.show_text(tr("Reading…"))
        self._show_answer(is_busy=True)

    def _show_plan(self, plan: ImportPlan, found: Import) -> None:
        """Show the preview, and the rows that cannot be used."""
        head = trn(
            "{part:,} of {count:,} row matches your pictures.",
            "{part:,} of {count:,} rows match your pictures.",
            plan.rows,
            part=len(plan.ids),
        )
        self._head.show_text(head)
        self._facts.setText("\n".join(_preview_sentences(plan, found)))
        self._problem.show_text("")
        if plan.problems:
            self.table.show_problems(plan.problems, plan.problem_count)
        count = found.labelled
        text = trn("Import {count:,} label", "Import {count:,} labels", count, zero="")
        text = text if found.changed else tr("Nothing to import")
        self._show_answer(text, is_possible=found.changed > 0)

    def _show_answer(
        self, text: str = "", *, is_busy: bool = False, is_possible: bool = False
    ) -> None:
        if not is_busy:
            self.state.show_text("")
        self.begin_button.setText(text or tr("Import", "verb"))
        self.show_work(is_busy=is_busy, is_possible=is_possible)
        self._facts.setVisible(bool(self._facts.text()))
        is_shown = bool(self._head.text())
        self._replaces.setVisible(is_shown)
        by = self._plan.labels["decided_by"] if self._plan is not None else np.empty(0)
        self._checked.setVisible(is_shown and bool((by == DecidedBy.GIVEN).any()))
        self.table.setVisible(self.table.topLevelItemCount() > 0)

    def close_panel(self) -> None:
        """Close the panel, and cancel reading."""
        self._stop_reading()
        self.leave_panel()


class RowsTable(Table):
    """A table with number, picture, and labels or problem of each row."""

    def __init__(self) -> None:
        super().__init__("")
        self.show_rows(())

    def show_rows(self, items: Sequence[Read]) -> None:
        """Show the first rows of the file."""
        self._show(tr("First rows of the file"), tr("Label", "noun"), items)

    def show_problems(self, problems: Sequence[RecordProblem], count: int) -> None:
        """Show the first problems and their total number."""
        name = tr("Rows that can't be used")
        self._show(name, tr("Problem"), problems)
        if count > len(problems):
            self.add_rows([["", tr("and {count:,} more", count=count - len(problems))]])

    def _show(self, name: str, last: str, items: Sequence[Read]) -> None:
        self.setAccessibleName(name)
        self.clear()
        self.set_heads([tr("Row"), tr("Picture"), last], stretched=(1, 2))
        self.add_rows(map(_cells, items), tips=(2,), right=0)
        self.fit_rows()
        self.setVisible(bool(items))


def _cells(one: Read) -> list[str]:
    said = what_of(one.reason) if isinstance(one, RecordProblem) else listed(one.labels)
    cells = (format_number(one.row) if one.row else "", one.path, said)
    return [one_line(cell)[:_LONGEST_CELL] for cell in cells]


def _progress_text(progress: Progress) -> str:
    return trn(
        "{count:,} row read, {matched:,} matched…",
        "{count:,} rows read, {matched:,} matched…",
        progress.total,
        matched=progress.done,
    )


def _preview_sentences(plan: ImportPlan, found: Import) -> list[str]:
    """Return the preview of an import in sentences."""
    others, new = plan.problem_count - plan.unknown, len(found.new_names)
    names = listed([one_line(name)[:_LONGEST_NAME] for name in found.new_names], _MOST_NAMES)
    said = (
        trn(
            "{count:,} new name: {names}.",
            "{count:,} new names: {names}.",
            new,
            zero="",
            names=names,
        ),
        trn(
            "{count:,} picture labelled so already.",
            "{count:,} pictures labelled so already.",
            found.same,
            zero="",
        ),
        trn(
            "{count:,} picture keeps the label you checked.",
            "{count:,} pictures keep the label you checked.",
            found.kept,
            zero="",
        ),
        tr("Pictures may have several labels from now on.") if found.makes_multi else "",
        trn(
            "{count:,} picture matched by content, not by path.",
            "{count:,} pictures matched by content, not by path.",
            plan.by_content,
            zero="",
        ),
        trn(
            "{count:,} row without a label.",
            "{count:,} rows without a label.",
            plan.without,
            zero="",
        ),
        trn(
            "{count:,} row without a picture here, listed below.",
            "{count:,} rows without a picture here, listed below.",
            plan.unknown,
            zero="",
        ),
        trn(
            "{count:,} row that can't be used, listed below.",
            "{count:,} rows that can't be used, listed below.",
            others,
            zero="",
        ),
    )
    return [text for text in said if text]
