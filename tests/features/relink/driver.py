"""Drives the search for missing pictures in a person's words."""

from pathlib import Path

from nameplate.features.relink.dialog import RelinkDialog
from qt_help import button_is_shown, press_button, wait
from window_driver import WindowDriver


class Missing:
    """The dialog of missing pictures."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    @property
    def _made(self) -> RelinkDialog:
        return self._window.main.workbenches["relink"].part(RelinkDialog)

    @property
    def dialog(self) -> RelinkDialog | None:
        """The dialog, while it is shown."""
        return self._made if self._made.isVisible() else None

    def look_in(self, folder: Path) -> str:
        """Choose a folder; return what the dialog says of it."""
        dialog = self.dialog
        assert dialog is not None
        dialog.look_in(folder)
        wait(lambda: not button_is_shown(dialog, "Cancel"))
        return dialog.text

    @property
    def loss(self) -> str:
        """What the dialog says is lost with the pictures."""
        return self._made.loss

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The table of folders and files: where they were, where they are, how many."""
        return self._made.rows

    def answer(self, text: str) -> None:
        """Press a button."""
        press_button(self._made, text)
