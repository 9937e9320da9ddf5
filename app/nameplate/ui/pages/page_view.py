"""The pictures of a page: mouse and keys point at them, clicks and drags mark them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QMargins, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from nameplate.pipeline.pages.rules import Rows
from nameplate.ui.grid.layout import GridLayout
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.pages.page_layout import filling
from nameplate.ui.pages.page_picture import PagePainter, PagePicture, Verdict
from nameplate.ui.tiles.painter import Marks
from nameplate.ui.tiles.thumbnails import Fit
from nameplate.ui.widgets.keys import AT_MOST_SHIFT
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.texts import tr

_Key = Qt.Key
_STEPS: Final[dict[int, tuple[int, int]]] = {
    _Key.Key_Left: (-1, 0),
    _Key.Key_Right: (1, 0),
    _Key.Key_Up: (0, -1),
    _Key.Key_Down: (0, 1),
}
_OWN: Final = {_Key.Key_Tab, _Key.Key_Backtab, _Key.Key_Delete, _Key.Key_Backspace}
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_ENTER: Final = {_Key.Key_Return, _Key.Key_Enter}
_REST_MS: Final = 120
"""The grid follows a picture that is pointed at for so long: the mouse passes over many, and each
would be decoded for the inspector."""

_MARKED: Final = {Verdict.WRONG, Verdict.NAMED, Verdict.SKIPPED}


class PageView(QWidget):
    """Shows the pictures of one page, as large as fits; there is nothing to scroll.

    One of them is current: the one that the mouse or an arrow key came to last. A click marks a
    picture as wrong, or takes its mark off. A drag selects what it passes over for the next key,
    and marks what had no mark, once it ends; it takes none off. The current picture is that of the
    grid, too, and so of the inspector, once it has been pointed at for a moment.

    Attributes:
        is_over: Whether the page was decided and only stays in sight: the grid does not follow.
        glass_tip: The tool tip of the magnifying glass.

    Signals:
        marked: Positions that were clicked or dragged over, and whether they are wrong now.
        current_changed: The position of the current picture; -1 for none.
        back_requested: Backspace was pressed.
        other_name_requested: Tab (1) or Shift+Tab (-1) was pressed.
        opened: The number of pictures that a picture stands for was clicked; its position.
        enlarged: The magnifying glass of the picture that the mouse is at was clicked.
        shown: All pictures of the page are seen now, or never will be.
        resized: The page has another size.
    """

    marked = Signal(object, bool)
    current_changed = Signal(int)
    back_requested = Signal()
    other_name_requested = Signal(int)
    opened = Signal(int)
    enlarged = Signal()
    shown = Signal()
    resized = Signal()

    def __init__(self, grid: ImageGrid) -> None:
        super().__init__()
        self._grid, self.is_over, self.glass_tip = grid, False, ""
        self._painter = PagePainter(grid.loader)
        self._painter.set_style(self.palette(), self.font())
        self._pictures: list[PagePicture] = []
        self._layout = GridLayout(0, 1, 1, 1)
        self._room = self.size()
        self._current = -1
        self._group: frozenset[int] = frozenset()
        self._mouse: QPoint | None = None  # where it pointed last, if it was the mouse that pointed
        self._pressed: QPoint | None = None
        self._pressed_on = -1  # a marked picture, whose mark goes unless a drag follows
        self._coming: frozenset[int] = frozenset()  # they are marked when the button is let go
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Pictures of this page"))
        self.setMinimumSize(160, 120)
        self._follow_soon = Later(self, _REST_MS, self.lead_grid)
        grid.loader.loaded.connect(self._on_loaded)

    # ---- what is shown

    @property
    def pictures(self) -> Sequence[PagePicture]:
        """The pictures of the page, in reading order."""
        return self._pictures

    @property
    def current(self) -> int:
        """The position of the picture that keys are for; -1 for none."""
        return self._current

    @property
    def targets(self) -> list[int]:
        """The positions that a name is for: those that were just dragged over, or the current."""
        if self._group:
            return sorted(self._group)
        return [self._current] if self._current >= 0 else []

    @property
    def missing(self) -> int:
        """How many pictures are not seen yet, though they can be."""
        fit = self.fit_for(len(self._pictures))
        waits = [p for p in self._pictures if p.verdict is not Verdict.GONE]
        return sum(not self._painter.is_ready(picture, fit) for picture in waits)

    def fit_for(self, count: int) -> Fit:
        """Return how each picture of a page of `count` fits into its tile."""
        layout = filling(count, self._room)
        size = QSize(layout.tile_width, layout.tile_height)
        return self._painter.fit_for(size, self.devicePixelRatioF())

    def show_page(self, pictures: Sequence[PagePicture], current: int | None = None) -> None:
        """Show a page; the current picture is `current`, or the one that the mouse is at."""
        self._pictures = list(pictures)
        self._group = frozenset()
        self._pressed, self._pressed_on, self._coming = None, -1, frozenset()
        self._lay_out()
        if current is None:
            at = self._layout.position_at(self._mouse) if self._mouse is not None else -1
            current = max(at, 0)
        self._current = -2  # told even if it is the same place: it is another picture
        self.go_to(min(current, len(self._pictures) - 1))
        self.update()

    def _lay_out(self) -> None:
        """Fill the view, but for what messages cover now: none of those that follow moves it."""
        covered = min(self._grid.covered, self.height() // 3)
        self._room = self.size().shrunkBy(QMargins(0, 0, 0, covered))
        self._layout = filling(len(self._pictures), self._room)

    def refresh(self, pictures: Sequence[PagePicture]) -> None:
        """Show what has become of the pictures of the page; only those are painted again."""
        pairs = enumerate(zip(self._pictures, pictures, strict=True))
        changed = [place for place, (before, now) in pairs if before is not now and before != now]
        self._pictures = list(pictures)
        self._repaint(changed)
        self._say()

    def _repaint(self, positions: Iterable[int]) -> None:
        for position in positions:
            if 0 <= position < len(self._pictures):
                self.update(self._layout.rect(position))

    def go_to(self, position: int) -> None:
        """Make a picture current; -1 for none."""
        if position == self._current:
            return
        before, self._current = self._current, position
        self._say()
        self._repaint((before, position))
        self._follow_soon.start()
        self.current_changed.emit(position)

    def go_on_from(self, positions: Sequence[int]) -> None:
        """Go to the picture after these, which a key was for.

        Where the mouse points at one, keys stay for that: it can be named anew.
        """
        is_there = self._pictures[self._current].verdict is not Verdict.GONE
        is_gone = self._current not in positions or not is_there
        if not is_gone and not self._is_mouse_at_current:
            self.go_to(min(positions[-1] + 1, len(self._pictures) - 1))

    def lead_back(self, rows: Rows) -> None:
        """Go to the one picture that undo or redo changed, unless the mouse points at another."""
        changed = set(rows.tolist())
        places = [place for place, one in enumerate(self._pictures) if one.row in changed]
        if len(places) == 1 and not self._is_mouse_at_current:
            self.go_to(places[0])
        self.lead_grid()

    @property
    def _is_mouse_at_current(self) -> bool:
        return self._mouse is not None and self._layout.position_at(self._mouse) == self._current

    def lead_grid(self) -> None:
        """Make the current picture that of the grid now, if the grid shows it."""
        self._follow_soon.stop()
        current = self._current_picture()
        is_seen = self.isVisible() and not self.is_over
        if current and is_seen and self._grid.shows(current.row):
            self._grid.set_current_image(current.row)

    def _current_picture(self) -> PagePicture | None:
        is_there = 0 <= self._current < len(self._pictures)
        return self._pictures[self._current] if is_there else None

    def group(self, positions: Iterable[int] = ()) -> None:
        """Let the next name be for these pictures; where there are none, for the current one."""
        before, self._group = self._group, frozenset(positions)
        self._repaint(before ^ self._group)

    def _say(self) -> None:
        current = self._current_picture()
        text = current.text if current else ""
        if text == self.accessibleDescription():
            return
        self.setAccessibleDescription(text)
        if QAccessible.isActive() and self.hasFocus() and text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _on_loaded(self, paths: Collection[Path]) -> None:
        # While it is not seen it asks for nothing: what is seen wants another size of the same
        # pictures, of which the loader keeps one, and the two would take turns for ever.
        if self.isVisible() and any(picture.path in paths for picture in self._pictures):
            self.update()
            if not self.missing:
                self.shown.emit()

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pictures."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        has_focus = self.hasFocus() and self.isActiveWindow()
        # In reverse: the thumbnail requested last is made first, so they appear in reading order.
        for position in reversed(range(len(self._pictures))):
            tile = self._layout.rect(position)
            if event.region().intersects(tile):
                is_current = position == self._current
                is_hovered = is_current and self._is_mouse_at_current
                marks = Marks(position in self._group, is_current, is_hovered, has_focus)
                picture = self._pictures[position]
                if position in self._coming and picture.verdict is Verdict.RIGHT:
                    picture = replace(picture, verdict=Verdict.WRONG)
                self._painter.paint(painter, tile, picture, marks)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out the same pictures anew."""
        super().resizeEvent(event)
        self._lay_out()
        self.resized.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Apply a new palette or font."""
        super().changeEvent(event)
        modes = (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange)
        if event.type() in modes and hasattr(self, "_painter"):
            self._painter.set_style(self.palette(), self.font())
            self.update()

    def event(self, event: QEvent) -> bool:
        """Take keys that mean something else here than to the window; show tool tips."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            is_held = event.key() in _ENTER and event.isAutoRepeat()
            is_own = event.key() in _OWN and event.modifiers() in AT_MOST_SHIFT
            if is_own or is_held:
                event.accept()
                return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            position = self._layout.position_at(event.pos())
            text = self._pictures[position].text if position >= 0 else ""
            if self._is_at(self._painter.glass_box, position, event.pos()):
                text = self.glass_tip
            QToolTip.showText(event.globalPos(), tip(text), self)
            return True
        return super().event(event)

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Leave Tab to `keyPressEvent`: it chooses another name."""
        return False

    # ---- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, mark, and go to other pages; the window's own shortcuts do the rest."""
        key = event.key()
        if key in _STEPS and self._pictures:
            self._step(*_STEPS[key])
        elif key in (_Key.Key_Home, _Key.Key_End) and self._pictures:
            self._point(0 if key == _Key.Key_Home else len(self._pictures) - 1)
        elif key == _Key.Key_Delete and self.targets:
            self.marked.emit(self.targets, not self._marked().issuperset(self.targets))
        elif key == _Key.Key_Backspace and not event.isAutoRepeat():
            self.back_requested.emit()
        elif key in (_Key.Key_Tab, _Key.Key_Backtab):
            is_back = key == _Key.Key_Backtab or event.modifiers() & _SHIFT
            self.other_name_requested.emit(-1 if is_back else 1)
        elif key not in _ENTER or not event.isAutoRepeat():
            event.ignore()

    def _step(self, across: int, down: int) -> None:
        position = max(self._current, 0)
        if down:
            position = self._layout.moved(position, down)
        else:
            position = min(max(position + across, 0), len(self._pictures) - 1)
        self._point(position)

    def _point(self, position: int) -> None:
        """Go to a picture by a key: the mouse does not point any more, wherever it is."""
        self._move_mouse(None)
        self.group()
        self.go_to(position)

    def _move_mouse(self, point: QPoint | None) -> None:
        """Point somewhere else, or nowhere: a glass is shown where the mouse is."""
        was_at, self._mouse = self._is_mouse_at_current, point
        if was_at != self._is_mouse_at_current:
            self._repaint((self._current,))

    # ---- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Mark the picture that is pressed on, unless it is; begin to drag."""
        point = event.position().toPoint()
        position = self._layout.position_at(point)
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        if self._is_at(self._painter.count_box, position, point):
            self.opened.emit(position)
            return
        if self._is_mouse_at_current and self._is_at(self._painter.glass_box, position, point):
            self.enlarged.emit()
            return
        self._mouse, self._pressed = point, point
        marked = self._marked()
        self._pressed_on = position if position in marked else -1
        self.group()
        if position >= 0:
            self.go_to(position)
            self._coming = frozenset({position}) - marked
            self._repaint(self._coming)

    def _is_at(
        self, box: Callable[[QRect, PagePicture, float], QRectF], position: int, point: QPoint
    ) -> bool:
        """Whether a part of a picture is at a point."""
        if position < 0:
            return False
        tile, picture = self._layout.rect(position), self._pictures[position]
        return box(tile, picture, self.devicePixelRatioF()).contains(point)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at no picture of the next page: the mouse presses its button, perhaps."""
        super().leaveEvent(event)
        self._move_mouse(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a picture; with the button held, mark all that are touched."""
        point = event.position().toPoint()
        self._move_mouse(point)
        position = self._layout.position_at(point)
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            far = (point - self._pressed).manhattanLength() >= QApplication.startDragDistance()
            if far or self._group:
                self._drag(set(self._layout.stretch(self._pressed, point)))
        elif position >= 0:
            if position not in self._group:
                self.group()
            self.go_to(position)

    def _drag(self, touched: set[int]) -> None:
        """Select the pictures that were dragged over, in reading order: alike ones are neighbours.

        What the drag has left again stays as it was.
        """
        if len(touched) < 2 and not self._group:
            return
        self._pressed_on = -1
        self.group(touched)
        self._coming = self._group - self._marked()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click or a drag; a key that follows is for all that was dragged over."""
        if event.button() == Qt.MouseButton.LeftButton:
            clicked, self._pressed_on, self._pressed = self._pressed_on, -1, None
            coming, self._coming = self._coming, frozenset[int]()
            self._repaint(coming)
            if coming:
                self.marked.emit(sorted(coming), True)
            elif clicked >= 0:
                self.marked.emit([clicked], False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the second of two quick clicks as a click: it takes the mark off again."""
        self.mousePressEvent(event)

    def _marked(self) -> frozenset[int]:
        return frozenset(i for i, p in enumerate(self._pictures) if p.verdict in _MARKED)
