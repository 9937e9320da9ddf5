"""Helpers of item models and item views."""

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame

Index = QModelIndex | QPersistentModelIndex
"""What Qt passes to the methods of models and delegates."""

NO_PARENT: Final = QModelIndex()
"""The parent of the rows of a list: Qt's default where a method takes one."""


def make_slim(view: QAbstractItemView) -> None:
    """Let a view scroll by pixels, up and down only, and without a frame."""
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setFrameShape(QFrame.Shape.NoFrame)
