"""The button of the order of the pictures, with its menu."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from nameplate.domain.filtering.views import Sort, View
from nameplate.ui.widgets.bar_button import BarButton
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import icon
from nameplate.wording.filters import DIRECTIONS
from nameplate.wording.texts import tr, what_of


class OrderButton(BarButton):
    """Shows what the pictures are sorted by, with an arrow up or down; its menu has all orders."""

    def __init__(self, choose: Callable[[Sort, bool], object]) -> None:
        """Call `choose` with another order, and whether the largest comes first."""
        super().__init__(room=max((what_of(sort.value) for sort in Sort), key=len))
        self._choose, self._view = choose, View()
        self._menu = QMenu(self)
        sorts, directions = QActionGroup(self), QActionGroup(self)
        self._sorts = {sort: self._entry(what_of(sort.value), sorts) for sort in Sort}
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
        """Show the order of a view; the one by likeness is offered where the filter asks for it."""
        self._view, name = view, what_of(view.sort.value)
        self._sorts[view.sort].setChecked(True)
        self._sorts[Sort.LIKENESS].setEnabled(bool(view.filter.likeness))
        for entry, text in zip(self._directions, DIRECTIONS[view.sort], strict=True):
            entry.setText(tr(text))
        self._directions[view.is_falling].setChecked(True)
        self.setText(name)
        self.setIcon(icon("down" if view.is_falling else "up"))
        direction = tr(DIRECTIONS[view.sort][view.is_falling])
        # translators: such as "Probability, least sure first"
        order = tr("{order}, {direction}", order=name, direction=direction)
        self.setAccessibleName(tr("Order of the pictures: {order}", order=order))
        self.setToolTip(tip(tr("Order: {order}", order=order)))
