"""The projects that were worked on last, in the menu and on the start page."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from nameplate.project.file.recent import RecentProject
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.opening.start_page import StartPage, project_texts
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.widgets.painting import entry_text
from nameplate.ui.widgets.paragraph import tip


class RecentProjects(QObject):
    """Keeps up to date what the menu and the start page offer to go on with.

    Attributes:
        menu: An entry for each project.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        action: QAction,
        files: ProjectFiles,
        page: StartPage,
        messages: MessageBar,
    ) -> None:
        """Make the menu of `action`, which is enabled while there are projects."""
        super().__init__(page)
        self._owner = owner
        self._action = action
        self._files = files
        self._page = page
        self._messages = messages
        self.menu = QMenu(page)
        self.menu.setToolTipsVisible(True)
        action.setMenu(self.menu)
        action.setEnabled(False)
        page.project_requested.connect(files.open)
        files.recent_found.connect(self._show)
        files.moved.connect(files.look_for_recent)
        files.opened.connect(self._on_opened)
        owner.changed.connect(page.hide_recent)

    @Slot(object)
    def _show(self, projects: Sequence[RecentProject]) -> None:
        if not self._owner.project.revision:
            self._page.offer_recent(projects)
        self.menu.clear()
        for project, text in zip(projects, project_texts(projects), strict=True):
            entry = self.menu.addAction(entry_text(text), partial(self._files.open, project.path))
            entry.setToolTip(tip(str(project.path)))
        self._action.setEnabled(bool(projects))

    @Slot()
    def _on_opened(self) -> None:
        """Say how a project that was undone as a whole can be gone on with."""
        self._files.look_for_recent()
        project = self._owner.project
        if project.history.undone and not project.images.present:
            self._messages.tell("All of this project was undone. Redo brings it back.")
