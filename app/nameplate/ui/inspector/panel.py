"""The right column: the current image, its file facts, and a bar for every concept."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFont, QImage, QPalette, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QVBoxLayout, QWidget

from nameplate.system.failures import printable
from nameplate.ui.inspector.bar_rows import ROW_PAD, Bar
from nameplate.ui.inspector.bars import BarChart
from nameplate.ui.tiles.model import shown_name
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.picture import Box, PictureView
from nameplate.wording.texts import why_not_shown

_LEAST_PICTURE: Final = 96
_MARGIN: Final = 10
_LIKENESS: Final = (
    "How much this picture is like what you search for, 1 at most. With a sentence it is seldom "
    "above 0.3; compare it with that of other pictures of this search."
)


class Inspector(QWidget):
    """Shows one image with its bars. A passive view: it reads no file and changes no label.

    Signals:
        bar_activated: Label the image with the concept of this key.
        crop_toggled: “What the model sees” was switched on or off.
        picture_resized: There is more or less room for the picture.
        left: A bar was chosen by Enter, or what had the focus is gone: the pictures are next.
    """

    bar_activated = Signal(int)
    crop_toggled = Signal(bool)
    picture_resized = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
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
        self._likeness = Paragraph(self, max_lines=1, explained=_LIKENESS)
        self._crop = QCheckBox("What the model sees", self)
        self._state = Paragraph(self, max_lines=4)
        self._chart = BarChart(self)
        self._caption = Paragraph(self, max_lines=2)
        self._warning = Paragraph(self, max_lines=3, role=QPalette.ColorRole.WindowText)
        self._lay_out()
        self._chart.bar_activated.connect(self.bar_activated)
        self._chart.left.connect(self.left)
        self._crop.toggled.connect(self._picture.set_crop_shown)
        self._crop.clicked.connect(self.crop_toggled)
        self.show_nothing()

    @property
    def chart(self) -> BarChart:
        """The bars."""
        return self._chart

    def show_nothing(self) -> None:
        """Show that no image is selected."""
        self._path = None
        self._picture.show_message("Select a picture", "samples")
        self._picture.setAccessibleName("No picture is selected")
        self._show_facts("", "", "")
        self.set_likeness(None)
        self._hide_crop()
        self._clear()

    def show_image(
        self,
        path: Path,
        image: QImage | None,
        size: tuple[int, int] | None,
        note: str,
        crop: Box | None,
    ) -> None:
        """Show the image at `path`.

        Bars, state and warning of a previous image are removed.

        Args:
            path: Of the file; it is not read.
            image: The picture or a smaller copy, at most some 2,000 pixels a side, since it is
                scaled on this thread; None while it loads.
            size: Width and height of the original; None while they are not known.
            note: A remark such as “is cut short”; may be empty.
            crop: Left, top, right and bottom in the original's pixels of what the model sees.
        """
        if path != self._path:
            self._clear()
        self._path = path
        name = shown_name(path)
        self._picture.show_picture(image, size, crop)
        self._picture.setAccessibleName(f"Picture {name}")
        shape = f"{size[0]:,} × {size[1]:,}" if size else ""
        # A blank while the size is not known: the layout beneath must not move.
        self._show_facts(name, " · ".join(filter(None, (shape, note))) or "\u00a0", "")
        is_all = size is not None and crop is not None and _covers(crop, size)
        self._crop.show()
        # Never disabled: that would hand the focus to the bars, where Enter means another thing.
        self._crop.setToolTip("The model sees all of this picture" if is_all else "")

    def show_unreadable(self, path: Path, reason: str, address: str = "") -> None:
        """Show that the file at `path` cannot be read, and why; `address`: where it comes from."""
        self._path = path
        name = shown_name(path)
        self._picture.show_message(why_not_shown(reason).partition(":")[0], "warning")
        self._picture.setAccessibleName(why_not_shown(reason, name))
        self._show_facts(name, reason, address or printable(str(path.parent)))
        self._facts.setForegroundRole(QPalette.ColorRole.WindowText)
        self._hide_crop()
        self._clear()

    def set_bars(self, bars: list[Bar], caption: str) -> None:
        """Show `bars` from the top in the order given, and `caption` beneath."""
        self._state.show_text("")
        self._chart.set_bars(bars)
        # Without bars it has no height but is not hidden: hiding would lose the focus.
        self._chart.setMaximumHeight(self._chart.sizeHint().height())
        self._caption.show_text(caption)

    def set_state(self, text: str) -> None:
        """Show `text` in place of the bars, such as “Not read by the model yet”."""
        if text:
            self.set_bars([], "")
        self._state.show_text(text, "info")

    def set_warning(self, text: str) -> None:
        """Show a warning beneath the bars; an empty `text` hides it."""
        self._warning.show_text(text, "warning")

    def set_likeness(self, score: float | None) -> None:
        """Show how much the image is like what is searched for; None for no search, or unknown."""
        self._likeness.show_text("" if score is None else f"Likeness {score:.2f}")

    def set_picture_shown(self, is_shown: bool) -> None:
        """Show the picture above the bars, or give its room to the bars."""
        self._picture.setVisible(is_shown)

    def set_show_crop(self, is_shown: bool) -> None:
        """Dim what the model does not see, or show it normally; emits nothing."""
        self._crop.setChecked(is_shown)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size at which everything fits, the picture as small as it may be."""
        spare = self._picture.height() - _LEAST_PICTURE
        return QSize(220, super().minimumSizeHint().height() - max(0, spare))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the picture its room."""
        super().resizeEvent(event)
        self._fit_picture()
        self.picture_resized.emit()

    def event(self, event: QEvent) -> bool:
        """Give the picture less room where a sentence beneath takes it: it would lie on it."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit_picture()
        return super().event(event)

    def _fit_picture(self) -> None:
        """Give the picture a square of at most half the height."""
        width = self.width() - 2 * _MARGIN
        room = self.height() - self.minimumSizeHint().height() + _LEAST_PICTURE
        side = min(width, room, self.height() // 2)
        self._picture.setFixedHeight(max(_LEAST_PICTURE, side))

    def picture_side(self) -> int:
        """Return the longest side that a picture can have here, in device pixels."""
        return round((self.width() - 2 * _MARGIN) * self.devicePixelRatioF())

    def _lay_out(self) -> None:
        self._name.setFont(font_of(self.font(), weight=QFont.Weight.DemiBold))
        self._crop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._crop.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._chart.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        parts = (
            _stacked(self._picture),
            _stacked(self._name, self._facts, self._where, self._likeness, self._crop),
            _stacked(self._state),
            self._chart,
            _stacked(self._caption, self._warning),
        )
        # The rows of the chart extend into the margin, so that their names are aligned.
        side = _MARGIN - ROW_PAD
        self.setLayout(column(*parts, None, margins=(side, _MARGIN, side, _MARGIN), spacing=6))

    def _hide_crop(self) -> None:
        if self._crop.hasFocus():
            self.left.emit()  # Qt would go on to the bars, where Enter means another thing
        self._crop.hide()

    def _show_facts(self, name: str, facts: str, where: str) -> None:
        self._name.show_text(name)
        self._facts.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._facts.show_text(facts)
        self._where.show_text(where)

    def _clear(self) -> None:
        self.set_bars([], "")
        self.set_warning("")


def _stacked(*widgets: QWidget) -> QVBoxLayout:
    return column(*widgets, margins=(ROW_PAD, 0, ROW_PAD, 0), spacing=4)


def _covers(crop: Box, size: tuple[int, int]) -> bool:
    left, top, right, bottom = crop
    return left <= 0.5 and top <= 0.5 and right >= size[0] - 0.5 and bottom >= size[1] - 0.5
