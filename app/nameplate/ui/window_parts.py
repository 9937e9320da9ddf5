"""Creates and lays out the parts of the main window; `MainWindow` connects them."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMainWindow, QWidget

from nameplate.domain.changes import Effects
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.storage.caches.embedding_cache import default_folder
from nameplate.storage.folders import projects_folder
from nameplate.ui.actions.actions import Actions
from nameplate.ui.export.memory import ExportMemory
from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.filter.nothing_shown import NothingShown
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.inspector.panel import Inspector
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.jobs.preferences_in_use import PreferencesInUse
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.keyboard.keyboard import Keyboard
from nameplate.ui.keyboard.picture_menu import PictureMenu
from nameplate.ui.modes.large import LargeView
from nameplate.ui.modes.view_modes import ViewModes
from nameplate.ui.opening.drop_highlight import DropHighlight
from nameplate.ui.opening.opener import Opener
from nameplate.ui.opening.painting_after_writing import PaintingAfterWriting
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.opening.start_page import StartPage
from nameplate.ui.opening.transfer import Transfer
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.review.decisions import Decisions
from nameplate.ui.review.labelling import Labelling
from nameplate.ui.review.review_progress import ReviewProgress
from nameplate.ui.services import Services
from nameplate.ui.shell.bars import Bars
from nameplate.ui.shell.columns import Columns
from nameplate.ui.shell.full_screen import FullScreen
from nameplate.ui.shell.names_column import NamesColumn
from nameplate.ui.shell.problems_panel import ProblemsPanel
from nameplate.ui.shell.status_line import StatusLine
from nameplate.ui.shell.tool_row import ToolRow
from nameplate.ui.tiles.picture_loader import PictureLoader
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.boxes import (
    Panels,
    Stack,
    column,
    follow_in_tab_order,
    previous_in_tab_order,
)
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.widgets.painting import one_line
from nameplate.ui.widgets.work_panel import MiddlePanel
from nameplate.ui.workbench import Area, Frame
from nameplate.ui.workbenches import Workbenches

if TYPE_CHECKING:
    from nameplate.ui.export.exporting import Exporting
    from nameplate.ui.shell.guide_panel import GuidePanel
    from nameplate.ui.shell.settings_panel import SettingsPanel

_Panel = TypeVar("_Panel", bound=MiddlePanel)

GEOMETRY: Final = "window/geometry"
"""Key of the setting that keeps where the window is."""

_TILE_SIZE: Final = "grid/tile_size"
_DETAILS: Final = "grid/details"


class WindowParts(QMainWindow):
    """Creates the parts of a window in the order of their dependencies.

    Attributes:
        is_renewed: Whether another is to take its place.
        on_renewed: Called once it is.
    """

    def __init__(
        self, model_in_use: ModelInUse, settings: QSettings, projects: Path | None
    ) -> None:
        super().__init__()
        self.is_renewed = False
        self.on_renewed: Callable[[], object] = lambda: None
        self.settings = settings
        model_in_use.setParent(self)
        self.model_in_use = model_in_use
        self.owner = ProjectOwner(self)
        self.jobs = model_in_use.jobs
        self.preferences = PreferencesInUse(self.jobs)
        self.messages, self.notices = MessageBar(), MessageBar()
        self.actions_by_id = Actions(self)
        self.services = Services(
            self,
            self.owner,
            self.jobs,
            model_in_use,
            self.messages,
            self.actions_by_id,
            self.preferences,
            settings,
        )
        cache = ThumbnailCache(default_folder()) if model_in_use.uses_cache else None
        self.thumbnails = ThumbnailLoader(self, cache=cache)
        self.pictures = PictureLoader(self)
        # A part is made after those that it uses, and so it hears of a change after them.
        self._make_jobs()
        self._make_opening(projects or projects_folder())
        self._make_middle((projects or projects_folder()) / "Pasted")
        self._make_sides()
        self._make_review()
        self._lay_out()
        self.workbenches = Workbenches(self._frame())

    def _make_jobs(self) -> None:
        of = self.owner, self.model_in_use, self.jobs
        self.grid = ImageGrid(self.thumbnails)
        self.arrangement = Arrangement(self.owner, self.jobs, self.grid)
        self._restore_pictures()
        self.scoring = Scoring(*of, self.messages)
        self.reading = Reading(*of, lambda: self.grid.seen_image_rows)
        self.outside = Outside(self.messages, self.jobs)

    def _make_opening(self, projects: Path) -> None:
        services = self.services
        self.files = ProjectFiles(services, self.arrangement, self.notices, projects)
        self.painting = PaintingAfterWriting(self, self.owner, self.files)
        self.export_memory = ExportMemory(services, self.files)
        self.opener = Opener(
            services,
            self.files,
            self.reading,
            drops=lambda kind: self.workbenches.drops(kind),
            take_names=lambda path: self.names.preview.take_file(path),
        )
        of = self.reading, self.files, self.opener
        self.start_page = StartPage(services, *of, self.thumbnails.on_disk)

    def _make_middle(self, pasted: Path) -> None:
        services, arrangement = self.services, self.arrangement
        self.middle, self.nothing = Stack(), NothingShown()
        self.modes = ViewModes(services, arrangement, self.start_page, self.nothing, self.middle)
        self.filtering = Filtering(services, arrangement, self.modes, self.nothing)
        self.large = LargeView(services, self.modes, self.pictures)
        self.transfer = Transfer(services, self.grid, self.filtering, self.opener, pasted)

    def _make_sides(self) -> None:
        services = self.services
        self.tools = ToolRow(services, self.filtering, self.scoring.fitting)
        self.status = StatusLine(services, self.reading, self.arrangement)
        self.problems = ProblemsPanel(services, self.reading, self.status)
        self.inspector = Inspector(services, self.scoring, self.pictures)
        self.pictures.loaded.connect(self.inspector.on_loaded)  # once it is painted large
        self.names = NamesColumn(
            services,
            self.scoring,
            self.modes,
            self.filtering,
            lambda concept: self.decisions.label(concept),
        )
        self.panel = self.names.panel
        self.columns = Columns(
            services, self.modes, self.names, self.inspector, self.filtering.chips
        )
        others = self.tools, self.problems, self.status
        self.full_screen = FullScreen(self, self.modes, self.columns, *others)

    def _make_review(self) -> None:
        services, modes, filtering = self.services, self.modes, self.filtering
        self.review_progress = ReviewProgress(
            services, modes, filtering, self.export_memory, self.tools, self.status
        )
        self.labelling = Labelling(
            services, self.scoring, self.reading, filtering, self.arrangement, self.review_progress
        )
        self.decisions = Decisions(services, modes, self.labelling)
        on_names = self.panel, self.inspector.chart
        self.keyboard = Keyboard(services, modes, self.decisions, *on_names, self.files)
        self.picture_menu = PictureMenu(
            services, self.outside, modes, filtering, self.decisions, self.keyboard
        )
        self.tools.installEventFilter(self.picture_menu)

    def _frame(self) -> Frame:
        return Frame(
            self.services,
            self.scoring,
            self.reading,
            self.files,
            self.modes,
            self.decisions,
            self.inspector,
            self.keyboard,
            self.status,
            self._place_panel,
            lambda source: self.workbenches.check_pages(source),
        )

    def _restore_pictures(self) -> None:
        """Restore the size and the details of the pictures."""
        self.arrangement.set_details(are_shown=str(self.settings.value(_DETAILS)) == "true")
        size = str(self.settings.value(_TILE_SIZE))
        if size.isdecimal():
            self.grid.tile_size = int(size[:6])

    def _lay_out(self) -> None:
        self.middle.addWidget(self.columns)
        self.above, self.below = Panels(), Panels()
        # A panel beneath the grid is about it, and out of sight with it.
        self.middle.currentChanged.connect(self._show_below)
        self.modes.changed.connect(self._show_below)
        parts = (self.tools, self.above, self.middle, self.problems, self.below, self.status)
        body = QWidget()
        body.setLayout(column(*parts, spacing=0, grows=2))
        self.setCentralWidget(body)
        lasting = self.notices, self.review_progress.bar
        self.bars = Bars(body, self.middle, self.modes, self.messages, self.status, *lasting)
        self.drop_highlight = DropHighlight(self)

    def _show_below(self) -> None:
        self.below.setVisible(not self.modes.is_covered and self.modes.current.selects)

    def show_title(self) -> None:
        """Set the window's title from its project."""
        # Qt would add the program's name after a dash that window managers of X11 cannot show.
        title = one_line(self.files.title).replace("[*]", "[*][*]")  # one alone is Qt's own mark
        self.setWindowTitle(f"{title} - Nameplate" if title else "Nameplate")

    def renew(self) -> bool:
        """Let another window take the place of this one, which stays in sight until then.

        Returns:
            False where something is being done, or cannot be saved, that would be lost.
        """
        is_working = any(name in ("scan", "export") or "/" in name for name in self.jobs.running)
        if is_working or not self.files.may_close:
            return False
        self.is_renewed = True
        self.keep_place()
        self.on_renewed()
        return True

    def keep_place(self) -> None:
        """Remember where the window is, and how it looks, for the next one."""
        self.full_screen.leave()
        self.settings.setValue(_TILE_SIZE, self.grid.tile_size)
        self.settings.setValue(_DETAILS, "true" if self.arrangement.has_details else "false")
        self.settings.setValue(GEOMETRY, self.saveGeometry())
        self.columns.save(self.settings)

    # ---- what features add

    def _place_panel(self, panel: QWidget, area: Area, rank: int) -> None:
        """Put a panel into an area, after those of lower ranks."""
        if isinstance(panel, MiddlePanel):
            self.in_place_of_pictures(panel)
        else:
            areas = {Area.ABOVE: self.above, Area.BELOW: self.below, Area.NAMES: self.names.below}
            areas[area].place(panel, rank)

    # ---- parts that are made when they are first asked for: all formats take a tenth of the start

    @cached_property
    def exporting(self) -> "Exporting":
        """Exports labels."""
        from nameplate.ui.export.exporting import Exporting  # noqa: PLC0415

        services, outside = self.services, self.outside
        made = Exporting(services, self.scoring, self.arrangement, self.export_memory, outside)
        self.in_place_of_pictures(made.panel)
        return made

    @cached_property
    def guide(self) -> "GuidePanel":
        """The guide."""
        from nameplate.ui.shell.guide_panel import GuidePanel  # noqa: PLC0415

        return self.in_place_of_pictures(GuidePanel(self.outside))

    @cached_property
    def settings_panel(self) -> "SettingsPanel":
        """Where preferences are chosen."""
        from nameplate.ui.shell.settings_panel import SettingsPanel  # noqa: PLC0415

        return self.in_place_of_pictures(SettingsPanel(self.services, self.renew))

    @property
    def has_exporting(self) -> bool:
        """Whether an export was asked for; to close the window, none is made."""
        return "exporting" in vars(self)

    def finish_export(self) -> None:
        """Let a running export end."""
        if self.has_exporting:
            self.exporting.finish()

    def offer_files(self, _effects: Effects, is_undo: bool) -> None:
        """Offer to undo the exported sidecars along with their step, also of an earlier window."""
        undone = self.owner.project.history.undone
        if self.has_exporting or (undone and undone[-1].title.code == "write-sidecars"):
            self.exporting.offer_files(is_undo=is_undo)

    def in_place_of_pictures(self, panel: _Panel) -> _Panel:
        """Put a panel where the pictures are, not shown yet."""
        before = previous_in_tab_order(self.problems)
        self.middle.addWidget(panel)
        follow_in_tab_order(before, panel)
        return panel
