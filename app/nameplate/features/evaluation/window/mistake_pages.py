"""The pages about names and mistakes: how each name is found, what is taken for what."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from nameplate.domain.text import deferred
from nameplate.features.evaluation.figures.judged import ConceptResult, Judged
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.report.document import Document, Picture, Pictures, Table
from nameplate.features.evaluation.window.figure_page import (
    IN_BRACKETS,
    NO_NAME,
    FigurePage,
    PicturesButton,
    Rows,
    ShowPictures,
    called,
    called_all,
    plain_share,
    share_text,
    spoken_share,
)
from nameplate.features.evaluation.window.figure_table import Cell, FigureTable, Grid
from nameplate.features.evaluation.window.head import said, truth_text
from nameplate.ui.tiles.thumbnails import Fit, ThumbnailLoader
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.numbers import format_number, percent
from nameplate.wording.texts import listed, sentences, tr, trn

_HEADS: Final = (
    deferred("Name"),
    deferred("Pictures"),
    deferred("Found", "pictures"),
    deferred("Right where given"),
    deferred("Both (F1)"),
)
_FOUND: Final = 2
_F1: Final = 4
_MOST_MISTAKES: Final = 1000
_SIDE: Final = 132
_TEXT: Final = 44
_LONGEST: Final = 18
_PLACE: Final = Qt.ItemDataRole.UserRole


class NamesPage(FigurePage):
    """How many pictures of each name are found, and how many of its labels are right."""

    title = deferred("By name")
    is_for_several = True

    def __init__(self, show_pictures: ShowPictures, *, is_plain: bool = False) -> None:
        """Make an empty one; a plain one has shares alone, without ranges."""
        super().__init__(show_pictures)
        self._is_plain = is_plain
        self._results: list[tuple[int, ConceptResult]] = []
        self.table = FigureTable(tr("How well each name is found, the worst first"))
        self.table.setToolTip(
            tr(
                "Enter or a click shows the pictures: of Found, those that were missed; of Right "
                "where given, the wrong ones"
            )
            if is_plain
            else tr(
                "Enter or a click shows the pictures: of Found, those that were missed; of Right "
                "where given, the wrong ones; of Both, all mistakes with the name. Both is 100% "
                "where the name is on all pictures that show it and on no others"
            )
        )
        self.setLayout(column(self.sentence, self.table, spacing=8, grows=1))

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures, without names that neither pictures nor labels have."""
        section = document["names"]
        assert isinstance(section.content, Table)  # noqa: S101 - so it is made
        self._judged, results = figures.judged, figures.judged.per_concept()
        in_order = [(number, results[number]) for number in section.content.order]
        self._results = [one for one in in_order if one[1].images or one[1].labelled]
        what = tr(
            "Found: of the pictures that show it, how many got the name. Right: of those that got "
            "it, how many show it."
        )
        in_brackets = sentences(said(*section.said), tr(IN_BRACKETS))
        self.sentence.show_text(what if self._is_plain else in_brackets)
        heads = [tr(text, "pictures" * (at == _FOUND)) for at, text in enumerate(_HEADS)]
        heads = heads[:_F1] if self._is_plain else heads
        self.table.show_grid(Grid(heads, (), len(self._results), self._cell, self._open))

    def _rows_of(self, place: int, at: int) -> tuple[Rows, str]:
        """Return the rows behind a cell, and what they are, for `request`."""
        is_true, is_given = self._judged.with_name(self._results[place][0])
        match at:
            case 4 if (is_true != is_given).any():
                return np.flatnonzero(is_true != is_given), deferred("Mistakes about {name}")
            case 2 if (is_true & ~is_given).any():
                return np.flatnonzero(is_true & ~is_given), deferred("Really {name}, missed")
            case 3 if (is_given & ~is_true).any():
                return np.flatnonzero(is_given & ~is_true), deferred("Wrongly given {name}")
            case 3:
                return np.flatnonzero(is_given), deferred("Given {name}")
            case _:
                return np.flatnonzero(is_true), deferred("Really {name}")

    def _cell(self, place: int, at: int) -> Cell:
        one = self._results[place][1]
        if at < 2:
            return Cell(one.name if not at else format_number(one.images), is_open=one.images > 0)
        if at == _F1:
            return _f1_cell(one)
        share = one.found if at == 2 else one.fitting
        filled = share.count / share.of if share.of else None
        what = deferred("Given {name}: {count:,} of {total:,} are right")
        if at == _FOUND:
            what = deferred("Really {name}: {count:,} of {total:,} are found")
        text = plain_share(share) if self._is_plain else share_text(share)
        return Cell(text, spoken_share(share, what, name=one.name), filled, False, share.of > 0)

    def _open(self, place: int, at: int) -> None:
        self.request(*self._rows_of(place, at), name=called(self._results[place][1].name))


