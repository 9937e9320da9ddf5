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
"""Contrast of edges and marks, as WCAG 2.2 wants it (1.4.11)."""

_DISABLED: Final = ("#858c98", "#7d8592", "#595959", "#a6a6a6")
_USUAL_LINE: Final = 18
"""Pixels: the highest line of a system's usual font."""

_BUNDLED: Final = "Inter"
_FALLBACKS: Final = ("", "DejaVu Sans", "Bitstream Vera Sans")
_HAS_CONTRAST: Final = "has high contrast"
"""The application's property of that: True, False, or None for what the system asks for."""

_SHEET: Final = """
QMenuBar { border: 0; padding: 2px 0 0 0; background: palette(window); }
QMenuBar::item { border-radius: 4px; padding: 3px 7px; background: transparent; }
QMenuBar::item:selected { background: palette(midlight); }
QToolTip {
    border: 0; padding: 4px 6px;
    background: @TIP@; color: @TIP_TEXT@;
}
QToolButton, QPushButton { icon-size: @16@px; }
QPushButton, QLineEdit, QComboBox { min-height: @20@px; }  /* all in all, controls are 30 high */
QToolButton#bar, QSpinBox, QDoubleSpinBox { min-height: @17@px; }  /* Qt adds 3 to these */
QPushButton, QToolButton#bar {
    border: 1px solid palette(dark); border-radius: 6px; padding: 4px 12px;
    background: palette(button); color: palette(button-text);
}
QPushButton:flat, QPushButton:flat:default {
    border-color: transparent; background: transparent; color: palette(link);
}
QPushButton:hover, QToolButton#bar:hover { border-color: palette(accent); }
QPushButton:focus, QToolButton#bar:focus { border: 2px solid palette(accent); padding: 3px 11px; }
QPushButton:pressed, QToolButton#bar:pressed { background: palette(midlight); }
QPushButton:default, QPushButton[primary="true"], QToolButton#bar[primary="true"] {
    background: palette(highlight); color: palette(highlighted-text);
    border-color: palette(highlight);
}
QPushButton:default:focus, QPushButton[primary="true"]:focus,
QToolButton#bar[primary="true"]:focus {
    border: 2px solid palette(window-text); padding: 3px 11px;
}
QPushButton:disabled, QToolButton#bar:disabled {
    color: palette(placeholder-text); background: palette(window); border-color: palette(mid);
}
QLineEdit, QPlainTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
    border: 1px solid palette(dark); border-radius: 6px; padding: 4px 8px;
    background: palette(base); selection-background-color: palette(highlight);
}
QLineEdit:focus, QPlainTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus,
QLineEdit[next="true"] {
    border: 2px solid palette(accent); padding: 3px 7px;
}
QPlainTextEdit { padding: 2px 4px; }
QPlainTextEdit:focus { padding: 1px 3px; }
QComboBox::drop-down { border: 0; width: 22px; }
QComboBox::down-arrow, QToolButton#bar::menu-arrow, QToolButton#bar::menu-indicator {
    image: url("@ICONS@/arrow-down@ARROW@.svg"); width: @16@px; height: @16@px;
}
QToolButton#bar[primary="true"]::menu-arrow, QToolButton#bar[primary="true"]::menu-indicator {
    image: url("@ICONS@/arrow-down-@ON_FILLED@.svg");
}
QSpinBox::up-button, QSpinBox::down-button { border: 0; width: 20px; background: transparent; }
QSpinBox::up-arrow { image: url("@ICONS@/arrow-up.svg"); width: @14@px; height: @14@px; }
QSpinBox::down-arrow { image: url("@ICONS@/arrow-down.svg"); width: @14@px; height: @14@px; }
QToolButton#bar { padding-right: 26px; }
QToolButton#bar:focus, QToolButton#bar[primary="true"]:focus { padding-right: 25px; }
QToolButton#bar[popupMode="0"] { padding-right: 12px; }
QToolButton#bar[popupMode="0"]:focus { padding-right: 11px; }
QToolButton#bar[primary="true"][popupMode="0"]:focus { padding-right: 11px; }
QToolButton#bar::menu-button { border: 0; width: 22px; }
QToolButton#bar::menu-indicator {
    subcontrol-origin: border; subcontrol-position: center right; right: 5px;
}
QToolButton#chip {
    border: 1px solid palette(dark); border-radius: 11px; padding: 2px 10px;
    background: palette(button); color: palette(button-text);
}
QToolButton#chip:hover { border-color: palette(accent); }
QToolButton#chip:focus { border: 2px solid palette(accent); padding: 1px 9px; }
QPushButton#quiet, QPushButton#link {
    min-height: @15@px;
    border: 1px solid transparent; border-radius: 4px; padding: 2px 4px; background: transparent;
    color: palette(placeholder-text); text-align: left;
}
QPushButton#link { color: palette(link); }
QPushButton#quiet:hover, QPushButton#link:hover { background: palette(midlight); }
QPushButton#quiet:focus, QPushButton#link:focus {
    border: 2px solid palette(accent); padding: 1px 3px;
}
QPushButton#quiet::menu-indicator { image: none; width: 0; }
QCheckBox, QRadioButton { spacing: 8px; }
QRadioButton::indicator {
    border: 1px solid palette(placeholder-text); border-radius: 7px; width: 13px; height: 13px;
    background: palette(base);
}
QRadioButton::indicator:hover { border-color: palette(accent); }
QRadioButton::indicator:checked {
    border: 4px solid palette(highlight); width: 7px; height: 7px;
    background: palette(highlighted-text);
}
QRadioButton::indicator:focus { border-color: palette(accent); }
QRadioButton::indicator:checked:focus { border-color: palette(window-text); }
QRadioButton::indicator:disabled { border-color: palette(mid); }
QCheckBox::indicator, QListView::indicator, QMenu::indicator {
    border: 1px solid palette(placeholder-text); border-radius: 4px; width: 13px; height: 13px;
}
QCheckBox::indicator, QListView::indicator { background: palette(base); }
QCheckBox::indicator:hover { border-color: palette(accent); }
QCheckBox::indicator:focus { border: 2px solid palette(accent); width: 11px; height: 11px; }
QCheckBox::indicator:checked, QListView::indicator:checked, QMenu::indicator:checked {
    border-color: palette(highlight); background: palette(highlight);
    image: url("@ICONS@/ticked-@ON_FILLED@.svg");
}
QCheckBox::indicator:checked:focus {
    border: 2px solid palette(window-text); width: 11px; height: 11px;
}
QCheckBox::indicator:disabled { border-color: palette(mid); }
QToolButton[autoRaise="true"] {
    min-height: @16@px;
    border: 1px solid transparent; border-radius: 6px; padding: 3px; background: transparent;
}
QToolButton[autoRaise="true"]:hover { background: palette(midlight); }
QToolButton[autoRaise="true"]:focus { border: 2px solid palette(accent); padding: 2px; }
QTreeWidget, QListWidget, QListView#framed {
    border: 1px solid palette(dark); border-radius: 6px; padding: 1px;
    show-decoration-selected: 1; outline: 0;
}
QTreeWidget:focus, QListWidget:focus, QListView#framed:focus {
    border: 2px solid palette(accent); padding: 0;
}
QTreeWidget::item, QListWidget::item, QListView#framed::item { padding: 3px 2px 3px 5px; }
QTreeWidget::item:selected, QListWidget::item:selected, QListView#framed::item:selected {
    background: @SELECTED@; color: palette(text);
}
QTreeWidget::item:selected:first, QTreeWidget::item:selected:only-one,
QListWidget::item:selected {
    border-left: 3px solid palette(accent); padding-left: 2px;
}
QMenu, QListView#popup, QComboBox QAbstractItemView {
    border: 1px solid palette(mid); padding: 4px; background: palette(base); outline: 0;
}
QListView#popup { padding: 2px; }  /* more than the completer reckons with cuts the last row */
QMenu::item { border-radius: 4px; padding: 4px 20px 4px 30px; }
QListView#popup::item, QComboBox QAbstractItemView::item { border-radius: 4px; padding: 4px 6px; }
QMenu::item:selected, QListView#popup::item:selected, QListView#popup::item:hover,
QComboBox QAbstractItemView::item:selected {
    background: @CHOSEN@; color: @CHOSEN_TEXT@;
}
QMenu::item:disabled { color: palette(placeholder-text); background: transparent; }
QMenu::separator { height: 1px; margin: 4px 6px; background: palette(midlight); }
QMenu::icon, QMenu::indicator { left: 7px; }
QMenu::indicator:exclusive { border-radius: 7px; }
QTableView { border: 1px solid palette(mid); border-radius: 6px; }
QTableView:focus { border-color: palette(accent); }
QHeaderView, QTableCornerButton::section { border: 0; background: transparent; }
QScrollBar { background: transparent; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { margin: 2px; border-radius: 3px; background: palette(dark); }
QScrollBar::handle:hover { background: palette(placeholder-text); }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QHeaderView::section {
    border: 0; border-bottom: 1px solid palette(mid); padding: 4px 6px 4px 8px;
    background: transparent; color: palette(placeholder-text);
}
QProgressBar {
    border: 0; border-radius: 3px; min-height: 6px; max-height: 6px; background: palette(midlight);
}
QProgressBar::chunk { border-radius: 3px; background: palette(accent); }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: palette(mid); }
QSlider::sub-page:horizontal { border-radius: 2px; background: palette(accent); }
QSlider::handle:horizontal {
    width: 12px; margin: -5px 0; border: 1px solid palette(dark); border-radius: 7px;
    background: palette(button);
}
QSlider::handle:horizontal:hover { border-color: palette(accent); }
QSlider::handle:horizontal:focus {
    width: 10px; border: 2px solid palette(accent);
}
QFrame#drop { border: 2px dashed palette(mid); border-radius: 8px; }
QFrame#overlay { border: 1px solid palette(mid); border-radius: 8px; background: palette(window); }
QSplitter::handle { background: palette(midlight); }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
"""


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
    """Use the bundled typeface where a Linux has none for windows, but the fallback of all."""
    if sys.platform == "linux" and QFontInfo(app.font()).family() in _FALLBACKS:
        for file in resource("fonts").glob("*.ttf"):
            QFontDatabase.addApplicationFont(str(file))
        font = app.font()
        font.setFamilies([_BUNDLED])
        app.setFont(font)


