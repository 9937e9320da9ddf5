"""The main window: connects its parts, and handles what concerns the window itself."""

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent

from nameplate.domain.changes import Effects
from nameplate.domain.feature import Action, When
from nameplate.storage.resources import resource
from nameplate.ui.grid.appearance import save_appearance
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.late_parts import LateParts
from nameplate.ui.modes.view_modes import ViewMode
from nameplate.ui.shell.about import show_about
from nameplate.ui.shell.colour_scheme import choose_scheme, restore_scheme
from nameplate.ui.widgets import theme
from nameplate.ui.widgets.file_dialogs import dropped_paths
from nameplate.ui.widgets.painting import one_line


class MainWindow(LateParts):
    """The window of one project."""

    def __init__(
        self, model_in_use: ModelInUse, settings: QSettings, projects: Path | None = None
    ) -> None:
        """Show an empty project, to be kept in the folder `projects`; see `ProjectFiles`."""
        with theme.styled_at_the_end():
            super().__init__(model_in_use, settings, projects)
        self._is_shut_down = False
        self.setWindowTitle("Nameplate")
        self.setAcceptDrops(True)
        self.actions_by_id.triggered.connect(self._run)
        self._connect_jobs()
        self._connect_views()
        self.workbenches.begin()
        self._restore()
        self.status.counts = self.arrangement.counts
        self._refresh_actions()

    # ---- how the parts work together

    def _connect_jobs(self) -> None:
        # The project, its file, and which of its pictures are shown.
        self.owner.changed.connect(self._on_changed)
        self.owner.restored.connect(self.offer_files)
        self.owner.suggestions_changed.connect(self._refresh_actions)
        self.files.opened.connect(self._on_opened)
        self.files.title_changed.connect(self._show_title)
        self.arrangement.arranged.connect(self._on_arranged)
        self.arrangement.placed.connect(self._show_current)
        for shown in (self.arrangement.placed, self.arrangement.view_changed):
            shown.connect(lambda view: self.actions_by_id["stacks"].setChecked(view.is_stacked))
        # What is dropped, and how far scanning, reading and scoring are.
        self.opener.begun.connect(self.status.refresh)
        self.opener.names_requested.connect(self.names.files.take_file)
        for part in (self.reading, self.thumbnails, self.large, self.inspection):
            self.sample_bar.fetching_wanted.connect(part.try_again)
        self.reading.scan_ended.connect(self._show_title)
        self.reading.scan_finished.connect(self.transfer.say_saved)
        self.reading.ended.connect(self.arrangement.refresh)
        self.reading.ended.connect(self.arrangement.arranging.read_folders)
        self.reading.ended.connect(self.labelling.offer_unread)
        self.reading.ended.connect(self.names.edits.refresh)
        self.labelling.show_requested.connect(self.filtering.show_only)
        self.reading.ended.connect(self._refresh_actions)
        self.messages.left.connect(lambda: self.modes.stack.isVisible() and self.modes.focus())
        self.scoring.problem_occurred.connect(self.messages.warn)
        self.thumbnails.problem_occurred.connect(self.status.warn_of_cache)
        self.model_in_use.loaded.connect(self._refresh_actions)

    def _connect_views(self) -> None:
        trigger = self.actions_by_id.trigger
        # The current and the selected pictures.
        self.grid.current_image_changed.connect(self.inspection.show_row)
        self.grid.selected_images_changed.connect(self._refresh_actions)
        self.modes.changed.connect(self._on_mode_changed)
        # Names that are pressed, and their keys.
        self.panel.concept_activated.connect(self.decisions.label)
        self.panel.filter_requested.connect(self.filtering.show_concept)
        self.inspector.bar_activated.connect(self.decisions.label)
        self.picture_menu.name_requested.connect(self.filtering.show_concept)
        for part in (self.panel, self.inspection, self.sheets):
            self.keyboard.keys_of_names_changed.connect(part.set_keys)
        self.keyboard.naming_requested.connect(self.panel.begin_name)
        # What leads back to the pictures.
        for left in (self.panel.focus_released, self.inspector.left, self.filtering.left):
            left.connect(self.modes.focus)
        self.tools.focus_released.connect(self.modes.focus)
        self.modes.wanted.connect(partial(self.pages.setCurrentWidget, self.columns))
        self.pages.currentChanged.connect(self._on_page_changed)
        self.sheets.panel.leave_requested.connect(self.modes.leave)
        self.groups.leave = partial(self.modes.show, ViewMode.GRID)
        # Messages and buttons.
        self.tools.filter.given.connect(self.transfer.search_with)
        self.transfer.search_requested.connect(self.filtering.like_files)
        self.sheets.suggested.step_requested.connect(lambda step: trigger(step)())
        self.sheets.panel.export_requested.connect(trigger("export"))
        self.sheets.hidden_changed.connect(self.arrangement.hide_names)
        self.sheets.hidden_changed.connect(self.inspection.hide_names)
        self.sheets.wanted.connect(partial(self.show_pages, None))
        self.inspector.crop_toggled.connect(self.actions_by_id["show_crop"].setChecked)

    # ---- what actions do, where no part does it

    def toggle_large(self) -> None:
        """Show the current picture large, or leave that."""
        self.modes.toggle(ViewMode.LARGE)

    def toggle_compare(self) -> None:
        """Show the selected pictures side by side, or leave that."""
        self.modes.toggle(ViewMode.COMPARE)

    def toggle_groups(self) -> None:
        """Show group after group of similar pictures, or leave that."""
        self.modes.toggle(ViewMode.GROUPS)

    def choose_colours(self, name: str) -> None:
        """Use the light or dark colours, or those of the system; the id of the action."""
        choose_scheme(self.settings, name)

    def show_about(self) -> None:
        """Show what Nameplate is made of."""
        show_about(self)

    def ask_to_export(self) -> None:
        """Show the panel in which an export is chosen."""
        self.finish.bar.clear()  # it says to export
        self.exporting.ask()

    def open_samples(self) -> None:
        """Open the sample pictures, with their names if there are no concepts yet."""
        self.opener.open([resource("samples")])
        if not self.owner.project.concepts:
            text = resource("samples", "concepts.txt").read_text(encoding="utf-8")
            lines = [line for line in text.splitlines() if line and line[0] != "#"]
            self.names.edits.add_lines(lines)

    @Slot()
    def _on_page_changed(self) -> None:
        """Focus the pictures when a panel in their place was closed."""
        self._refresh_actions()
        if self.pages.currentWidget() is self.columns:
            self.modes.focus()
            self.sheets.look_soon()  # a panel may have changed what there is to look at

    def toggle_pages(self) -> None:
        """Show or leave the usual pages; from the end of other pages, show the usual ones."""
        sheets = self.sheets
        is_over = sheets.is_at_end and sheets.source is not sheets.suggested
        if self.modes.current is not ViewMode.SHEETS or is_over:
            sheets.show_pages_of(sheets.suggested)
            self.modes.show(ViewMode.SHEETS)
        else:
            self.modes.toggle(ViewMode.SHEETS)

    @Slot(object)
    def _on_mode_changed(self, mode: ViewMode) -> None:
        self.inspection.leave_picture(mode in (ViewMode.LARGE, ViewMode.COMPARE))
        if mode is ViewMode.GROUPS:
            self.groups.begin()
        elif mode is ViewMode.SHEETS and not self.owner.project.concepts:
            self.modes.show(ViewMode.GROUPS)  # there is nothing to check yet, but to name
        elif mode is ViewMode.SHEETS:
            self.sheets.begin()
        self._refresh_actions()

    # ---- opening

    @Slot()
    def _show_current(self) -> None:
        self.inspection.show_row(self.grid.current_image_row())

    @Slot()
    def _on_opened(self) -> None:
        """Begin a project that was opened in the grid."""
        if self.modes.current is not ViewMode.GRID:
            self.modes.show(ViewMode.GRID)  # `leave` might lead to a page
        self._show_title()

    @Slot()
    def _show_title(self) -> None:
        # Qt would add the program's name after a dash that window managers of X11 cannot show.
        title = one_line(self.files.title).replace("[*]", "[*][*]")  # one alone is Qt's own mark
        self.setWindowTitle(f"{title} - Nameplate" if title else "Nameplate")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and folders, but not the window's own pictures."""
        if event.mimeData().hasUrls() and not event.source():
            event.acceptProposedAction()
            self.start_page.set_drag_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Remove the drop highlight."""
        self.start_page.set_drag_over(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        self.start_page.set_drag_over(False)
        event.acceptProposedAction()
        self.opener.take(dropped_paths(event.mimeData()))

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        """Update what the window itself shows of the project."""
        is_first = len(effects.added) == self.owner.project.images.present > 0
        if effects.images and (is_first or not self.reading.is_scanning):
            self._show_title()
        if is_first:
            self._begin_at(int(effects.added[0]))
        self._refresh_actions()

    def _begin_at(self, row: int) -> None:
        """Make the first picture current, and focus the name box or the pictures."""
        self.grid.set_current_image(row)
        project = self.owner.project
        if project.concepts or project.history.undone:  # the names may come back by redo, too
            self.modes.focus()
        else:
            self.panel.focus_name_box()

    @Slot()
    def _on_arranged(self) -> None:
        """Show the pictures, or why there are none."""
        self.modes.set_pictures(
            self.owner.project.images.present, len(self.arrangement.model.order)
        )
        self._refresh_status()

    # ---- keys

    def keyPressEvent(self, event: Any) -> None:
        """Let the keys of names label the selected images, and Esc lead to the pictures."""
        if not self.keyboard.take(event):
            super().keyPressEvent(event)

    # ---- what can be done now

    def show_crop(self) -> None:
        """Show what the model sees of the pictures, or all of them."""
        is_shown = self.actions_by_id["show_crop"].isChecked()
        self.inspector.set_show_crop(is_shown)
        self.large.set_crop_shown(is_shown)

    @Slot(object)
    def _run(self, action: Action[Any]) -> None:
        if isinstance(action.run, str):
            self.workbenches.act(action)
        elif action.run is not None:
            action.run(self)

    @Slot()
    def _refresh_actions(self) -> None:
        project = self.owner.project
        is_in_grid = self.modes.current not in (ViewMode.SHEETS, ViewMode.GROUPS)
        there = {
            When.IMAGES: bool(project.images.present),
            When.NAMES: bool(project.concepts),
            When.MODEL: self.model_in_use.model is not None,
            When.SELECTION: self.grid.has_selected_images(),
            When.SEEN: self.pages.currentWidget() is self.columns,
            When.GRID: is_in_grid,
        }
        now = When(sum(what.value for what, is_there in there.items() if is_there))
        self.actions_by_id.offer(project, now)
        self._refresh_status()

    def _refresh_status(self) -> None:
        if not (self.reading.is_reading or self.reading.is_scanning):
            self.status.refresh()

    # ---- the window itself

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if the project cannot be saved; the caller of `show` then calls `shut_down`."""
        is_kept = self._is_shut_down or self.files.may_close
        if not is_kept and not self.files.confirm_close(self):
            event.ignore()
            return
        self.full_screen.leave()
        save_appearance(self.grid, self.arrangement, self.settings)
        self.place.save()
        event.accept()

    def end_work(self) -> None:
        """Let a running export end, and wait until all that was done is written."""
        self.finish_export()
        self.files.shut_down()

    def shut_down(self) -> None:
        """Stop all jobs and wait for them; closing does not ask any more."""
        self._is_shut_down = True
        self.finish_export()
        self.workbenches.shut_down()
        self.settings.sync()  # the process may exit before Qt does it
        for part in (
            self.large.loader,
            self.sheets,
            self.groups,
            self.finder,  # it reads thumbnails
            self.thumbnails,
            self.keyboard,
            self.scoring.learning,
            self.jobs,
            self.files,  # the last one: it saves what the others have done
        ):
            part.shut_down()

    def _restore(self) -> None:
        restore_scheme(self.settings, self.actions_by_id)
        self.keyboard.restore()
        self.actions_by_id["details"].setChecked(self.arrangement.has_details)
        self.place.restore()
        self.actions_by_id["bars"].setChecked(not self.inspector.isHidden())
