"""Buttons of the tool row."""

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPaintEvent, QPalette
from PySide6.QtWidgets import QStyle, QStyleOptionToolButton, QStylePainter, QToolButton

from nameplate.ui.widgets.theme import icon_pixmap

_AROUND_WORDS: Final = 12
"""Pixels between icon and words, and some more: rather too wide than cut."""


class BarButton(QToolButton):
    """A button that keeps its width while the number in its text changes; Down opens its menu.

    Attributes:
        icon_name: Of its icon, which is light where it is the primary one; may be empty.
    """

    def __init__(self, room: str = "") -> None:
        """Make a button with room for the text `room` at least."""
        super().__init__()
        self.icon_name = ""
        self._room, self._widest = room, 0
        self.setObjectName("bar")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_words_shown(self, *, are_shown: bool) -> None:
        """Show the words beside the icon, or the icon alone."""
        styles = Qt.ToolButtonStyle
        style = styles.ToolButtonTextBesideIcon if are_shown else styles.ToolButtonIconOnly
        self.setToolButtonStyle(style)

    def wanted_width(self, *, with_words: bool) -> int:
        """Return the width with words, or without, regardless of the current style."""
        shows_words = self.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly
        now = self.sizeHint().width()
        if with_words == shows_words:
            return now
        words = max(map(self._advance, (self.text(), self._room))) + _AROUND_WORDS
        return max(now + words, self._widest) if with_words else now - words

    def _advance(self, text: str) -> int:
        # As Qt does it, to the pixel: room for a space on either side, and & marks a key.
        metrics, flags = self.fontMetrics(), Qt.TextFlag.TextShowMnemonic.value
        return metrics.size(flags, text).width() + 2 * metrics.horizontalAdvance(" ")

    def sizeHint(self) -> QSize:
        """Return the size for the longest text so far."""
        hint = super().sizeHint()
        if self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
            return hint
        more = max(0, self._advance(self._room) - self._advance(self.text()))
        self._widest = max(self._widest, hint.width() + more)
        return QSize(self._widest, hint.height())

    def changeEvent(self, event: QEvent) -> None:
        """Forget how wide it was in another font or style."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._widest = 0
        super().changeEvent(event)

    def open_menu(self) -> None:
        """Open its menu at the first entry."""
        if self._has_menu:
            menu = self.menu()
            menu.popup(self.mapToGlobal(QPoint(0, self.height())))
            menu.setActiveAction(menu.actions()[0])

    @property
    def _has_menu(self) -> bool:
        return self.popupMode() != QToolButton.ToolButtonPopupMode.DelayedPopup

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the menu by Down; else press it."""
        if event.key() == Qt.Key.Key_Down and self._has_menu:
            self.open_menu()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the button, with a light icon on the colour of the primary one."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        if not option.icon.isNull():
            option.text = f" {option.text}"  # Qt leaves hardly a gap after the icon
        if self.property("primary") and self.isEnabled() and self.icon_name:
            colour = self.palette().color(QPalette.ColorRole.HighlightedText)
            side = round(option.iconSize.width() * self.devicePixelRatioF())
            option.icon = QIcon(icon_pixmap(self.icon_name, colour.name(), side))
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
