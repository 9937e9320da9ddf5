"""The active conditions as removable chips, and the box for the name of a view."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent, QIcon, QKeyEvent, QPalette
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QLineEdit, QToolButton, QWidget

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.filters import Term
from nameplate.domain.filtering.views import LONGEST_VIEW_NAME
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.painting import entry_text, is_mirrored
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import icon, scaled
from nameplate.wording.filters import term_text
from nameplate.wording.texts import tr

_EDGE: Final = 12
_CROSS: Final = 12
"""Pixels of the cross at the end of a condition."""


class FlowLayout(QLayout):
    """Puts widgets one after the other and begins a new line where the width ends.

    All lines are as high as the highest of all widgets.
    """

    def __init__(self) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setSpacing(6)

    def addItem(self, item: QLayoutItem) -> None:
        """Add an item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item; None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take an item out and return it; None beyond the last."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Return no direction: lines are as high as they need to be."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Return that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that all lines take."""
        return self._place(QRect(0, 0, width, 0), moves=False)

    def setGeometry(self, rect: QRect) -> None:
        """Move the widgets to their places."""
        super().setGeometry(rect)
        self._place(rect, moves=True)

    def sizeHint(self) -> QSize:
        """Return the smallest size."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return a size with room for the largest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(QSize(0, item.minimumSize().height()))
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _place(self, rect: QRect, *, moves: bool) -> int:
        """Place the items in `rect`, if `moves`; return the height that they need."""
        inner = rect.marginsRemoved(self.contentsMargins())
        x, y = inner.left(), inner.top()
        widgets = [widget for item in self._items if (widget := item.widget())]
        line = max((widget.sizeHint().height() for widget in widgets), default=0)
        for item in self._items:
            widget = item.widget()
            if widget is not None and widget.isHidden():
                continue
            size = QSize(min(item.sizeHint().width(), max(inner.width(), 1)), line)
            if x > inner.left() and x + size.width() > inner.right() + 1:
                x, y = inner.left(), y + line + self.spacing()
            if moves:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self.spacing()
        return y + line - rect.top() + self.contentsMargins().bottom()


class Chip(QToolButton):
    """A condition; pressing it, or Delete on it, takes it away."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setObjectName("chip")
        self.setText(entry_text(text))
        self.setIcon(icon("cancel"))
        self.setIconSize(QSize(scaled(_CROSS), scaled(_CROSS)))
        left, right = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft
        self.setLayoutDirection(left if is_mirrored() else right)  # the cross is last
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setAccessibleName(tr("Remove the condition {condition}", condition=text))
        self.setToolTip(tip(tr("Remove the condition “{condition}”", condition=text)))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it by Enter, Delete and Backspace too."""
        keys = (*ENTER_KEYS, Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        if event.key() in keys:
            self.click()
        else:
            super().keyPressEvent(event)


class _NameBox(QLineEdit):
    """The box for the name of a view; it goes with the focus, which `on_left` tells."""

    def __init__(self, on_left: Callable[[], object]) -> None:
        super().__init__()
        self._on_left = on_left

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide it: no name is typed any more."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.hide()
            self._on_left()


class FilterChips(QWidget):
    """Shows the active conditions, and how many pictures they leave; hidden without any."""

    def __init__(self, remove: Callable[[Term], object], save: Callable[[str], object]) -> None:
        """Show none yet; `remove` takes a condition away, `save` keeps the view under a name."""
        super().__init__()
        self._remove, self._save = remove, save
        self._chips: list[Chip] = []
        self.clear_button = Chip("")
        self.clear_button.setText(tr("Clear"))
        self.clear_button.setIcon(QIcon())
        self.clear_button.setAccessibleName(tr("Clear the filter"))
        self.clear_button.setToolTip(tr("Show all pictures"))
        self._count = QLabel()
        self._count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._name = _NameBox(self._show_if_needed)
        self._name.setPlaceholderText(tr("Name this view, then press Enter"))
        self._name.setAccessibleName(tr("Name of this view"))
        self._name.setMaxLength(LONGEST_VIEW_NAME)
        self._name.setFixedWidth(240)
        self._row = FlowLayout()
        self._last = (self._count, self.clear_button, self._name)
        self._row.setContentsMargins(_EDGE, 0, _EDGE, 6)
        self.setLayout(self._row)
        self._name.returnPressed.connect(self._on_named)
        self._name.setObjectName("chip")
        self._name.hide()
        self.set_terms((), ())

    @property
    def texts(self) -> list[str]:
        """The texts of the chips."""
        return [chip.text() for chip in self._chips]

    def set_terms(self, terms: Sequence[Term], concepts: Sequence[Concept]) -> None:
        """Show a chip for each term."""
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [Chip(term_text(term, concepts)) for term in terms]
        for chip, term in zip(self._chips, terms, strict=True):
            chip.clicked.connect(lambda _=False, term=term: self._remove(term))
        for widget in (*self._chips, *self._last):
            self._row.removeWidget(widget)
            self._row.addWidget(widget)
        for widget in (self._count, self.clear_button):
            widget.setVisible(bool(terms))
        self._show_if_needed()

    def show_count(self, text: str) -> None:
        """Show how many pictures are left."""
        self._count.setText(text)
        self._row.invalidate()

    def _show_if_needed(self) -> None:
        self.setHidden(not self._chips and self._name.isHidden())

    def ask_name(self, name: str) -> None:
        """Let a person type the name of a view."""
        self._name.setText(name)
        self._name.selectAll()
        self._name.show()
        self._show_if_needed()
        self._name.setFocus()

    def _on_named(self) -> None:
        name = self._name.text().strip()
        if name:
            self._name.hide()
            self._show_if_needed()
            self._save(name)
