"""The main window: connects its parts, and handles window events, preferences and closing."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent

from nameplate.domain.changes import Effects
from nameplate.inference.runtime.providers import preferred
from nameplate.plug_ins.feature import Action, When
from nameplate.storage.preferences import USUAL
from nameplate.storage.resources import data_root, resource
from nameplate.system.processors import limit_processors
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.modes.view_modes import ViewMode
from nameplate.ui.tiles.painter import LARGE_SIDE
from nameplate.ui.widgets import theme
from nameplate.ui.widgets.file_dialogs import dropped_paths
from nameplate.ui.window_parts import GEOMETRY, WindowParts
from nameplate.wording.texts import error_text, sentences, tr
from nameplate.wording.translation import current

_WIDEST, _HIGHEST = 1440, 900
_LICENCES = "THIRD-PARTY-LICENCES.txt"
"""The file in a bundle; installed Python packages have their own licence files."""


class MainWindow(WindowParts):
    """The window of one project."""

    def __init__(
        self, model_in_use: ModelInUse, settings: QSettings, projects: Path | None = None
    ) -> None:
        """Show an empty project, which is saved in the folder `projects`; see `ProjectFiles`."""
        with theme.styled_at_the_end():
            super().__init__(model_in_use, settings, projects)
        self._is_shut_down = False
        self.setWindowTitle("Nameplate")
        self.setAcceptDrops(True)
        self.actions_by_id.run = self._run
        self._connect()
        self.workbenches.begin()
        self._restore()
        self._refresh_actions()

    # ---- connections between parts

    def _connect(self) -> None:
        # The project, its file and the view.
        self.owner.changed.connect(self._on_project_changed)
        self.owner.restored.connect(self.offer_files)
        self.files.opened.connect(self._on_opened)
        self.files.title_changed.connect(self.show_title)
        self.arrangement.arranged.connect(self._refresh_status)
        # Reading of pictures, and the model.
        self.reading.scan_ended.connect(self._on_scan_ended)
        self.reading.ended.connect(self.arrangement.refresh)
        self.reading.ended.connect(self.arrangement.arranging.read_folders)
        self.reading.ended.connect(self.names.edits.refresh)
        self.reading.ended.connect(self._refresh_actions)
        self.messages.on_left = lambda: self.modes.stack.isVisible() and self.modes.focus()
        self.thumbnails.problem_occurred.connect(self.status.warn_of_cache)
        self.model_in_use.loaded.connect(self._refresh_actions)
        # The current and the selected pictures.
        self.grid.shown_images_changed.connect(lambda _rows: self.reading.read_seen_first())
        self.grid.current_image_changed.connect(lambda _row: self.reading.read_seen_first())
        self.grid.current_image_changed.connect(self.inspector.show_row)
        self.grid.current_image_changed.connect(self.messages.end_reply)
        self.grid.selected_images_changed.connect(self._on_selected)
        self.inspector.chart.bar_activated.connect(self.decisions.label)
        self.inspector.chart.left.connect(self.modes.focus)
        self.modes.changed.connect(self._on_mode_changed)
        self.grid.zoomed.connect(self._place_picture)
        # Preferences.
        self.preferences.changed.connect(self._apply_preference)
        warn = self.messages.warn
        self.preferences.problem_occurred.connect(lambda text: warn(text, about="settings"))
        # Panels in place of the pictures.
        self.middle.currentChanged.connect(self._on_middle_changed)

    # ---- actions that belong to no part

    def toggle_large(self) -> None:
        """Show the current picture large, or go back."""
        self.modes.toggle(ViewMode.LARGE)

    def toggle_compare(self) -> None:
        """Show the selected pictures side by side, or go back."""
        self.modes.toggle(ViewMode.COMPARE)

    def show_about(self) -> None:
        """Show version, licence, libraries, and where files are kept."""
        from nameplate.ui.shell.about import About  # noqa: PLC0415 - few need it

        About(self, self.actions_by_id).show()

    def show_licences(self) -> None:
        """Open the folder with the licences of a bundle's libraries, or say where else they are."""
        if (data_root() / _LICENCES).is_file():
            self.outside.open_folder(data_root())
        else:
            told = tr("The libraries are installed beside Nameplate, each with its own licence.")
            self.messages.tell(told, is_reply=True)

    def help_here(self) -> None:
        """Open the guide at the page of the focused panel; for pictures, show the keys."""
        shown, part = self.middle.currentWidget(), self.focusWidget()
        if shown is not self.columns and not (part and shown.isAncestorOf(part)):
            part = shown
        while part is not None and not getattr(part, "guide_page", ""):
            part = part.parentWidget()
        if part is None:
            self.keyboard.show_sheet()
        else:
            self.guide.open_page(getattr(part, "guide_page", ""))

    def ask_to_export(self) -> None:
        """Show the export panel."""
        self.review_progress.bar.clear()  # its button is the same action
        self.exporting.ask()

    def open_samples(self) -> None:
        """Open the sample pictures, with their names if there are no concepts yet."""
        self.opener.open([resource("samples")])
        if not self.owner.project.concepts:
            file = resource("samples", "concepts.txt")
            translated = file.with_suffix(f".{current().code}.txt")
            text = (translated if translated.is_file() else file).read_text(encoding="utf-8")
            lines = [line for line in text.splitlines() if line and line[0] != "#"]
            self.names.edits.add_lines(lines)

    def _on_middle_changed(self) -> None:
        """Focus the pictures after a panel in their place was closed."""
        self._refresh_actions()
        if self.middle.currentWidget() is self.columns:
            self.modes.focus()

    def _on_mode_changed(self, mode: ViewMode) -> None:
        self._place_picture()
        mode.begin()
        self._refresh_actions()

    def _place_picture(self) -> None:
        """Show the current picture in the inspector, unless it is large among the pictures."""
        is_alone = self.modes.current.covers
        is_large = self.modes.current is ViewMode.GRID and self.grid.tile_size >= LARGE_SIDE
        self.inspector.leave_picture(is_decoded=is_alone, is_seen=is_alone or is_large)

    # ---- opening

    def _on_opened(self) -> None:
        """Show an opened project in the grid."""
        self.inspector.show_row(self.grid.current_image_row())
        if self.modes.current is not ViewMode.GRID:
            self.modes.show(ViewMode.GRID)  # `leave` might go back to a page
        self.show_title()

    def _on_scan_ended(self, counts: object) -> None:
        self.show_title()
        if counts is not None:  # scanning was not cancelled
            self.transfer.say_saved()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and folders, but not the window's own pictures."""
        if event.mimeData().hasUrls() and not event.source():
            event.acceptProposedAction()
            self.drop_highlight.set_shown(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Remove the drop highlight."""
        self.drop_highlight.set_shown(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the dropped files and folders."""
        self.drop_highlight.set_shown(False)
        event.acceptProposedAction()
        self.opener.take(dropped_paths(event.mimeData()))

    def _on_project_changed(self, effects: Effects) -> None:
        """Update the title and the actions."""
        if effects.opened:
            self.pictures.forget()
        if not (effects.of_project or effects.suggestions):
            return
        is_first = len(effects.added) == self.owner.project.images.present > 0
        if effects.images and (is_first or not self.reading.is_scanning):
            self.show_title()
        if is_first:
            self._begin_at(int(effects.added[0]))
        self._refresh_actions()

    def _begin_at(self, row: int) -> None:
        """Make the first picture current, and focus the pictures, or the name box.

        The name box keeps the focus: a person may go on in it with the second name.
        """
        self.grid.set_current_image(row)
        project = self.owner.project
        has_names = project.concepts or project.history.undone  # which redo may bring back
        if has_names and not self.panel.is_naming:
            self.modes.focus()
        else:
            self.panel.focus_name_box()

    # ---- keys

    def keyPressEvent(self, event: Any) -> None:
        """Let the keys of names label the selected images, and Esc lead to the pictures."""
        if not self.keyboard.take(event):
            super().keyPressEvent(event)

    # ---- preferences

    def _apply_preference(self, name: str) -> None:
        """Apply a changed preference; parts that read it when needed have it already."""
        self._show_preference(name)
        values = self.preferences.values
        if name == "theme":
            theme.use(values.theme)
        elif name == "device":
            self._load_model(preferred(values.device))
        elif name == "processors":
            limit_processors(values.processors or None)
            self._load_model()

    def _show_preference(self, name: str) -> None:
        value = self.preferences.values[name]
        if name == "theme":
            self.actions_by_id[f"look_{value}"].setChecked(True)
        elif name in self.actions_by_id:
            self.actions_by_id[name].setChecked(value)
        if name == "keys":
            self.keyboard.restore()

    def _load_model(self, device: str | None = None) -> None:
        def failed(error: Exception) -> None:
            text = sentences(tr("The model stays where it was."), error_text(error))
            self.messages.warn(text, about="settings")

        self.model_in_use.use(on_failed=failed, device=device)

    # ---- availability of actions

    def show_crop(self) -> None:
        """Dim the part of pictures that the model does not see, or show all."""
        is_shown = self.actions_by_id["show_crop"].isChecked()
        self.inspector.set_crop_shown(is_shown)
        self.large.set_crop_shown(is_shown)

    def _run(self, action: Action[Any]) -> None:
        self.messages.end_reply()
        if isinstance(action.run, str):
            self.workbenches.act(action.id)
        elif action.run is not None:
            action.run(self)

    def _on_selected(self) -> None:
        is_known = bool(self.actions_by_id.now and When.SELECTION in self.actions_by_id.now)
        if is_known == self.grid.has_selected_images():
            self._refresh_status()
        else:
            self._refresh_actions()

    def _refresh_actions(self) -> None:
        project = self.owner.project
        there = {
            When.IMAGES: bool(project.images.present),
            When.NAMES: bool(project.concepts),
            When.MODEL: self.model_in_use.model is not None,
            When.SELECTION: self.grid.has_selected_images(),
            When.SEEN: self.middle.currentWidget() is self.columns,
            When.GRID: self.modes.current.selects,
            When.COMPARE: self.modes.current is ViewMode.COMPARE,
        }
        now = When(sum(what.value for what, is_there in there.items() if is_there))
        self.actions_by_id.offer(project, now)
        self.status.picture_size.setVisible(When.IMAGES in now)
        is_seen = When.SEEN in now and self.modes.current is ViewMode.GRID
        self.status.picture_size.setEnabled(is_seen)
        self.review_progress.show_next()
        self._refresh_status()

    def _refresh_status(self) -> None:
        if not (self.reading.is_reading or self.reading.is_scanning):
            self.status.refresh()

    # ---- the window itself

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if the project cannot be saved; after it closed, `shut_down` has to be called."""
        is_kept = self._is_shut_down or self.files.may_close
        if not is_kept and not self.files.confirm_close(self):
            event.ignore()
            return
        self.keep_place()
        event.accept()

    def end_work(self) -> None:
        """Wait for a running export, and until all changes are written."""
        self.finish_export()
        self.preferences.finish()
        self.files.shut_down()

    def shut_down(self) -> None:
        """Stop all jobs and wait for them; closing no longer asks."""
        self._is_shut_down = True
        self.finish_export()
        self.workbenches.end()
        self.preferences.finish()
        self.settings.sync()  # the process may exit before Qt writes them
        for part in (
            self.pictures,
            self.jobs,
            self.thumbnails,  # after the jobs, which use them
            self.files,  # the last: it saves the changes of the others
        ):
            part.shut_down()

    def _restore(self) -> None:
        if self.preferences.values.theme != USUAL.theme:
            theme.use(self.preferences.values.theme)
        for name in ("theme", "advance", "keys"):
            self._show_preference(name)
        self.actions_by_id["details"].setChecked(self.arrangement.has_details)
        self._restore_place()
        self.columns.restore(self.settings)
        self._place_picture()

    def _restore_place(self) -> None:
        """Restore the geometry; at the first start, use the size of the screen up to a limit."""
        geometry = self.settings.value(GEOMETRY)
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            room = self.screen().availableSize()
            self.resize(min(_WIDEST, room.width()), min(_HIGHEST, room.height() - 40))
