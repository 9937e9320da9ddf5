"""Creates and lays out the parts of the main window; `MainWindow` connects them."""

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.pipeline.fetching import Fetching
from nameplate.storage.caches.embedding_cache import default_folder
from nameplate.storage.folders import projects_folder
from nameplate.ui.commands.actions import Actions
from nameplate.ui.export.memory import ExportMemory
from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.filter.nothing_shown import NothingShown
from nameplate.ui.grid.appearance import restore_appearance
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.grid.visible_first import read_visible_first
from nameplate.ui.groups.panel import GroupPanel
from nameplate.ui.inspector.inspection import Inspection
from nameplate.ui.inspector.panel import Inspector
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.jobs.stack_finder import StackFinder
from nameplate.ui.keyboard.decisions import Decisions
from nameplate.ui.keyboard.keyboard import Keyboard
from nameplate.ui.keyboard.picture_menu import PictureMenu
from nameplate.ui.keyboard.typed_words import TypedWords
from nameplate.ui.keyboard.undoing import Undoing
from nameplate.ui.modes.full_screen import FullScreen
from nameplate.ui.modes.large import LargeView
from nameplate.ui.modes.view_modes import ViewMode, ViewModes
from nameplate.ui.opening.opener import Opener
from nameplate.ui.opening.painting_after_writing import PaintingAfterWriting
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.opening.recent_projects import RecentProjects
from nameplate.ui.opening.sample_bar import SampleBar
from nameplate.ui.opening.start_page import StartPage
from nameplate.ui.opening.transfer import Transfer
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.review.best import KeepBest
from nameplate.ui.review.changed_pictures import ChangedPictures
from nameplate.ui.review.finish import Finish
from nameplate.ui.review.labelling import Labelling
from nameplate.ui.review.stacking import Stacking
from nameplate.ui.sheets.sheets import Sheets
from nameplate.ui.sheets.source import PageSource
from nameplate.ui.shell.learning_box import LearningBox
from nameplate.ui.shell.names_column import NamesColumn
from nameplate.ui.shell.problems_panel import ProblemsPanel
from nameplate.ui.shell.status_line import StatusLine
from nameplate.ui.shell.tool_row import ToolRow
from nameplate.ui.shell.window_place import WindowPlace
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.boxes import column, follow_in_tab_order
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.widgets.panels import Panels
from nameplate.ui.widgets.work_panel import WorkPanel, in_place_of
from nameplate.ui.workbench import Area
from nameplate.ui.workbenches import Workbenches

_Panel = TypeVar("_Panel", bound=WorkPanel)


