"""A search box with a list of matches over the window, for names and actions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.item_views import NO_PARENT, Index, make_slim
from nameplate.ui.widgets.overlays.fuzzy import best
from nameplate.ui.widgets.overlays.overlay import Overlay
from nameplate.ui.widgets.painting import draw_line, draw_row_back, font_of, mirrored
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.texts import listed, tr

_ENTRY: Final = int(Qt.ItemDataRole.UserRole)
_WIDTH: Final = 520
_ROWS: Final = 12
_PAD: Final = 10
_SWATCH: Final = 12
_MOVES: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the list.

    Attributes:
        detail: At the right, such as a key.
        colour: Of a name, `#rrggbb`; empty for none.
    """

    text: str
    value: object
    detail: str = ""
    colour: str = ""
    is_enabled: bool = True
    words: str = ""


class _Model(QAbstractListModel):
    entries: tuple[Entry, ...] = ()

    def show(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self.entries = tuple(entries)
        self.endResetModel()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def flags(self, index: Index) -> Qt.ItemFlag:
        is_on = index.isValid() and self.entries[index.row()].is_enabled
        return super().flags(index) if is_on else Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        off = "" if entry.is_enabled else tr("not possible now")
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.text
            case Qt.ItemDataRole.AccessibleTextRole:
                return listed((entry.text, entry.detail, off))
            case Qt.ItemDataRole.ToolTipRole:
                return tip(off)
            case _:
                return entry if role == _ENTRY else None


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, option.fontMetrics.height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(_ENTRY)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        option.state |= QStyle.StateFlag.State_Active
        draw_row_back(painter, option, QRectF(option.rect).adjusted(1.5, 1, -1.5, -1))
        faded, palette = QPalette.ColorRole.PlaceholderText, option.palette
        box = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        painter.setFont(font_of(option.font, 0.9))
        painter.setPen(palette.color(faded))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                         entry.detail)  # fmt: skip
        width = painter.fontMetrics().horizontalAdvance(entry.detail)
        if entry.colour:
            top = box.top() + (box.height() - _SWATCH) // 2
            painter.setBrush(QColor(entry.colour))
            painter.setPen(Qt.PenStyle.NoPen)
            swatch = QRect(box.left(), top, _SWATCH, _SWATCH)
            painter.drawRoundedRect(mirrored(swatch, option.rect), 4, 4)
            box.setLeft(box.left() + _SWATCH + _PAD)
        box.setRight(box.right() - width - _PAD)
        painter.setFont(option.font)
        painter.setPen(palette.color(QPalette.ColorRole.Text if entry.is_enabled else faded))
        draw_line(painter, mirrored(box, option.rect), entry.text)
        painter.restore()


class SearchList(Overlay):
    """A line edit, and below it the matching entries, the best first."""

    def __init__(
        self,
        window: QWidget,
        name: str,
        hint: str,
        choose: Callable[[Any], object],
        go_back: Callable[[], object],
    ) -> None:
        """Make a list with an accessible `name`, and a `hint` in its empty line.

        When Enter is pressed on an entry or it is clicked, the box is closed and `choose` is called
        with its value.
        """
        super().__init__(window, go_back)
        self._on_chosen = choose
        self._entries: Sequence[Entry] = ()
        self._more: Callable[[str], Entry | None] = lambda _text: None
        self._line = QLineEdit(self)
        self._line.setPlaceholderText(hint)
        self._line.setAccessibleName(name)
        self._list = QListView(self)
        self._list.setAccessibleName(tr("{name}: what matches", name=name))
        self._model = _Model(self)
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Delegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setFrameShape(QListView.Shape.NoFrame)
        self._list.setUniformItemSizes(True)
        make_slim(self._list)
        self.setAccessibleName(name)
        self.setLayout(column(self._line, self._list, margins=(8, 8, 8, 8), spacing=6, grows=1))
        self._line.installEventFilter(self)
        self._line.textChanged.connect(self._find)
        self._list.clicked.connect(self._choose)

    @property
    def shown(self) -> tuple[Entry, ...]:
        """The matching entries, the best first."""
        return self._model.entries

    def ask(
        self,
        area: QWidget,
        entries: Sequence[Entry],
        more: Callable[[str], Entry | None] = lambda _text: None,
        kept_free: QRect | None = None,
    ) -> None:
        """Open over `area`.

        Args:
            area: The part of the window.
            entries: Everything that can be found.
            more: Gives a last entry made of what is typed, or None.
            kept_free: A part of `area` that stays in sight where there is room.
        """
        self._entries, self._more = entries, more
        self._line.clear()
        self._find("")
        self.open_over(area, kept_free)
        self._line.setFocus(Qt.FocusReason.OtherFocusReason)

    def wanted_size(self, room: QSize) -> QSize:
        """Return a size for a dozen entries."""
        row = self.fontMetrics().height() + 12
        rows = min(_ROWS, max(3, len(self._entries) + 1))
        height = self._line.sizeHint().height() + rows * row + 24
        return QSize(_WIDTH, height).boundedTo(room)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Enter, Esc and the keys that lead through the list from the line."""
        if watched is self._line and isinstance(event, QKeyEvent):
            is_press = event.type() == QEvent.Type.KeyPress
            if event.type() == QEvent.Type.ShortcutOverride:
                # No key in here is one of the window, be it Ctrl+K or Enter.
                event.accept()
                return True
            if is_press and self._take(event):
                return True
        return super().eventFilter(watched, event)

    def _take(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self.dismiss()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose(self._list.currentIndex())
            case Qt.Key.Key_Tab | Qt.Key.Key_Backtab:
                pass  # there is nowhere else to go in here
            case key if key in _MOVES:
                self._move(key)
            case _:
                return False
        return True

    def _move(self, key: int) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -_ROWS}.get(
            Qt.Key(key), _ROWS
        )
        place = self._list.currentIndex().row() + step
        last = len(self._model.entries) - 1
        self._list.setCurrentIndex(self._model.index(max(0, min(last, place)), 0))

    def _find(self, text: str) -> None:
        entries = self._entries
        places = best(text, [e.text for e in entries], [e.words for e in entries])
        found = [entries[place] for place in places]
        more, typed = self._more(text.strip()), text.strip().casefold()
        # Scattered letters of a long entry are a poor reason to put it before what was typed.
        said = (f"{entry.text}\n{entry.words}".casefold() for entry in found)
        is_more_first = not any(typed in one for one in said)
        made = [more] if more else []
        shown = [*made, *found] if is_more_first else [*found, *made]
        self._model.show(shown or [Entry(tr("Nothing matches"), None, is_enabled=False)])
        self._list.setCurrentIndex(self._model.index(0, 0))

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid() and self._model.entries[index.row()].is_enabled:
            entry = self._model.entries[index.row()]
            self.dismiss()
            self._on_chosen(entry.value)