def _f1_cell(one: ConceptResult) -> Cell:
    f1, is_open = one.f1, one.shared.of > 0
    if f1 is None:
        least = tr("not enough pictures of {name} yet", name=one.name)
        text = tr("too few") if is_open else tr("none", "no pictures")
        return Cell(text, least, is_open=is_open)
    value, (low, high) = f1
    text = tr("{share:.0%} ({low:.0%} to {high:.0%})", share=value, low=low, high=high)
    spoken = tr(
        "{name}, found and right where given, in one figure: {share:.0%}, for pictures like "
        "these between {low:.0%} and {high:.0%}",
        name=one.name,
        share=value,
        low=low,
        high=high,
    )
    return Cell(text, spoken, value, False, is_open)


class ConfusionPage(FigurePage):
    """What is taken for what: rows for the truth, columns for labels; and a list of mistakes."""

    title = deferred("Mixed up")

    def __init__(self, show_pictures: ShowPictures, *, is_list: bool = False) -> None:
        """Make an empty one; with `is_list` the most frequent mistakes alone."""
        super().__init__(show_pictures)
        self.table: FigureTable | None = None
        self.list = FigureTable(tr("The most frequent mistakes"))
        body = row(self.list)
        if not is_list:
            self.table = FigureTable(
                tr("What is taken for what: a row for the truth, a column for the label")
            )
            body = row(self.table, self.list, spacing=12, grows=(3, 2))
        self.setLayout(column(self.sentence, body, spacing=8, grows=1))

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures; names that neither pictures nor labels have are left out."""
        assert isinstance(figures.judged, Judged)  # noqa: S101 - it is not for several
        self._judged = judged = figures.judged
        self._sums = judged.matrix.sum(axis=1)
        names = [judged.names[at] or tr(NO_NAME) for at in judged.used]
        mistakes = min(_MOST_MISTAKES, len(judged.confusions))
        self.sentence.show_text(said(*document["mistakes"].said))
        if self.table is not None:
            self.table.show_grid(
                Grid(names, names, len(names), self._cell, self._on_cell, is_heat=True)
            )
        heads = tr("Really"), tr("Given", "label"), tr("Pictures")
        self.list.show_grid(Grid(heads, (), mistakes, self._mistake, self._on_mistake, widest=116))

    def _cell(self, place: int, at: int) -> Cell:
        truth, label = self._judged.used[place], self._judged.used[at]
        count, names = int(self._judged.matrix[truth, label]), self._judged.names
        spoken = tr(
            "Really {name}, given {label}: {count:,}",
            count=count,
            name=names[truth] or tr(NO_NAME),
            label=names[label] or tr("nothing"),
        )
        if not count:
            return Cell("", spoken)
        share = count / int(self._sums[truth])
        return Cell(format_number(count), spoken, share, truth != label, is_open=True)

    def _mistake(self, place: int, at: int) -> Cell:
        truth, label, count = self._judged.confusions[place]
        names = self._judged.names
        texts = (
            names[truth] or tr(NO_NAME),
            names[label] or tr("nothing"),
            format_number(count),
        )
        share = count / self._judged.confusions[0][2] if at == 2 else None
        return Cell(texts[at], share=share, is_wrong=True, is_open=True)

    def _open(self, truth: int, label: int) -> None:
        names = self._judged.names
        is_it = self._judged.with_name(truth)[0] & self._judged.with_name(label)[1]
        what = deferred("Really {name}, without a suggestion")
        if names[label]:
            what = deferred("Really {name}, suggested as {label}")
        values = {"name": called(names[truth]), "label": called(names[label])}
        self.request(np.flatnonzero(is_it), what, **values)

    def _on_cell(self, place: int, at: int) -> None:
        self._open(self._judged.used[place], self._judged.used[at])

    def _on_mistake(self, place: int, _at: int) -> None:
        self._open(*self._judged.confusions[place][:2])


class OverviewPage(FigurePage):
    """Each name in a line, and beside it what is most often mixed up."""

    title = deferred("Overview")
    is_for_several = True

    def __init__(self, show_pictures: ShowPictures) -> None:
        super().__init__(show_pictures)
        self._names = NamesPage(show_pictures, is_plain=True)
        self._mixed_up = ConfusionPage(show_pictures, is_list=True)
        self.setFocusProxy(self._names.table)
        self._wrong = PicturesButton(
            self, tr("Show the wrong ones"), deferred("Suggestion wrong or missing")
        )
        self._right = PicturesButton(self, tr("Show the right ones"), deferred("Suggestion right"))
        body = row(self._names, self._mixed_up, spacing=24, grows=(3, 2))
        buttons = row(self._wrong, self._right, None, spacing=8)
        self.setLayout(column(body, buttons, self.sentence, spacing=12, grows=0))
        self.sentence.hide()  # the headline of the panel says it

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures."""
        is_right = figures.judged.is_right
        self._names.show_figures(figures, document)
        has_pairs = isinstance(figures.judged, Judged)
        self._mixed_up.setVisible(has_pairs)
        if has_pairs:
            self._mixed_up.show_figures(figures, document)
        self._wrong.show_rows(np.flatnonzero(~is_right))
        self._right.show_rows(np.flatnonzero(is_right))


