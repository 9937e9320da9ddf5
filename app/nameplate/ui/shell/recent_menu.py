"""The menu of the projects that were worked on last."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from nameplate.project.recent import RecentProject
from nameplate.ui.shell.empty_state import project_text


class RecentMenu(QMenu):
    """A submenu with an entry for each project.

    Signals:
        project_requested: An entry was chosen; the path of the project.
    """

    project_requested = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Open recent", parent)
        self.setToolTipsVisible(True)
        self.setEnabled(False)

    def show_projects(self, projects: Sequence[RecentProject]) -> None:
        """Fill the menu."""
        self.clear()
        for project in projects:
            text = project_text(project).replace("&", "&&")  # a single one marks a key
            entry = self.addAction(text, partial(self.project_requested.emit, project.path))
            entry.setToolTip(str(project.path))
        self.setEnabled(bool(projects))
