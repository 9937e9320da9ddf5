"""The view of the concept list: keys, dragging, clicks on swatches."""

from typing import Final, Protocol

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView

from nameplate.domain.concepts import Concept, moved
from nameplate.ui.concepts.concept_list.actions import action_of
from nameplate.ui.concepts.concept_list.delegate import ConceptDelegate, row_height
from nameplate.ui.concepts.concept_list.model import CONCEPT_ROLE, ConceptModel
from nameplate.ui.widgets.item_views import Index, make_slim
from nameplate.ui.widgets.keys import is_typed
from nameplate.ui.widgets.painting import draw_line
from nameplate.wording.texts import tr, trn

_EDGE: Final = 18


class ListPanel(Protocol):
    """The panel of the list: carries out the actions on its names."""

    @property
    def is_naming(self) -> bool:
        """Whether names are being added."""
        ...

    def do(self, name: str) -> None:
        """Do one of `NAME_ACTIONS` for the current or the selected concepts."""
        ...

    def label_selected(self, key: int) -> None:
        """Label the selected pictures with a concept, or take that label off."""
        ...

    def rename(self, key: int, line: str) -> None:
        """Rename a concept by the line that was typed in its row."""
        ...

    def move_names(self, keys: list[int], place: int) -> None:
        """Move concepts before the one at `place` in the list."""
        ...

    def open_colours(self, key: int) -> None:
        """Offer colours for a concept."""
        ...

    def leave(self) -> None:
        """Focus the pictures."""
        ...


