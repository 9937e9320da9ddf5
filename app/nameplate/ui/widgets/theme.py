"""The theme in light, dark and high contrast: palette, style sheet and icons."""

import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QFontInfo,
    QFontMetrics,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from nameplate.storage.resources import resource

_ROLES: Final = {
    # role: (light, dark, light with high contrast, dark with high contrast)
    QPalette.ColorRole.Window: ("#f4f5f7", "#1c1e22", "#ffffff", "#000000"),
    QPalette.ColorRole.WindowText: ("#1d2430", "#e6e8ec", "#000000", "#ffffff"),
    QPalette.ColorRole.Base: ("#ffffff", "#16181b", "#ffffff", "#000000"),
    QPalette.ColorRole.AlternateBase: ("#eceef2", "#22252a", "#f0f0f0", "#1a1a1a"),
    QPalette.ColorRole.Text: ("#1d2430", "#e6e8ec", "#000000", "#ffffff"),
    QPalette.ColorRole.PlaceholderText: ("#57606e", "#a2aab6", "#333333", "#d6d6d6"),
    QPalette.ColorRole.Button: ("#ffffff", "#2a2d33", "#ffffff", "#000000"),
    QPalette.ColorRole.ButtonText: ("#1d2430", "#e6e8ec", "#000000", "#ffffff"),
    QPalette.ColorRole.BrightText: ("#ffffff", "#ffffff", "#ffffff", "#ffffff"),
    QPalette.ColorRole.Highlight: ("#2563eb", "#2f6bea", "#0b3fb5", "#ffd400"),
    QPalette.ColorRole.HighlightedText: ("#ffffff", "#ffffff", "#ffffff", "#000000"),
    QPalette.ColorRole.Accent: ("#2563eb", "#7db0ff", "#0b3fb5", "#ffd400"),
    QPalette.ColorRole.Link: ("#1d4fd7", "#8ab8ff", "#0b3fb5", "#ffd400"),
    QPalette.ColorRole.ToolTipBase: ("#1d2430", "#e6e8ec", "#000000", "#ffffff"),
    QPalette.ColorRole.ToolTipText: ("#ffffff", "#16181b", "#ffffff", "#000000"),
    QPalette.ColorRole.Light: ("#ffffff", "#3a3e46", "#ffffff", "#4d4d4d"),
    QPalette.ColorRole.Midlight: ("#e3e6eb", "#32363d", "#dcdcdc", "#333333"),
    QPalette.ColorRole.Mid: ("#c9ced6", "#3f444d", "#595959", "#a6a6a6"),
    QPalette.ColorRole.Dark: ("#848c99", "#727986", "#000000", "#ffffff"),
    QPalette.ColorRole.Shadow: ("#5a6270", "#000000", "#000000", "#000000"),
}
"""Colours by role and scheme. Mid is for lines that only divide, Dark for the edges of controls;
Accent for what is in focus or next, Highlight for what is filled, beneath HighlightedText."""

LEAST_OF_LINES: Final = 3.0
"""The contrast of edges and marks that WCAG 2.2 requires (1.4.11)."""

_THEMES: Final[dict[str, tuple[Qt.ColorScheme, bool | None]]] = {
    "system": (Qt.ColorScheme.Unknown, None),
    "light": (Qt.ColorScheme.Light, False),
    "dark": (Qt.ColorScheme.Dark, False),
    "contrast": (Qt.ColorScheme.Unknown, True),
}
"""The colour scheme of each theme, and whether it has high contrast; None as the system has it."""

_DISABLED: Final = ("#858c98", "#7d8592", "#595959", "#a6a6a6")
_USUAL_LINE: Final = 18
"""Height in pixels of a line in the default font; the largest of all systems."""

_BUNDLED: Final = "Inter"
_FALLBACKS: Final = ("", "DejaVu Sans", "Bitstream Vera Sans")
_HAS_CONTRAST: Final = "has high contrast"
"""The property of the application with the second value of `_THEMES`."""