class WindowParts(QMainWindow):
    """Creates the parts of a window in the order of their dependencies.

    Attributes:
        owner: The open project.
        model_in_use: The model.
        fetching: Brings pictures of a run to this machine.
        reading: Looks for pictures and reads them.
        scoring: Reads the names and scores the pictures.
        grid: The pictures.
        arrangement: Which of them are shown, in which order.
        filtering: What a person filters and sorts them with.
        panel: The concepts.
        inspector: The current picture and its bars.
        modes: Which way to look at the pictures is shown.
        labelling: The labelling actions.
        status: The status line.
        messages: The message bar.
        actions_by_id: Every action.
    """

    def __init__(
        self, model_in_use: ModelInUse, settings: QSettings, projects: Path | None
    ) -> None:
        super().__init__()
        self.settings = settings
        model_in_use.setParent(self)
        self.model_in_use = model_in_use
        # The jobs before the views, which show what a job has made of a change.
        self.owner = ProjectOwner(self)
        self.jobs = model_in_use.jobs
        self.fetching = Fetching()
        self.scoring = Scoring(self.owner, model_in_use, self)
        self.reading = Reading(self.owner, model_in_use, self.fetching, self)
        cache = ThumbnailCache(default_folder()) if model_in_use.uses_cache else None
        self.thumbnails = ThumbnailLoader(self, cache=cache, fetching=self.fetching)
        self.finder = StackFinder(self.owner, model_in_use, self.reading, self, cache)
        self.actions_by_id = Actions(self)
        self._make_widgets()
        self._make_presenters(projects)
        self._make_modes()
        self._make_keys()
        self._lay_out()
        self.workbenches = Workbenches(self, self)
        self.opener.drops = self.workbenches.drops

    def _make_widgets(self) -> None:
        self.grid = ImageGrid(self.thumbnails)
        self.inspector = Inspector()
        self.start_page = StartPage(self.actions_by_id)
        self.nothing = NothingShown()
        self.messages = MessageBar()
        self.tools = ToolRow(self.actions_by_id, self.owner, self.messages)
        self.outside = Outside(self.messages, self.jobs)
        self.standing = MessageBar()
        self.status = StatusLine(
            self.actions_by_id,
            self.owner,
            self.model_in_use,
            self.reading,
            self.finder,
            self.messages,
        )
        self.problems = ProblemsPanel(self.owner, self.reading, self.status, self.messages)

    def _make_presenters(self, projects: Path | None) -> None:
        owner, model, messages = self.owner, self.model_in_use, self.messages
        reading, scoring = self.reading, self.scoring
        self.arrangement = Arrangement(owner, self.jobs, self.grid)
        self.filtering = Filtering(
            owner,
            self.arrangement,
            self.tools.filter,
            self.tools.chips,
            self.nothing,
            messages,
        )
        restore_appearance(self.grid, self.arrangement, self.settings)
        self.inspection = Inspection(self.inspector, owner, model, scoring, self.fetching)
        read_visible_first(owner, reading, self.grid)
        self.labelling = Labelling(owner, scoring, self.grid, messages)
        self.stacking = Stacking(owner, self.arrangement, self.grid, messages)
        self.best = KeepBest(owner, scoring, self.arrangement, self.grid, messages)
        self.sheets = Sheets(owner, scoring, self.arrangement, self.grid, self.thumbnails, messages)
        self.export_note = ""
        self.groups = GroupPanel(
            owner, scoring, self.grid, self.arrangement.model, self.thumbnails, messages
        )
        self.finish = Finish(
            owner, self.actions_by_id, self.status.show_checked, self.filtering.show_skipped
        )
        learning = LearningBox(owner, scoring.learning, self.labelling, messages, self.sheets)
        self.names = NamesColumn(owner, model, scoring, self.grid, messages, learning)
        self.panel = self.names.panel
        self.export_memory = ExportMemory(self.settings, lambda: self.files.path)
        self.files = ProjectFiles(
            owner, messages, self.standing, self.settings, self.jobs, projects
        )
        self.files.ask_where_to_save = self.actions_by_id.trigger("save_project")
        self.files.moved.connect(self.export_memory.follow)
        self.painting = PaintingAfterWriting(self, owner, self.files)
        recent = self.actions_by_id["open_recent"]
        self.recent = RecentProjects(owner, recent, self.files, self.start_page, messages)
        ChangedPictures(owner, reading, self.filtering, messages)
        self.opener = Opener(self, owner, self.files, reading, messages)
        self.sample_bar = SampleBar(owner, model, self.fetching, self.files, self.opener, messages)
        pasted = (projects or projects_folder()) / "Pasted"
        self.transfer = Transfer(owner, self.grid, messages, self.opener, pasted)

    def _make_modes(self) -> None:
        grid = self.grid
        self.modes = ViewModes(
            self.owner, self.arrangement, grid, self.start_page, self.nothing, self.messages
        )
        self.modes.register(ViewMode.SHEETS, self.sheets.panel)
        self.modes.register(ViewMode.GROUPS, self.groups)
        self.modes.changed.connect(self.names.learning.offer)
        self.large = LargeView(
            self.modes, grid, self.arrangement.model, self.owner, self.model_in_use, self.fetching
        )
        self.large.looked_at.connect(self.inspection.take)
        self.best.set_compared(self.large.compared_rows)
        self.decisions = Decisions(
            self.modes, self.arrangement, self.labelling, self.stacking, self.sheets
        )
        self.undoing = Undoing(self.owner, self.sheets, self.modes, self.messages)
        others = (self.tools, self.names, self.problems, self.status)
        bars = self.actions_by_id["bars"]
        self.full_screen = FullScreen(self, self.modes, self.inspector, others, bars)

    def _make_keys(self) -> None:
        actions, modes, owner = self.actions_by_id, self.modes, self.owner
        words = TypedWords(owner, modes, self.arrangement, self.grid, self.sheets, self.messages)
        self.keyboard = Keyboard(actions, self.decisions, modes, owner, words, self.settings)
        self.keyboard.watch(self.panel.names, self.inspector.chart)
        self.picture_menu = PictureMenu(
            actions,
            self.decisions,
            self.owner,
            self.grid,
            self.keyboard,
            self.outside,
        )
        self.sheets.panel.set_actions(actions)
        self.filtering.menu.set_actions(actions)

    def _lay_out(self) -> None:
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.columns.addWidget(self.names)
        self.columns.addWidget(self.modes.stack)
        self.columns.addWidget(self.inspector)
        self.columns.setChildrenCollapsible(False)
        for place, stretch in enumerate((0, 5, 1)):
            self.columns.setStretchFactor(place, stretch)
        self.columns.setSizes([250, 800, 370])
        self.pages = in_place_of(self.columns)
        self.place = WindowPlace(self, self.columns, self.settings)
        self.above, self.below = Panels(), Panels()
        self.column = column(
            self.tools,
            self.standing,
            self.finish.bar,
            self.above,
            self.pages,
            self.problems,
            self.below,
            self.messages,
            self.status,
            spacing=0,
            grows=4,
        )
        body = QWidget()
        body.setLayout(self.column)
        self.setCentralWidget(body)

    # ---- what features add

    @property
    def dialog_parent(self) -> QWidget:
        """The parent of dialogs."""
        return self

    def ask_to_fetch(self) -> bool:
        """Ask again whether pictures on other computers may be fetched; False if all were."""
        return self.sample_bar.ask_again()

    def copy_run_command(self) -> None:
        """Copy the command that labels the run again which the pictures are a sample of."""
        self.sample_bar.copy_command()

    def note_export(self, text: str) -> None:
        """Say beside an export what goes along with it, or why it does not; empty for nothing."""
        self.export_note = text

    def show_pages(self, source: PageSource | None = None) -> None:
        """Show the pages of a source, or the usual ones."""
        self.sheets.show_pages_of(source or self.sheets.suggested)
        self.modes.show(ViewMode.SHEETS)
        self.sheets.begin()  # also where pages of another source are shown already

    def place_panel(self, panel: QWidget, area: Area, rank: int) -> None:
        """Put a panel into an area, after those of lower ranks."""
        if isinstance(panel, WorkPanel):
            self.in_place_of_pictures(panel)
        else:
            {Area.ABOVE: self.above, Area.BELOW: self.below}[area].place(panel, rank)

    # ---- parts that are made later

    def in_place_of_pictures(self, panel: _Panel) -> _Panel:
        """Put a panel where the pictures are, not shown yet."""
        before = self.problems.previousInFocusChain()
        self.pages.addWidget(panel)
        follow_in_tab_order(before, panel)
        return panel
