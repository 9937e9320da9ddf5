"""Reports pictures of the project whose files are missing or have changed."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import Effects, Ids
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.relinking import missing_ids
from nameplate.project.relink import MissingImages
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.relink.dialog import RelinkDialog
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

_MISSING: Final = "missing"
"""What the message of missing pictures is about."""


class MissingPictures(QObject):
    """Checks an opened project for missing and changed pictures.

    Signals:
        changed_requested: "Show them" was pressed in the message of changed pictures.

    Attributes:
        dialog: None until it is shown first.
    """

    changed_requested = Signal()

    def __init__(
        self, window: QWidget, owner: ProjectOwner, reading: Reading, messages: MessageBar
    ) -> None:
        super().__init__(window)
        self._window = window
        self._owner = owner
        self._messages = messages
        self._is_asked = False
        self._told = 0  # changed pictures that were told of
        self.dialog: RelinkDialog | None = None
        self._runner = JobRunner("missing", self)
        self._runner.event_arrived.connect(self._on_looked)
        self._runner.failed.connect(
            lambda e: messages.warn(f"Missing pictures were not looked for. {error_text(e)}")
        )
        owner.opened.connect(self._look)
        owner.changed.connect(self._on_changed)
        reading.ended.connect(self._tell_changed)

    def show(self) -> None:
        """Check which pictures are missing, and show the dialog if there are any."""
        self._look()
        self._is_asked = True

    def shut_down(self) -> None:
        """Stop checking."""
        self._runner.shut_down()
        if self.dialog is not None:
            self.dialog.shut_down()

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if len(effects.relinked):
            self._messages.withdraw(_MISSING)

    @Slot()
    def _look(self) -> None:
        self._messages.withdraw(_MISSING)
        self._is_asked = False
        self._told = 0
        if self.dialog is not None:
            self.dialog.close()
        images = self._owner.project.images
        sample = self._owner.project.sample
        fetched = np.array(list(sample.origins), np.int64) + 1 if sample else []
        rows = np.flatnonzero(~np.isin(images.ids, fetched))
        ids, paths = images.ids[rows], images.paths.select(rows.tolist())

        def job(cancel: CancelToken) -> Iterator[Ids]:
            yield missing_ids(ids, paths, cancel)

        self._runner.start(job)

    @Slot(object)
    def _on_looked(self, ids: Ids) -> None:
        missing = MissingImages.of(self._owner.project, ids)
        if not len(missing):
            if self._is_asked:
                self._messages.tell("All pictures are where they were.", is_reply=True)
        elif self._is_asked:
            self._show_dialog(missing)
        else:
            total = self._owner.project.images.present
            are = "is" if len(missing) == 1 else "are"
            self._messages.warn(
                f"{len(missing):,} of {counted(total, 'picture')} {are} not where they were: "
                "moved, renamed or deleted, or on a drive that is not there.",
                answer="Find them…",
                on_answer=lambda: self._show_dialog(missing),
                about=_MISSING,
            )

    @Slot()
    def _tell_changed(self) -> None:
        """Tell once of files whose content has changed since a person decided about them."""
        images = self._owner.project.images
        changed = [row for row in images.changed if not images.is_removed[row]]
        count, before, self._told = len(changed), self._told, len(changed)
        if count > before:
            have = "has" if count == 1 else "have"
            self._messages.warn(
                f"{counted(count, 'picture')} {have} changed since you decided about "
                f"{'it' if count == 1 else 'them'}. The labels stay until you decide again.",
                answer="Show them",
                on_answer=self.changed_requested.emit,
            )

    def _show_dialog(self, missing: MissingImages) -> None:
        if self.dialog is None:
            self.dialog = RelinkDialog(self._owner, self._window)
        self.dialog.begin(missing)
