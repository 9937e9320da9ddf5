"""The export panel: format, options and path, and a preview of what would be written."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHeaderView, QPushButton, QSizePolicy

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import STACKS
from nameplate.formats.csv import BEST, HEADER
from nameplate.formats.export_format import ExportFormat, ExportOptions
from nameplate.formats.exported_image import Which
from nameplate.formats.label_export import LabelExport
from nameplate.formats.outputs.sidecar_output import BESIDE_PICTURES
from nameplate.formats.registry import FORMATS
from nameplate.pipeline.export_content import snapshot_of
from nameplate.pipeline.exporting import ExportPreview, ExportRequest, preview_export
from nameplate.ui.export.format_list import FormatList
from nameplate.ui.export.options_form import OptionsForm
from nameplate.ui.export.place import Place
from nameplate.ui.export.sentences import (
    OF_SUGGESTIONS,
    begin_text,
    delivered,
    left_out,
    question,
    replace_text,
    what_happens,
)
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.jobs.jobs import Task
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.services import Services
from nameplate.ui.widgets.boxes import column, field
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.painting import one_line
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.table import Table
from nameplate.ui.widgets.work_panel import WorkPanel
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import (
    error_text,
    sentence,
    sentences,
    text_of,
    tr,
    what_in_english,
    what_of,
)

_PREVIEW: Final = "export-preview"
_SOON_MS: Final = 150
"""After a typed letter of a path, before the preview is computed."""

_WIDEST: Final = 220
_FIRST: Final = (*HEADER[:2], *BEST)
"""Columns that are shown before the others, which stand between them in the file."""


class ExportPanel(WorkPanel):
    """Lets a person choose what to export and where, and shows what would be written.

    Attributes:
        export: Writes what is asked for.
        is_writing: Whether an export is being written, or files are put back.
        place: Where it is written.
        table: The preview.
        certificate: Whether a certificate is exported too, or why not.
        stacks: Whether stacks are still looked for.
    """

    guide_page = "export"

    def __init__(
        self,
        services: Services,
        scoring: Scoring,
        arrangement: Arrangement,
        usual: ExportOptions,
    ) -> None:
        """Offer the options of the project's last export; `usual` ones where there is none."""
        super().__init__(tr("Export labels"), tr("Export"))
        self._owner, self._jobs, self._in_use = services.owner, services.jobs, services.model_in_use
        self._scoring, self._arrangement = scoring, arrangement
        self.is_writing = False
        self.export: Callable[[], object] = lambda: None
        self._format = next(iter(FORMATS.values()))
        self._preview: ExportPreview | None = None
        self._written: Mapping[str, str] = {}  # see `ExportRequest`
        self._export: LabelExport | None = None  # of the project as it is
        self._is_pressed = False  # before it was known what there is to ask
        self._may_replace = False  # what is there, which the person said of this place
        self.do_work = self._export_once_known
        self._make_choices(usual)
        self._lay_out()
        self._connect()

    # ---- building

    def _make_choices(self, usual: ExportOptions) -> None:
        role = QPalette.ColorRole.WindowText
        self._counts = Paragraph(max_lines=2, role=role)
        self._left_out = Paragraph(max_lines=3)
        self._formats = FormatList()
        below = Later(self, 0, self.see_button)  # once all is laid out
        self.options = OptionsForm(usual, self._on_changed, below.ask)
        self.place = Place(self._format, self._on_changed)
        self.table = Table(tr("What will be written"))
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.table.setMinimumHeight(110)
        # Its rows come late, and must not squeeze what is above it.
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.certificate = Paragraph(max_lines=2)
        self.stacks = Paragraph(max_lines=2)
        self._problem = Paragraph(max_lines=3, role=role)
        self._question = Paragraph(max_lines=3, role=role)
        self._other = QPushButton()
        self._other.setAutoDefault(True)  # Enter on it must not press the main button
        self._other.hide()

    def _lay_out(self) -> None:
        formats = field(tr("&Format"), self._formats)
        notes = (self.stacks, self.certificate, self._problem, self._question)
        said = column(self._counts, self._left_out, spacing=4)
        parts = (said, formats, self.options, self.place, *notes)
        self.lay_out(*parts, others=(self._other,), below=self.table)

    def _connect(self) -> None:
        self._formats.currentRowChanged.connect(self._on_format)
        self._other.clicked.connect(self._answer_other)
        self.soon = Later(self, _SOON_MS, self._ask_for_preview)
        self._owner.changed.connect(self._on_project_changed)

    # ---- what is asked for

    @property
    def request(self) -> ExportRequest:
        """The currently requested export."""
        options, path = self.options.options, self.place.path
        return ExportRequest(
            self._format, options, path, overwrite=self._may_replace, written=self._written
        )

    def begin(self, request: ExportRequest | None) -> None:
        """Show the panel with the choices of the last export."""
        self._preview, self._is_pressed, self._may_replace = None, False, False
        self._written = request.written if request else {}
        chosen = request.format if request else next(iter(FORMATS.values()))
        with QSignalBlocker(self._formats):
            self._formats.list_from(chosen)
        self._show_format(chosen, request.options if request else None)
        self.place.show_path(request.path if request else None)
        self._counts.show_text(tr("Counting labels…"))
        self.show_idle()
        self.open_panel()
        self._formats.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._preview_soon()

    def _show_format(self, chosen: ExportFormat, options: ExportOptions | None) -> None:
        self._format = chosen
        self.options.show_options(chosen, options)
        self.place.show_format(chosen)

    # ---- preview

    @property
    def model_folder(self) -> Path | None:
        """The folder of the model in use, which nothing is written into."""
        model = self._in_use.model
        return model.folder if model else None

    def snapshot(self) -> LabelExport:
        """Return a snapshot of the project for an export."""
        if self._export is None:
            owner, templates = self._owner, self._scoring.template_set
            of = owner.project, owner.suggestions, what_of
            self._export = snapshot_of(
                *of, self._in_use.model, templates, owner.stacks, words_in_files=what_in_english
            )
        return self._export

    def _on_project_changed(self, effects: Effects) -> None:
        """Forget the snapshot, and look again at what would be written, unless by what was read."""
        is_new = effects.of_project or effects.suggestions or STACKS in effects.found
        if is_new or len(effects.read):
            self._export = None
        if is_new and self.is_open and not self.is_writing:
            self.soon.ask()

    def _preview_soon(self) -> None:
        self._jobs.drop(_PREVIEW)  # what it would say is about what was asked for before
        self.soon.start()

    def _ask_for_preview(self) -> None:
        if not self.is_open or self.is_writing:
            return
        request = self.request
        self._ask_for_stacks(request)
        if request.path not in (None, BESIDE_PICTURES) and not request.path.is_absolute():
            self._jobs.drop(_PREVIEW)
            self._show_problem(tr("Type the whole path, from the drive or from /."))
            return
        export, model = self.snapshot(), self.model_folder

        def job(cancel: CancelToken) -> Iterator[ExportPreview]:
            yield preview_export(export, request, model, cancel)

        task = Task(job, self._show_preview, lambda error: self._show_problem(error_text(error)))
        self._jobs.run(_PREVIEW, task)

    def _ask_for_stacks(self, request: ExportRequest) -> None:
        """Have stacks found for an export that gives them, and say so until they are."""
        owner, text = self._owner, ""
        if request.options.with_stacks and owner.derived.request(STACKS) is None:
            until = tr("Until then only equal files share a stack number.")
            looking = tr("Looking for copies and bursts.")
            if owner.project.images.waiting:
                looking = tr("Looking for copies and bursts once all pictures are read.")
            text = sentences(looking, until)
        self.stacks.show_text(text, "info")

    # ---- what is shown

    @property
    def texts(self) -> list[str]:
        """The texts of the panel: purpose, counts, what is in the way or asked."""
        counts = f"{self._counts.text()} {self._left_out.text()}".strip()
        asked = f"{self._problem.text()} {self._question.text()}".strip()
        return [what_of(self._format.purpose), counts, asked]

    @property
    def has_preview(self) -> bool:
        """Whether the preview is up to date."""
        return self._preview is not None

    def _show_preview(self, preview: ExportPreview) -> None:
        """Show a preview, or why the export is impossible."""
        self._preview = preview
        self.place.suggest(preview.path)
        self._counts.show_text(delivered(preview))
        self._show_certificate(preview)
        notes = [note for note in preview.notes if note.code not in OF_SUGGESTIONS]
        said = [left_out(preview), self._arrangement.beyond_shown()]
        said += [tr("{text}.", text=text_of(note)) for note in notes]
        self._left_out.show_text(sentences(*said))
        self.options.show_counts(preview.named)
        show_preview(self.table, preview)
        self._show_answer()
        is_asked = self._question.text() or preview.replaces or preview.free  # nobody saw it yet
        is_clear = self.begin_button.isEnabled() and not is_asked
        if self._is_pressed and is_clear:
            self._export_once_known()

    def _show_certificate(self, preview: ExportPreview) -> None:
        """Show whether a certificate is exported too, or why not."""
        text = ""
        if preview.certificate is not None:
            text = tr("With a certificate: {claim}", claim=sentence(text_of(preview.certificate)))
        elif preview.uncertified is not None:
            text = tr("Without a certificate: {why}", why=sentence(text_of(preview.uncertified)))
        self.certificate.show_text(text, "info")

    def _show_problem(self, text: str) -> None:
        self._problem.show_text(text, "warning")

    def show_busy(self) -> None:
        """Show that an export is running or waiting, and can be cancelled."""
        self.is_busy = True
        self.open_panel()
        self.bar.setRange(0, 0)
        self.state.show_text(tr("Writing…"))
        self._show_answer()
        self.focus_cancel()

    def show_idle(self) -> None:
        """Show that no export is running."""
        self.is_busy = False
        self.state.show_text("")
        self._show_answer()

    def _show_answer(self) -> None:
        """Show the problem, and enable the buttons."""
        preview, busy = self._preview, self.is_busy
        is_fit = preview is None or (preview.problem is None and preview.images > 0)
        self._problem.show_text(*what_happens(preview) if preview else ("", ""))
        self._show_buttons(preview)
        is_placed = preview is not None and preview.free is not None
        self.show_work(is_busy=busy, is_possible=is_fit or is_placed)
        self._other.setEnabled(self.begin_button.isEnabled())
        for part in (self._formats, self.options, self.place):
            part.setEnabled(not busy)

    def _show_buttons(self, preview: ExportPreview | None) -> None:
        """Ask about what is in the way, then about suggestions: each answer is a button."""
        asked, other, text = "", "", tr("Export")
        if preview and preview.free:
            other = replace_text(preview) if preview.is_replaceable else ""
        elif preview:
            asked = question(preview, has_best=self.request.has_best_column)
            labels = preview.named[Which.LABELS]
            other = tr("Export labels only ({count:,})", count=labels) if asked and labels else ""
        if preview:
            text = begin_text(preview, is_asked=bool(asked))
        self._question.show_text(asked, "question")
        self._other.setText(other)
        self._other.setVisible(bool(other))
        self.begin_button.setText(text)

    # ---- what a person does

    def _on_format(self) -> None:
        self._show_format(self._formats.chosen, None)
        self._on_changed()

    def _answer_other(self) -> None:
        """Replace what is in the way; or leave suggestions out."""
        if self._preview is None or self._preview.free is None:
            self.options.set_which(Which.LABELS)
            self.export()
            return
        self._may_replace = True
        self._preview = replace(self._preview, problem=None, free=None, replaces=True)
        self._show_answer()
        if not self._question.text():
            self.export()

    def _export_once_known(self) -> None:
        """Export, unless it is not known yet what there is to ask; to a free place, if offered."""
        if self._preview and self._preview.free:
            self.place.choose(self._preview.free)
        self._is_pressed = self._preview is None
        if not self._is_pressed:
            self.export()

    def _on_changed(self) -> None:
        """Drop the preview, which was of other choices."""
        self._preview, self._is_pressed, self._may_replace = None, False, False
        self._counts.show_text(tr("Counting labels…"))
        self._show_answer()
        self._preview_soon()


def show_preview(table: Table, preview: ExportPreview) -> None:
    """Show what would be written."""
    table.clear()
    table.setHeaderHidden(not (preview.rows or preview.folders))
    counted = [tr("Folder"), tr("Pictures")]
    heads = list(preview.header) or ([tr("First lines")] if preview.rows else counted)
    rows = [*preview.rows] or [(name, format_number(count)) for name, count in preview.folders]
    if set(_FIRST) <= set(heads):
        places = sorted(range(len(heads)), key=lambda place: heads[place] not in _FIRST)
        heads, *rows = ([cells[place] for place in places] for cells in (heads, *rows))
    table.set_heads(list(map(one_line, heads)), stretched=() if preview.rows else (0,))
    table.add_rows(([*map(one_line, cells)] for cells in rows), right=-1 if preview.rows else 1)
    if preview.more:
        table.add_rows([[tr("and {count:,} more", count=preview.more)]])
    if preview.rows and len(heads) > 1:
        for at in range(len(heads)):
            table.header().setSectionResizeMode(at, QHeaderView.ResizeMode.Interactive)
            table.resizeColumnToContents(at)
            table.setColumnWidth(at, min(_WIDEST, table.columnWidth(at)))
    table.fit_rows()
