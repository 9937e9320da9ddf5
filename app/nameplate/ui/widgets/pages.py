"""A stack of pages that is only as large as the current one."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget


class Pages(QStackedWidget):
    """A stacked widget whose minimum size is that of the current page."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """Return that of the page that is shown."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page else super().minimumSizeHint()
