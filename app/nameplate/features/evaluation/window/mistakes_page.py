"""The page that shows the mistakes that the program was most sure of, as pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from nameplate.features.evaluation.document import Document, Picture, Pictures
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.window.figure_page import (
    NO_NAME,
    FigurePage,
    PicturesButton,
    ShowPictures,
    called_all,
)
from nameplate.ui.tiles.thumbnails import Fit, ThumbnailLoader
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.numbers import counted, percent

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

    def __init__(self, show_pictures: ShowPictures, thumbnails: ThumbnailLoader) -> None:
        super().__init__(show_pictures)
        self._thumbnails = thumbnails
        self._worst: Sequence[Picture] = ()
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

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures."""
        content = document["worst"].content
        self._worst = content.items if isinstance(content, Pictures) else ()
        wrong, shown = int(np.count_nonzero(~figures.judged.is_right)), len(self._worst)
        self.sentence.show_text(
            f"{counted(wrong, 'picture')} got a wrong label, or none. The {shown:,} below have the "
            "wrong label that the program was most sure of. Look whether the truth is right, too."
            if shown
            else "No picture got a wrong label."
        )
        self._all.show_rows(np.array([one.row for one in self._worst], np.int64))
        self.pictures.clear()
        self._missing.clear()
        self.pictures.setVisible(shown > 0)
        for place, one in enumerate(self._worst):
            item = _item(one, figures.findings.paths[one.row])
            item.setData(_PLACE, place)
            self.pictures.addItem(item)
            self._missing[Path(figures.findings.files[one.row])] = item
        self._show_pictures()

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
        place: int = item.data(_PLACE)
        one = self._worst[place]
        label, truth = called_all(one.labels or ()), called_all(one.truth)
        self.request(np.array([one.row]), f"labelled {label}, really {truth}")


def _item(one: Picture, path: str) -> QListWidgetItem:
    label, truth = (
        ", ".join(map(one_line, names)) or NO_NAME for names in (one.labels or (), one.truth)
    )
    sure = "" if one.sure is None else f" {percent(one.sure)}"
    item = QListWidgetItem(
        f"{shortened(label, _LONGEST)}{sure}\nreally {shortened(truth, _LONGEST)}"
    )
    given = f"{label} with{sure}" if sure else label
    words = f"{one_line(path)}: labelled {given}, really {truth}"
    item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
    item.setToolTip(tip(words))
    item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
    item.setSizeHint(QSize(_SIDE + 24, _SIDE + _TEXT))
    return item
