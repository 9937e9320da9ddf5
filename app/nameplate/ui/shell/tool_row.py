"""The tool row above the columns: add, filter, order, auto-label, export."""

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QLabel,
    QMenu,
    QToolButton,
    QWidget,
)

from nameplate.domain.changes import MINIMUM_OF_SEVERAL, Effects, SetFact, Title
from nameplate.project.facts import SETTINGS
from nameplate.ui.commands.actions import Actions
from nameplate.ui.filter.chips import FilterChips
from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.widgets.boxes import NumberBox, column, row
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.wording.numbers import percent

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts


class ToolRow(QWidget):
    """Buttons for the main actions, and the controls for filtering and sorting.

    Attributes:
        filter: The filter line, its menu and the order.
        chips: The conditions that apply, below.
    """

    def __init__(self, window: "WindowParts") -> None:
        super().__init__()
        self._window, self._owner, actions = window, window.owner, window.actions_by_id
        self._add = _button("Add", actions)
        self.chips = FilterChips(window)
        self.filter = Filtering(window, self.chips)
        self._minimum = NumberBox()
        self._auto = _button("Auto-label", actions)
        self._export = _button("Export", actions)
        self._buttons = (self._add, self._auto, self._export)
        self._words = QLabel("if at least")
        self._is_narrow, self._needed = False, 0
        self._minimum.setRange(0, 99)
        self._minimum.setSuffix(" %")
        self._minimum.setMaximumWidth(96)
        self._minimum.setAccessibleName("Least probability for auto-labelling")
        self._minimum.setToolTip("Auto-label only what is at least this probable among the names")
        self._lay_out()
        self._minimum.setKeyboardTracking(False)  # what is typed is one step, not one a digit
        self._minimum.lineEdit().returnPressed.connect(lambda: window.modes.focus())
        self._minimum.valueChanged.connect(self._on_minimum)
        self._owner.happened.connect(self._on_happened)

    def minimumSizeHint(self) -> QSize:
        """Return the size with icons alone on the buttons."""
        hint = super().minimumSizeHint()
        # Measured once: while words come and go, the layout says what was before.
        self._needed = self._needed or hint.width()
        return QSize(self._needed - self._width_of_words(), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words off the buttons where there is no room for them."""
        super().resizeEvent(event)
        self._set_narrow(is_narrow=event.size().width() < self._needed)

    def _width_of_words(self) -> int:
        texts = (button.text() for button in self._buttons)
        return (
            sum(map(self.fontMetrics().horizontalAdvance, texts)) + self._words.sizeHint().width()
        )

    def _set_narrow(self, *, is_narrow: bool) -> None:
        if is_narrow == self._is_narrow:
            return
        self._is_narrow = is_narrow
        styles = Qt.ToolButtonStyle
        style = styles.ToolButtonIconOnly if is_narrow else styles.ToolButtonTextBesideIcon
        for button in self._buttons:
            button.setToolButtonStyle(style)
        self._words.setHidden(is_narrow)

    def _lay_out(self) -> None:
        auto = (self._auto, self._words, self._minimum)
        parts = (self._add, self.filter, *auto, self._export)
        tools = row(*parts, margins=(12, 8, 12, 6), spacing=8, grows=1)
        below = row(self.chips, self.filter.order, margins=(12, 0, 12, 4), spacing=8, grows=0)
        self.setLayout(column(tools, below, spacing=0))
        for one, after in pairwise((*self.filter.stops, self._auto)):
            self.setTabOrder(one, after)  # as one thinks, not as they are laid out

    # ---- the settings of auto-labelling

    @Slot(object)
    def _on_happened(self, effects: Effects) -> None:
        if effects.settings:
            with QSignalBlocker(self._minimum):
                self._minimum.setValue(round(100 * self._owner.project.settings.minimum))

    @Slot(int)
    def _on_minimum(self, percentage: int) -> None:
        """Set the least probability of auto-labelling."""
        settings = self._owner.project.settings
        if percentage / 100 != settings.minimum:
            change = SetFact(SETTINGS, replace(settings, minimum=percentage / 100))
            self._owner.change(change, Title("minimum", {"percent": percentage}))

    def toggle_several(self) -> None:
        """Toggle whether a picture may have several labels; existing labels stay.

        Several at once need a least probability: every name is more probable than nothing.
        """
        settings = self._owner.project.settings
        if settings.is_multi:
            minimum = 0.0 if settings.minimum == MINIMUM_OF_SEVERAL else settings.minimum
        else:
            minimum = settings.minimum or MINIMUM_OF_SEVERAL
        change = SetFact(
            SETTINGS, replace(settings, is_multi=not settings.is_multi, minimum=minimum)
        )
        self._owner.change(change, Title("one-label" if settings.is_multi else "several-labels"))
        if minimum != settings.minimum:
            what = f"leaves out what is less than {percent(minimum)} probable"
            text = f"Auto-labelling now {what if minimum else 'takes every probability'}."
            self._window.messages.tell(text, is_reply=True, about=LAST_STEP)


def _button(text: str, actions: Actions) -> QToolButton:
    """Return a button for the first action of the list of this name, with a menu of all."""
    button = QToolButton()
    button.setObjectName("bar")
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    menu = QMenu(button)
    actions.fill(menu, text)
    button.setMenu(menu)
    first = menu.actions()[0]
    button.setDefaultAction(first)
    first.setIconText(text)
    return button