@contextmanager
def styled_at_the_end() -> Generator[None]:
    """Apply the style sheet to widgets made in this block only once, at its end.

    Otherwise each part is styled again whenever it is put into another: 40% of the time that
    a window takes to be made.
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


def set_scheme(scheme: Qt.ColorScheme, *, has_contrast: bool | None = None) -> None:
    """Set light, dark, or (Unknown) the system's colour scheme.

    `has_contrast` is whether its contrast is high; None for what the system asks for.
    """
    hints = QGuiApplication.styleHints()
    if app := QGuiApplication.instance():
        app.setProperty(_HAS_CONTRAST, has_contrast)
    hints.setColorScheme(scheme)
    # Platforms without a colour scheme (plain X11) ignore the line above.
    _recolour(hints.colorScheme() if scheme == Qt.ColorScheme.Unknown else scheme)


def set_drawn(widget: QWidget, name: str, *, is_so: bool) -> None:
    """Set a property that the style sheet asks for, and draw the widget by it if it changed.

    `primary` fills a button as the next step, `next` frames a line to be filled in.
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
    """Return `colour`, darker or lighter where a line of it could not be seen on `background`."""
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
    """Return how much larger than usual the system's letters are: icons grow with them."""
    return max(1.0, QFontMetrics(QGuiApplication.font()).height() / _USUAL_LINE)


