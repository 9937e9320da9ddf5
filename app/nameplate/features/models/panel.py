"""The panel of the models: the one in use, recommended ones, and all others in a table."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QWidget

from nameplate.domain.progress import CancelToken
from nameplate.domain.text import escaped
from nameplate.features.models.doctor import diagnose, report_of
from nameplate.features.models.library import ModelLibrary
from nameplate.features.models.rows import ModelRow, facts, format_rate, terms
from nameplate.features.models.table import ModelTable
from nameplate.model_hub.installed import STARTER
from nameplate.ui.jobs.model_in_use import format_device
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.widgets.boxes import column, heading, plain_label, row, scrolled
from nameplate.ui.widgets.file_dialogs import ask_for_folder
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.message_bar import CANCEL
from nameplate.ui.widgets.painting import SMALL, entry_text, font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.work_panel import WIDEST, WorkPanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.texts import after_colon, error_text, tr, what_of

_STEPS: Final = 1000
_MOST_CARDS: Final = 8
_LEAST_TABLE: Final = 160
"""Pixels of its height."""

_TEXT: Final = QPalette.ColorRole.WindowText


def ask(workbench: Workbench) -> None:
    """Show the panel, or close it where it is shown."""
    panel = workbench.part(ModelsPanel)
    if panel.is_open:
        panel.close_panel()
    else:
        panel.show_models()


def add(workbench: Workbench, folder: Path) -> None:
    """Add the model in a folder."""
    panel = workbench.part(ModelsPanel)
    panel.show_models()
    panel.add(folder)


def copy_report(workbench: Workbench) -> None:
    """Copy the diagnostic report to the clipboard."""
    model, messages = workbench.model, workbench.messages
    folder: str | Path = model.folder if model else STARTER
    device = model.device.requested if model else "auto"

    def job(_cancel: CancelToken) -> Iterator[str]:
        yield report_of(diagnose(folder, device))

    def copy(text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        messages.tell(tr("The report is on the clipboard."), is_reply=True)

    def failed(error: Exception) -> None:
        messages.warn(tr("Can't make the report. {reason}", reason=error_text(error)))

    messages.tell(tr("Making the report; this tries the model out…"), is_reply=True)
    workbench.run("report", job, copy, failed, outlives_project=True)


class ModelsPanel(WorkPanel):
    """Panel of the models in the place of the pictures; downloads go on when it closes."""

    guide_page = "models"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(tr("Models"), tr("Use"))
        self._workbench = workbench
        self.library = workbench.lasting_part(ModelLibrary)
        self._about_id = ""
        self._make_widgets()
        self._lay_out()
        self._connect()
        workbench.place(self, Area.MIDDLE)
        workbench.follow_model(self._show_rows)
        workbench.follow_reading(self._on_read)

    def _make_widgets(self) -> None:
        self.used = ModelCard()
        self._none = Paragraph(max_lines=2, role=_TEXT)
        self._recommended = heading(tr("Recommended for"))
        self.cards = [ModelCard(self._act) for _ in range(_MOST_CARDS)]
        self.search = QLineEdit(placeholderText=tr("Search"), clearButtonEnabled=True)
        self.search.setAccessibleName(tr("Search models"))
        self.search.setMaximumWidth(220)
        self.table = ModelTable()
        self.table.setMinimumHeight(_LEAST_TABLE)
        self._about_title = Paragraph(max_lines=2, role=_TEXT)
        self._about_title.setFont(font_of(self._about_title.font(), weight=QFont.Weight.DemiBold))
        self._summary = Paragraph(max_lines=2, role=_TEXT)
        self._problem = Paragraph(max_lines=5, role=_TEXT)
        self._notes = Paragraph(max_lines=4)
        self._facts = Paragraph(max_lines=4)
        self._facts.setFont(font_of(self._facts.font(), SMALL))
        self._accept = QCheckBox(tr("I accept this licence"))
        self._licence = QPushButton(tr("Read the licence"))
        self._check = QPushButton(tr("Check", "a model"))
        self._check.setToolTip(tr("Try the model on generated pictures and names"))
        self._remove = QPushButton(tr("Remove…"))
        self._add = QPushButton(tr("Add a model folder…"))
        self._add.setToolTip(tr("Add a model that was exported or copied to this computer"))
        self._others = (self._licence, self._check, self._remove)
        for button in (*self._others, self._add):
            button.setAutoDefault(True)  # Enter on it must not press the main button

    def _lay_out(self) -> None:
        cards = column(*self.cards, spacing=12)
        about = (self._about_title, self._summary, self._facts, self._notes)
        self._about = QWidget()
        self._about.setLayout(column(*about, spacing=4))
        all_of_them = row(heading(tr("All models")), None, self.search, spacing=8)
        parts = (heading(tr("In use")), self._none, self.used, 12, self._recommended, cards)
        table = (12, all_of_them, self.table, 4, self._about)
        body = QWidget()
        body.setLayout(column(*parts, *table, spacing=8, grows=len(parts) + 2))
        area = scrolled(body)
        for part in (area, self._problem):
            part.setMaximumWidth(WIDEST)
        self.add_to_head(self._add)
        self.lay_out(area, self._problem, self._accept, grows=0, others=self._others)

    def _connect(self) -> None:
        self.do_work = self._do_next
        self.library.on_changed, self.library.on_added = self._show_rows, self._offer
        self.library.is_seen = lambda: self.is_open
        self.table.currentItemChanged.connect(self._show_current)
        self.table.itemDoubleClicked.connect(self._do_next)
        self.search.textChanged.connect(self._on_searched)
        self._accept.toggled.connect(self._show_current)
        self._add.clicked.connect(lambda: ask_for_folder(self, self.add, tr("Add a model folder")))
        self._check.clicked.connect(lambda: self.library.check(self.table.current_id))
        self._remove.clicked.connect(self._ask_to_remove)
        self._licence.clicked.connect(self._read_licence)

    # ---- what is shown

    def show_models(self) -> None:
        """Show the panel."""
        self.open_panel()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """List the models again."""
        super().showEvent(event)
        self._show_rows()
        self.library.refresh()

    def _on_read(self) -> None:
        if self.is_open:  # it is known now how fast pictures are read
            self.library.refresh()

    def _show_rows(self) -> None:
        rows, chosen = self.library.rows, self.table.current_id
        used = next((one for one in rows if one.is_in_use), None)
        self._none.show_text("" if used else tr("None. Choose one below."))
        self.used.setVisible(used is not None)
        if used is not None:
            self.used.show_row(used, "", "", self._how_used(used))
        recommended = self.library.recommended
        for place, card in enumerate(self.cards):
            card.setVisible(place < len(recommended))
            if place < len(recommended):
                info = recommended[place].info
                wanted_for, good_at = tr(info.recommended), tr(info.summary)
                card.show_row(recommended[place], wanted_for, good_at, terms(info))
        self._recommended.setVisible(bool(recommended))
        self.table.set_rows(rows)
        self.table.show_matching(self.search.text())
        if not self.table.current_id or self.table.current_id != chosen:
            self.table.choose(chosen or (used.info.model_id if used else ""))
        self._show_current()

    def _how_used(self, used: ModelRow) -> str:
        """Return where the model in use runs, and how fast."""
        model = self._workbench.model
        report = model.device_used if model else None
        if report is None:
            return tr("No picture read yet")
        speed = used.info.speeds.get(report.device)
        rate = tr("{rate} pictures a second", rate=format_rate(speed)) if speed else ""
        where = tr("On {device}", device=format_device(report.device))
        parts = (where, rate, terms(used.info))
        return " · ".join(part for part in parts if part)

    def _show_current(self) -> None:
        """Show the current model and its actions beneath the table."""
        model = self.table.current
        self._about.setVisible(model is not None)
        self.show_work(is_busy=False, is_possible=False)
        for button in (self.begin_button, *self._others):
            button.setVisible(model is not None)
        if model is None:
            for part in (self.state, self._problem):
                part.show_text("")
            self._accept.hide()
            return
        info, is_idle = model.info, model.activity is None
        if info.model_id != self._about_id:
            self._about_id = info.model_id
            with QSignalBlocker(self._accept):
                self._accept.setChecked(False)
        self._about_title.show_text(info.title)
        self._summary.show_text(tr(info.summary))
        self._problem.show_text(model.problem if is_idle else "", "warning")
        self._facts.show_text(" · ".join(after_colon(*fact) for fact in facts(info)))
        self._notes.show_text(" ".join(escaped(what_of(note)) for note in info.notes), "info")
        self._accept.setVisible(info.needs_acceptance and not info.is_here and is_idle)
        self._licence.setVisible(bool(info.licence_url))
        self._check.setVisible(info.is_here)
        self._check.setEnabled(is_idle)
        self._remove.setVisible(info.is_removable)
        self._remove.setEnabled(is_idle and not model.is_in_use)
        self._remove.setToolTip(tr("Use another model first") if model.is_in_use else "")
        can = model.is_possible and (self._accept.isHidden() or self._accept.isChecked())
        self.begin_button.setText(entry_text(model.action))
        self.begin_button.setEnabled(can)
        self._show_activity(model)

    def _show_activity(self, model: ModelRow) -> None:
        self.state.show_text(model.info.title if model.activity is None else model.second_line)
        self.bar.setVisible(model.activity is not None)
        progress = model.activity.progress if model.activity else None
        known = progress is not None and progress.total > 0
        self.bar.setMaximum(_STEPS if known else 0)
        if progress is not None and known:
            self.bar.setValue(round(_STEPS * progress.done / progress.total))

    def _offer(self, model_id: str) -> None:
        """Select a model that was just added, unless another one is selected."""
        if self.table.current is None or self.table.current.is_in_use:
            self.table.choose(model_id)

    # ---- what a person does

    def _act(self, model: ModelRow) -> None:
        """Carry out the button of a card, and select its model in the list."""
        self.search.clear()
        self.table.choose(model.info.model_id)
        self.library.act(model)

    def _do_next(self) -> None:
        model = self.table.current
        if model is None:
            return
        if self.begin_button.isEnabled():
            self.library.act(model, accept_licence=self._accept.isChecked())
        elif not self._accept.isHidden():
            self._accept.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_searched(self, words: str) -> None:
        self.table.show_matching(words)
        self._show_current()

    def add(self, folder: Path) -> None:
        """Add the model in `folder`, and select it."""
        self.library.add(folder)
        self.table.choose(str(folder))

    def _read_licence(self) -> None:
        if (model := self.table.current) is not None:
            Outside.open_web_page(model.info.licence_url)

    def _ask_to_remove(self) -> None:
        model = self.table.current
        if model is None or model.activity is not None or not model.info.is_removable:
            return
        if model.is_in_use:
            text = tr("This model is in use. Use another one first.")
            self._workbench.say(text, is_reply=True)
            return
        self._workbench.ask(
            tr("Delete {model} from this computer? Your labels stay.", model=model.info.title),
            (tr("Delete"), lambda: self.library.remove(model.info.model_id)),
            CANCEL,
            about="remove",
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove a model with Delete; focus the licence's box where it has to be accepted."""
        if event.key() == Qt.Key.Key_Delete:
            self._ask_to_remove()
        elif event.key() in ENTER_KEYS and not self._accept.isHidden():
            self._do_next()
        super().keyPressEvent(event)


