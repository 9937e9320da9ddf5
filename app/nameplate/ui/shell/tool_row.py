"""The tool row above the columns: add, filter, order, auto-label, check, export."""

from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QLabel, QMenu, QToolButton, QWidget, QWidgetAction

from nameplate.domain.changes import MINIMUM_OF_SEVERAL, Effects, SetFact, Title
from nameplate.domain.text import deferred
from nameplate.pipeline.learning.fitter import evidence_of
from nameplate.project.facts import SETTINGS
from nameplate.ui.actions.actions import Actions
from nameplate.ui.actions.table import actions_of
from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.jobs.fitting import Fitting
from nameplate.ui.services import Services
from nameplate.ui.widgets.bar_button import BarButton
from nameplate.ui.widgets.boxes import NumberBox, column, row, small
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.theme import set_drawn
from nameplate.wording.learning import how_right_above
from nameplate.wording.numbers import percent
from nameplate.wording.texts import tr

_NEXT, _EXPORT = "Next", deferred("Export")
_AUTO, _ADD = deferred("Auto-label"), deferred("Add")
_GAP, _EDGE = 8, 12


class ToolRow(QWidget):
    """Buttons for the main actions in the order of the work, the filter line, the order.

    One button at most is the next step, and filled. Where there is no room, the words of those
    without a number go.
    """

    def __init__(self, services: Services, filtering: Filtering, fitting: Fitting) -> None:
        super().__init__()
        self._owner, self._actions, self._fitting = services.owner, services.actions, fitting
        self._messages, self.filter = services.messages, filtering
        titles = (title for title in (_ADD, _AUTO, _NEXT, _EXPORT) if actions_of(title))
        self._buttons = {title: _button(title, self._actions) for title in titles}
        self._shrinking = (self._buttons[_ADD], self.filter.order, self._buttons[_AUTO])
        self._is_narrow = False
        self._minimum = NumberBox()
        self._how_right = small(Paragraph(max_lines=1, is_as_wide_as_text=True))
        self._least = QWidgetAction(self)
        self._add_minimum(self._buttons[_AUTO].menu())
        self._lay_out()
        self._owner.changed.connect(self._on_project_changed)

    def _lay_out(self) -> None:
        add, *others = self._buttons.values()
        parts = (add, self.filter, self.filter.order, None, *others)
        self.setLayout(row(*parts, margins=(_EDGE, 8, _EDGE, 14), spacing=_GAP, grows=1))
        stops = (add, self.filter.line, self.filter.order, *others)
        for one, after in pairwise(stops):
            self.setTabOrder(one, after)  # as one thinks, not as they are made

    # ---- how wide it is

    def minimumSizeHint(self) -> QSize:
        """Return the size with the words that may go gone."""
        return QSize(self._width(is_narrow=True), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Leave the words off some buttons where there is no room for them."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            is_narrow = self.width() < self._width(is_narrow=False)
            if is_narrow != self._is_narrow:
                self._is_narrow = is_narrow
                for button in self._shrinking:
                    button.set_words_shown(are_shown=not is_narrow)
        return super().event(event)

    def _width(self, *, is_narrow: bool) -> int:
        buttons = (*self._buttons.values(), self.filter.order)
        widths = [
            button.wanted_width(with_words=not (is_narrow and button in self._shrinking))
            for button in buttons
        ]
        gaps = len(buttons) * _GAP + 2 * _EDGE  # with the line, one more than buttons
        return sum(widths) + self.filter.line.minimumWidth() + gaps

    # ---- the next step

    def show_primary(self, title: str) -> None:
        """Show which button is the next step; empty for none.

        Without a feature by which pictures are checked, auto-labelling is what comes next.
        """
        if title not in self._buttons and title:
            title = _AUTO
        for one, button in self._buttons.items():
            set_drawn(button, "primary", is_so=one == title)

    def show_labelled(self, count: int) -> None:
        """Show how many labels an export would have."""
        some = tr("Export {count:,}", count=count)
        self._actions["export"].setIconText(some if count else tr(_EXPORT))

    # ---- the settings of auto-labelling

    def _add_minimum(self, menu: QMenu) -> None:
        """Let the menu of auto-labelling end with the least probability."""
        self._minimum.setRange(0, 99)
        self._minimum.setSuffix(tr("{percent}%", percent=""))
        self._minimum.setAccessibleName(tr("Minimum probability for auto-labelling"))
        self._minimum.setToolTip(tr("Auto-label leaves out what is less probable"))
        self._minimum.setKeyboardTracking(False)  # what is typed is one step, not one a digit
        box = QWidget()
        line = row(QLabel(tr("Only above")), self._minimum, None, spacing=_GAP)
        box.setLayout(column(line, self._how_right, margins=(30, 4, 12, 4), spacing=4))
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # so that the arrow keys lead into it
        box.setFocusProxy(self._minimum)
        self._least.setDefaultWidget(box)
        menu.addSeparator()
        menu.addAction(self._least)
        self._minimum.lineEdit().returnPressed.connect(menu.hide)
        self._minimum.valueChanged.connect(self._on_minimum)
        self._minimum.lineEdit().textChanged.connect(self._show_how_right)
        menu.aboutToShow.connect(self._show_how_right)
        self._fitting.changed.connect(self._show_how_right)

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.settings:
            minimum = round(100 * self._owner.project.settings.minimum)
            with QSignalBlocker(self._minimum):
                self._minimum.setValue(minimum)
            above = tr("Auto-label above {percent}%", percent=minimum)
            self._actions["auto_label"].setIconText(above if minimum else tr(_AUTO))
            self._show_how_right()

    def _show_how_right(self) -> None:
        """Show beneath the least probability how right suggestions are above it."""
        typed, is_number = self._minimum.locale().toInt(self._minimum.cleanText())
        percentage = typed if is_number and 0 <= typed < 100 else self._minimum.value()
        text = how_right_above(evidence_of(self._fitting.fitted), percentage)
        self._how_right.show_text(text)
        self._least.setText(text)  # a menu measures an entry again where its text changed

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
            least = percent(minimum)
            text = tr("Auto-label now labels only above {percent}.", percent=least)
            text = text if minimum else tr("Auto-label now labels at any probability.")
            self._messages.tell(text, is_reply=True, about=LAST_STEP)


def _button(title: str, actions: Actions) -> BarButton:
    """Return a button for the first action of the list of this name, with a menu of all."""
    declared = [action for group in actions_of(title) for action in group]
    button = BarButton(tr(declared[0].room))
    first = actions[declared[0].id]
    if title != _NEXT:
        first.setIconText(tr(title))
    button.icon_name = declared[0].icon
    button.setDefaultAction(first)
    if len(declared) > 1:
        menu = QMenu(button)
        actions.fill(menu, title)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    return button