def apply(app: QApplication) -> None:
    """Apply the theme to `app` and follow the system's colours."""
    app.setStyle("Fusion")
    hints = app.styleHints()
    hints.colorSchemeChanged.connect(_recolour)
    if hasattr(hints, "accessibility"):  # since Qt 6.10
        changed = hints.accessibility().contrastPreferenceChanged
        changed.connect(lambda _: _recolour(hints.colorScheme()))
    _replace_fallback_font(app)
    _recolour(hints.colorScheme())
    app.fontChanged.connect(_restyle)
    app.setWindowIcon(QIcon(str(resource("icons", "nameplate.svg"))))


def _replace_fallback_font(app: QApplication) -> None:
    """Use the bundled typeface on a Linux that has only fallback fonts."""
    if sys.platform == "linux" and QFontInfo(app.font()).family() in _FALLBACKS:
        for file in resource("fonts").glob("*.ttf"):
            QFontDatabase.addApplicationFont(str(file))
        font = app.font()
        font.setFamilies([_BUNDLED])
        app.setFont(font)


@contextmanager
def styled_at_the_end() -> Generator[None]:
    """Apply the style sheet to widgets made in this block only once, at its end.

    Otherwise each part is styled again whenever it gets a parent, which takes 40% of the time to
    create a window.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        yield
        return
    sheet = app.styleSheet()
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)


def use(name: str) -> None:
    """Use a theme of `_THEMES`."""
    scheme, has_contrast = _THEMES[name]
    hints = QGuiApplication.styleHints()
    if app := QGuiApplication.instance():
        app.setProperty(_HAS_CONTRAST, has_contrast)
    hints.setColorScheme(scheme)
    # Platforms without a colour scheme (plain X11) ignore the line above.
    _recolour(hints.colorScheme() if scheme == Qt.ColorScheme.Unknown else scheme)


def set_drawn(widget: QWidget, name: str, *, is_so: bool) -> None:
    """Set a property that the style sheet uses, and restyle the widget if it changed.

    `primary` fills the button of the next step, `next` frames the line to be filled in.
    """
    if bool(widget.property(name)) != is_so:
        widget.setProperty(name, is_so)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def icon(name: str) -> QIcon:
    """Return the icon `resources/icons/NAME.svg` in the colour of button texts."""
    return QIcon(_IconEngine(name))


class _IconEngine(QIconEngine):
    """Draws an icon in the palette's current colour, so that it follows the colour scheme."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def clone(self) -> QIconEngine:
        """Return an engine for the same icon."""
        return _IconEngine(self._name)

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State) -> QPixmap:
        """Return the icon, `size` device pixels large."""
        colour = QGuiApplication.palette().color(QPalette.ColorRole.ButtonText)
        if mode == QIcon.Mode.Disabled:
            colour.setAlphaF(0.35)
        side = min(size.width(), size.height())
        return icon_pixmap(self._name, colour.name(QColor.NameFormat.HexArgb), side)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the icon in `rect`."""
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect, self.pixmap(rect.size() * ratio, mode, state))


@lru_cache(maxsize=256)
def icon_pixmap(name: str, colour: str, side: int) -> QPixmap:
    """Return the icon drawn in `colour` (`#rrggbb` or `#aarrggbb`), `side` device pixels square."""
    shown = QColor(colour)
    svg = resource("icons", f"{name}.svg").read_bytes()
    svg = svg.replace(b"currentColor", shown.name().encode())
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(shown.alphaF())
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap


def luminance(colour: QColor) -> float:
    """Return the relative luminance of a colour as WCAG 2.2 defines it, 0 to 1."""
    channels = [colour.redF(), colour.greenF(), colour.blueF()]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast ratio of two colours as WCAG 2.2 defines it, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable_on(background: QColor) -> QColor:
    """Return black or white, the one with more contrast to `background`: at least 4.58."""
    return max((QColor("#000000"), QColor("#ffffff")), key=lambda c: contrast(c, background))


def seen_on(background: QColor, colour: QColor) -> QColor:
    """Return `colour`, darkened or lightened if a line needs it to be visible on `background`."""
    goal = readable_on(background)
    for part in (0.0, 0.2, 0.4, 0.6, 0.8):
        line = mixed(goal, colour, part)
        if contrast(line, background) >= LEAST_OF_LINES:
            return line
    return goal


def mixed(over: QColor, under: QColor, part: float) -> QColor:
    """Return a colour that is `part` of `over`, 0 to 1, and for the rest `under`."""
    channels = (
        part * of(over) + (1 - part) * of(under)
        for of in (QColor.redF, QColor.greenF, QColor.blueF)
    )
    return QColor.fromRgbF(*channels)


def text_scale() -> float:
    """Return the factor by which the system's font, and so icons, are larger than the default."""
    return max(1.0, QFontMetrics(QGuiApplication.font()).height() / _USUAL_LINE)


