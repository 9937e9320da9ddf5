"""Text that never widens the window: it wraps anywhere, is elided, and is no HTML."""

import html
from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from nameplate.system.failures import printable
from nameplate.ui.widgets.painting import draw_icon, one_line, shortened, wrapped

_LEAST_ICON: Final = 16
_ICON_GAP: Final = 6
_TIP_WORD: Final = 48
_TIP_LINE: Final = 80
_LONGEST_TIP: Final = 2000
_MOST_WIDTHS: Final = 16


def tip(text: str) -> str:
    """Return `text` as the text of a tool tip: wrapped, long words broken, markup escaped.

    Every tool tip whose text is not fixed has to use this: Qt parses text that looks like HTML, and
    opens the files that it names; other text it does not wrap.
    """
    text = shortened(printable(text), _LONGEST_TIP)
    is_short = all(len(line) <= _TIP_LINE for line in text.splitlines())
    if is_short and "<" not in text and "&" not in text:
        return text  # a screen reader reads it as it stands, too
    broken = " ".join(
        "\u200b".join(word[i : i + _TIP_WORD] for i in range(0, len(word), _TIP_WORD))
        for word in text.split(" ")
    )
    return f"<p style='white-space:pre-wrap'>{html.escape(broken)}</p>"


class Paragraph(QLabel):
    """A label of at most `max_lines` lines, with an optional icon before the first.

    A `QLabel` is as wide as its longest word and detects HTML in its text; names and paths may be
    one long word, and may look like HTML.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        max_lines: int = 3,
        role: QPalette.ColorRole = QPalette.ColorRole.PlaceholderText,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        explained: str = "",
        is_as_wide_as_text: bool = False,
    ) -> None:
        """Make an empty one.

        Args:
            parent: The parent widget.
            max_lines: The largest number of lines.
            role: The palette role of the text.
            elide: Where text is cut that does not fit.
            explained: The tool tip; while text is cut, the tool tip is the whole text.
            is_as_wide_as_text: Whether its preferred width is that of its text in one line;
                otherwise it takes the width that a layout gives it.
        """
        super().__init__(parent)
        self._explained = explained
        self._max_lines = max_lines
        self._elide = elide
        self._icon = ""
        self._heights: dict[int, int] = {}  # by width: a layout asks again and again
        self.setForegroundRole(role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._is_as_wide_as_text = is_as_wide_as_text
        width = QSizePolicy.Policy.Preferred if is_as_wide_as_text else QSizePolicy.Policy.Ignored
        policy = QSizePolicy(width, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()  # as without text; what was never hidden is shown with its parent

    def show_text(self, text: str, icon: str = "") -> None:
        """Show `text` after the icon `resources/icons/ICON.svg`; without text, hide."""
        shown = one_line(text)
        is_shown_already = (self.text(), self._icon) == (shown, icon)
        if is_shown_already and self.isHidden() != bool(text):
            return  # avoid a new layout of everything around it
        self._icon = icon
        self._heights.clear()
        self.setText(shown)
        if text and self.isWindow():  # shown before it has a parent, it would be a window itself
            self.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
        else:
            self.setVisible(bool(text))
        self._set_tip()
        self.updateGeometry()
        self.update()

    @property
    def icon_name(self) -> str:
        """The name of the icon; empty for none."""
        return self._icon

    def sizeHint(self) -> QSize:
        """Return the preferred size; the height depends on the width."""
        if self._is_as_wide_as_text:
            width = self.fontMetrics().horizontalAdvance(self.text()) + 2 + self._icon_width()
            return QSize(width, self.heightForWidth(min(width, self.maximumWidth())))
        return QSize(80, self.heightForWidth(max(80, self.width())))

    def minimumSizeHint(self) -> QSize:
        """Return the height of one line and no width, so that no text can widen a panel."""
        return QSize(0, self._line_height())

    def heightForWidth(self, width: int) -> int:
        """Return the height of the text, wrapped to `width`."""
        if width not in self._heights:
            if len(self._heights) >= _MOST_WIDTHS:
                self._heights.clear()
            lines = self._lines(self._text_width(width))
            self._heights[width] = self._line_height() * max(1, len(lines))
        return self._heights[width]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Set the full text as tool tip if it is elided; update the height."""
        self._set_tip()
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        """Forget the heights, which depend on the font."""
        self._heights.clear()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the icon and the lines."""
        painter = QPainter(self)
        colour = self.palette().color(self.foregroundRole())
        line_height = self._line_height()
        if self._icon:
            side = self._icon_width() - _ICON_GAP
            box = QRectF(0, (line_height - side) / 2, side, side)
            draw_icon(painter, box, self._icon, colour)
        painter.setPen(colour)
        left, width = self.width() - self._text_width(self.width()), self._text_width(self.width())
        flags = Qt.AlignmentFlag.AlignVCenter | (
            self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask
        )
        for number, line in enumerate(self._lines(width)):
            box = QRect(left, number * line_height, width, line_height)
            painter.drawText(box, int(flags | Qt.TextFlag.TextSingleLine), line)

    def _set_tip(self) -> None:
        shown = "".join(self._lines(self._text_width(self.width())))
        is_cut = "".join(shown.split()) != "".join(self.text().split())
        self.setToolTip(tip(self.text() if is_cut else self._explained))

    def _line_height(self) -> int:
        return max(self.fontMetrics().height() + 2, _LEAST_ICON if self._icon else 0)

    def _icon_width(self) -> int:
        """Return the width of the icon, which is as high as the letters, and of the gap after."""
        side = max(_LEAST_ICON, self.fontMetrics().height())
        return side + _ICON_GAP if self._icon else 0

    def _text_width(self, width: int) -> int:
        return max(1, width - self._icon_width())

    def _lines(self, width: int) -> list[str]:
        if self._max_lines == 1:
            return [self.fontMetrics().elidedText(self.text(), self._elide, width)]
        return wrapped(self.text(), self.font(), width, self._max_lines)
