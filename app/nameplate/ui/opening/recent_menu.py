"""The menu of the projects that were worked on last."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from nameplate.project.file.recent import RecentProject
from nameplate.ui.opening.empty_state import project_text


class RecentMenu(QMenu):
    """A submenu with an entry for each project.

    Signals:
        project_requested: An entry was chosen; the path of the project.
    """

    project_requested = Signal(object)

    def __init__(self, action: QAction, parent: QWidget) -> None:
        """Become the menu of `action`, which is enabled while there are projects."""
        super().__init__(parent)
        self._action = action
        self.setToolTipsVisible(True)
        action.setMenu(self)
        action.setEnabled(False)

    def show_projects(self, projects: Sequence[RecentProject]) -> None:
        """Fill the menu."""
        self.clear()
        for project in projects:
            text = project_text(project).replace("&", "&&")  # a single one marks a key
            entry = self.addAction(text, partial(self.project_requested.emit, project.path))
            entry.setToolTip(str(project.path))
        self._action.setEnabled(bool(projects))
