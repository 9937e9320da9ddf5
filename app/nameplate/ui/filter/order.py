"""The button of the order of the pictures, with its menu."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from nameplate.domain.filtering.views import Sort, View
from nameplate.plug_ins.registry import findings
from nameplate.ui.widgets.bar_button import BarButton
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import icon
from nameplate.wording.filters import sort_directions, sort_title
from nameplate.wording.texts import tr


class OrderButton(BarButton):
    """Shows the current order with an arrow up or down; its menu has all orders."""

    def __init__(self, choose: Callable[[Sort | str, bool], object]) -> None:
        """Call `choose` with another order, and whether the largest comes first."""
        orders = [*Sort, *(one.key for one in findings() if one.orders)]
        super().__init__(room=max(map(sort_title, orders), key=len))
        self._choose, self._view = choose, View()
        self._menu = QMenu(self)
        sorts, directions = QActionGroup(self), QActionGroup(self)
        self._sorts = {sort: self._entry(sort_title(sort), sorts) for sort in orders}
        self._menu.addSeparator()
        self._directions = [self._entry("", directions) for _ in range(2)]
        sorts.triggered.connect(self._on_chosen)
        directions.triggered.connect(self._on_chosen)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _entry(self, text: str, group: QActionGroup) -> QAction:
        entry = QAction(text, group)
        entry.setCheckable(True)
        self._menu.addAction(entry)
        return entry

    def _on_chosen(self, entry: QAction) -> None:
        sorts = [sort for sort, one in self._sorts.items() if one is entry]
        if sorts:
            self._choose(sorts[0], False)
        else:
            self._choose(self._view.sort, entry is self._directions[1])

    def show_view(self, view: View) -> None:
        """Show the order of a view; by similarity where the filter asks for it."""
        self._view, name = view, sort_title(view.sort)
        for sort, entry in self._sorts.items():
            entry.setChecked(sort == view.sort)
        self._sorts[Sort.LIKENESS].setEnabled(bool(view.filter.similarity))
        directions = sort_directions(view.sort)
        for entry, text in zip(self._directions, directions, strict=True):
            entry.setText(text)
        self._directions[view.is_falling].setChecked(True)
        self.setText(name)
        self.setIcon(icon("down" if view.is_falling else "up"))
        direction = directions[view.is_falling]
        # translators: such as "Probability, least sure first"
        order = tr("{order}, {direction}", order=name, direction=direction)
        self.setAccessibleName(tr("Order of the pictures: {order}", order=order))
        self.setToolTip(tip(tr("Order: {order}", order=order)))
