"""The main window: three columns, one status line, and the actions on them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt, QUrl, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
)
from PySide6.QtWidgets import (
    QMainWindow,
    QSplitter,
    QStackedWidget,
)

from nameplate.domain.changes import Effects
from nameplate.domain.labels import DecidedBy
from nameplate.domain.views import View, order_of
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.pipeline.loading import Loaded
from nameplate.project.store import ENDING
from nameplate.storage.embedding_cache import default_folder
from nameplate.storage.resources import resource
from nameplate.ui.concepts.edits import ConceptEdits
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.concepts.template_box import TemplateBox
from nameplate.ui.controller import Controller
from nameplate.ui.export.exporting import Exporting
from nameplate.ui.grid.thumbnails import ThumbnailLoader
from nameplate.ui.grid.tile_model import TileModel
from nameplate.ui.grid.tiles import Tiles
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.grid.visible_first import VisibleFirst
from nameplate.ui.inspector.inspection import Inspection
from nameplate.ui.inspector.panel import Inspector
from nameplate.ui.models.actions import ModelActions
from nameplate.ui.review.labelling import Labelling
from nameplate.ui.shell.about import show_about
from nameplate.ui.shell.actions import Actions
from nameplate.ui.shell.colour_scheme import SCHEMES, choose_scheme, restore_scheme
from nameplate.ui.shell.empty_state import EmptyState, NothingShown
from nameplate.ui.shell.problems_panel import ProblemsPanel
from nameplate.ui.shell.project_files import ProjectFiles
from nameplate.ui.shell.status_line import StatusLine
from nameplate.ui.shell.status_presenter import StatusPresenter
from nameplate.ui.shell.tool_row import ToolRow
from nameplate.ui.widgets.boxes import column_of
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.widgets.opening import (
    ask_for_files,
    ask_for_folder,
    ask_for_project,
    ask_where_to_save,
    dropped_paths,
)
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of

_DIGITS: Final = range(1, 10)


class MainWindow(QMainWindow):
    """The window of one project.

    Attributes:
        controller: The project and its jobs.
        grid: The pictures.
        panel: The concepts.
        inspector: The current picture and its bars.
        labelling: The labelling actions.
        status: The status line.
        messages: The message bar.
        actions_by_id: Every action.
    """

    def __init__(
        self, controller: Controller, settings: QSettings, projects: Path | None = None
    ) -> None:
        """Show a project; new ones are kept in the folder `projects`, see `ProjectFiles`."""
        super().__init__()
        self._projects = projects
        self.controller = controller
        self._settings = settings
        self._view = View()
        self._is_shut_down = False
        self.setWindowTitle("Nameplate")
        self.setAcceptDrops(True)
        controller.setParent(self)
        self._make_widgets()
        self.actions_by_id = Actions(self, self._handlers())
        self.actions_by_id.put_on(self, self.grid)
        self.tools.set_actions(self.actions_by_id)
        self._lay_out()
        self._connect()
        self._restore()
        self.status_presenter.set_counts(self._counts)
        self._refresh_actions()

    # ---- building

    def _make_widgets(self) -> None:
        controller = self.controller
        self.model = TileModel(
            lambda row: Tiles(controller.project, controller.suggestions).tile(row),
            self,
            path_of=lambda row: controller.project.images.paths[row],
        )
        cache = ThumbnailCache(default_folder()) if self.controller.uses_cache else None
        self.thumbnails = ThumbnailLoader(self, cache=cache)
        self.grid = ImageGrid(self.thumbnails)
        self.grid.setModel(self.model)
        self.grid.setAccessibleName("Pictures")
        self.panel = ConceptPanel()
        self.inspector = Inspector()
        self.empty = EmptyState()
        self.nothing = NothingShown()
        self.tools = ToolRow()
        self.templates = TemplateBox()
        self.problems = ProblemsPanel()
        self.messages = MessageBar()
        self.status = StatusLine()
        self.edits = ConceptEdits(self.panel, self.controller)
        self.inspection = Inspection(self.inspector, self.controller)
        self.visible_first = VisibleFirst(self.controller, self.grid)
        self.labelling = Labelling(self.controller, self.grid, self.messages)
        self.status_presenter = StatusPresenter(
            self.controller, self.status, self.problems, self.messages
        )
        self.exporting = Exporting(self, self.controller, self.messages)
        self.files = ProjectFiles(self.controller, self.messages, self._settings, self._projects)
        self.model_actions = ModelActions(self, self.controller, self._settings, self.messages)

    def _lay_out(self) -> None:
        self.middle = QStackedWidget()
        self.middle.addWidget(self.empty)
        self.middle.addWidget(self.grid)
        self.middle.addWidget(self.nothing)
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.columns.addWidget(column_of(self.panel, self.templates))
        self.columns.addWidget(self.middle)
        self.columns.addWidget(self.inspector)
        self.columns.setChildrenCollapsible(False)
        for column, stretch in enumerate((0, 1, 0)):
            self.columns.setStretchFactor(column, stretch)
        self.columns.setSizes([250, 800, 370])
        self.setCentralWidget(
            column_of(self.tools, self.columns, self.problems, self.messages, self.status, grows=1)
        )

    def _connect(self) -> None:
        self._connect_controller()
        self.thumbnails.problem_occurred.connect(self.status_presenter.warn_of_cache)
        self.grid.current_image_changed.connect(self.inspection.show_row)
        self.grid.image_activated.connect(self._open_picture)
        self.grid.selected_images_changed.connect(self._refresh_actions)
        self.panel.concept_activated.connect(self.labelling.label)
        self.panel.focus_released.connect(self.grid.setFocus)
        self.panel.filter_requested.connect(self._show_only)
        self.inspector.crop_toggled.connect(self.actions_by_id["show_crop"].setChecked)
        self.inspector.bar_activated.connect(self.labelling.label)
        self.empty.folder_requested.connect(self._add_folder)
        self.empty.files_requested.connect(self._add_files)
        self.empty.samples_requested.connect(self.open_samples)
        self.empty.last_project_requested.connect(self.files.open)
        self.files.last_found.connect(self.empty.offer_last)
        self.files.opened.connect(self._on_opened)
        self.files.moved.connect(self._show_title)
        self.files.trouble_said.connect(self._show_title)
        self.labelling.bulk_changed.connect(self._reorder)
        self.status.models_requested.connect(self.model_actions.show)
        self.nothing.show_all_requested.connect(self.tools.show_all)
        self.tools.view_changed.connect(self.set_view)
        self.tools.focus_released.connect(self.grid.setFocus)
        self.tools.minimum_changed.connect(self.controller.set_minimum)
        self.templates.chosen.connect(self.controller.set_templates)

    def _connect_controller(self) -> None:
        controller = self.controller
        controller.loaded.connect(self._on_loaded)
        controller.changed.connect(self._on_changed)
        controller.restored.connect(self._show_restored)
        controller.read.connect(self.model.rows_changed)
        controller.suggestions_changed.connect(self._on_suggestions_changed)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "add_files": self._add_files,
            "add_folder": self._add_folder,
            "new_project": self.files.new,
            "save_project": lambda: ask_where_to_save(self, self.files.save_as),
            "open_project": lambda: ask_for_project(self, self.files.open),
            "samples": self.open_samples,
            "export": lambda: self.exporting.ask(all_scores=False),
            "export_all": lambda: self.exporting.ask(all_scores=True),
            "quit": self.close,
            "undo": self.controller.undo,
            "redo": self.controller.redo,
            "select_all": self.grid.selectAll,
            "name_box": self.panel.focus_name_box,
            "pictures": self.grid.setFocus,
            "auto_label": self.labelling.auto_label,
            "auto_label_selected": self.labelling.auto_label_selected,
            "accept": self.labelling.accept,
            "take_back": self.labelling.take_back,
            "skip": self.labelling.skip,
            "stop": self.status_presenter.stop,
            "resume": self.controller.resume,
            "zoom_in": self.grid.zoom_in,
            "zoom_out": self.grid.zoom_out,
            "show_crop": self._show_crop,
            "problems": self.status_presenter.toggle_problems,
            **{name: partial(choose_scheme, self._settings, name) for name in SCHEMES},
            "models": self.model_actions.show,
            "report": self.model_actions.copy_report,
            "about": partial(show_about, self),
        }

    # ---- opening

    @Slot(int)
    def _open_picture(self, row: int) -> None:
        """Open a picture in the system's default program."""
        path = self.controller.project.images.paths[row]
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def open_paths(self, paths: list[Path]) -> None:
        """Open a project's file, or add the images of files and folders."""
        if len(paths) == 1 and paths[0].suffix == ENDING:
            self.files.open(paths[0])
        elif paths:
            self.controller.open_paths(paths)
            self.status_presenter.refresh()

    @Slot(object)
    def _on_opened(self, _path: Path) -> None:
        """Show the project that was opened, from the first picture on that nobody decided."""
        self._show_title()
        self.grid.clearSelection()
        project, order = self.controller.project, self.model.order
        if len(order):
            is_open = project.labels.decided_by[order] != DecidedBy.PERSON
            self.grid.set_current_image(int(order[int(np.argmax(is_open))]))
            self.inspection.show_row(self.grid.current_image_row())
            self.grid.setFocus()
        elif project.history.undone:
            self.messages.tell(
                "All of this project was undone. Redo (Ctrl+Shift+Z) brings it back."
            )

    @Slot()
    def _show_title(self) -> None:
        # Qt would add the program's name after a dash that window managers of X11 cannot show.
        title = self.files.title
        self.setWindowTitle(f"{title} - Nameplate" if title else "Nameplate")

    def open_samples(self) -> None:
        """Open the sample pictures, with their names if there are no concepts yet."""
        self.open_paths([resource("samples")])
        if not self.controller.project.concepts:
            text = resource("samples", "concepts.txt").read_text(encoding="utf-8")
            lines = [line for line in text.splitlines() if line and not line.startswith("#")]
            self.edits.add_lines(lines)

    def _add_files(self) -> None:
        ask_for_files(self, self.open_paths)

    def _add_folder(self) -> None:
        ask_for_folder(self, self.open_paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and folders."""
        if event.mimeData().hasUrls():
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
        self.model_actions.handle_drop(dropped_paths(event.mimeData()), self.open_paths)

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        """Update the views after a change of the project."""
        self.empty.hide_last()
        if effects.images:
            self._show_images(effects.added)
            self._show_title()
        if effects.concepts:
            self.tools.set_concepts(self.controller.project.concepts)
        if effects.concepts or effects.settings:
            self.model.all_changed()
            self._show_settings()
        elif len(effects.labelled):
            self.model.rows_changed(effects.labelled)
        self._refresh_actions()

    def _show_images(self, added: NDArray[np.int64]) -> None:
        """Update the grid after images were added or removed."""
        images, shown = self.controller.project.images, len(self.model.order)
        if len(added) and self._view == View() and added[0] == shown == len(images) - len(added):
            self.model.append(added)
        else:
            self.model.set_order(self._order())
        if len(added) and len(added) == images.present:  # the first ones
            self.middle.setCurrentWidget(self.grid)
            self.grid.set_current_image(int(added[0]))
            if self.controller.project.concepts:
                self.grid.setFocus()
            else:
                self.panel.focus_name_box()
        elif not images.present:
            self.middle.setCurrentWidget(self.empty)

    def _order(self) -> NDArray[np.int64]:
        """Return the rows that the view shows, in display order."""
        project, suggestions = self.controller.project, self.controller.suggestions
        return order_of(
            self._view,
            project.images,
            project.labels,
            suggestions.suggested,
            suggestions.probability,
        )

    def _show_settings(self) -> None:
        settings = self.controller.project.settings
        self.tools.set_minimum(settings.minimum)
        if self.controller.template_set:
            self.templates.choose(self.controller.template_set)

    @Slot(object)
    def _on_loaded(self, loaded: Loaded) -> None:
        chosen = self.controller.template_set or loaded.template_set
        self.templates.set_templates(loaded.template_sets, chosen)
        self._refresh_actions()

    @Slot()
    def _on_suggestions_changed(self) -> None:
        if self._view != View():
            self.model.set_order(self._order())
        self.model.all_changed()
        self._refresh_actions()

    # ---- keys

    def keyPressEvent(self, event: Any) -> None:
        """Let 1 to 9 label the selected images with the first nine concepts."""
        digit = event.key() - Qt.Key.Key_0
        concepts = self.controller.project.concepts
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if plain and digit in _DIGITS and digit <= len(concepts):
            self.labelling.label(concepts[digit - 1].key)
            return
        super().keyPressEvent(event)

    # ---- views

    @Slot(object)
    def set_view(self, view: View) -> None:
        """Apply another filter or order."""
        is_sorted_anew = view.sort != self._view.sort
        self._view = view
        self._reorder()
        if is_sorted_anew and len(self.model.order):
            self.grid.set_current_image(int(self.model.order[0]))

    def _reorder(self) -> None:
        self.model.set_order(self._order())
        if self.controller.project.images.present:
            is_empty = not len(self.model.order)
            self.middle.setCurrentWidget(self.nothing if is_empty else self.grid)
        self._refresh_actions()

    @Slot(int)
    def _show_only(self, key: int) -> None:
        self.tools.set_concept_filter(key)

    @Slot(object)
    def _show_restored(self, effects: Effects) -> None:
        """Go to the picture that undo or redo changed, if it is only one."""
        rows = effects.labelled
        if len(rows) == 1 and self.model.index_of(int(rows[0])).isValid():
            self.grid.set_current_image(int(rows[0]))

    def _show_crop(self) -> None:
        self.inspector.set_show_crop(self.actions_by_id["show_crop"].isChecked())

    @Slot()
    def _refresh_actions(self) -> None:
        actions, project = self.actions_by_id, self.controller.project
        has_images, has_names = bool(project.images.present), bool(project.concepts)
        has_selection = self.grid.has_selected_images()
        history = project.history
        for name, verb, steps in (("undo", "Undo", history.done), ("redo", "Redo", history.undone)):
            actions[name].setEnabled(bool(steps))
            actions[name].setText(f"{verb} {what_of(steps[-1].title) if steps else ''}".strip())
        for name in ("export", "export_all"):
            actions[name].setEnabled(has_images and self.controller.model is not None)
        has_model = self.controller.model is not None
        actions["auto_label"].setEnabled(has_images and has_names and has_model)
        actions["auto_label_selected"].setEnabled(has_selection and has_names and has_model)
        for name in ("accept", "take_back", "skip"):
            actions[name].setEnabled(has_images)
        if not (self.controller.is_reading or self.controller.is_scanning):
            self.status_presenter.refresh()

    def _counts(self) -> str:
        total, shown = self.controller.project.images.present, len(self.model.order)
        selected = self.grid.selected_count()
        text = counted(total, "picture")
        if shown < total:
            text = f"{shown:,} of {text} shown"
        return f"{text}   {selected:,} selected" if selected > 1 else text

    # ---- the window itself

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icons when light became dark or the other way."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "actions_by_id"):
            self.actions_by_id.refresh_icons()
            self.empty.refresh_icons()
            self.problems.refresh_icons()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if the project cannot be saved; the caller of `show` then calls `shut_down`."""
        is_kept = self._is_shut_down or self.files.may_close
        if not is_kept and not self.exporting.may_close():
            event.ignore()
            return
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.setValue("window/columns", self.columns.saveState())
        self._settings.sync()  # the process may exit before Qt does it
        event.accept()

    def shut_down(self) -> None:
        """Stop all jobs and wait for them; closing does not ask afterwards."""
        self._is_shut_down = True
        self.exporting.shut_down()
        self.model_actions.shut_down()
        self.inspection.shut_down()
        self.thumbnails.shut_down()
        self.controller.shut_down()
        self.files.shut_down()

    def _restore(self) -> None:
        restore_scheme(self._settings, self.actions_by_id)
        geometry = self._settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            room = self.screen().availableSize()
            self.resize(min(1360, room.width()), min(840, room.height() - 40))
        columns = self._settings.value("window/columns")
        if isinstance(columns, QByteArray):
            self.columns.restoreState(columns)
