"""Tells which pictures of the project are not where they were, and helps to find them."""

from collections.abc import Iterator

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import Ids
from nameplate.domain.progress import CancelToken
from nameplate.domain.wording import counted
from nameplate.pipeline.relinking import missing_ids
from nameplate.project.relink import MissingImages
from nameplate.ui.controller import Controller
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.relink.dialog import RelinkDialog
from nameplate.ui.widgets.message_bar import MessageBar


class MissingPictures(QObject):
    """Looks for missing pictures when a project is opened, and shows the dialog to find them.

    Attributes:
        dialog: The dialog that was shown last; None before.
    """

    def __init__(self, window: QWidget, controller: Controller, messages: MessageBar) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._messages = messages
        self._is_asked = False
        self.dialog: RelinkDialog | None = None
        self._runner = JobRunner("missing", self)
        self._runner.event_arrived.connect(self._on_looked)
        controller.opened.connect(self._look)

    def show(self) -> None:
        """Look which pictures are missing, and show the dialog if there are any."""
        self._look()
        self._is_asked = True

    def shut_down(self) -> None:
        """Stop looking."""
        self._runner.shut_down()
        if self.dialog is not None:
            self.dialog.shut_down()

    @Slot()
    def _look(self) -> None:
        self._is_asked = False
        if self.dialog is not None:
            self.dialog.close()
        images = self._controller.project.images
        ids, paths = images.ids.copy(), images.paths[:]

        def job(cancel: CancelToken) -> Iterator[Ids]:
            yield missing_ids(ids, paths, cancel)

        self._runner.start(job)

    @Slot(object)
    def _on_looked(self, ids: Ids) -> None:
        missing = MissingImages.of(self._controller.project, ids)
        if not len(missing):
            if self._is_asked:
                self._messages.tell("All pictures are where they were.", is_reply=True)
        elif self._is_asked:
            self._show_dialog(missing)
        else:
            total = self._controller.project.images.present
            are = "is" if len(missing) == 1 else "are"
            self._messages.warn(
                f"{len(missing):,} of {counted(total, 'picture')} {are} not where they were: "
                "moved, renamed or deleted, or on a drive that is not there.",
                answer="Find them…",
                on_answer=lambda: self._show_dialog(missing),
            )

    def _show_dialog(self, missing: MissingImages) -> None:
        if self.dialog is not None:
            self.dialog.shut_down()
            self.dialog.deleteLater()
        self.dialog = RelinkDialog(missing, self._controller, self._window)
        self.dialog.show()
