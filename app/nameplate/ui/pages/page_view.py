"""The pictures of a page: mouse and keys point at them, clicks and drags mark them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QMargins,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip

from nameplate.pipeline.pages.rules import Rows
from nameplate.ui.grid.gestures import MOVES
from nameplate.ui.grid.tile_view import TileView
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.pages.page_layout import filling
from nameplate.ui.pages.page_picture import PagePainter, PagePicture, Verdict
from nameplate.ui.tiles.painter import Marks
from nameplate.ui.tiles.thumbnails import Fit
from nameplate.ui.widgets.item_views import NO_PARENT, Index, make_slim
from nameplate.ui.widgets.keys import AT_MOST_SHIFT
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.texts import tr

_Key = Qt.Key
_LONG_MOVES: Final = {_Key.Key_PageUp, _Key.Key_PageDown}
_OWN: Final = {_Key.Key_Tab, _Key.Key_Backtab, _Key.Key_Delete, _Key.Key_Backspace}
_ENTER: Final = {_Key.Key_Return, _Key.Key_Enter}
_REST_MS: Final = 120
"""The grid follows a picture that is pointed at for so long: the mouse passes over many, and each
would be decoded for the inspector."""

_MARKED: Final = {Verdict.WRONG, Verdict.NAMED, Verdict.SKIPPED}


class _PageModel(QAbstractListModel):
    """The pictures of a page, in words."""

    pictures: Sequence[PagePicture] = ()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Return how many pictures there are."""
        return 0 if parent.isValid() else len(self.pictures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Return the accessible text or the tool tip of a picture."""
        text = self.pictures[index.row()].text if index.isValid() else ""
        words = {Qt.ItemDataRole.AccessibleTextRole: text, Qt.ItemDataRole.ToolTipRole: tip(text)}
        return words.get(Qt.ItemDataRole(role))


class PageView(TileView):
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
        painter = PagePainter(grid.loader)
        super().__init__(painter)
        self._grid, self._painter, self.is_over, self.glass_tip = grid, painter, False, ""
        self._page = _PageModel(self)
        self._room = self.size()
        self._group: frozenset[int] = frozenset()
        self._pressed: QPoint | None = None
        self._pressed_on = -1  # a marked picture, whose mark goes unless a drag follows
        self._coming: frozenset[int] = frozenset()  # they are marked when the button is let go
        make_slim(self)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.viewport().setAutoFillBackground(False)
        self.setTabKeyNavigation(True)  # Tab chooses another name
        self.setAccessibleName(tr("Pictures of this page"))
        self.setMinimumSize(160, 120)
        self._follow_soon = Later(self, _REST_MS, self.lead_grid)
        self.setModel(self._page)
        grid.loader.loaded.connect(self._on_thumbnails_loaded)

    # ---- what is shown

    @property
    def pictures(self) -> Sequence[PagePicture]:
        """The pictures of the page, in reading order."""
        return self._page.pictures

    @property
    def current(self) -> int:
        """The position of the picture that keys are for; -1 for none."""
        return self.currentIndex().row()

    @property
    def is_pressed(self) -> bool:
        """Whether the mouse is held on a picture."""
        return self._pressed is not None

    @property
    def targets(self) -> list[int]:
        """The positions that a name is for: those that were just dragged over, or the current."""
        if self._group:
            return sorted(self._group)
        return [self.current] if self.current >= 0 else []

    @property
    def missing(self) -> int:
        """How many pictures are not seen yet, though they can be."""
        fit = self.fit_for(len(self.pictures))
        waits = [p for p in self.pictures if p.verdict is not Verdict.GONE]
        return sum(not self._painter.is_ready(picture, fit) for picture in waits)

    def fit_for(self, count: int) -> Fit:
        """Return how each picture of a page of `count` fits into its tile."""
        layout = filling(count, self._room)
        size = QSize(layout.tile_width, layout.tile_height)
        return self._painter.fit_for(size, self.devicePixelRatioF())

    def show_page(self, pictures: Sequence[PagePicture], current: int | None = None) -> None:
        """Show a page; the current picture is `current`, or the one that the mouse is at."""
        self._page.beginResetModel()
        self._page.pictures = list(pictures)
        self._page.endResetModel()
        self._group = frozenset()
        self._pressed, self._pressed_on, self._coming = None, -1, frozenset()
        self._lay_out()
        place = max(self._hovered, 0) if current is None else current
        self.go_to(min(place, len(pictures) - 1))
        self._say_current(is_other=False)
        self.viewport().update()

    def _lay_out(self) -> None:
        """Fill the view, but for what messages cover now: none of those that follow moves it."""
        covered = min(self._grid.covered, self.height() // 3)
        self._room = self.size().shrunkBy(QMargins(0, 0, 0, covered))
        self._layout = filling(len(self.pictures), self._room)

    def refresh(self, pictures: Sequence[PagePicture]) -> None:
        """Show what has become of the pictures of the page; only those are painted again."""
        pairs = enumerate(zip(self.pictures, pictures, strict=True))
        changed = [place for place, (before, now) in pairs if before is not now and before != now]
        self._page.pictures = list(pictures)
        self._repaint(changed)
        self._say_current(is_other=False)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which picture is current now."""
        super().currentChanged(current, previous)
        self._say_current(is_other=False)
        self._follow_soon.start()
        self.current_changed.emit(current.row())

    def go_on_from(self, positions: Sequence[int]) -> None:
        """Go to the picture after these, which a key was for.

        Where the mouse points at one, keys stay for that: it can be named anew.
        """
        is_there = self.pictures[self.current].verdict is not Verdict.GONE
        is_gone = self.current not in positions or not is_there
        if not is_gone and self._hovered != self.current:
            self.go_to(min(positions[-1] + 1, len(self.pictures) - 1))

    def lead_back(self, rows: Rows) -> None:
        """Go to the one picture that undo or redo changed, unless the mouse points at another."""
        changed = set(rows.tolist())
        places = [place for place, one in enumerate(self.pictures) if one.row in changed]
        if len(places) == 1 and self._hovered != self.current:
            self.go_to(places[0])
        self.lead_grid()

    def lead_grid(self) -> None:
        """Make the current picture that of the grid now, if the grid shows it."""
        self._follow_soon.stop()
        if self.current >= 0 and self.isVisible() and not self.is_over:
            row = self.pictures[self.current].row
            if self._grid.shows(row):
                self._grid.set_current_image(row)

    def group(self, positions: Iterable[int] = ()) -> None:
        """Let the next name be for these pictures; where there are none, for the current one."""
        before, self._group = self._group, frozenset(positions)
        self._repaint(before ^ self._group)

    def _on_thumbnails_loaded(self, paths: Collection[Path]) -> None:
        # While it is not seen it asks for nothing: what is seen wants another size of the same
        # pictures, of which the loader keeps one, and the two would take turns for ever.
        if self.isVisible() and any(picture.path in paths for picture in self.pictures):
            self.viewport().update()
            if not self.missing:
                self.shown.emit()

    # ---- painting

    def _selected_among(self, positions: range) -> Sequence[bool]:
        return [position in self._group for position in positions]

    def _paint_tile(self, painter: QPainter, rect: QRect, position: int, marks: Marks) -> None:
        picture = self.pictures[position]
        if position in self._coming and picture.verdict is Verdict.RIGHT:
            picture = replace(picture, verdict=Verdict.WRONG)
        self._painter.paint(painter, rect, picture, marks)

    def _count_box(self, position: int) -> QRectF:
        tile, picture = self._rect(position), self.pictures[position]
        return self._painter.count_box(tile, picture, self.devicePixelRatioF())

    def _glass_box(self, position: int) -> QRectF:
        tile, picture = self._rect(position), self.pictures[position]
        return self._painter.glass_box(tile, picture, self.devicePixelRatioF())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out the same pictures anew."""
        super().resizeEvent(event)
        self._lay_out()
        self.resized.emit()

    def event(self, event: QEvent) -> bool:
        """Take keys that mean something else here than to the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            is_held = event.key() in _ENTER and event.isAutoRepeat()
            is_own = event.key() in _OWN and event.modifiers() in AT_MOST_SHIFT
            if is_own or is_held:
                event.accept()
                return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the tool tip of the magnifying glass."""
        is_help = event.type() == QEvent.Type.ToolTip
        if is_help and isinstance(event, QHelpEvent) and self._is_at(self._glass_box, event.pos()):
            QToolTip.showText(event.globalPos(), tip(self.glass_tip), self)
            return True
        return super().viewportEvent(event)

    # ---- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, mark, and go to other pages; the window's own shortcuts do the rest."""
        key = event.key()
        if key in MOVES and key not in _LONG_MOVES and self.pictures:
            self._point_at(None)  # the mouse does not point any more, wherever it is
            self.group()
            self.go_to(self.moveCursor(MOVES[key], event.modifiers()).row())
        elif key == _Key.Key_Delete and self.targets:
            self.marked.emit(self.targets, not self._marked().issuperset(self.targets))
        elif key == _Key.Key_Backspace and not event.isAutoRepeat():
            self.back_requested.emit()
        elif key in (_Key.Key_Tab, _Key.Key_Backtab):
            self.other_name_requested.emit(1 if key == _Key.Key_Tab else -1)
        elif key not in _ENTER or not event.isAutoRepeat():
            event.ignore()

    # ---- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Mark the picture that is pressed on, unless it is; begin to drag."""
        point = event.position().toPoint()
        position = self._layout.position_at(point)
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        if self._is_at(self._count_box, point):
            self.opened.emit(position)
            return
        if self._hovered == position == self.current and self._is_at(self._glass_box, point):
            self.enlarged.emit()
            return
        self._point_at(point)
        self._pressed = point
        marked = self._marked()
        self._pressed_on = position if position in marked else -1
        self.group()
        if position >= 0:
            self.go_to(position)
            self._coming = frozenset({position}) - marked
            self._repaint(self._coming)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at no picture of the next page: the mouse presses its button, perhaps."""
        super().leaveEvent(event)
        self._point_at(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a picture; with the button held, mark all that are touched."""
        point = event.position().toPoint()
        self._point_at(point)
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
        return frozenset(i for i, p in enumerate(self.pictures) if p.verdict in _MARKED)