def scaled(pixels: int) -> int:
    """Return a size scaled with the system's font."""
    return round(pixels * text_scale())


def palette_of(scheme: Qt.ColorScheme, *, has_contrast: bool) -> QPalette:
    """Return the palette of the light or (Dark) the dark scheme."""
    which = (scheme == Qt.ColorScheme.Dark) + 2 * has_contrast
    palette = QPalette()
    for role, colours in _ROLES.items():
        palette.setColor(role, QColor(colours[which]))
    roles = QPalette.ColorRole
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(_DISABLED[which]))
    return palette


def _recolour(scheme: Qt.ColorScheme) -> None:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return
    app.setPalette(palette_of(scheme, has_contrast=_has_high_contrast(app)))
    _restyle()


def _restyle() -> None:
    """Set the style sheet for the current palette and font."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        # Widgets with a style sheet keep the old palette until a new sheet is set.
        app.setStyleSheet("")
        app.setStyleSheet(_sheet(app.palette(), has_contrast=_has_high_contrast(app)))


def _has_high_contrast(app: QApplication) -> bool:
    """Return whether high contrast is chosen, or requested by the system if Qt reports that."""
    chosen: bool | None = app.property(_HAS_CONTRAST)
    if chosen is not None:
        return chosen
    hints = app.styleHints()
    if not hasattr(hints, "accessibility"):
        return False
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def _sheet(palette: QPalette, *, has_contrast: bool) -> str:
    """Return `resources/theme.qss` with the values that `palette()` cannot give.

    Arrows cannot be coloured, so there are some in grey, black and white; `palette()` has no tool
    tip roles.
    """
    of, roles = palette.color, QPalette.ColorRole
    filled, filled_text = of(roles.Highlight), of(roles.HighlightedText)

    def black_or_white(colour: QColor) -> str:
        return "black" if luminance(colour) < 0.5 else "white"

    values = {
        "ICONS": resource("icons").as_posix(),
        "ARROW": f"-{black_or_white(of(roles.Text))}" if has_contrast else "",
        "ON_FILLED": black_or_white(filled_text),
        "TIP": of(roles.ToolTipBase).name(),
        "TIP_TEXT": of(roles.ToolTipText).name(),
        "CHOSEN": (filled if has_contrast else of(roles.Midlight)).name(),
        "CHOSEN_TEXT": (filled_text if has_contrast else of(roles.Text)).name(),
        "SELECTED": mixed(filled, of(roles.Base), 0.16).name(),
    }

    def value_of(found: re.Match[str]) -> str:
        name = found[1]
        return values[name] if name in values else str(scaled(int(name)))

    sheet = resource("theme.qss").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)@", value_of, sheet)


def tint(palette: QPalette, alpha: float) -> QColor:
    """Return the highlight colour with opacity `alpha`, 0 to 1."""
    colour = palette.color(QPalette.ColorRole.Highlight)
    colour.setAlphaF(alpha)
    return colour