class ConceptList(QListView):
    """Shows the concepts; hands each action to its panel, and changes nothing itself.

    Rows are dragged between others, unless a filter hides some.
    """

    def __init__(self, panel: ListPanel) -> None:
        super().__init__()
        self._panel = panel
        self.rows = ConceptModel(self, panel.rename)
        self.delegate = ConceptDelegate(self)
        self.setModel(self.rows)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName(tr("Names"))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        make_slim(self)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setMouseTracking(True)
        self._pressed: tuple[int, QPoint] | None = None
        self._keeps_selection = False
        self._swatch_pressed: int | None = None
        self._drag_at: QPoint | None = None
        self._is_filtered = False
        self._scroller = QTimer(self)
        self._scroller.setInterval(40)
        self._scroller.timeout.connect(self._scroll_while_dragging)
        for change in (self.rows.rowsInserted, self.rows.rowsRemoved):
            change.connect(self.updateGeometry)

    def selected_keys(self) -> list[int]:
        """Return the keys of the selected concepts, in the order of the list."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        return [self.rows.concepts[row].key for row in rows]

    def current_concept(self) -> Concept | None:
        """Return the concept that the keys act on."""
        index = self.currentIndex()
        return index.data(CONCEPT_ROLE) if index.isValid() else None

    def filter(self, text: str) -> None:
        """Show only concepts with `text` in a name or a synonym."""
        self._is_filtered = bool(text.strip())
        wanted = text.strip().casefold()
        for number, found in enumerate(self.rows.texts()):
            if self.isRowHidden(number) == (wanted in found):
                self.setRowHidden(number, wanted not in found)
        self.updateGeometry()

    def shown_rows(self) -> int:
        """Return how many concepts are shown."""
        count = self.rows.rowCount()
        return sum(not self.isRowHidden(n) for n in range(count)) if self._is_filtered else count

    def go_to_first(self) -> None:
        """Focus the list, with the first concept that is shown as the current one."""
        rows = (n for n in range(self.rows.rowCount()) if not self.isRowHidden(n))
        self.setCurrentIndex(self.rows.index(next(rows, -1), 0))
        self.setFocus()

    def swatch_place(self, key: int) -> QPoint:
        """Return the global point just beneath the swatch of the concept `key`."""
        index = self.rows.index(self.rows.row_of(key), 0)
        self.scrollTo(index)
        swatch = self.delegate.swatch_rect(self.visualRect(index))
        return self.viewport().mapToGlobal(swatch.bottomLeft() + QPoint(-8, 6))

    def sizeHint(self) -> QSize:
        """Return the height of all rows: the name box follows the last one."""
        return QSize(200, self.shown_rows() * row_height(self.fontMetrics()))

    def minimumSizeHint(self) -> QSize:
        """Return the height of three rows at most, and no width."""
        rows = min(3, self.shown_rows())
        return QSize(0, rows * row_height(self.fontMetrics()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the last name in sight while names are added, though a hint takes some room."""
        bar = self.verticalScrollBar()
        is_at_end = bar.value() == bar.maximum()
        super().resizeEvent(event)
        if is_at_end and self._panel.is_naming:
            self.scrollToBottom()

    def event(self, event: QEvent) -> bool:
        """Claim the keys of `NAME_ACTIONS` before the window's shortcuts get them."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent):
            is_all = event.matches(QKeySequence.StandardKey.SelectAll)
            if self._action_of(event) or _is_menu_key(event) or is_all:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do the action of the key; Esc cancels a drag."""
        action = self._action_of(event)
        if self._drag_at is not None and event.key() == Qt.Key.Key_Escape:
            self._end_drag()
        elif _is_menu_key(event):
            self.customContextMenuRequested.emit(QPoint(-1, -1))
        elif action and self.current_concept():
            self._panel.do(action)
        elif is_typed(event) or event.key() == Qt.Key.Key_Escape:
            event.ignore()  # not Qt's search: the window labels with letters and digits
        else:
            super().keyPressEvent(event)

    def _action_of(self, event: QKeyEvent) -> str:
        """Return the name of the action of the key; Space sets and clears a check mark."""
        is_space = event.key() == Qt.Key.Key_Space and not event.modifiers()
        return "label" if is_space and self.rows.has_marks else action_of(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember the row that a drag or a click on a swatch starts from."""
        place = event.position().toPoint()
        concept: Concept | None = self.indexAt(place).data(CONCEPT_ROLE)
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = (concept.key, place) if concept and is_left else None
        self._swatch_pressed = concept.key if concept and self._is_on_swatch(place) else None
        if concept and is_left and self._is_on_mark(place):
            # As on a swatch, the selection stays. The release does nothing.
            self._pressed = None
            self._panel.leave()  # the next keys are for these pictures, too
            self._panel.label_selected(concept.key)
            return
        if is_left and self._swatch_pressed is not None and not event.modifiers():
            # Not the base class: it would collapse a selection whose colour is about to change.
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            if self._swatch_pressed not in self.selected_keys():
                self.setCurrentIndex(self.indexAt(place))
            return
        # Several rows that are selected may be about to be dragged.
        selected = self.selected_keys() if self._pressed and not event.modifiers() else []
        self._keeps_selection = (
            len(selected) > 1 and concept is not None and concept.key in selected
        )
        if self._keeps_selection:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the pressed row; without a button, show a hand over swatches."""
        place = event.position().toPoint()
        if not event.buttons() & Qt.MouseButton.LeftButton or self._pressed is None:
            hand = Qt.CursorShape.PointingHandCursor
            arrow = Qt.CursorShape.ArrowCursor
            is_button = self._is_on_swatch(place) or self._is_on_mark(place)
            self.viewport().setCursor(hand if is_button else arrow)
            super().mouseMoveEvent(event)
            return
        far = (place - self._pressed[1]).manhattanLength() >= QApplication.startDragDistance()
        if self._drag_at is None and not far:
            return
        if self._drag_at is None:
            self._scroller.start()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self._drag_at = place
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop the dragged rows, or report the click on a swatch."""
        place = event.position().toPoint()
        if self._drag_at is not None:
            keys, place = self._dragged(), self._drop_place()
            self._end_drag()
            if place is not None:
                self._panel.move_names(keys, place)
            return
        if self._keeps_selection and self._pressed is not None:
            self.setCurrentIndex(self.indexAt(place))
        swatch, self._swatch_pressed, self._pressed = self._swatch_pressed, None, None
        if swatch is None:
            super().mouseReleaseEvent(event)
        elif self._is_on_swatch(place):
            self._panel.open_colours(swatch)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit the row in place, unless its swatch was hit."""
        place = event.position().toPoint()
        is_left = event.button() == Qt.MouseButton.LeftButton
        if is_left and self._is_on_mark(place):
            self.mousePressEvent(event)  # two clicks, quickly
        elif is_left and self.indexAt(place).isValid() and not self._is_on_swatch(place):
            self._pressed = None
            self.edit(self.indexAt(place))

    def dataChanged(self, first: Index, last: Index, roles: list[int] | None = None) -> None:
        """Repaint the changed rows. They are as high as before: no layout is needed."""
        # Not that of QListView, which lays out and repaints all rows when a count changes.
        QAbstractItemView.dataChanged(self, first, last, roles or [])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, then the dragged row and the place where it would land."""
        super().paintEvent(event)
        if self._drag_at is not None:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            place = self._drop_place()
            self._paint_dragged(painter, self._drag_at.y())
            if place is not None:  # last: nothing hides it
                self._paint_gap(painter, place)

    def _paint_dragged(self, painter: QPainter, y: int) -> None:
        """Fade the dragged rows, and show their names beside the pointer."""
        names = {c.key: c.name for c in self.rows.concepts}
        keys = self._dragged()
        faded = self.palette().color(QPalette.ColorRole.Window)
        faded.setAlphaF(0.65)
        for key in keys:
            painter.fillRect(self.visualRect(self.rows.index(self.rows.row_of(key), 0)), faded)
        text = trn("“{name}”", "{count:,} names", len(keys), name=names[keys[0]])
        height, room = row_height(self.fontMetrics()), self.viewport().rect()
        # Where the pointer comes from, so that the rows that it goes to can be read.
        is_upwards = self._pressed is not None and y < self._pressed[1].y()
        above, below = y - 3 * height // 2, y + height // 2
        is_below = above < 0 or (is_upwards and below + height <= room.height())
        box = QRect(6, below if is_below else above, room.width() - 12, height - 4)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(QRectF(box), 5, 5)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.setFont(self.font())
        draw_line(painter, box.adjusted(8, 0, -8, 0), text)

    def _paint_gap(self, painter: QPainter, place: int) -> None:
        """Draw a line above the row at `place`."""
        pen = QPen(self.palette().color(QPalette.ColorRole.Accent), 2.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        y = place * row_height(self.fontMetrics()) - self.verticalScrollBar().value() - 1
        painter.drawLine(6, max(1, y), self.viewport().width() - 6, max(1, y))

    def _is_on_swatch(self, place: QPoint) -> bool:
        box = self.delegate.swatch_rect(self.visualRect(self.indexAt(place)))
        return box.adjusted(-5, -6, 5, 6).contains(place)

    def _is_on_mark(self, place: QPoint) -> bool:
        index = self.indexAt(place)
        box = self.delegate.mark_rect(self.visualRect(index)).adjusted(-5, -6, 5, 6)
        return index.data(Qt.ItemDataRole.CheckStateRole) is not None and box.contains(place)

    def _dragged(self) -> list[int]:
        """Return the keys of the dragged concepts: the pressed or all selected ones."""
        key = self._pressed[0] if self._pressed else -1
        selected = self.selected_keys() if self._keeps_selection else [key]
        return [one for one in selected if self.rows.row_of(one) >= 0]

    def _drop_place(self) -> int | None:
        """Return where the dragged rows would be put; None if nothing would change."""
        if self._drag_at is None or self._is_filtered:
            return None
        concepts = self.rows.concepts
        at = (self._drag_at.y() + self.verticalScrollBar().value()) / row_height(self.fontMetrics())
        place = max(0, min(len(concepts), round(at)))
        return None if moved(concepts, self._dragged(), place) == concepts else place

    def _scroll_while_dragging(self) -> None:
        if self._drag_at is None:
            return
        bar, y = self.verticalScrollBar(), self._drag_at.y()
        if y < _EDGE:
            bar.setValue(bar.value() - _EDGE)
        elif y > self.viewport().height() - _EDGE:
            bar.setValue(bar.value() + _EDGE)

    def _end_drag(self) -> None:
        self._drag_at = self._pressed = self._swatch_pressed = None
        self._keeps_selection = False
        self._scroller.stop()
        self.viewport().unsetCursor()
        self.viewport().update()


def _is_menu_key(event: QKeyEvent) -> bool:
    is_shifted = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
    return event.key() == Qt.Key.Key_Menu or (event.key() == Qt.Key.Key_F10 and is_shifted)
