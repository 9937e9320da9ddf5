"""A view mode: thumbnails from left to right by the first number of their embeddings."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from nameplate.domain.images import ImageState
from nameplate.ui.modes.view_modes import ViewMode

SIDE = 48


def toggle(workbench):
    workbench.pictures.modes.toggle(workbench.part(Shades).mode)


class Shades(QWidget):
    """Shows each picture at a place of its own; a click selects it, a double click enlarges it."""

    def __init__(self, workbench):
        super().__init__()
        self._workbench, self._pictures = workbench, workbench.pictures
        self._rows, self._places = np.empty(0, np.int64), np.empty((0, 2), np.int64)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.mode = ViewMode("shades", begin=self.place, selects=True, in_order=False)
        workbench.place_mode(self, self.mode, select_all=self.select_all)
        self._pictures.follow_shown(self.place)
        self._pictures.follow_looks(self.update)
        self._pictures.follow_selected(self.update)

    def place(self):
        images, shown = self._workbench.project.images, self._pictures.shown
        self._rows = shown[images.states[shown] == ImageState.READY]
        if len(self._rows):
            across = images.embeddings_of(self._rows)[:, 0].argsort().argsort() * SIDE
            self._places = np.stack([across, np.full(len(across), 20)], axis=1)
        self.update()

    def select_all(self):
        self._pictures.grid.select_images(self._rows)

    def row_at(self, place):
        from_corner = np.array([place.x(), place.y()]) - self._places
        is_in = ((from_corner >= 0) & (from_corner < SIDE)).all(axis=1)
        return next(iter(self._rows[is_in].tolist()), -1)

    def mousePressEvent(self, event):
        if (row := self.row_at(event.position().toPoint())) >= 0:
            self._pictures.grid.set_current_image(row)

    def mouseDoubleClickEvent(self, event):
        self._pictures.modes.show(ViewMode.LARGE)

    def paintEvent(self, event):
        painter, selected = QPainter(self), set(self._pictures.selected.tolist())
        looks, places = self._pictures.looks(self._rows), self._places.tolist()
        for row, look, (x, y) in zip(self._rows.tolist(), looks, places, strict=True):
            if pixmap := self._pictures.thumbnail(look.path, SIDE):
                painter.drawPixmap(x, y, pixmap)
            colour = QColor(look.colour or "gray")
            painter.fillRect(x, y + SIDE, SIDE, 12 if row in selected else 4, colour)
        painter.end()
