"""The tool row above the columns: add, filter, order, auto-label, export."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QLabel,
    QMenu,
    QToolButton,
    QWidget,
)

from nameplate.ui.commands.actions import Actions
from nameplate.ui.filter.bar import FilterBar
from nameplate.ui.filter.chips import FilterChips
from nameplate.ui.widgets.boxes import NumberBox, column, row


class ToolRow(QWidget):
    """Buttons for the main actions, and what the pictures are filtered and sorted with.

    Attributes:
        filter: The filter line, its menu and the order.
        chips: The conditions that apply, below.

    Signals:
        minimum_changed: The minimum probability for auto-labelling, 0 to 1.
        focus_released: Enter was pressed in a box; the pictures are next.
    """

    minimum_changed = Signal(float)
    focus_released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._add = _button()
        self.filter = FilterBar()
        self.chips = FilterChips()
        self._minimum = NumberBox()
        self._auto = _button()
        self._export = _button()
        self._minimum.setRange(0, 99)
        self._minimum.setSuffix(" %")
        self._minimum.setMaximumWidth(96)
        self._minimum.setAccessibleName("Least probability for auto-labelling")
        self._minimum.setToolTip("Auto-label only what is at least this probable among the names")
        self._lay_out()
        self._minimum.setKeyboardTracking(False)  # what is typed is one step, not one a digit
        self._minimum.lineEdit().returnPressed.connect(self.focus_released)
        self._minimum.valueChanged.connect(lambda v: self.minimum_changed.emit(v / 100))

    def _lay_out(self) -> None:
        auto = (self._auto, QLabel("if at least"), self._minimum)
        parts = (self._add, self.filter, *auto, self._export)
        tools = row(*parts, margins=(12, 8, 12, 8), spacing=8, grows=1)
        self.setLayout(column(tools, self.chips, spacing=0))

    def set_actions(self, actions: Actions) -> None:
        """Put the actions on the buttons."""
        _fill(self._add, "Add", actions, ("add_folder", "add_files", "samples"))
        _fill(self._export, "Export", actions, ("export", "export_again"))
        _fill(self._auto, "Auto-label", actions, ("auto_label", "auto_label_selected", "sheets"))

    def set_minimum(self, minimum: float) -> None:
        """Show the minimum probability, 0 to 1, without a signal."""
        with QSignalBlocker(self._minimum):
            self._minimum.setValue(round(100 * minimum))


def _button() -> QToolButton:
    button = QToolButton()
    button.setObjectName("bar")
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _fill(button: QToolButton, text: str, actions: Actions, ids: tuple[str, ...]) -> None:
    first = actions[ids[0]]
    menu = QMenu(button)
    for action_id in ids:
        menu.addAction(actions[action_id])
    button.setMenu(menu)
    button.setDefaultAction(first)
    first.setIconText(text)
