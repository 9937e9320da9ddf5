"""A view of tiles where a layout puts them: painting, hit test, moves, words for screen readers."""

from collections.abc import Callable, Collection, Iterable, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    Qt,
)
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QToolTip

from nameplate.ui.grid.gestures import place_after
from nameplate.ui.grid.layout import GridLayout
from nameplate.ui.tiles.painter import REACH, Marks, PicturePainter
from nameplate.ui.widgets.item_views import Index

ScrollHint = QAbstractItemView.ScrollHint


class TileView(QAbstractItemView):
    """Paints the tiles of a model where a layout puts them, and finds them there again.

    A subclass makes the layout and knows what a tile shows and which are selected; the other keys
    and the mouse are up to it.
    """

    def __init__(self, painter: PicturePainter) -> None:
        super().__init__()
        self._layout = GridLayout(0, 1, 1, 1)
        self._mouse: QPoint | None = None  # where it points in the viewport
        self._set_style = painter.set_style
        self._set_style(self.palette(), self.font())
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        # The base class scrolls to each new current item; here only keys and callers do.
        self.setAutoScroll(False)
        self.viewport().setMouseTracking(True)

    # ---- what a subclass says of its tiles

    def _paint_tile(self, painter: QPainter, rect: QRect, position: int, marks: Marks) -> None:
        raise NotImplementedError

    def _selected_among(self, positions: range) -> Sequence[bool]:
        raise NotImplementedError

    def _on_painted(self, painter: QPainter) -> None:
        """Paint over the tiles; nothing here."""

    def is_selected_at(self, position: int) -> bool:
        """Return whether the tile at `position` is selected."""
        return self._selected_among(range(position, position + 1))[0]

    # ---- the model

    def dataChanged(self, first: Index, last: Index, roles: list[int] | None = None) -> None:
        """Repaint the changed tiles that are visible."""
        del roles  # the role does not matter: a tile is painted as a whole
        shown = self.shown_positions()
        start, stop = max(first.row(), shown.start), min(last.row() + 1, shown.stop)
        self._show_changed(range(start, stop))

    # ---- geometry

    def visualRect(self, index: Index) -> QRect:
        """Return the rectangle of the tile of `index` in the viewport."""
        return self._rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the index of the tile at `point` of the viewport."""
        return self._index(self._layout.position_at(point + QPoint(0, self.verticalOffset())))

    def shown_positions(self) -> range:
        """Return the positions of the tiles that are at least partly visible."""
        top = self.verticalOffset()
        return self._layout.between(top, top + self.viewport().height() - 1)

    def scrollTo(self, index: Index, hint: ScrollHint = ScrollHint.EnsureVisible) -> None:
        """Do nothing: all tiles are visible, unless a subclass scrolls."""

    def horizontalOffset(self) -> int:
        """Return 0: the columns always fit."""
        return 0

    def verticalOffset(self) -> int:
        """Return how far the content is scrolled."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:
        """Return False: hidden images are not in the model."""
        del index
        return False

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Return nothing: Qt's own selection is always empty."""
        del selection
        return QRegion()

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Do nothing: the selection is kept by image."""

    def _is_at(self, box_of: Callable[[int], QRectF], point: QPoint) -> bool:
        """Whether `point` lies in the box that `box_of` returns for its tile."""
        index = self.indexAt(point)
        return index.isValid() and box_of(index.row()).contains(QPointF(point))

    def _index(self, position: int) -> QModelIndex:
        return self.model().index(position, 0) if position >= 0 else QModelIndex()

    def _rect(self, position: int) -> QRect:
        return self._layout.rect(position).translated(0, -self.verticalOffset())

    # ---- the current tile, and the one under the mouse

    def go_to(self, position: int) -> None:
        """Make a tile current, without selecting it; -1 for none."""
        no_update = QItemSelectionModel.SelectionFlag.NoUpdate
        self.selectionModel().setCurrentIndex(self._index(position), no_update)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Return the index that `action` moves to from the current one."""
        del modifiers
        area = self.viewport().rect().translated(0, self.verticalOffset())
        current = self.currentIndex().row()
        return self._index(place_after(action, self._layout, current, area))

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: letters are shortcuts of the window."""

    def _say_current(self, *, is_other: bool) -> None:
        """Describe the current tile to screen readers, if it is another one or has changed.

        Qt exposes only its own views' items to them; the view's description stands in.
        """
        text = str(self.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole) or "")
        if not is_other and text == self.accessibleDescription():
            return
        self.setAccessibleDescription(text)
        if QAccessible.isActive() and self.hasFocus() and text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    @property
    def _hovered(self) -> int:
        """The position of the tile that the mouse points at; -1 for none."""
        return -1 if self._mouse is None else self.indexAt(self._mouse).row()

    def _point_at(self, point: QPoint | None) -> None:
        """Let the mouse point at `point` of the viewport, or nowhere."""
        before, self._mouse = self._hovered, point
        if (now := self._hovered) != before:
            self._repaint((before, now))

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the visible tiles."""
        painter = QPainter(self.viewport())
        try:
            dirty, top = event.region(), self.verticalOffset()
            seen = self._reaching_into(dirty.boundingRect())
            is_active = self.hasFocus() and self.isActiveWindow()
            current, hovered = self.currentIndex().row(), self._hovered
            selected = self._selected_among(seen)
            # In reverse: the thumbnail requested last is made first, so they appear in reading
            # order.
            for position in reversed(seen):
                rect = self._layout.rect(position).translated(0, -top)
                if dirty.intersects(rect.adjusted(-REACH, -REACH, REACH, REACH)):
                    is_selected = selected[position - seen.start]
                    marks = Marks(is_selected, position == current, position == hovered, is_active)
                    self._paint_tile(painter, rect, position, marks)
            self._on_painted(painter)
        finally:
            painter.end()  # after an error too: Qt crashes where one goes on to paint

    def _reaching_into(self, area: QRect) -> range:
        """Return the positions of the tiles in the rows of `area`, their marks included."""
        top = self.verticalOffset()
        return self._layout.between(top + area.top() - REACH, top + area.bottom() + REACH)

    def _show_changed(self, positions: Collection[int]) -> None:
        """Paint changed tiles; a tool tip of one says what it was before."""
        if self._hovered in positions:
            QToolTip.hideText()
        self._repaint(positions)

    def _repaint(self, positions: Iterable[int]) -> None:
        for position in positions:
            if position >= 0:
                around = self._rect(position).adjusted(-REACH, -REACH, REACH, REACH)
                self.viewport().update(around)

    def changeEvent(self, event: QEvent) -> None:
        """Apply a new palette or font."""
        super().changeEvent(event)
        modes = (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange)
        # Qt sends the first of them while the base class is being constructed.
        if event.type() in modes and hasattr(self, "_set_style"):
            self._set_style(self.palette(), self.font())
            self.updateGeometries()
            self.viewport().update()
