"""The panel that exports: the format, its options, where to, and what would be written."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from nameplate.domain.progress import Progress
from nameplate.formats.export_format import ExportFormat, ExportOptions, Target
from nameplate.formats.registry import FORMATS
from nameplate.formats.sidecar_output import BESIDE_PICTURES
from nameplate.pipeline.exporting import ExportPreview, ExportRequest, is_moving
from nameplate.ui.export.options_form import OptionsForm
from nameplate.ui.export.preview_table import PreviewTable
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.in_place import PanelInPlace
from nameplate.ui.widgets.opening import ask_for_folder
from nameplate.ui.widgets.painting import font_of, one_line
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.widgets.theme import icon
from nameplate.wording.numbers import counted, time_left
from nameplate.wording.texts import error_text, what_of

_ITEM_HEIGHT: Final = 28
_ID: Final = Qt.ItemDataRole.UserRole
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ExportPanel(PanelInPlace):
    """Lets a person choose how and where to labels are exported. A passive view.

    Signals:
        changed: Something else is asked for; `request` says what.
        export_requested: It is to be written.
        cancel_requested: What is being written is to be cancelled.
        closed: The panel was closed; nothing is to be written.
    """

    changed = Signal()
    export_requested = Signal()
    cancel_requested = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._format = next(iter(FORMATS.values()))
        self._is_suggested = True  # the path is none that the person chose
        self._preview: ExportPreview | None = None
        self._is_busy = False
        self._make_choices()
        self._make_answers()
        self._lay_out()
        self._connect()
        self.refresh_icons()
        self.setAccessibleName("Export labels")

    # ---- building

    def _make_choices(self) -> None:
        self._formats = QListWidget()
        self._formats.setAccessibleName("Format")
        self._formats.setUniformItemSizes(True)
        for one in FORMATS.values():
            item = QListWidgetItem(one.title)
            item.setData(_ID, one.id)
            item.setToolTip(tip(what_of(one.purpose)))
            item.setSizeHint(QSize(0, _ITEM_HEIGHT))
            self._formats.addItem(item)
        self._formats.setFixedWidth(210)
        self._purpose = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self.options = OptionsForm()
        self._beside = QCheckBox("Beside the pictures")
        self._path = QLineEdit()
        self._path.setAccessibleName("Where to write")
        self._choose = QPushButton("Choose…")
        self._choose.setAccessibleName("Choose where to write")

    def _make_answers(self) -> None:
        self._title = QLabel("Export labels")
        self._title.setFont(font_of(self._title.font(), weight=QFont.Weight.Bold))
        self._close = QToolButton(autoRaise=True)
        self._close.setAccessibleName("Close without exporting")
        self._close.setToolTip("Close without exporting (Esc)")
        self._counts = Paragraph(max_lines=2, role=QPalette.ColorRole.WindowText)
        self._table = PreviewTable()
        self._problem = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self._consent = QCheckBox()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName("Progress of the export")
        self._state = Paragraph(max_lines=1)
        self._cancel = QPushButton("Cancel")
        self._export = QPushButton("Export")
        self._export.setDefault(True)

    def _lay_out(self) -> None:
        form = QWidget()
        form.setLayout(column(self._purpose, self.options, None, spacing=8))
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(form)
        self._scroll.setMinimumWidth(250)
        shown = column(self._counts, self._table, spacing=4, grows=1)
        body = row(self._formats, self._scroll, shown, spacing=14)
        body.setStretch(1, 3)
        body.setStretch(2, 4)
        self._where = QLabel("&Write to:")
        self._where.setBuddy(self._path)
        place = row(self._where, self._beside, self._path, self._choose, None, spacing=8, grows=2)
        asked = row(self._problem, self._consent, spacing=12, grows=0)
        work = row(self._state, self._bar, None, self._cancel, self._export, spacing=8)
        work.setStretch(0, 1)
        head = row(self._title, None, self._close)
        parts = (head, body, place, asked, work)
        self.setLayout(column(*parts, margins=(12, 4, 12, 8), spacing=8, grows=1))

    def _connect(self) -> None:
        self._formats.currentRowChanged.connect(self._on_format)
        self.options.changed.connect(self._on_changed)
        self._path.textEdited.connect(self._on_path)
        self._beside.toggled.connect(self._on_beside)
        self._choose.clicked.connect(self._ask_where)
        self._consent.toggled.connect(self._on_consent)
        self._close.clicked.connect(self.close_panel)
        self._cancel.clicked.connect(self._on_cancel)
        self._export.clicked.connect(self._on_export)

    # ---- what is asked for

    @property
    def request(self) -> ExportRequest:
        """What the person asks for now."""
        options, path = self.options.options, None
        if self._format.target is Target.SIDECARS and self._beside.isChecked():
            path = BESIDE_PICTURES
        elif self._path.text() and not self._is_suggested:
            path = Path(self._path.text()).expanduser()
        may_replace = self._is_asking_to_replace and self._consent.isChecked()
        return ExportRequest(self._format, options, path, overwrite=may_replace)

    @property
    def path(self) -> Path:
        """Where the export would go, as far as it is known."""
        request = self.request
        return request.path or Path(self._path.text())

    def begin(self, request: ExportRequest | None) -> None:
        """Show the panel, with what was exported last."""
        self._preview = None
        chosen = request.format if request else next(iter(FORMATS.values()))
        path = request.path if request else None
        with QSignalBlocker(self._formats):
            self._formats.setCurrentRow([*FORMATS].index(chosen.id))
        self._show_format(chosen, request.options if request else None)
        with QSignalBlocker(self._beside):
            self._beside.setChecked(path in (None, BESIDE_PICTURES))
        if path is not None and path != BESIDE_PICTURES:
            self._path.setText(str(path))
            self._is_suggested = False
        self._consent.setChecked(False)
        self.show_idle()
        self.open_panel()
        self._show_place()
        self._formats.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.changed.emit()

    def _show_format(self, chosen: ExportFormat, options: ExportOptions | None) -> None:
        self._format = chosen
        self._purpose.show_text(what_of(chosen.purpose))
        self.options.show_options(chosen, options)
        self._path.clear()
        self._is_suggested = True
        self._show_place()

    def _show_place(self) -> None:
        has_beside = self._format.target is Target.SIDECARS
        needs_path = not (has_beside and self._beside.isChecked())
        self._beside.setVisible(has_beside)
        self._path.setVisible(needs_path)
        self._choose.setVisible(needs_path)

    # ---- what is shown

    @property
    def texts(self) -> list[str]:
        """What the panel says: purpose, counts, problem."""
        return [part.text() for part in (self._purpose, self._counts, self._problem)]

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the preview."""
        return self._table.rows

    @property
    def has_preview(self) -> bool:
        """Whether what is shown belongs to what is asked for."""
        return self._preview is not None

    def refresh_icons(self) -> None:
        """Redraw the icon in the palette's colour."""
        self._close.setIcon(icon("cancel"))

    def show_preview(self, preview: ExportPreview) -> None:
        """Show what would be written, or why it cannot be."""
        self._preview = preview
        if self._is_suggested and preview.path != BESIDE_PICTURES:
            self._path.setText(str(preview.path))
        self._counts.show_text(_counts(preview, self._format))
        self._table.show_preview(preview, of_names=self._format.opens_pictures)
        self._show_answer()

    def show_problem(self, text: str) -> None:
        """Show why what is asked for cannot be written."""
        self._problem.show_text(text, "warning")

    def show_busy(self, text: str) -> None:
        """Show that it is being written, or waited for; it can be cancelled."""
        self._is_busy = True
        self.open_panel()
        self._bar.setRange(0, 0)
        self._state.show_text(text)
        self._show_answer()
        self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_progress(self, progress: Progress) -> None:
        """Show how much is written."""
        self._bar.setRange(0, max(1, progress.total))
        self._bar.setValue(progress.done)
        left = time_left(progress.seconds_left)
        done = f"{progress.done:,} of {counted(progress.total, 'picture')}"
        self._state.show_text(f"{done}, {left}" if left else done)

    def show_idle(self) -> None:
        """Show that nothing is being written."""
        self._is_busy = False
        self._state.show_text("")
        self._show_answer()

    @property
    def _is_asking_to_replace(self) -> bool:
        return self._preview is not None and self._preview.is_replaceable

    def _show_answer(self) -> None:
        """Show what stands in the way, what has to be agreed on, and which buttons work."""
        preview, busy = self._preview, self._is_busy
        moving = is_moving(self.request)
        problem = preview.problem if preview else None
        replaces, agreed = self._is_asking_to_replace, self._consent.isChecked()
        if replaces:
            self._consent.setText("Replace it")
        elif moving:
            self._consent.setText("Yes, move them")
        self._consent.setVisible(bool(preview) and (replaces or (moving and problem is None)))
        if problem is not None:
            self.show_problem(error_text(problem))
        elif moving and preview:
            self.show_problem(
                f"{counted(preview.images, 'picture')} will leave the folders that they are in "
                "now. The project follows them, and the message afterwards can put them back."
            )
        elif preview and not preview.images:
            self.show_problem("There is nothing to write: no picture has what this format takes.")
        else:
            self._problem.show_text("")
        is_ready = problem is None or (replaces and agreed)
        if moving:
            is_ready = is_ready and preview is not None and agreed
        is_any = preview is None or preview.images > 0
        self._export.setEnabled(not busy and is_ready and is_any)
        self._export.setVisible(not busy)
        self._cancel.setVisible(busy)
        self._bar.setVisible(busy)
        for part in (self._formats, self.options, self._path, self._choose, self._beside):
            part.setEnabled(not busy)
        self._consent.setEnabled(not busy)
        self._close.setEnabled(not busy)

    # ---- what a person does

    @Slot(int)
    def _on_format(self, place: int) -> None:
        chosen = list(FORMATS.values())[max(0, place)]
        self._show_format(chosen, None)
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        """Nothing that was shown or agreed on holds any more."""
        self._preview = None
        self._counts.show_text("Looking at what would be written…")
        with QSignalBlocker(self._consent):
            self._consent.setChecked(False)
        self._show_answer()
        self.changed.emit()

    @Slot(str)
    def _on_path(self, text: str) -> None:
        self._is_suggested = not text
        self._on_changed()

    @Slot(bool)
    def _on_beside(self, _is_on: bool) -> None:
        self._show_place()
        self._on_changed()

    @Slot(bool)
    def _on_consent(self, _is_on: bool) -> None:
        self._show_answer()

    @Slot()
    def _ask_where(self) -> None:
        now = self.path
        if self._format.target is not Target.FILE:
            name = now.name or "labels"
            ask_for_folder(
                self,
                lambda paths: self.choose(paths[0] / name),
                "The folder that the new folder is made in",
                str(now.parent),
            )
            return
        kind = f"{one_line(self._format.title)} (*{self._format.ending})"
        dialog = QFileDialog(self, "Export labels", str(now), kind)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(self._format.ending.removeprefix("."))
        # The panel says what is there, and asks.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda file: self.choose(Path(file)))
        dialog.open()

    def choose(self, path: Path) -> None:
        """Choose where the export goes."""
        self._path.setText(str(path))
        self._on_path(str(path))

    @Slot()
    def _on_export(self) -> None:
        if self._export.isEnabled() and not self._is_busy:
            self.export_requested.emit()

    @Slot()
    def _on_cancel(self) -> None:
        self.cancel_requested.emit()

    @Slot()
    def close_panel(self) -> None:
        """Close the panel, unless something is being written."""
        if self.is_open and not self._is_busy:
            self.leave_panel()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Export with Enter, close or cancel with Esc; no key gets through to the pictures."""
        if event.key() == Qt.Key.Key_Escape:
            if self._is_busy:
                self.cancel_requested.emit()
            else:
                self.close_panel()
        elif event.key() in _ENTER:
            self._on_export()
        event.accept()


def _counts(preview: ExportPreview, chosen: ExportFormat) -> str:
    noun = "row" if chosen.target is Target.FILE else "picture"
    what = counted(preview.images, noun)
    return f"{what} in all. {preview.decided:,} decided by a person."
