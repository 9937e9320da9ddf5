"""A panel over a part of the window, closed by Esc or a click elsewhere."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

_EDGE = 16


class Overlay(QFrame):
    """A panel over an area of its window that takes the focus and returns it when closed.

    Attributes:
        home: The widget that contains it.
    """

    def __init__(self, window: QWidget, go_back: Callable[[], object]) -> None:
        """Make a hidden overlay of `window`.

        When Esc is pressed or its work is done, `go_back` is called: who opened it takes the focus.
        """
        super().__init__(window)
        self._go_back = go_back
        self.home = window
        self._area = window
        self._kept_free = QRect()
        self.setObjectName("overlay")
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        window.installEventFilter(self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus_changed)
        self.hide()

    def open_over(self, area: QWidget, kept_free: QRect | None = None) -> None:
        """Show it at the top of `area`, or at the bottom if `kept_free` is in the upper half."""
        self._area, self._kept_free = area, kept_free or QRect()
        self._place()
        self.show()
        self.raise_()

    def dismiss(self) -> None:
        """Close it, and return the focus."""
        if self.isVisible():
            self.hide()
            self._go_back()

    def wanted_size(self, room: QSize) -> QSize:
        """Return its preferred size within `room`."""
        return self.sizeHint().boundedTo(room)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Esc, and keep every other key from the window."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in its place when the window changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        window = self.home
        area = self._area if self._area.isVisible() else window
        corner = area.mapTo(window, QPoint(0, 0)) if area is not window else QPoint(0, 0)
        room = QSize(area.width() - 2 * _EDGE, area.height() - 2 * _EDGE)
        size = self.wanted_size(room)
        left = corner.x() + (area.width() - size.width()) // 2
        lowest = area.height() - size.height() - _EDGE
        is_above = (
            not self._kept_free.isEmpty() and self._kept_free.center().y() < area.height() / 2
        )
        top = lowest if is_above else _EDGE
        self.setGeometry(max(0, left), corner.y() + top, size.width(), size.height())

    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        is_elsewhere = new is not None and new is not self and not self.isAncestorOf(new)
        if self.isVisible() and is_elsewhere:
            self.hide()
