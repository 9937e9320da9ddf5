"""Pages of which one is shown."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget


class Pages(QStackedWidget):
    """Shows one of several pages, and needs no more room than that one."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """Return that of the page that is shown."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page else super().minimumSizeHint()
