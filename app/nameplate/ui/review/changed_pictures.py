"""Tells of pictures that changed since a person decided about them."""

from PySide6.QtCore import QObject, Slot

from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted


class ChangedPictures(QObject):
    """Tells once of each reading that found some, and shows them."""

    def __init__(
        self, owner: ProjectOwner, reading: Reading, filtering: Filtering, messages: MessageBar
    ) -> None:
        super().__init__(owner)
        self._owner = owner
        self._filtering = filtering
        self._messages = messages
        self._told = 0
        owner.opened.connect(self._forget)
        reading.ended.connect(self._tell)

    @Slot()
    def _forget(self) -> None:
        self._told = 0

    @Slot()
    def _tell(self) -> None:
        images = self._owner.project.images
        changed = [row for row in images.changed if not images.is_removed[row]]
        count, before, self._told = len(changed), self._told, len(changed)
        if count > before:
            have = "has" if count == 1 else "have"
            self._messages.warn(
                f"{counted(count, 'picture')} {have} changed since you decided about "
                f"{'it' if count == 1 else 'them'}. The labels stay until you decide again.",
                answer="Show them",
                on_answer=self._filtering.show_changed,
            )
