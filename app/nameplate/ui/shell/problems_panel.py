"""The list of unreadable files, with the reason for each."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QPushButton

from nameplate.domain.changes import Effects
from nameplate.domain.messages import Message
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.services import Services
from nameplate.ui.shell.status_line import StatusLine
from nameplate.ui.widgets.boxes import close_button, column, heading, row
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.painting import capitalised
from nameplate.ui.widgets.table import Table
from nameplate.ui.widgets.work_panel import SidePanel
from nameplate.wording.texts import tr, trn, what_of

_MOST_SHOWN: Final = 2000
_REFRESH_MS: Final = 250
"""It is refreshed at most this often: many problems must not block the window."""


class ProblemsPanel(SidePanel):
    """Shows the first 2,000 files with their reasons, and the number of others.

    The status line shows how many there are.
    """

    def __init__(self, services: Services, reading: Reading, status: StatusLine) -> None:
        super().__init__()
        self._owner, self._messages = services.owner, services.messages
        self._reading, self._status = reading, status
        self._listed: tuple[object, ...] = ()  # what is shown
        self._title = heading("")
        copy, close = QPushButton(tr("Copy list")), close_button(tr("Close"))
        heads = (tr("File"), tr("Problem"))
        self._list = Table(tr("Unreadable files"), heads, stretched=(0, 1))
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMaximumHeight(190)
        head = row(self._title, copy, close, grows=0)
        self.setLayout(column(head, self._list, margins=(12, 8, 12, 8)))
        copy.clicked.connect(self._copy)
        close.clicked.connect(self.close_panel)
        self._soon = Later(self, _REFRESH_MS, self.refresh)
        self._reading.scan_ended.connect(self.refresh)
        self._owner.changed.connect(self._on_project_changed)
        self.hide()

    def toggle(self) -> None:
        """Show or hide the list; tell if there is nothing to show."""
        was_visible = self.isVisible()
        self.setVisible(not was_visible)
        self.refresh()
        if not was_visible and not self.isVisible():
            self._messages.tell(tr("All files can be read."), is_reply=True)

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:
            self.refresh()
        elif effects.of_project or len(effects.read):
            self._soon.ask()

    def refresh(self) -> None:
        """Count the files, and list them if the list is shown."""
        reasons, problems = self._reasons(), self._reading.problems
        count = len(reasons) + len(problems)
        missing = int(
            np.count_nonzero(self._owner.project.images.is_missing(np.array([*reasons], np.int64)))
        )
        self._status.show_problems(len(reasons) - missing, missing, len(problems))
        if not self.isVisible():
            return
        if not count:
            self.hide()
            return
        now = (self._owner.project, problems[:], reasons)
        if now == self._listed:
            return
        self._listed = now
        self._title.setText(trn("{count:,} unreadable file", "{count:,} unreadable files", count))
        self._list.clear()
        shown = ((path, capitalised(why)) for path, why in islice(self._pairs(), _MOST_SHOWN))
        self._list.add_rows(shown, tips=(0, 1))
        if count > _MOST_SHOWN:
            self._list.add_rows([[tr("and {count:,} more", count=count - _MOST_SHOWN)]])

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for problem in self._reading.problems:
            yield str(problem.path), what_of(problem.reason)
        for row_of, reason in self._reasons().items():
            yield str(self._owner.project.images.paths[row_of]), what_of(reason)

    def _reasons(self) -> dict[int, Message]:
        """Return why images cannot be read, by row, without removed ones."""
        images = self._owner.project.images
        return {row: why for row, why in images.reasons.items() if not images.is_removed[row]}

    def _copy(self) -> None:
        text = "\n".join(f"{path}\t{reason}" for path, reason in self._pairs())
        QGuiApplication.clipboard().setText(text)