class ModelCard(QWidget):
    """Describes a model, with a button for its next action."""

    def __init__(self, act: Callable[[ModelRow], object] | None = None) -> None:
        """Show nothing yet; the button calls `act`, without which there is none."""
        super().__init__()
        self._act = act
        self._row: ModelRow | None = None
        self._for = plain_label()
        self._for.setFont(font_of(self._for.font(), weight=QFont.Weight.DemiBold))
        self._title = Paragraph(max_lines=1, role=_TEXT)
        self._good_at, self._more = Paragraph(max_lines=1, role=_TEXT), Paragraph(max_lines=1)
        self._more.setFont(font_of(self._more.font(), SMALL))
        self._button = QPushButton(autoDefault=False)
        longest = tr("Download {size:bytes}", size=1e9)
        self._button.setMinimumWidth(self.fontMetrics().horizontalAdvance(longest) + 44)
        self._button.clicked.connect(self._press)
        self._button.setVisible(act is not None)
        head = row(self._for, self._title, spacing=8, grows=1)
        text = column(head, self._good_at, self._more, spacing=2)
        self.setLayout(row(text, self._button, spacing=12, grows=0))

    def show_row(self, model: ModelRow, wanted_for: str, good_at: str, more: str) -> None:
        """Show a model: its use, its strengths, and `more` unless there is a problem."""
        self._row = model
        self._for.setText(wanted_for)
        self._for.setVisible(bool(wanted_for))
        self._title.show_text(model.info.title)
        self._good_at.show_text(good_at)
        if model.activity is not None:
            self._more.show_text(model.second_line)
        else:
            self._more.show_text(model.problem or more, "warning" if model.problem else "")
        self._button.setText(entry_text(model.action))
        self._button.setAccessibleName(after_colon(model.action, model.info.title))
        self._button.setEnabled(model.is_possible)

    def _press(self) -> None:
        if self._act is not None and self._row is not None:
            self._act(self._row)
