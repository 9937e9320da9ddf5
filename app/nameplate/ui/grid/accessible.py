"""Accessibility of the grid and of pages for screen readers: a list of the visible tiles.

Qt exposes the items of its own views only. Of 100,000 images only the visible ones are listed, so
that a screen reader that visits every item does not block the window.
"""

import atexit
import functools
from typing import Final

from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication
from shiboken6 import Shiboken

from nameplate.ui.grid.tile_view import TileView
from nameplate.wording.texts import tr

_Text = QAccessible.Text
_MOST_KEPT: Final = 500


class _Accessible(QAccessibleInterface):
    """The accessible object of a view, or of a part of it, whose text cannot be changed."""

    def __init__(self, view: TileView) -> None:
        super().__init__()
        self._view = view

    def isValid(self) -> bool:
        return True

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        del kind, text


class _TileAccessible(_Accessible):
    """The accessible object of the tile at a position of the view."""

    def __init__(self, view: TileView, position: int) -> None:
        super().__init__(view)
        self.position = position
        self.id = QAccessible.registerAccessibleInterface(self)

    def isValid(self) -> bool:
        return self.position < self._view.model().rowCount()

    def object(self) -> QObject | None:
        return None

    def parent(self) -> QAccessibleInterface | None:
        return QAccessible.queryAccessibleInterface(self._view)

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid():
            return ""
        if kind == _Text.Name:
            index = self._view.model().index(self.position, 0)
            return str(index.data(Qt.ItemDataRole.AccessibleTextRole) or "")
        if kind == _Text.Description:
            count = self._view.model().rowCount()
            return tr("{count:,} of {total:,}", count=self.position + 1, total=count)
        return ""

    def rect(self) -> QRect:
        rect = self._view.visualRect(self._view.model().index(self.position, 0))
        return QRect(self._view.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        view, position = self._view, self.position
        state.focusable = state.selectable = state.multiSelectable = True  # pyright: ignore[reportAttributeAccessIssue]
        state.selected = view.is_selected_at(position)  # pyright: ignore[reportAttributeAccessIssue]
        is_current = view.currentIndex().row() == position
        state.focused = is_current and view.hasFocus()  # pyright: ignore[reportAttributeAccessIssue]
        state.offscreen = position not in view.shown_positions()  # pyright: ignore[reportAttributeAccessIssue]
        return state

    def childCount(self) -> int:
        return 0

    def child(self, index: int) -> QAccessibleInterface | None:
        del index

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        del x, y

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        del child
        return -1


class _ViewAccessible(_Accessible):
    """The accessible object of the view: a list of the visible tiles, in display order."""

    def __init__(self, view: TileView) -> None:
        super().__init__(view)
        self._tiles: dict[int, _TileAccessible] = {}

    def object(self) -> QObject | None:
        return self._view

    def parent(self) -> QAccessibleInterface | None:
        above = self._view.parentWidget() or QApplication.instance()
        return QAccessible.queryAccessibleInterface(above) if above else None

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.List

    def text(self, kind: QAccessible.Text) -> str:
        if kind == _Text.Name:
            return self._view.accessibleName()
        return self._view.accessibleDescription() if kind == _Text.Description else ""

    def rect(self) -> QRect:
        return QRect(self._view.mapToGlobal(QPoint()), self._view.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.focusable = state.multiSelectable = True  # pyright: ignore[reportAttributeAccessIssue]
        state.focused = self._view.hasFocus()  # pyright: ignore[reportAttributeAccessIssue]
        state.invisible = not self._view.isVisible()  # pyright: ignore[reportAttributeAccessIssue]
        return state

    def childCount(self) -> int:
        return len(self._view.shown_positions())

    def child(self, index: int) -> QAccessibleInterface | None:
        shown = self._view.shown_positions()
        return self._tile(shown[index]) if 0 <= index < len(shown) else None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        index = self._view.indexAt(self._view.viewport().mapFromGlobal(QPoint(x, y)))
        return self._tile(index.row()) if index.isValid() else None

    def focusChild(self) -> QAccessibleInterface | None:
        current = self._view.currentIndex().row()
        return self._tile(current) if current in self._view.shown_positions() else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        shown = self._view.shown_positions()
        if isinstance(child, _TileAccessible) and child.position in shown:
            return shown.index(child.position)
        return -1

    def forget(self) -> None:
        """Delete the accessible objects of all tiles."""
        for tile in self._tiles.values():
            QAccessible.deleteAccessibleInterface(tile.id)
        self._tiles.clear()

    def _tile(self, position: int) -> _TileAccessible:
        if position not in self._tiles:
            if len(self._tiles) >= _MOST_KEPT:
                self.forget()
            self._tiles[position] = _TileAccessible(self._view, position)
        return self._tiles[position]


_interfaces: list[_ViewAccessible] = []
"""Qt deletes an interface with its view; the references keep Python from doing so earlier."""


def _create_interface(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    if not isinstance(thing, TileView):
        return None
    _interfaces[:] = [interface for interface in _interfaces if Shiboken.isValid(interface)]
    interface = _ViewAccessible(thing)
    _interfaces.append(interface)
    thing.destroyed.connect(interface.forget)
    return interface


def _delete_all() -> None:
    """Delete the remaining interfaces before Python does at exit, unknown to Qt."""
    for interface in filter(Shiboken.isValid, _interfaces):
        interface.forget()
        QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(interface))


@functools.cache
def install() -> None:
    """Register the accessible factory of views of tiles, once per process."""
    QAccessible.installFactory(_create_interface)
    atexit.register(_delete_all)
