"""The filter line, the menu of conditions and saved views, and the order of the pictures."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QStandardItemModel
from PySide6.QtWidgets import QToolButton, QWidget

from nameplate.domain.filtering.views import Sort, View
from nameplate.ui.filter.line import FilterLine, has_picture
from nameplate.ui.widgets.boxes import choice, row
from nameplate.ui.widgets.overlays.bubble import Bubble
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import icon
from nameplate.wording.filters import DIRECTIONS
from nameplate.wording.texts import what_of

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts


class FilterBar(QWidget):
    """The controls for filtering and sorting.

    Attributes:
        line: Where the filter is typed.
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
        self._problem = Bubble(self.line)
        self.order = QWidget()
        self.order.setLayout(row(self._sort, self._direction, spacing=6))
        self.setLayout(row(self.line, self.menu_button, spacing=6, grows=0))
        self.stops = (self.line, self.menu_button, self._sort, self._direction)
        self._is_falling = False
        self.show_view(View())
        self._sort.currentIndexChanged.connect(lambda: self._choose(is_falling=False))
        self.setAcceptDrops(True)
        self._direction.clicked.connect(lambda: self._choose(is_falling=not self._is_falling))

    def show_view(self, view: View) -> None:
        """Show the order of a view, without a signal."""
        with QSignalBlocker(self._sort):
            self._sort.setCurrentIndex(self._sort.findData(view.sort))
            self._offer_likeness(is_there=bool(view.filter.likeness))
        self._is_falling = view.is_falling
        first = DIRECTIONS[view.sort][view.is_falling]
        self._direction.setToolTip(tip(f"{first}. Press to turn round."))
        self._direction.setAccessibleName(f"Direction: {first}")
        self._direction.setIcon(icon("down" if self._is_falling else "up"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and pictures, the window's own too."""
        if has_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Search with what was dropped; nothing is added."""
        event.acceptProposedAction()
        self._window.transfer.search_with(event.mimeData())

    @property
    def problem(self) -> str:
        """What is wrong with the line; empty where nothing is."""
        return self._problem.text

    def show_problem(self, text: str) -> None:
        """Say what is wrong with the line; nothing where the text is empty."""
        self._problem.say(text)

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
