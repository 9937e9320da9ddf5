"""The pictures of a page: mouse and keys point at them, clicks and drags mark them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QMargins, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip

from nameplate.pipeline.pages.rules import Rows
from nameplate.ui.actions.keys import shown_key
from nameplate.ui.grid.gestures import MOVES
from nameplate.ui.grid.tile_view import ScrollHint, TileView
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.pages.block_heading import paint_heading
from nameplate.ui.pages.page_layout import MARGIN, filling, heading_height
from nameplate.ui.pages.page_model import PageModel
from nameplate.ui.pages.page_picture import PagePainter, PagePicture, Verdict
from nameplate.ui.pages.source import LEAVE, BlockHeading
from nameplate.ui.tiles.painter import Marks
from nameplate.ui.tiles.thumbnails import Fit
from nameplate.ui.widgets.item_views import Index, make_slim
from nameplate.ui.widgets.keys import AT_MOST_SHIFT
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.texts import sentence, sentences, tr

_Key = Qt.Key
_LONG_MOVES: Final = {_Key.Key_PageUp, _Key.Key_PageDown}
_OWN: Final = {_Key.Key_Tab, _Key.Key_Backtab, _Key.Key_Delete, _Key.Key_Backspace}
_ENTER: Final = {_Key.Key_Return, _Key.Key_Enter}
_REST_MS: Final = 120
"""The grid follows a picture that is pointed at for so long: the mouse passes over many, and each
would be decoded for the inspector."""

_MARKED: Final = {Verdict.WRONG, Verdict.NAMED, Verdict.SKIPPED}


class PageView(TileView):
    """Shows the pictures of one page, as large as fits; in a very small window it scrolls.

    A page of several names has a block of each, under a heading. A click on the heading asks for
    the block to be left for later, or taken back.

    One of them is current: the one that the mouse or an arrow key came to last. A click marks a
    picture as wrong, or takes its mark off. A drag selects what it passes over for the next key,
    and marks what had no mark, once it ends; it takes none off. The current picture is that of the
    grid, too, and so of the inspector, once it has been pointed at for a moment.

    Attributes:
        is_over: Whether the page was decided and only stays in sight: the grid does not follow.

    Signals:
        marked: Positions that were clicked or dragged over, and whether they are wrong now.
        current_changed: The position of the current picture; -1 for none.
        back_requested: Backspace was pressed.
        other_name_requested: Tab (1) or Shift+Tab (-1) was pressed.
        block_left: The heading of a block was clicked, or its key pressed; of a picture of it.
        opened: The number of pictures that a picture stands for was clicked; its position.
        enlarged: The magnifying glass of the picture that the mouse is at was clicked.
        shown: All pictures of the page are seen now, or never will be.
        resized: The page has another size.
    """

    marked = Signal(object, bool)
    current_changed = Signal(int)
    back_requested = Signal()
    other_name_requested = Signal(int)
    block_left = Signal(int)
    opened = Signal(int)
    enlarged = Signal()
    shown = Signal()
    resized = Signal()

    def __init__(self, grid: ImageGrid) -> None:
        painter = PagePainter(grid.loader)
        super().__init__(painter)
        self._grid, self._painter, self.is_over, self.glass_tip = grid, painter, False, ""
        self._page, self._page_layout = PageModel(self), filling([0], self.size())
        self._room = self.size()
        self._seen_to = 0  # y of the content down to which the page was on screen
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
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # ---- what is shown

    @property
    def pictures(self) -> Sequence[PagePicture]:
        """The pictures of the page, in reading order."""
        return self._page.pictures

    @property
    def blocks(self) -> Sequence[BlockHeading]:
        """The headings of the blocks of the page; none on a page of one."""
        return self._page.blocks

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
        fit = self.fit_for(self._page.sizes)
        waits = [p for p in self.pictures if p.verdict is not Verdict.GONE]
        return sum(not self._painter.is_ready(picture, fit) for picture in waits)

    def fit_for(self, sizes: Sequence[int]) -> Fit:
        """Return how each picture of a page of blocks of such sizes fits into its tile."""
        layout = filling(sizes, self._room, heading_height(self.font()))
        size = QSize(layout.tile_width, layout.tile_height)
        return self._painter.fit_for(size, self.devicePixelRatioF())

    def show_page(
        self,
        pictures: Sequence[PagePicture],
        current: int | None = None,
        blocks: Sequence[BlockHeading] = (),
    ) -> None:
        """Show a page; the current picture is `current`, or the one that the mouse is at."""
        self._page.beginResetModel()
        self._page.pictures, self._page.blocks = list(pictures), blocks
        self._page.endResetModel()
        self._seen_to = 0
        self.verticalScrollBar().setValue(0)
        self._group = frozenset()
        self._pressed, self._pressed_on, self._coming = None, -1, frozenset()
        self._lay_out()
        place = max(self._hovered, 0) if current is None else current
        self.go_to(min(place, len(pictures) - 1))
        self._say_current(is_other=False)
        self.viewport().update()

    def _lay_out(self) -> None:
        """Fill the view except beneath the messages of now; later ones do not move it."""
        covered = min(self._grid.covered, self.height() // 3)
        self._room = self.size().shrunkBy(QMargins(0, 0, 0, covered))
        heading = heading_height(self.font())
        self._layout = self._page_layout = filling(self._page.sizes, self._room, heading)
        bar, step = self.verticalScrollBar(), self._layout.step
        bar.setRange(0, max(0, self._layout.height - self._room.height()))
        bar.setSingleStep(step)
        bar.setPageStep(max(step, self._room.height() - step))
        self._on_scrolled()

    def _on_scrolled(self) -> None:
        self._seen_to = max(self._seen_to, self.verticalOffset() + self._room.height())

    def show_rest(self) -> bool:
        """Show the next part of a page that was never seen whole; False where it was."""
        if self._seen_to >= self._layout.height - MARGIN:
            return False
        self.verticalScrollBar().setValue(self._seen_to - self._layout.step)
        return True

    def scrollTo(self, index: Index, hint: ScrollHint = ScrollHint.EnsureVisible) -> None:
        """Scroll until the picture of `index` is seen, with the heading above it."""
        del hint
        tile, bar = self._layout.rect(index.row()), self.verticalScrollBar()
        least = tile.bottom() + MARGIN - self._room.height()
        bar.setValue(min(max(bar.value(), least), tile.top() - heading_height(self.font())))

    def refresh(self, pictures: Sequence[PagePicture], blocks: Sequence[BlockHeading] = ()) -> None:
        """Show the current state of the pictures; only those that changed are painted again."""
        pairs = enumerate(zip(self.pictures, pictures, strict=True))
        changed = [place for place, (before, now) in pairs if before is not now and before != now]
        self._page.pictures = list(pictures)
        self._show_changed(changed)
        if blocks != self._page.blocks:
            self._page.blocks = blocks
            for place in range(len(self._page_layout.headings)):
                self.viewport().update(self.heading_rect(place))
        self._say_current(is_other=False)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which picture is current now."""
        super().currentChanged(current, previous)
        self._say_current(is_other=False)
        self._follow_soon.start()
        self.current_changed.emit(current.row())

    def go_on_from(self, positions: Sequence[int]) -> None:
        """Go to the picture after these, which a key was for.

        Where the mouse points at one, keys stay for that: it can be named again.
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

    def _on_painted(self, painter: QPainter) -> None:
        """Paint the headings of the blocks."""
        hovered = -1 if self._mouse is None else self._heading_at(self._mouse)
        for place, block in enumerate(self._page.blocks):
            box, is_hovered = self.heading_rect(place), place == hovered
            paint_heading(painter, box, block, self.palette(), self.font(), is_hovered=is_hovered)

    def heading_rect(self, place: int) -> QRect:
        """Return where the heading of a block is in the viewport."""
        return self._page_layout.headings[place].translated(0, -self.verticalOffset())

    def _heading_at(self, point: QPoint) -> int:
        """Return the place of the block heading at `point`; -1 for none."""
        places = range(len(self._page.blocks))
        return next((one for one in places if self.heading_rect(one).contains(point)), -1)

    def _point_at(self, point: QPoint | None) -> None:
        """Let the mouse point at `point` of the viewport, also at a heading, or nowhere."""
        super()._point_at(point)
        for place in range(len(self._page.blocks)):
            self.viewport().update(self.heading_rect(place))

    def _count_box(self, position: int) -> QRectF:
        tile, picture = self._rect(position), self.pictures[position]
        return self._painter.count_box(tile, picture, self.devicePixelRatioF())

    def _glass_box(self, position: int) -> QRectF:
        tile, picture = self._rect(position), self.pictures[position]
        return self._painter.glass_box(tile, picture, self.devicePixelRatioF())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out the same pictures again."""
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
        if not (isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip):
            return super().viewportEvent(event)
        if self._is_at(self._glass_box, event.pos()):
            text = self.glass_tip
        elif (at := self._heading_at(event.pos())) >= 0:
            heading = self._page.blocks[at]
            does = tr("Take back") if heading.is_later else tr("Leave for later")
            does = tr("{text} ({key})", text=does, key=shown_key(LEAVE))
            text = sentences(sentence(heading.text), does)
        else:
            return super().viewportEvent(event)
        QToolTip.showText(event.globalPos(), tip(text), self)
        return True

    # ---- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, mark, and go to other pages; the window's own shortcuts do the rest."""
        key = event.key()
        if key in MOVES and key not in _LONG_MOVES and self.pictures:
            self._point_at(None)  # the mouse does not point any more, wherever it is
            self.group()
            self.go_to(self.moveCursor(MOVES[key], event.modifiers()).row())
            self.scrollTo(self.currentIndex())
        elif key == _Key.Key_Delete and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.block_left.emit(self.current)
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
        position = self.indexAt(point).row()
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        if (block := self._heading_at(point)) >= 0:
            self.block_left.emit(self._page.starts[block])
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
        """Point at no picture of the next page: the mouse presses its button, perhaps.

        A list that is opened over the page, to pick a name, leaves the mouse where it is.
        """
        super().leaveEvent(event)
        if not self.viewport().rect().contains(self.viewport().mapFromGlobal(QCursor.pos())):
            self._point_at(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a picture; with the button held, mark all that are touched."""
        point = event.position().toPoint()
        self._point_at(point)
        position = self.indexAt(point).row()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            far = (point - self._pressed).manhattanLength() >= QApplication.startDragDistance()
            if far or self._group:
                down = QPoint(0, self.verticalOffset())
                self._drag(set(self._layout.stretch(self._pressed + down, point + down)))
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
