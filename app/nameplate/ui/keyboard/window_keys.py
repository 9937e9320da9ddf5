"""Listens to the keys of all windows of the program, before their widgets get them."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QWindow


class WindowKeys(QObject):
    """Hands the events of each window that had the focus to the `eventFilter` of a subclass."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self.listen_to)

    def listen_to(self, window: QWindow | None) -> None:
        """Filter the events of a window, if there is one."""
        if window is not None:
            window.installEventFilter(self)  # once, however often it is asked for
