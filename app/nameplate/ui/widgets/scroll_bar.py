"""Lists that scroll by pixels; the theme draws the bar."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame


def make_slim(view: QAbstractItemView) -> None:
    """Let a view scroll by pixels, up and down only, and without a frame."""
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setFrameShape(QFrame.Shape.NoFrame)
