"""The right column: the current image, its file facts, and the bars of the concepts."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from nameplate.domain.changes import Effects
from nameplate.domain.images import ImageState
from nameplate.domain.text import deferred
from nameplate.inference.preprocess import crop_box
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.similarity import SIMILARITY
from nameplate.system.failures import printable
from nameplate.ui.inspector.bar_rows import KEY_WIDTH, ROW_PAD, Bar
from nameplate.ui.inspector.bars import BarChart
from nameplate.ui.inspector.inspection import bars_of, caption, main_bars, warning
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.services import Services
from nameplate.ui.tiles.model import shown_name
from nameplate.ui.tiles.picture_loader import LoadedPicture, PictureLoader, PictureRequest
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.painting import SMALL, capitalised, font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.picture import Box, PictureView
from nameplate.wording.texts import tr, what_of, why_not_shown

_SIDES: Final = (512, 1024, 1600)
"""Of decoded pictures: of 12 million pixels 512 take a fifth of the time of 1600."""
_LEAST_PICTURE: Final = 96
_TO_NAMES: Final = ROW_PAD + KEY_WIDTH - 10
"""Where the names on the bars begin, without the padding of a flat button."""

_MARGIN: Final = 12
_PICTURE_RATIO: Final = 0.75
"""The height of the room for the picture where its width is 1, as of most photos."""

_SIMILARITY: Final = deferred(
    "How similar the picture is to your search, at most 1. With words it is rarely above 0.3: "
    "compare it with other pictures."
)


class Inspector(QWidget):
    """Shows one image with its bars; its picture is decoded on a thread.

    While another part of the window shows the picture as large, it is left out here. What that part
    decodes is not decoded for here: what is known of the file is shown when that part has it.
    """

    def __init__(self, services: Services, scoring: Scoring, loader: PictureLoader) -> None:
        super().__init__()
        self._owner, self._in_use, self._loader = services.owner, services.model_in_use, loader
        self._row = -1
        self._preview: Classifier | None = None
        self._hidden: frozenset[int] = frozenset()
        self._is_elsewhere = self._is_seen = False
        self._shows_all = False
        self._bars = list[Bar]()
        self._asked: PictureRequest | None = None
        self._path: Path | None = None
        self._picture = PictureView(self)
        self._name = Paragraph(
            self,
            max_lines=1,
            role=QPalette.ColorRole.WindowText,
            elide=Qt.TextElideMode.ElideMiddle,
        )
        self._facts = Paragraph(self, max_lines=3)
        self._where = Paragraph(self, max_lines=4)
        self._in_file = Paragraph(self, max_lines=2)
        self._similarity = Paragraph(self, max_lines=1, explained=tr(_SIMILARITY))
        self._state = Paragraph(self, max_lines=4)
        self._caption = Paragraph(self, max_lines=2)
        self.chart = BarChart(self)
        self._more = QToolButton(self, autoRaise=True)
        self._warning = Paragraph(self, max_lines=6, role=QPalette.ColorRole.WindowText)
        self._lay_out()
        self._more.clicked.connect(self._show_more)
        self._owner.changed.connect(self._on_project_changed)
        scoring.preview_changed.connect(self._on_preview)
        self._in_use.loaded.connect(self._on_model)
        self.show_nothing()

    # ---- which image

    def show_row(self, row: int) -> None:
        """Show the image `row`; -1 for none."""
        if row == self._row:
            return
        self._row = row
        if self._asked is not None:  # when it is selected again, its file may be another
            self._loader.drop(self._asked)
        # A blank until it is known of this one, too: the layout beneath must not move.
        self._in_file.show_text("\u00a0" if self._in_file.text() and row >= 0 else "")
        if row < 0:
            self.show_nothing()
            return
        known = self._known
        if known is not None and known.problem and not self._is_elsewhere:
            self._loader.try_again()  # its file may be there again
            known = None
        if known is not None:
            self._show_picture(known)
        else:
            self.show_image(self._owner.project.images.paths[row], None, None, "", None)
            self.refresh()
        self._want()

    def hide_names(self, rows: NDArray[np.int64]) -> None:
        """Show no bars for the images in `rows`, which a person is asked about."""
        self._hidden = frozenset(rows.tolist())
        self.refresh()

    def describe(self, row: int, text: str) -> None:
        """Show facts from an image's file if that is the current one."""
        if row == self._row:
            self._in_file.show_text(text)

    def leave_picture(self, *, is_decoded: bool, is_seen: bool) -> None:
        """Hide the picture while another part of the window shows it as large, or decodes it."""
        self._is_elsewhere, self._is_seen = is_decoded, is_seen
        self._show_place()
        self._want()

    def _show_place(self) -> None:
        """Show the room for the picture, unless there is none, or it is seen elsewhere."""
        self._picture.setHidden(self._is_seen or self._path is None)

    @property
    def is_settled(self) -> bool:
        """Whether the picture of the current image is known, unless it is shown elsewhere."""
        if self._row < 0 or self._is_elsewhere:
            return True
        if (known := self._known) is None:
            return False
        needed = min(self._picture_side(), _SIDES[-1], max(known.size))
        is_answer = bool(known.problem) or known.request == self._asked
        return is_answer or max(known.image.width(), known.image.height()) >= needed

    @property
    def _known(self) -> LoadedPicture | None:
        """The current picture as it was decoded last; None while it was not."""
        if self._row < 0:
            return None
        return self._loader.fitted(self._owner.project.images.paths[self._row])

    def _want(self) -> None:
        """Have the current picture decoded, with as many pixels as it has room for."""
        if not self.is_settled:
            path, needed = self._owner.project.images.paths[self._row], self._picture_side()
            side = next((side for side in _SIDES if side >= needed), _SIDES[-1])
            self._asked = PictureRequest(path, side, side)
            self._loader.want([self._asked])

    def refresh(self) -> None:
        """Update bars and remarks."""
        images, row = self._owner.project.images, self._row
        if not 0 <= row < len(images):
            return
        state = images.states[row]
        self._show_similarity(self._owner.similarity.score(row))
        if row in self._hidden:
            self.set_state(tr("The suggestion is hidden so you judge freely."))
        elif state == ImageState.UNREADABLE:
            self.show_unreadable(images.paths[row], what_of(images.reasons[row]))
        elif state == ImageState.WAITING:
            self.set_state(tr("The model hasn't read this picture yet."))
        else:
            self._show_bars(row)

    def _show_bars(self, row: int) -> None:
        project = self._owner.project
        classifier = self._preview or self._owner.suggestions.classifier
        if classifier is None or not classifier.concepts:
            how = tr("Type a name on the left and press Enter.")
            self.set_state(tr("Reading the names…") if project.concepts else how)
            return
        bars = bars_of(project, row, classifier)
        usual = self._owner.suggestions.classifier
        is_worse = usual is not None and usual.decider != classifier.decider
        said = caption(classifier, is_without_learning=is_worse)
        self.set_bars(bars, said, warning(classifier, bars))

    def _on_preview(self, classifier: Classifier | None) -> None:
        self._preview = classifier
        self.refresh()

    def _on_project_changed(self, effects: Effects) -> None:
        is_for_all = effects.concepts or effects.suggestions or SIMILARITY in effects.found
        if effects.opened:  # the picture is of the project before
            self._hidden = frozenset()
            self.show_row(-1)
        elif np.any(effects.relinked == self._row):  # its file is another now
            row, self._row = self._row, -1
            self.show_row(row)
        elif is_for_all or self._row in effects.labelled or self._row in effects.read:
            self.refresh()

    def _on_model(self) -> None:
        """Show the crop that the new model sees."""
        if (known := self._known) is not None:
            self._show_picture(known)

    def on_loaded(self, path: Path) -> None:
        """Show a picture that was decoded, if it is the current one."""
        if (known := self._known) is not None and known.request.path == path:
            self._show_picture(known)

    def _show_picture(self, known: LoadedPicture) -> None:
        if known.problem:
            self.show_unreadable(known.request.path, known.problem)
            return
        model = self._in_use.model
        crop = crop_box(*known.size, model.manifest.image) if model else None
        self.show_image(known.request.path, known.image, known.size, known.note, crop)
        self.refresh()

    # ---- how it is shown

    def show_nothing(self) -> None:
        """Show that no image is selected."""
        self._path = None
        self._show_place()
        self._show_facts("", "", "")
        self._show_similarity(None)
        self.set_state("")

    def show_image(
        self,
        path: Path,
        image: QImage | None,
        size: tuple[int, int] | None,
        note: str,
        crop: Box | None,
    ) -> None:
        """Show the image at `path`.

        Args:
            path: Of the file; it is not read.
            image: The picture or a smaller copy, at most some 2,000 pixels a side, since it is
                scaled on this thread; None while it loads.
            size: Width and height of the original; None while they are not known.
            note: A remark such as “is cut short”; may be empty.
            crop: Left, top, right and bottom in the original's pixels of what the model sees.
        """
        self._path = path
        name = shown_name(path)
        self._show_place()
        self._picture.show_picture(image, size, crop)
        self._picture.setAccessibleName(tr("Picture {name}", name=name))
        shape = tr("{width:,} × {height:,}", width=size[0], height=size[1]) if size else ""
        # A blank while the size is not known: the layout beneath must not move.
        self._show_facts(name, " · ".join(filter(None, (shape, note))) or "\u00a0", "")

    def show_unreadable(self, path: Path, reason: str) -> None:
        """Show that the file at `path` cannot be read, why, and where it comes from."""
        self._path = path
        self._show_place()
        name = shown_name(path)
        self._picture.show_message(why_not_shown(reason, is_brief=True), "warning")
        self._picture.setAccessibleName(why_not_shown(reason, name))
        self._show_facts(name, capitalised(reason), printable(str(path.parent)))
        self._facts.setForegroundRole(QPalette.ColorRole.WindowText)
        self.set_state("")

    def set_bars(self, bars: list[Bar], caption: str = "", warning: str = "") -> None:
        """Show bars in the order given, of many the first, between a caption and a warning."""
        self._state.show_text("")
        self._caption.show_text(caption)
        self._warning.show_text(warning, "warning")
        self._bars, main = bars, main_bars(bars)
        self.chart.set_bars(bars if self._shows_all else main, of_all=bars)
        # Without bars it has no height but is not hidden: hiding would lose the focus.
        self.chart.setMaximumHeight(self.chart.sizeHint().height())
        self._more.setText(
            tr("Show fewer") if self._shows_all else tr("Show all {count:,}", count=len(bars))
        )
        self._more.setVisible(len(bars) > len(main))

    def _show_more(self) -> None:
        """Show all bars, or the first ones again."""
        self._shows_all = not self._shows_all
        self.set_bars(self._bars, self._caption.text(), self._warning.text())

    def set_state(self, text: str) -> None:
        """Show `text` in place of the bars, such as “Not read by the model yet”."""
        self.set_bars([])
        self._state.show_text(text, "info")

    def _show_similarity(self, score: float | None) -> None:
        """Show the similarity to the query; None without a search, or if unknown."""
        self._similarity.show_text(
            "" if score is None else tr("Similarity {score:z.2f}", score=score)
        )

    def set_crop_shown(self, is_shown: bool) -> None:
        """Dim the parts outside the model's crop, or not."""
        self._picture.set_crop_shown(is_shown)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size at which everything fits, the picture as small as it may be."""
        is_left_out = self._picture.isHidden()
        spare = 0 if is_left_out else self._picture.height() - _LEAST_PICTURE
        return QSize(220, super().minimumSizeHint().height() - max(0, spare))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the picture its room."""
        super().resizeEvent(event)
        self._fit_picture()
        self._want()

    def event(self, event: QEvent) -> bool:
        """Give the picture less room where a sentence beneath takes it: it would lie on it."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit_picture()
        return super().event(event)

    def _fit_picture(self) -> None:
        """Give the picture a room that no picture changes, of at most half the height."""
        wanted = round((self.width() - 2 * _MARGIN) * _PICTURE_RATIO)
        room = self.height() - self.minimumSizeHint().height() + _LEAST_PICTURE
        height = min(wanted, room, self.height() // 2)
        self._picture.setFixedHeight(max(_LEAST_PICTURE, height))

    def _picture_side(self) -> int:
        """Return the longest side that a picture can have here, in device pixels."""
        return round((self.width() - 2 * _MARGIN) * self.devicePixelRatioF())

    def _lay_out(self) -> None:
        self._name.setFont(font_of(self.font(), weight=QFont.Weight.DemiBold))
        for secondary in (self._facts, self._where, self._in_file, self._similarity, self._caption):
            secondary.setFont(font_of(self.font(), SMALL))
        self._more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.chart.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        parts = (
            _stacked(self._picture),
            _stacked(self._name, self._facts, self._where, self._in_file, self._similarity),
            _stacked(self._state, self._caption),
            column(self.chart, column(self._more, margins=(_TO_NAMES, 0, 0, 0)), spacing=0),
            _stacked(self._warning),
        )
        # The rows of the chart extend into the margin, so that their names are aligned.
        side = _MARGIN - ROW_PAD
        self.setLayout(column(*parts, None, margins=(side, _MARGIN, side, _MARGIN), spacing=8))

    def _show_facts(self, name: str, facts: str, where: str) -> None:
        self._name.show_text(name)
        self._facts.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._facts.show_text(facts)
        self._where.show_text(where)


def _stacked(*widgets: QWidget) -> QVBoxLayout:
    return column(*widgets, margins=(ROW_PAD, 0, ROW_PAD, 0), spacing=2)
