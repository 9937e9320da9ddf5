"""An area of the window for panels, one above the other."""

from PySide6.QtWidgets import QWidget

from nameplate.ui.widgets.boxes import column, follow_in_tab_order


class Panels(QWidget):
    """Panels by rank; takes no room while none is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._column = column(spacing=0)
        self._ranks = dict[QWidget, int]()
        self.setLayout(self._column)

    def place(self, panel: QWidget, rank: int) -> None:
        """Put a panel after those of lower ranks, also in the order of Tab."""
        above = [other for other, theirs in self._ranks.items() if theirs <= rank]
        self._ranks[panel] = rank
        panel.destroyed.connect(lambda: self._ranks.pop(panel, None))
        item = self._column.itemAt(len(above))
        below = item.widget() if item is not None else None
        after = (below or self).previousInFocusChain()
        self._column.insertWidget(len(above), panel)
        follow_in_tab_order(after, panel)
