"""The list of concepts: keys, dragging, clicks on swatches. `rows` has model and delegate."""

from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListView,
    QStyleOptionViewItem,
    QWidget,
)

from nameplate.domain.concepts import Concept
from nameplate.ui.concepts.rows import CONCEPT_ROLE, ConceptDelegate, ConceptModel, row_height
from nameplate.ui.widgets.keys import is_typed
from nameplate.ui.widgets.scroll_bar import make_slim

_SCROLL_MS: Final = 40
_EDGE: Final = 18


class Command(NamedTuple):
    """Something that can be done to a concept, in the menu and by key.

    Attributes:
        name: Identifies it.
        text: The menu entry.
        icon: The file in `resources/icons`; may be empty.
        key: Its key while the list has the focus, as `QKeySequence` spells it.
        is_group_end: Whether a separator follows it in the menu.
    """

    name: str
    text: str
    icon: str
    key: str
    is_group_end: bool = False


COMMANDS: Final = (
    Command("label", "Label the selected pictures with it", "check", "Shift+Return"),
    Command("filter", "Only pictures of this name", "search", "Ctrl+Return", is_group_end=True),
    Command("details", "Details…", "settings", "Alt+Return"),
    Command("rename", "Rename", "rename", "F2"),
    Command("colour", "Colour…", "palette", "#"),
    Command("up", "Move up", "up", "Alt+Up"),
    Command("down", "Move down", "down", "Alt+Down"),
    Command("reject", "Means “none of these”", "reject", "!", is_group_end=True),
    Command("merge", "Merge the selected into this", "", "Ctrl+J"),
    Command("merge_only", "Merge, without their names", "", "Ctrl+Shift+J"),
    Command("split", "Split off the selected pictures…", "", "Ctrl+T", is_group_end=True),
    Command("remove", "Delete", "delete", "Del"),
)


