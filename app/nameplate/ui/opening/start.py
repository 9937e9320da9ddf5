"""What a person can begin with: files, folders, samples, and the projects of before."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot

from nameplate.project.file.recent import RecentProject
from nameplate.ui.commands.actions import Actions
from nameplate.ui.opening.empty_state import EmptyState
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.opening.recent_menu import RecentMenu
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import MessageBar


class Start(QObject):
    """Does what the invitation offers, and keeps what it and the menu say of recent projects.

    Attributes:
        recent: The menu of recent projects.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        actions: Actions,
        files: ProjectFiles,
        empty: EmptyState,
        messages: MessageBar,
    ) -> None:
        super().__init__(empty)
        self._owner = owner
        self._files = files
        self._empty = empty
        self._messages = messages
        self.recent = RecentMenu(actions["open_recent"], empty)
        self.recent.project_requested.connect(files.open)
        empty.folder_requested.connect(actions["add_folder"].trigger)
        empty.files_requested.connect(actions["add_files"].trigger)
        empty.samples_requested.connect(actions["samples"].trigger)
        empty.project_requested.connect(files.open)
        files.recent_found.connect(self._show_recent)
        files.moved.connect(files.look_for_recent)
        files.opened.connect(self._on_opened)
        owner.changed.connect(empty.hide_recent)

    @Slot(object)
    def _show_recent(self, projects: Sequence[RecentProject]) -> None:
        if not self._owner.project.revision:
            self._empty.offer_recent(projects)
        self.recent.show_projects(projects)

    @Slot()
    def _on_opened(self) -> None:
        """Say how a project that was undone as a whole can be gone on with."""
        self._files.look_for_recent()
        project = self._owner.project
        if project.history.undone and not project.images.present:
            self._messages.tell(
                "All of this project was undone. Redo (Ctrl+Shift+Z) brings it back."
            )
