"""Drives the pages of doubtful labels in a person's words."""

from qt_help import wait
from window_driver import WindowDriver


class DoubtfulLabels:
    """The doubtful labels of the open project."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    def open(self) -> None:
        """Show their pages, and wait until the labels were compared."""
        self.begin()
        wait(lambda: not self._is_comparing, 30)
        if self._window.page:
            wait(lambda: self._window.is_page_seen)

    def begin(self) -> None:
        """Show their pages, or what is said before there are any."""
        self._window.menu("Doubtful labels")
        wait(self._window.pages.isVisible)

    @property
    def _is_comparing(self) -> bool:
        return self.says.startswith(("Comparing", "All pictures", "\n")) or not self.says

    @property
    def says(self) -> str:
        """What stands on the page, or where there is none."""
        return self._window.page_text if self._window.pages.isVisible() else ""

    def wait_until_says(self, part: str) -> None:
        wait(lambda: part in self.says, 30)

    def use_folder_names(self) -> None:
        """Take the names of the folders as given labels."""
        self._window.menu("Use folder names as labels")
        self._window.wait_for_message("labels imported")
