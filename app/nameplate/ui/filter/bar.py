"""The filter line, the menu of conditions and saved views, and the order of the pictures."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPalette, QStandardItemModel
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from nameplate.domain.filtering.views import Sort, View
from nameplate.ui.filter.line import FilterLine, has_picture
from nameplate.ui.widgets.boxes import choice, column, row
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.widgets.theme import icon
from nameplate.wording.filters import DIRECTIONS
from nameplate.wording.texts import what_of

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts

_WIDTH: Final = 420
_EDGE: Final = 12


class Bubble(QFrame):
    """Shows the problem of a box's text beneath it, until it is solved."""

    def __init__(self, box: QWidget) -> None:
        super().__init__(box)
        self._box = box
        self._text = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self.setObjectName("overlay")
        self.setAutoFillBackground(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setLayout(column(self._text, margins=(10, 7, 10, 7)))
        self.hide()

    @property
    def text(self) -> str:
        """The shown problem; empty if there is none."""
        return "" if self.isHidden() else self._text.text()

    def say(self, text: str) -> None:
        """Show a problem; an empty `text` hides the bubble."""
        self._text.show_text(text, icon="warning")
        self.setVisible(bool(text))
        if not text:
            return
        window = self._box.window()
        place = self._box.mapTo(window, QPoint(0, self._box.height() + 2))
        width = min(_WIDTH, window.width() - place.x() - _EDGE)
        self.setParent(window)
        self._text.setFixedWidth(width - 20)
        self.setGeometry(place.x(), place.y(), width, self._text.heightForWidth(width - 20) + 14)
        self.show()
        self.raise_()


class FilterBar(QWidget):
    """The controls for filtering and sorting.

    Attributes:
        line: Where the filter is typed.
        problem: Says what is wrong with it.
        menu_button: Opens the menu of conditions.
        order: The box and the button of the sort order, which the tool row lays out.
        stops: What Tab leads to, in this order.
    """

    def __init__(self, window: "WindowParts") -> None:
        super().__init__()
        self._window = window
        self.line = FilterLine(window)
        self.menu_button = QToolButton()
        self.menu_button.setObjectName("bar")
        self.menu_button.setText("Filter")
        self.menu_button.setAccessibleName("Conditions and saved views")
        self.menu_button.setToolTip("Conditions, folders and saved views")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._sort = choice("Order of the pictures")
        for sort in Sort:
            self._sort.addItem(what_of(sort.value), sort)
        self._sort.setMinimumContentsLength(8)
        self._sort.setFixedWidth(116)
        self._direction = QToolButton()
        self._direction.setObjectName("plain")
        self._direction.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.problem = Bubble(self.line)
        self.order = QWidget()
        self.order.setLayout(row(self._sort, self._direction, spacing=6))
        self.setLayout(row(self.line, self.menu_button, spacing=6, grows=0))
        self.stops = (self.line, self.menu_button, self._sort, self._direction)
        self.show_view(View())
        self._sort.currentIndexChanged.connect(lambda: self._choose(is_falling=False))
        self.setAcceptDrops(True)
        self._direction.clicked.connect(
            lambda: self._choose(is_falling=not window.arrangement.view.is_falling)
        )

    def show_view(self, view: View) -> None:
        """Show the order of a view, without a signal."""
        with QSignalBlocker(self._sort):
            self._sort.setCurrentIndex(self._sort.findData(view.sort))
            self._offer_likeness(is_there=bool(view.filter.likeness))
        first = DIRECTIONS[view.sort][view.is_falling]
        self._direction.setToolTip(tip(f"{first}. Press to turn round."))
        self._direction.setAccessibleName(f"Direction: {first}")
        self._direction.setIcon(icon("down" if view.is_falling else "up"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and pictures, the window's own too."""
        if has_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Search with what was dropped; nothing is added."""
        event.acceptProposedAction()
        self._window.transfer.search_with(event.mimeData())

    def _offer_likeness(self, *, is_there: bool) -> None:
        """Let the order by likeness be chosen where the filter asks for one."""
        items = self._sort.model()
        if isinstance(items, QStandardItemModel):
            items.item(self._sort.findData(Sort.LIKENESS)).setEnabled(is_there)

    def open_menu(self) -> None:
        """Open the menu, for the keyboard."""
        self.menu_button.setFocus()
        self.menu_button.showMenu()

    def _choose(self, *, is_falling: bool) -> None:
        self._window.filtering.choose_order(self._sort.currentData(), is_falling=is_falling)