class ConceptList(QListView):
    """Shows the concepts; emits requests and changes nothing itself.

    While a filter hides some, rows cannot be dragged: where they would land is not seen.

    Signals:
        command_given: The name of one of `COMMANDS`, by key.
        swatch_clicked: The key of the concept.
        mark_clicked: The key of the concept whose check mark was clicked.
        row_dragged: The key of the concept, and its index after the move.
    """

    command_given = Signal(str)
    swatch_clicked = Signal(int)
    mark_clicked = Signal(int)
    row_dragged = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ConceptModel(self)
        self.delegate = ConceptDelegate(self)
        self.setModel(self.rows)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName("Names")
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        make_slim(self)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setMouseTracking(True)
        self._pressed: tuple[int, QPoint] | None = None
        self._swatch_pressed: int | None = None
        self._drag_at: QPoint | None = None
        self._is_filtered = False
        self._scroller = QTimer(self)
        self._scroller.setInterval(_SCROLL_MS)
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
        """Show only concepts with `text` in a name, a synonym or the name of a parent."""
        self._is_filtered = bool(text.strip())
        wanted = text.strip().casefold()
        for number, found in enumerate(self.rows.texts()):
            self.setRowHidden(number, wanted not in found)
        self.updateGeometry()

    def shown_rows(self) -> int:
        """Return how many concepts are shown."""
        count = self.rows.rowCount()
        return sum(not self.isRowHidden(n) for n in range(count)) if self._is_filtered else count

    def go_to_first(self) -> None:
        """Make the first concept that is shown current."""
        rows = (n for n in range(self.rows.rowCount()) if not self.isRowHidden(n))
        self.setCurrentIndex(self.rows.index(next(rows, -1), 0))

    def edit_current(self) -> None:
        """Edit the line of the current concept in place."""
        if self.currentIndex().isValid():
            self.edit(self.currentIndex())

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

    def event(self, event: QEvent) -> bool:
        """Claim the keys of `COMMANDS` before a shortcut of the window gets them."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent):
            is_all = event.matches(QKeySequence.StandardKey.SelectAll)
            if self._command_of(event) or _is_menu_key(event) or is_all:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Emit the command of the key; Esc cancels a drag."""
        command = self._command_of(event)
        if self._drag_at is not None and event.key() == Qt.Key.Key_Escape:
            self._end_drag()
        elif _is_menu_key(event):
            self.customContextMenuRequested.emit(QPoint(-1, -1))
        elif command and self.current_concept():
            self.command_given.emit(command)
        elif is_typed(event) or event.key() == Qt.Key.Key_Escape:
            event.ignore()  # not Qt's search: the window labels with letters and digits
        else:
            super().keyPressEvent(event)

    def _command_of(self, event: QKeyEvent) -> str:
        """Return the name of the command of the key; Space sets and clears a check mark."""
        is_space = event.key() == Qt.Key.Key_Space and not event.modifiers()
        return "label" if is_space and self.rows.has_marks else _command_of(event)

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
            self.mark_clicked.emit(concept.key)
            return
        if is_left and self._swatch_pressed is not None and not event.modifiers():
            # Not the base class: it would collapse a selection whose colour is about to change.
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            if self._swatch_pressed not in self.selected_keys():
                self.setCurrentIndex(self.indexAt(place))
            return
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
        if self._drag_at is None and (not far or self._is_filtered):
            return
        if self._drag_at is None:
            self._scroller.start()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self._drag_at = place
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop the dragged row, or report the click on a swatch."""
        place = event.position().toPoint()
        if self._drag_at is not None and self._pressed is not None:
            key, row = self._pressed[0], self.rows.row_of(self._pressed[0])
            gap = self._gap()
            self._end_drag()
            goal = gap - 1 if gap > row else gap
            if row >= 0 and goal != row:
                self.row_dragged.emit(key, goal)
            return
        swatch, self._swatch_pressed, self._pressed = self._swatch_pressed, None, None
        if swatch is None:
            super().mouseReleaseEvent(event)
        elif self._is_on_swatch(place):
            self.swatch_clicked.emit(swatch)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit the row in place, unless its swatch was hit."""
        place = event.position().toPoint()
        is_left = event.button() == Qt.MouseButton.LeftButton
        if is_left and self._is_on_mark(place):
            self.mousePressEvent(event)  # two clicks, quickly
        elif is_left and self.indexAt(place).isValid() and not self._is_on_swatch(place):
            self._pressed = None
            self.edit(self.indexAt(place))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, then the dragged one and the drop indicator."""
        super().paintEvent(event)
        if self._drag_at is None or self._pressed is None:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_drag(painter, self._pressed[0], self._drag_at.y())

    def _paint_drag(self, painter: QPainter, key: int, y: int) -> None:
        index = self.rows.index(self.rows.row_of(key), 0)
        height = row_height(self.fontMetrics())
        faded = self.palette().color(QPalette.ColorRole.Window)
        faded.setAlphaF(0.65)
        painter.fillRect(self.visualRect(index), faded)
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.rect = QRect(6, y - height // 2, self.viewport().width() - 12, height)
        painter.setOpacity(0.9)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1.5, 1, -1.5, -1), 5, 5)
        self.delegate.paint(painter, option, index)
        painter.setOpacity(1)
        # Last, so that the dragged row never hides the drop indicator.
        line = max(1, self._gap() * height - self.verticalScrollBar().value() - 1)
        pen = QPen(self.palette().color(QPalette.ColorRole.Highlight), 2.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(6, line, self.viewport().width() - 6, line)

    def _is_on_swatch(self, place: QPoint) -> bool:
        row = self.visualRect(self.indexAt(place))
        return self.delegate.swatch_rect(row).adjusted(-5, -6, 5, 6).contains(place)

    def _is_on_mark(self, place: QPoint) -> bool:
        index = self.indexAt(place)
        if index.data(Qt.ItemDataRole.CheckStateRole) is None:
            return False
        return (
            self.delegate.mark_rect(self.visualRect(index)).adjusted(-5, -6, 5, 6).contains(place)
        )

    def _gap(self) -> int:
        y = self._drag_at.y() if self._drag_at else 0
        gap = (y + self.verticalScrollBar().value()) / row_height(self.fontMetrics())
        return max(0, min(self.rows.rowCount(), round(gap)))

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
        self._scroller.stop()
        self.viewport().unsetCursor()
        self.viewport().update()


def _is_menu_key(event: QKeyEvent) -> bool:
    is_shifted = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
    return event.key() == Qt.Key.Key_Menu or (event.key() == Qt.Key.Key_F10 and is_shifted)


def _command_of(event: QKeyEvent) -> str:
    """Return the name of the command of the key, or an empty string."""
    if event.text() in ("#", "!"):
        # By the text typed: the keys for it depend on the keyboard layout.
        return "colour" if event.text() == "#" else "reject"
    key = Qt.Key.Key_Return if event.key() == Qt.Key.Key_Enter else event.key()
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if key == Qt.Key.Key_Backspace and modifiers == Qt.KeyboardModifier.ControlModifier:
        return "remove"  # as in the Finder: a Mac's small keyboard has no Delete key
    pressed = QKeySequence(modifiers.value | int(key)).toString()
    return next((c.name for c in COMMANDS if c.key == pressed), "")
