"""The main window: how its parts work together, and what the window itself does."""

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSettings, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
)

from nameplate.domain.changes import Effects
from nameplate.ui.commands.actions import Handlers
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.looks.looks import Look
from nameplate.ui.shell.about import show_about
from nameplate.ui.shell.colour_scheme import SCHEMES, choose_scheme, restore_scheme
from nameplate.ui.widgets.opening import ask_for_project, dropped_paths
from nameplate.ui.window_parts import WindowParts


class MainWindow(WindowParts):
    """The window of one project."""

    def __init__(
        self, model_in_use: ModelInUse, settings: QSettings, projects: Path | None = None
    ) -> None:
        """Show an empty project, to be kept in the folder `projects`; see `ProjectFiles`."""
        super().__init__(model_in_use, settings, projects)
        self._is_shut_down = False
        self.setWindowTitle("Nameplate")
        self.setAcceptDrops(True)
        self._handle_actions()
        self._connect_jobs()
        self._connect_views()
        self._restore()
        self.status_presenter.set_counts(self.arrangement.counts)
        self._refresh_actions()

    # ---- how the parts work together

    def _connect_jobs(self) -> None:
        self.owner.changed.connect(self._on_changed)
        self.owner.suggestions_changed.connect(self._refresh_actions)
        self.model_in_use.loaded.connect(self._refresh_actions)
        self.arrangement.arranged.connect(self._on_arranged)
        self.reading.ended.connect(self.arrangement.refresh)
        self.reading.ended.connect(self.arrangement.arranging.read_folders)
        self.reading.ended.connect(self.labelling.offer_unread)
        self.reading.ended.connect(self._refresh_actions)
        self.reading.scan_ended.connect(self._show_title)
        self.reading.progress_changed.connect(self.model_actions.show_speed)
        self.scoring.problem_occurred.connect(self.messages.warn)
        self.thumbnails.problem_occurred.connect(self.status_presenter.warn_of_cache)
        self.arrangement.placed.connect(self._show_current)
        self.files.opened.connect(self._on_opened)
        self.files.moved.connect(self._show_title)
        self.files.save_requested.connect(self.actions_by_id["save_project"].trigger)
        self.missing.changed_requested.connect(self.filtering.show_changed)
        self.files.trouble_said.connect(self._show_title)

    def _connect_views(self) -> None:
        self.grid.current_image_changed.connect(self.inspection.show_row)
        self.picture_menu.name_requested.connect(self.filtering.show_concept)
        self.grid.current_image_changed.connect(self.comparing.show_row)
        self.grid.selected_images_changed.connect(self._refresh_actions)
        self.panel.concept_activated.connect(self.decisions.label)
        self.panel.focus_released.connect(self.looks.focus)
        self.panel.filter_requested.connect(self.filtering.show_concept)
        self.inspector.crop_toggled.connect(self.actions_by_id["show_crop"].setChecked)
        self.inspector.bar_activated.connect(self.decisions.label)
        self.inspector.left.connect(self.looks.focus)
        self.looks.changed.connect(self._on_look_changed)
        self.sheets.panel.leave_requested.connect(self.looks.leave)
        self.sheets.panel.export_requested.connect(self.actions_by_id["export"].trigger)
        self.status.models_requested.connect(self.model_actions.show)
        self.reading.scan_finished.connect(self.transfer.say_saved)
        self.dropping.pictures_dropped.connect(self.opener.open)
        self.opener.begun.connect(self.status_presenter.refresh)
        self.dropping.open_requested.connect(self.files.open)
        self.dropping.compare_requested.connect(self.comparing.open)
        self.comparing.filter_requested.connect(self.arrangement.set_filter)
        self.arrangement.view_changed.connect(self.comparing.note_view)
        self.filtering.told.connect(self.messages.tell)
        self.filtering.left.connect(self.looks.focus)
        self.finish.counted.connect(self.status.show_checked)
        self.finish.export_requested.connect(self.actions_by_id["export"].trigger)
        self.finish.skipped_requested.connect(self.filtering.show_skipped)
        self.tools.focus_released.connect(self.looks.focus)
        self.exporting.ended.connect(self.looks.focus)
        self.importing.ended.connect(self.looks.focus)

    def _handle_actions(self) -> None:
        """Say what the actions do that have not said it themselves."""
        handlers: Handlers = {
            "find_missing": self.missing.show,
            "compare_projects": lambda: ask_for_project(
                self, self.comparing.open, "Compare with a project"
            ),
            "export": self.exporting.ask,
            "export_again": self.exporting.again,
            "import_labels": self.importing.ask,
            "quit": self.close,
            "undo": self.owner.undo,
            "redo": self.owner.redo,
            "select_all": partial(self.arrangement.when_shown, self.looks.select_all),
            "select_none": self.grid.clearSelection,
            "copy": self.transfer.copy,
            "paste": self.transfer.paste,
            "name_box": self.panel.focus_name_box,
            "find_name": self.panel.focus_find_box,
            "pictures": self._go_to_pictures,
            "filter": self.filtering.focus_line,
            "filter_menu": self.tools.filter.open_menu,
            "only_these": self.filtering.only_selected,
            "clear_filter": self.filtering.clear,
            "save_view": self.filtering.ask_name,
            "choose_folder": self.filtering.choose_folder,
            "several": self.setting_boxes.toggle_several,
            "stop": self.status_presenter.stop,
            "resume": self.reading.resume,
            "full_screen": self.full_screen.toggle,
            "bars": self.full_screen.toggle_bars,
            "details": self.appearance.toggle_details,
            "show_crop": self._show_crop,
            "problems": self.status_presenter.toggle_problems,
            **{name: partial(choose_scheme, self.settings, name) for name in SCHEMES},
            "models": self.model_actions.show,
            "report": self.model_actions.copy_report,
            "about": partial(show_about, self),
        }
        self.actions_by_id.handle(handlers)

    def _go_to_pictures(self) -> None:
        self.pages.setCurrentWidget(self.columns)
        self.looks.focus()

    @Slot(object)
    def _on_look_changed(self, look: Look) -> None:
        self.pages.setCurrentWidget(self.columns)
        self.inspection.leave_picture(look in (Look.LARGE, Look.COMPARE))
        if look is Look.SHEETS:
            self.sheets.begin()
        self._refresh_actions()

    # ---- opening

    @Slot()
    def _show_current(self) -> None:
        self.inspection.show_row(self.grid.current_image_row())

    @Slot()
    def _on_opened(self) -> None:
        """Begin a project that was opened in the grid."""
        if self.looks.current is not Look.GRID:
            self.looks.show(Look.GRID)  # `leave` might lead to a page
        self._show_title()

    @Slot()
    def _show_title(self) -> None:
        # Qt would add the program's name after a dash that window managers of X11 cannot show.
        title = self.files.title
        self.setWindowTitle(f"{title} - Nameplate" if title else "Nameplate")

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
            is_on_page=self.looks.current is Look.SHEETS,
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
            for part in (
                self.actions_by_id,
                self.empty,
                self.problems,
                self.compare_panel,
                self.export_panel,
                self.import_panel,
                self.tools.filter,
            ):
                part.refresh_icons()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if the project cannot be saved; the caller of `show` then calls `shut_down`."""
        is_kept = self._is_shut_down or self.files.may_close
        if not is_kept and not self.files.confirm_close(self):
            event.ignore()
            return
        self.full_screen.leave()
        self.appearance.save()
        self.place.save()
        self.settings.sync()  # the process may exit before Qt does it
        event.accept()

    def shut_down(self) -> None:
        """Stop all jobs and wait for them; closing does not ask afterwards."""
        self._is_shut_down = True
        for part in (
            self.exporting,
            self.importing,
            self.transfer,
            self.model_actions,
            self.inspection,
            self.picture_looks,
            self.sheets,
            self.names,
            self.thumbnails,
            self.keyboard,
            self.opener,
            self.comparing,
            self.arrangement,
            self.missing,
            self.scoring,
            self.reading,
            self.model_in_use,
            self.files,  # the last one: it saves what the others have done
        ):
            part.shut_down()

    def _restore(self) -> None:
        restore_scheme(self.settings, self.actions_by_id)
        self.actions_by_id["details"].setChecked(self.appearance.has_details)
        self.place.restore()
