"""The main window: three columns, one status line, and the actions on them."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
)
from PySide6.QtWidgets import QMainWindow, QSplitter

from nameplate.domain.changes import Effects
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.project.recent import RecentProject
from nameplate.storage.embedding_cache import default_folder
from nameplate.storage.folders import projects_folder
from nameplate.storage.resources import resource
from nameplate.ui.commands.actions import Actions
from nameplate.ui.compare.comparing import Comparing
from nameplate.ui.compare.panel import ComparePanel
from nameplate.ui.concepts.details import ConceptDetails
from nameplate.ui.concepts.details_presenter import DetailsPresenter
from nameplate.ui.concepts.edits import ConceptEdits
from nameplate.ui.concepts.names_files import NamesFiles
from nameplate.ui.concepts.names_preview import NamesPreview
from nameplate.ui.concepts.organising import Organising
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.concepts.template_box import TemplateBox
from nameplate.ui.export.exporting import Exporting
from nameplate.ui.export.memory import ExportMemory
from nameplate.ui.export.panel import ExportPanel
from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.filter.nothing_shown import NothingShown
from nameplate.ui.grid.appearance import Appearance
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.thumbnails import ThumbnailLoader
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.grid.visible_first import VisibleFirst
from nameplate.ui.importing.importing import Importing
from nameplate.ui.importing.panel import ImportPanel
from nameplate.ui.inspector.inspection import Inspection
from nameplate.ui.inspector.panel import Inspector
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.looks.full_screen import FullScreen
from nameplate.ui.looks.looks import Look, Looks
from nameplate.ui.looks.picture_looks import PictureLooks
from nameplate.ui.models.actions import ModelActions
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.relink.missing_pictures import MissingPictures
from nameplate.ui.review.labelling import Labelling
from nameplate.ui.sheets.sheets import Sheets
from nameplate.ui.shell.about import show_about
from nameplate.ui.shell.colour_scheme import SCHEMES, choose_scheme, restore_scheme
from nameplate.ui.shell.decisions import Decisions
from nameplate.ui.shell.dropping import Dropping
from nameplate.ui.shell.empty_state import EmptyState
from nameplate.ui.shell.keyboard import Keyboard
from nameplate.ui.shell.path_opener import PathOpener
from nameplate.ui.shell.picture_menu import PictureMenu
from nameplate.ui.shell.problems_panel import ProblemsPanel
from nameplate.ui.shell.project_files import ProjectFiles
from nameplate.ui.shell.recent_menu import RecentMenu
from nameplate.ui.shell.settings_presenter import SettingsPresenter
from nameplate.ui.shell.status_line import StatusLine
from nameplate.ui.shell.status_presenter import StatusPresenter
from nameplate.ui.shell.tool_row import ToolRow
from nameplate.ui.shell.transfer import Transfer
from nameplate.ui.widgets.boxes import column_of
from nameplate.ui.widgets.in_place import in_place_of
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.widgets.opening import (
    ask_for_files,
    ask_for_folder,
    ask_for_project,
    ask_where_to_save,
    dropped_paths,
)


class MainWindow(QMainWindow):
    """The window of one project.

    Attributes:
        owner: The open project.
        model_in_use: The model.
        reading: Looks for pictures and reads them.
        scoring: Reads the names and scores the pictures.
        grid: The pictures.
        arrangement: Which of them are shown, in which order.
        filtering: What a person filters and sorts them with.
        panel: The concepts.
        inspector: The current picture and its bars.
        looks: Which way to look at the pictures is shown.
        labelling: The labelling actions.
        status: The status line.
        messages: The message bar.
        actions_by_id: Every action.
    """

    def __init__(
        self, model_in_use: ModelInUse, settings: QSettings, projects: Path | None = None
    ) -> None:
        """Show an empty project, to be kept in the folder `projects`; see `ProjectFiles`."""
        super().__init__()
        self._settings = settings
        self._is_shut_down = False
        self.setWindowTitle("Nameplate")
        self.setAcceptDrops(True)
        model_in_use.setParent(self)
        self.model_in_use = model_in_use
        # The jobs before the views, which show what a job has made of a change.
        self.owner = ProjectOwner(self)
        self.scoring = Scoring(self.owner, model_in_use, self)
        self.reading = Reading(self.owner, model_in_use, self)
        self._make_widgets()
        self._make_presenters(projects)
        self.looks = Looks(self.grid, self.empty, self.nothing)
        self.picture_looks = PictureLooks(
            self.looks, self.grid, self.arrangement.model, self.owner, model_in_use
        )
        self.looks.register(Look.SHEETS, self.sheets.panel)
        self.decisions = Decisions(self.looks, self.labelling, self.sheets)
        others = (self.tools, self.names, self.problems, self.status)
        self.full_screen = FullScreen(self, self.looks, self.inspector, others)
        self.actions_by_id = Actions(self, self._handlers())
        self.recent = RecentMenu(self.actions_by_id["open_recent"], self)
        self.keyboard = Keyboard(
            self, self.actions_by_id, self.decisions, self.owner, self._settings
        )
        self.keyboard.make_home(self.looks, self.panel, self.inspection, self.sheets)
        self.keyboard.watch(self.panel.names, self.inspector.chart)
        self.picture_menu = PictureMenu(
            self.actions_by_id, self.labelling, self.owner, self.grid, self.messages, self.keyboard
        )
        self.tools.set_actions(self.actions_by_id)
        self.filtering.menu.set_actions(self.actions_by_id.some("only_these", "clear_filter"))
        self._lay_out()
        self._connect_jobs()
        self._connect_views()
        self._restore()
        self.status_presenter.set_counts(self.arrangement.counts)
        self._refresh_actions()

    # ---- building

    def _make_widgets(self) -> None:
        cache = ThumbnailCache(default_folder()) if self.model_in_use.uses_cache else None
        self.thumbnails = ThumbnailLoader(self, cache=cache)
        self.grid = ImageGrid(self.thumbnails)
        self.grid.setAccessibleName("Pictures")
        self.panel = ConceptPanel()
        self.details = ConceptDetails()
        self.names_preview = NamesPreview()
        self.inspector = Inspector()
        self.empty = EmptyState()
        self.nothing = NothingShown()
        self.tools = ToolRow()
        self.templates = TemplateBox()
        self.names = column_of(self.panel, self.names_preview, self.details, self.templates)
        self.problems = ProblemsPanel()
        self.compare_panel = ComparePanel()
        self.export_panel = ExportPanel()
        self.import_panel = ImportPanel()
        self.messages = MessageBar()
        self.standing = MessageBar()
        self.status = StatusLine()

    def _make_presenters(self, projects: Path | None) -> None:
        owner, model, messages = self.owner, self.model_in_use, self.messages
        reading, scoring = self.reading, self.scoring
        self.arrangement = Arrangement(owner, self.grid)
        self.filtering = Filtering(
            owner, self.arrangement, self.grid, self.tools.filter, self.tools.chips, self.nothing
        )
        self.appearance = Appearance(self.grid, self.arrangement, self._settings)
        self.edits = ConceptEdits(self.panel, owner, model, scoring)
        self.concept_details = DetailsPresenter(self.panel, self.details, owner, scoring)
        self.names_files = NamesFiles(self.panel, self.names_preview, owner, messages)
        self.organising = Organising(
            self.panel, self.details, owner, scoring, messages, self.grid.selected_image_rows
        )
        self.inspection = Inspection(self.inspector, owner, model, scoring)
        self.visible_first = VisibleFirst(owner, reading, self.grid)
        self.labelling = Labelling(owner, scoring, self.grid, messages)
        self.sheets = Sheets(owner, scoring, self.arrangement, self.grid, self.thumbnails, messages)
        self.setting_boxes = SettingsPresenter(owner, model, scoring, self.tools, self.templates)
        self.status_presenter = StatusPresenter(
            owner, model, reading, self.status, self.problems, messages
        )
        memory = ExportMemory(self._settings, lambda: self.files.path)
        self.exporting = Exporting(self.export_panel, owner, model, scoring, messages, memory)
        self.files = ProjectFiles(owner, messages, self.standing, self._settings, projects)
        self.files.moved_from.connect(memory.follow)
        self.importing = Importing(self.import_panel, owner, messages)
        self.opener = PathOpener(self.files, self.reading)
        self.missing = MissingPictures(self, owner, reading, messages)
        self.comparing = Comparing(owner, self.compare_panel, messages)
        self.model_actions = ModelActions(self, owner, model, self._settings, messages)
        self.dropping = Dropping(owner, self.model_actions, messages)
        self.dropping.table_uses = {
            "Labels": self.importing.take_file,
            "Names": self.names_files.take_file,
        }
        pasted = (projects or projects_folder()) / "Pasted"
        self.transfer = Transfer(owner, self.grid, messages, self.dropping.take, pasted)

    def _lay_out(self) -> None:
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.columns.addWidget(self.names)
        self.columns.addWidget(self.looks.stack)
        self.columns.addWidget(self.inspector)
        self.columns.setChildrenCollapsible(False)
        for column, stretch in enumerate((0, 1, 0)):
            self.columns.setStretchFactor(column, stretch)
        self.columns.setSizes([250, 800, 370])
        self.pages = in_place_of(self.columns, self.export_panel, self.import_panel)
        self.setCentralWidget(
            column_of(
                self.tools,
                self.standing,
                self.pages,
                self.problems,
                self.compare_panel,
                self.messages,
                self.status,
                grows=2,
            )
        )

    def _connect_jobs(self) -> None:
        self.owner.changed.connect(self._on_changed)
        self.owner.suggestions_changed.connect(self._refresh_actions)
        self.model_in_use.loaded.connect(self._refresh_actions)
        self.arrangement.arranged.connect(self._on_arranged)
        self.reading.ended.connect(self.arrangement.refresh)
        self.reading.ended.connect(self.labelling.offer_unread)
        self.reading.ended.connect(self._refresh_actions)
        self.reading.scan_ended.connect(self._show_title)
        self.reading.progress_changed.connect(self.model_actions.show_speed)
        self.scoring.problem_occurred.connect(self.messages.warn)
        self.thumbnails.problem_occurred.connect(self.status_presenter.warn_of_cache)
        self.arrangement.placed.connect(self._show_current)
        self.files.recent_found.connect(self._show_recent)
        self.files.opened.connect(self._on_opened)
        self.files.moved.connect(self._show_title)
        self.files.moved.connect(self.files.look_for_recent)
        self.files.save_requested.connect(self.actions_by_id["save_project"].trigger)
        self.recent.project_requested.connect(self.files.open)
        self.missing.changed_requested.connect(self.filtering.show_changed)
        self.files.trouble_said.connect(self._show_title)

    def _connect_views(self) -> None:
        self.grid.current_image_changed.connect(self.inspection.show_row)
        self.picture_menu.name_requested.connect(self.filtering.show_concept)
        self.grid.current_image_changed.connect(self.comparing.show_row)
        self.grid.selected_images_changed.connect(self._refresh_actions)
        self.grid.selected_images_changed.connect(self.organising.selection_changed)
        self.panel.concept_activated.connect(self.decisions.label)
        self.panel.focus_released.connect(self.looks.focus)
        self.panel.filter_requested.connect(self.filtering.show_concept)
        self.inspector.crop_toggled.connect(self.actions_by_id["show_crop"].setChecked)
        self.inspector.bar_activated.connect(self.decisions.label)
        self.looks.changed.connect(self._on_look_changed)
        self.sheets.panel.leave_requested.connect(self.looks.leave)
        self.sheets.panel.export_requested.connect(self.actions_by_id["export"].trigger)
        self.empty.folder_requested.connect(self._add_folder)
        self.empty.files_requested.connect(self._add_files)
        self.empty.samples_requested.connect(self.open_samples)
        self.empty.project_requested.connect(self.files.open)
        self.status.models_requested.connect(self.model_actions.show)
        self.reading.scan_finished.connect(self.transfer.say_saved)
        self.dropping.pictures_dropped.connect(self.open_paths)
        self.dropping.open_requested.connect(self.files.open)
        self.dropping.compare_requested.connect(self.comparing.open)
        self.comparing.filter_requested.connect(self.arrangement.set_filter)
        self.arrangement.view_changed.connect(self.comparing.note_view)
        self.filtering.told.connect(self.messages.tell)
        self.tools.focus_released.connect(self.looks.focus)
        self.exporting.ended.connect(self.looks.focus)
        self.importing.ended.connect(self.looks.focus)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "add_files": self._add_files,
            "add_folder": self._add_folder,
            "new_project": self.files.new,
            "save_project": lambda: ask_where_to_save(
                self, self.files.suggested_path, self.files.save_as
            ),
            "find_missing": self.missing.show,
            "open_project": lambda: ask_for_project(self, self.files.open),
            "compare_projects": lambda: ask_for_project(
                self, self.comparing.open, "Compare with a project"
            ),
            "samples": self.open_samples,
            "export": self.exporting.ask,
            "export_again": self.exporting.again,
            "import_labels": self.importing.ask,
            "quit": self.close,
            "undo": self.owner.undo,
            "redo": self.owner.redo,
            "copy": self.transfer.copy,
            "paste": self.transfer.paste,
            "select_all": self.decisions.select_all,
            "select_none": self.grid.clearSelection,
            "name_box": self.panel.focus_name_box,
            "find_name": self.panel.focus_find_box,
            "pictures": self._go_to_pictures,
            "filter": self.filtering.focus_line,
            "only_these": self.filtering.only_selected,
            "clear_filter": self.filtering.clear,
            "save_view": self.filtering.ask_name,
            "choose_folder": self.filtering.choose_folder,
            "auto_label": self.labelling.auto_label,
            "auto_label_selected": self.labelling.auto_label_selected,
            "accept": self.decisions.accept,
            "take_back": self.decisions.take_back,
            "skip": self.decisions.skip,
            "remove": self.labelling.remove,
            "next_undecided": self.labelling.go_to_undecided,
            "next": partial(self.decisions.go_by, 1),
            "previous": partial(self.decisions.go_by, -1),
            "several": self.setting_boxes.toggle_several,
            "stop": self.status_presenter.stop,
            "resume": self.reading.resume,
            "grid": self.looks.leave,
            "large": partial(self.looks.toggle, Look.LARGE),
            "compare": partial(self.looks.toggle, Look.COMPARE),
            "sheets": partial(self.looks.toggle, Look.SHEETS),
            "take_out": self.picture_looks.compare.take_out,
            "actual_size": self.picture_looks.toggle_actual_size,
            "full_screen": self.full_screen.toggle,
            "bars": self.full_screen.toggle_bars,
            "zoom_in": partial(self.looks.zoom, is_in=True),
            "zoom_out": partial(self.looks.zoom, is_in=False),
            "details": self.appearance.toggle_details,
            "show_crop": self._show_crop,
            "problems": self.status_presenter.toggle_problems,
            **{name: partial(choose_scheme, self._settings, name) for name in SCHEMES},
            "models": self.model_actions.show,
            "report": self.model_actions.copy_report,
            "about": partial(show_about, self),
        }

    def _go_to_pictures(self) -> None:
        self.pages.setCurrentWidget(self.columns)
        self.looks.focus()

    @Slot(object)
    def _on_look_changed(self, look: Look) -> None:
        self.pages.setCurrentWidget(self.columns)
        if look is Look.SHEETS:
            self.sheets.begin()

    # ---- opening

    @Slot()
    def _show_current(self) -> None:
        self.inspection.show_row(self.grid.current_image_row())

    def open_paths(self, paths: list[Path]) -> None:
        """Open a project's file, or add the images of files and folders."""
        self.opener.open(paths)
        self.status_presenter.refresh()

    @Slot(object)
    def _on_opened(self, _path: Path) -> None:
        """Say what the window is called now, and what can be gone on with."""
        if self.looks.current is not Look.GRID:
            self.looks.leave()
        self._show_title()
        self.files.look_for_recent()
        project = self.owner.project
        if project.history.undone and not project.images.present:
            self.messages.tell(
                "All of this project was undone. Redo (Ctrl+Shift+Z) brings it back."
            )

    @Slot(object)
    def _show_recent(self, projects: Sequence[RecentProject]) -> None:
        if not self.owner.project.revision:
            self.empty.offer_recent(projects)
        self.recent.show_projects(projects)

    @Slot()
    def _show_title(self) -> None:
        # Qt would add the program's name after a dash that window managers of X11 cannot show.
        title = self.files.title
        self.setWindowTitle(f"{title} - Nameplate" if title else "Nameplate")

    def open_samples(self) -> None:
        """Open the sample pictures, with their names if there are no concepts yet."""
        self.open_paths([resource("samples")])
        if not self.owner.project.concepts:
            text = resource("samples", "concepts.txt").read_text(encoding="utf-8")
            lines = [line for line in text.splitlines() if line and not line.startswith("#")]
            self.edits.add_lines(lines)

    def _add_files(self) -> None:
        ask_for_files(self, self.open_paths)

    def _add_folder(self) -> None:
        ask_for_folder(self, self.open_paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and folders, but not the window's own pictures."""
        if event.mimeData().hasUrls() and not event.source():
            event.acceptProposedAction()
            self.empty.set_drag_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Remove the drop highlight."""
        self.empty.set_drag_over(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        self.empty.set_drag_over(False)
        event.acceptProposedAction()
        self.dropping.take(dropped_paths(event.mimeData()))

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        """Bring up to date what the window itself shows of the project."""
        self.empty.hide_recent()
        is_first = len(effects.added) == self.owner.project.images.present > 0
        if effects.images and (is_first or not self.reading.is_scanning):
            self._show_title()
        if is_first:
            self._begin_at(int(effects.added[0]))
        self._refresh_actions()

    def _begin_at(self, row: int) -> None:
        """Go to the first picture of all; a person types names next, or labels."""
        self.grid.set_current_image(row)
        if self.owner.project.concepts or self.grid.hasFocus():
            self.looks.focus()
        else:
            self.panel.focus_name_box()

    @Slot()
    def _on_arranged(self) -> None:
        """Show the pictures, or why there are none."""
        self.looks.set_pictures(
            self.owner.project.images.present, len(self.arrangement.model.order)
        )
        self._refresh_status()

    # ---- keys

    def keyPressEvent(self, event: Any) -> None:
        """Let the keys of names label the selected images, and Esc lead to the pictures."""
        if not self.keyboard.take(event):
            super().keyPressEvent(event)

    # ---- what can be done now

    def _show_crop(self) -> None:
        is_shown = self.actions_by_id["show_crop"].isChecked()
        self.inspector.set_show_crop(is_shown)
        self.picture_looks.set_crop_shown(is_shown)

    @Slot()
    def _refresh_actions(self) -> None:
        self.actions_by_id.offer(
            self.owner.project,
            has_model=self.model_in_use.model is not None,
            has_selection=self.grid.has_selected_images(),
        )
        self._refresh_status()

    def _refresh_status(self) -> None:
        if not (self.reading.is_reading or self.reading.is_scanning):
            self.status_presenter.refresh()

    # ---- the window itself

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icons when light became dark or the other way."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "actions_by_id"):
            self.actions_by_id.refresh_icons()
            self.empty.refresh_icons()
            self.problems.refresh_icons()
            self.compare_panel.refresh_icons()
            self.export_panel.refresh_icons()
            self.import_panel.refresh_icons()
            self.tools.filter.refresh_icons()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if the project cannot be saved; the caller of `show` then calls `shut_down`."""
        is_kept = self._is_shut_down or self.files.may_close
        if not is_kept and not self.files.confirm_close(self):
            event.ignore()
            return
        self.full_screen.leave()
        self.appearance.save()
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.setValue("window/columns", self.columns.saveState())
        self._settings.sync()  # the process may exit before Qt does it
        event.accept()

    def shut_down(self) -> None:
        """Stop all jobs and wait for them; closing does not ask afterwards."""
        self._is_shut_down = True
        self.exporting.shut_down()
        self.importing.shut_down()
        self.transfer.shut_down()
        self.model_actions.shut_down()
        self.inspection.shut_down()
        self.picture_looks.shut_down()
        self.concept_details.shut_down()
        self.names_files.shut_down()
        self.thumbnails.shut_down()
        self.keyboard.shut_down()
        self.opener.shut_down()
        self.comparing.shut_down()
        for job in (self.arrangement, self.missing, self.scoring, self.reading, self.model_in_use):
            job.shut_down()
        self.files.shut_down()

    def _restore(self) -> None:
        restore_scheme(self._settings, self.actions_by_id)
        self.actions_by_id["details"].setChecked(self.appearance.has_details)
        geometry = self._settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            room = self.screen().availableSize()
            self.resize(min(1360, room.width()), min(840, room.height() - 40))
        columns = self._settings.value("window/columns")
        if isinstance(columns, QByteArray):
            self.columns.restoreState(columns)
