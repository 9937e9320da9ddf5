"""Widgets one under the other."""

from PySide6.QtWidgets import QVBoxLayout, QWidget


def column_of(*widgets: QWidget, grows: int = 0) -> QWidget:
    """Return `widgets` one under the other; the one at `grows` takes what height is left."""
    body = QWidget()
    column = QVBoxLayout(body)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for index, widget in enumerate(widgets):
        column.addWidget(widget, int(index == grows))
    return body