class _Pictures(QListWidget):
    """Opens the current picture with Enter on every system."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item: QListWidgetItem | None = self.currentItem()
        if event.key() in ENTER_KEYS and item:
            self.itemClicked.emit(item)
            event.accept()
        else:
            super().keyPressEvent(event)


class MistakesPage(FigurePage):
    """The surest mistakes, each with what it was labelled and what it really shows."""

    title = deferred("Surest mistakes")
    is_for_several = True

    def __init__(self, show_pictures: ShowPictures, thumbnails: ThumbnailLoader) -> None:
        super().__init__(show_pictures)
        self._thumbnails = thumbnails
        self._worst: Sequence[Picture] = ()
        self._missing: dict[Path, QListWidgetItem] = {}
        self.pictures = _Pictures()
        self.pictures.setAccessibleName(tr("The surest mistakes"))
        self.pictures.setViewMode(QListView.ViewMode.IconMode)
        self.pictures.setMovement(QListView.Movement.Static)
        self.pictures.setResizeMode(QListView.ResizeMode.Adjust)
        self.pictures.setWordWrap(False)  # long names are elided, so that both are seen
        self.pictures.setIconSize(QSize(_SIDE, _SIDE))
        self.pictures.setGridSize(QSize(_SIDE + 28, _SIDE + _TEXT + 8))
        self._all = PicturesButton(self, tr("Show these"), deferred("The surest mistakes"))
        self.pictures.itemClicked.connect(self._on_clicked)
        thumbnails.loaded.connect(self._on_loaded)
        buttons = row(self._all, None)
        self.setLayout(column(self.sentence, self.pictures, buttons, spacing=8, grows=1))

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures."""
        content = document["worst"].content
        self._worst = content.items if isinstance(content, Pictures) else ()
        wrong, shown = int(np.count_nonzero(~figures.judged.is_right)), len(self._worst)
        self.sentence.show_text(_mistakes_text(wrong, shown, truth_text(figures.question)))
        self._all.show_rows(np.array([one.row for one in self._worst], np.int64))
        self.pictures.clear()
        self._missing.clear()
        self.pictures.setVisible(shown > 0)
        for place, one in enumerate(self._worst):
            item = _item(one, figures.paths[one.row])
            item.setData(_PLACE, place)
            self.pictures.addItem(item)
            self._missing[Path(figures.files[one.row])] = item
        self._show_pictures()

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

    def _on_clicked(self, item: QListWidgetItem) -> None:
        place: int = item.data(_PLACE)
        one = self._worst[place]
        label, truth = called_all(one.labels or ()), called_all(one.truth)
        what = deferred("Really {name}, given {label}")
        self.request(np.array([one.row]), what, label=label, name=truth)


def _mistakes_text(wrong: int, shown: int, truth: str) -> str:
    """Return what is shown of the mistakes."""
    if not shown:
        return tr("No suggestion differs from {truth}.", truth=truth)
    if shown == wrong:
        text = trn(
            "{count:,} suggestion differs from {truth}, surest first.",
            "{count:,} suggestions differ from {truth}, surest first.",
            wrong,
            truth=truth,
        )
    else:
        text = trn(
            "{count:,} suggestion differs from {truth}, the {shown:,} surest are here.",
            "{count:,} suggestions differ from {truth}, the {shown:,} surest are here.",
            wrong,
            truth=truth,
            shown=shown,
        )
    return sentences(text, tr("“Really” is by {truth}, and may be wrong, too.", truth=truth))


def _item(one: Picture, path: str) -> QListWidgetItem:
    label, truth = (
        listed(list(map(one_line, names))) or tr(NO_NAME) for names in (one.labels or (), one.truth)
    )
    sure = "" if one.sure is None else percent(one.sure)
    really = tr("really {name}", name=shortened(truth, _LONGEST))
    item = QListWidgetItem(f"{shortened(label, _LONGEST)} {sure}".rstrip() + f"\n{really}")
    words = tr(
        "{path}: labelled {label} with {percent}, really {truth}"
        if sure
        else "{path}: labelled {label}, really {truth}",
        path=one_line(path),
        label=label,
        percent=sure,
        truth=truth,
    )
    item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
    item.setToolTip(tip(words))
    item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
    item.setSizeHint(QSize(_SIDE + 24, _SIDE + _TEXT))
    return item