def scaled(pixels: int) -> int:
    """Return a size that grows with the system's letters."""
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
    """Set the style sheet for the palette and the font of now."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        # Widgets with a style sheet keep the old palette until a new sheet is set.
        app.setStyleSheet("")
        app.setStyleSheet(_sheet(app.palette(), has_contrast=_has_high_contrast(app)))


def _has_high_contrast(app: QApplication) -> bool:
    """Return whether high contrast is chosen, or asked for by the system where Qt can say so."""
    chosen: bool | None = app.property(_HAS_CONTRAST)
    if chosen is not None:
        return chosen
    hints = app.styleHints()
    if not hasattr(hints, "accessibility"):
        return False
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def _sheet(palette: QPalette, *, has_contrast: bool) -> str:
    """Return the style sheet with the values that `palette()` cannot give.

    Arrows cannot be coloured, so there are some in grey, black and white; `palette()` has no tool
    tip roles. Numbers are pixels that grow with the letters.
    Check boxes are styled because those of Fusion are hard to see in the dark.
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

    return re.sub(r"@(\w+)@", value_of, _SHEET)


def tint(palette: QPalette, alpha: float) -> QColor:
    """Return the highlight colour with opacity `alpha`, 0 to 1."""
    colour = palette.color(QPalette.ColorRole.Highlight)
    colour.setAlphaF(alpha)
    return colour
