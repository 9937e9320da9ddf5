"""Layouts, and factories of small widgets."""

from typing import TypeVar

from PySide6.QtCore import QLocale, QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import Shiboken

from nameplate.ui.widgets.painting import SMALL, TITLE, font_of
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import icon
from nameplate.wording.texts import tr
from nameplate.wording.translation import current

_Box = TypeVar("_Box", bound=QBoxLayout)

_Widget = TypeVar("_Widget", bound=QWidget)

Part = QWidget | QLayout | int | None
"""Of a layout: a widget or another layout, a gap in pixels, or (None) all that is left."""

Margins = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""


def column(
    *parts: Part, margins: Margins = (0, 0, 0, 0), spacing: int = -1, grows: int = -1
) -> QVBoxLayout:
    """Return `parts` one under the other; the one at `grows` takes the remaining height.

    A spacing of -1 is the style's own.
    """
    return _filled(QVBoxLayout(), parts, margins, spacing, grows)


def row(
    *parts: Part,
    margins: Margins = (0, 0, 0, 0),
    spacing: int = -1,
    grows: int | tuple[int, ...] = -1,
) -> QHBoxLayout:
    """Return `parts` side by side, as `column`; `grows` may be the share of each, too."""
    return _filled(QHBoxLayout(), parts, margins, spacing, grows)


def _filled(
    layout: _Box,
    parts: tuple[Part, ...],
    margins: Margins,
    spacing: int,
    grows: int | tuple[int, ...],
) -> _Box:
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    for number, part in enumerate(parts):
        share = grows[number] if isinstance(grows, tuple) else int(number == grows)
        match part:
            case None:
                layout.addStretch(share)
            case int():
                layout.addSpacing(part)
            case QWidget():
                layout.addWidget(part, share)
            case QLayout():
                layout.addLayout(part, share)
    return layout


def primary_button(text: str = "") -> QPushButton:
    """Return a button that is filled, as the next step; a part that is shown has one at most."""
    button = QPushButton(text, default=True)  # which alone Qt fills where the focus is, too
    button.setProperty("primary", True)
    return button


def next_in_tab_order(widget: QWidget) -> QWidget:
    """Return the next widget of the tab order; it may be one that takes no focus."""
    return _given_back(widget.nextInFocusChain())


def previous_in_tab_order(widget: QWidget) -> QWidget:
    """Return the previous widget of the tab order; it may be one that takes no focus."""
    return _given_back(widget.previousInFocusChain())


def _given_back(found: QWidget | None) -> QWidget:
    """Correct the owner of a widget that PySide takes for a child of its neighbour.

    It would be taken for deleted, and all in it, once that is deleted: the whole window, if Tab
    leads from there to what a feature shows. What Qt made by itself, such as scroll bars, nobody
    holds on to.
    """
    assert found is not None  # noqa: S101 - each widget has neighbours
    parent = found.parentWidget()
    if Shiboken.createdByPython(found) and (parent is None or Shiboken.createdByPython(parent)):
        found.setParent(parent)  # Qt does nothing: it never was another
    return found


def follow_in_tab_order(before: QWidget | None, around: QWidget) -> None:
    """Put the widgets in `around` after `before` in the tab order.

    Qt goes by when a widget came into the window. Where `before` takes no focus, Tab leads from
    what does before it.
    """
    while before is not None and not before.focusPolicy() & Qt.FocusPolicy.TabFocus:
        before = previous_in_tab_order(before)
    inside = filter(around.isAncestorOf, around.findChildren(QWidget))
    wanted = {one for one in inside if one.focusPolicy() & Qt.FocusPolicy.TabFocus}
    parts, part = list[QWidget](), next_in_tab_order(around)
    while part is not around and len(parts) < len(wanted):
        if part in wanted:
            parts.append(part)
        part = next_in_tab_order(part)
    for part in parts:
        if before is not None:
            QWidget.setTabOrder(before, part)
        before = part


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
        after = previous_in_tab_order(below or self)
        self._column.insertWidget(len(above), panel)
        follow_in_tab_order(after, panel)


class _ChoiceBox(QComboBox):
    """A combo box that the mouse wheel changes only while it has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Without the focus, leave the wheel to the scroll area behind."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberBox(QSpinBox):
    """A spin box that the mouse wheel changes only while it has the focus.

    Numbers are written as in the language in use, whatever that of the system is.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLocale(QLocale(current().code))
        self.setGroupSeparatorShown(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel alone gives it none

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Without the focus, leave the wheel to the scroll area behind."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _ScrollArea(QScrollArea):
    """A scroll area that leaves keys to the widgets around it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def sizeHint(self) -> QSize:
        """Return the size of the content, which Qt underestimates."""
        content = self.widget()
        return content.sizeHint() if content else super().sizeHint()


class Stack(QStackedWidget):
    """A stacked widget with the minimum size of its current widget."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """Return that of the widget that is shown."""
        shown = self.currentWidget()
        return shown.minimumSizeHint() if shown else super().minimumSizeHint()


def plain_label(text: str = "") -> QLabel:
    """Return a label that shows its text as it stands: Qt takes some texts for HTML."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def heading(text: str, factor: float = 1.0) -> QLabel:
    """Return a label with the title of a section, larger by `factor`."""
    label = plain_label(text)
    label.setFont(font_of(label.font(), factor, QFont.Weight.DemiBold))
    return label


def title(text: str) -> QLabel:
    """Return a label with the title of a panel."""
    return heading(text, TITLE)


def field(text: str, control: QWidget, *beside: Part) -> QWidget:
    """Return a label above its control, and the widgets beside the control."""
    label = plain_label(text)
    label.setTextFormat(Qt.TextFormat.AutoText)  # a fixed text, whose & marks a key
    label.setBuddy(control)
    made = QWidget()
    made.setLayout(column(label, row(control, *beside, None, spacing=8, grows=0), spacing=4))
    return made


def small(widget: _Widget) -> _Widget:
    """Return a widget with the size of secondary texts."""
    widget.setFont(font_of(widget.font(), SMALL))
    return widget


def scrolled(content: QWidget) -> QScrollArea:
    """Return an area without a frame in which `content` scrolls where it is too high."""
    area = _ScrollArea(widgetResizable=True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    for part in (content, area.viewport()):
        part.setAutoFillBackground(False)
    return area


def close_button(what: str, key: str = "") -> QToolButton:
    """Return a close button with `what` as accessible name, and as tool tip with the key."""
    button = QToolButton(autoRaise=True)
    button.setAccessibleName(what)
    button.setToolTip(tip(tr("{text} ({key})", text=what, key=key) if key else what))
    button.setIcon(icon("cancel"))
    return button


def toggle(text: str) -> QToolButton:
    """Return a flat button that shows or hides something."""
    button = QToolButton(autoRaise=True)
    button.setText(text)
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def choice(what: str) -> QComboBox:
    """Return a narrow combo box with `what` as its accessible name and tool tip."""
    combo = _ChoiceBox()
    combo.setAccessibleName(what)
    combo.setToolTip(tip(what))
    # It may be narrower than its longest entry, so that the window can be small.
    combo.setMinimumContentsLength(12)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    combo.setMinimumWidth(72)
    combo.setMaximumWidth(210)
    combo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return combo
