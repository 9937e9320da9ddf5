"""Panels that take the place of another part of the window while they are shown."""

from PySide6.QtWidgets import QStackedWidget, QWidget


class PanelInPlace(QWidget):
    """A panel that is shown in the place of a part of the window: one at a time."""

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        stack = self._stack
        return stack.currentWidget() is self if stack else not self.isHidden()

    def open_panel(self) -> None:
        """Show it in place of what is there."""
        if stack := self._stack:
            stack.setCurrentWidget(self)
        else:
            self.show()

    def leave_panel(self) -> None:
        """Give the place back, if it has it."""
        stack = self._stack
        if stack and stack.currentWidget() is self:
            stack.setCurrentIndex(0)
        elif not stack:
            self.hide()

    @property
    def _stack(self) -> QStackedWidget | None:
        parent = self.parentWidget()
        return parent if isinstance(parent, QStackedWidget) else None


def in_place_of(part: QWidget, *panels: PanelInPlace) -> QStackedWidget:
    """Return what shows `part`, or one of the panels in its place."""
    stack = QStackedWidget()
    for page in (part, *panels):
        stack.addWidget(page)
    return stack
