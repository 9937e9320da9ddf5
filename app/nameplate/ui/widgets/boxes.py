"""Factories of small widgets."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget


def column_of(*widgets: QWidget, grows: int = 0) -> QWidget:
    """Return `widgets` one under the other; the one at `grows` takes the remaining height."""
    body = QWidget()
    column = QVBoxLayout(body)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for index, widget in enumerate(widgets):
        column.addWidget(widget, int(index == grows))
    return body


def choice(what: str) -> QComboBox:
    """Return a narrow combo box with `what` as its accessible name and tool tip."""
    combo = QComboBox()
    combo.setAccessibleName(what)
    combo.setToolTip(what)
    # It may be narrower than its longest entry, so that the window can be small.
    combo.setMinimumContentsLength(12)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    combo.setMinimumWidth(72)
    combo.setMaximumWidth(210)
    combo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return combo
