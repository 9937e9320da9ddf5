"""Painting of decisions after they are in the project's file."""

from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import Effects
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later

_LONGEST_MS: Final = 100
"""A slower disk holds nobody up; most decisions are written after 2 ms."""


class PaintingAfterWriting(QObject):
    """Holds back the painting of a window while the last decision is being written.

    A window that is killed has lost nothing that it showed. Its thread goes on meanwhile: keys are
    taken and answered, and what has become of them is painted together.

    Attributes:
        is_held: Whether nothing is painted just now.
    """

    def __init__(self, window: QWidget, owner: ProjectOwner, files: ProjectFiles) -> None:
        super().__init__(window)
        self._window, self._files = window, files
        self.is_held = False
        self._number = 0
        self._is_late = Later(self, _LONGEST_MS, self._paint)
        owner.changed.connect(self._on_project_changed)
        window.installEventFilter(self)

    def _on_project_changed(self, effects: Effects) -> None:
        if not len(effects.labelled):
            return
        self._number += 1
        if self._files.when_written(partial(self._on_written, self._number)):
            self.is_held = True
            self._is_late.ask()
        else:
            self._paint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep Qt from painting; it remembers the regions to paint later."""
        return self.is_held and event.type() == QEvent.Type.UpdateRequest

    def _on_written(self, number: int) -> None:
        if number == self._number:
            self._paint()

    def _paint(self) -> None:
        self._is_late.stop()
        if self.is_held:
            self.is_held = False
            QCoreApplication.postEvent(self._window, QEvent(QEvent.Type.UpdateRequest))
