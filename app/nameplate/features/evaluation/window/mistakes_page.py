"""The page that shows the mistakes that the program was most sure of, as pictures."""

from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from nameplate.features.evaluation.figures.several import JudgedSets
from nameplate.features.evaluation.judging import AnyFigures
from nameplate.features.evaluation.window.figure_page import (
    NO_NAME,
    FigurePage,
    PicturesButton,
    called_all,
)
from nameplate.ui.tiles.thumbnail_queue import Fit
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.numbers import counted, percent

_MOST: Final = 60
_SIDE: Final = 132
_TEXT: Final = 44
_LONGEST: Final = 18
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PLACE: Final = Qt.ItemDataRole.UserRole


class _Pictures(QListWidget):
    """Opens the current picture with Enter on every system."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item: QListWidgetItem | None = self.currentItem()
        if event.key() in _ENTER and item:
            self.itemClicked.emit(item)
            event.accept()
        else:
            super().keyPressEvent(event)


class MistakesPage(FigurePage):
    """The surest mistakes, each with what it was labelled and what it really shows."""

    title = "Surest mistakes"
    is_for_several = True

    def __init__(self, thumbnails: ThumbnailLoader) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self._figures: AnyFigures | None = None
        self._rows = np.empty(0, dtype=np.int64)
        self._missing: dict[Path, QListWidgetItem] = {}
        self.pictures = _Pictures()
        self.pictures.setAccessibleName("The surest mistakes")
        self.pictures.setViewMode(QListView.ViewMode.IconMode)
        self.pictures.setMovement(QListView.Movement.Static)
        self.pictures.setResizeMode(QListView.ResizeMode.Adjust)
        self.pictures.setWordWrap(False)  # long names are elided, so that both are seen
        self.pictures.setIconSize(QSize(_SIDE, _SIDE))
        self.pictures.setGridSize(QSize(_SIDE + 28, _SIDE + _TEXT + 8))
        self._all = PicturesButton(self, "Show these", "that are the surest mistakes")
        self.pictures.itemClicked.connect(self._on_clicked)
        thumbnails.loaded.connect(self._on_loaded)
        buttons = row(self._all, None)
        self.setLayout(column(self.sentence, self.pictures, buttons, spacing=8, grows=1))

    def show_figures(self, figures: AnyFigures) -> None:
        """Show these figures."""
        self._figures = figures
        self._rows = figures.judged.worst_mistakes(_MOST)
        wrong = int(np.count_nonzero(~figures.judged.is_right))
        shown = len(self._rows)
        self.sentence.show_text(
            f"{counted(wrong, 'picture')} got a wrong label, or none. The {shown:,} below have the "
            "wrong label that the program was most sure of. Look whether the truth is right, too."
            if shown
            else "No picture got a wrong label."
        )
        self._all.show_rows(self._rows)
        self.pictures.clear()
        self._missing.clear()
        self.pictures.setVisible(shown > 0)
        for place in range(shown):
            self.pictures.addItem(self._item(place))
        self._show_pictures()

    def _item(self, place: int) -> QListWidgetItem:
        assert self._figures is not None  # noqa: S101 - these are its rows
        found, at = self._figures.judged, int(self._rows[place])
        label, truth = (
            ", ".join(map(one_line, names)) or NO_NAME for names in self._label_and_truth(place)
        )
        is_one = not isinstance(found, JudgedSets)
        sure = f" {percent(float(found.sure[at]))}" if is_one else ""
        short = [shortened(name, _LONGEST) for name in (label, truth)]
        item = QListWidgetItem(f"{short[0]}{sure}\nreally {short[1]}")
        path = one_line(self._figures.findings.paths[at])
        words = f"{path}: labelled {label}{' with' * is_one}{sure}, really {truth}"
        item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
        item.setToolTip(tip(words))
        item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
        item.setSizeHint(QSize(_SIDE + 24, _SIDE + _TEXT))
        item.setData(_PLACE, place)
        self._missing[Path(self._figures.findings.files[at])] = item
        return item

    def _label_and_truth(self, place: int) -> tuple[list[str], list[str]]:
        """Return the names that the picture of a place was given, and those that it shows."""
        assert self._figures is not None  # noqa: S101 - these are its rows
        found, at = self._figures.judged, int(self._rows[place])
        if isinstance(found, JudgedSets):
            return found.names_at(found.labels[at]), found.names_at(found.truth[at])
        label, truth = (found.names[int(column[at])] for column in (found.labels, found.truth))
        return [name for name in [label] if name], [name for name in [truth] if name]

    @Slot(object)
    def _on_loaded(self, _paths: object) -> None:
        if self._missing and self.isVisible():
            self._show_pictures()

    def showEvent(self, _event: object) -> None:
        """Ask for the pictures once they are looked at."""
        self._show_pictures()

    def _show_pictures(self) -> None:
        if not self.isVisible():
            return
        ratio = self.devicePixelRatioF()
        fit = Fit(round(_SIDE * ratio), round(_SIDE * ratio), 4 * ratio)
        for path, item in list(self._missing.items()):
            pixmap = self._thumbnails.pixmap(path, fit)
            if pixmap is not None:
                pixmap.setDevicePixelRatio(ratio)
                item.setIcon(QIcon(pixmap))
                if max(pixmap.width(), pixmap.height()) == fit.width:  # not one of another size
                    del self._missing[path]

    @Slot(QListWidgetItem)
    def _on_clicked(self, item: QListWidgetItem) -> None:
        label, truth = map(called_all, self._label_and_truth(item.data(_PLACE)))
        self.request(self._rows[[item.data(_PLACE)]], f"labelled {label}, really {truth}")
