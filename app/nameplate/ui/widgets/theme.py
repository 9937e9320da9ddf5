"""The theme in light and dark: palette, style sheet and icons."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from nameplate.storage.resources import resource

_ROLES: Final = {
    # role: (light, dark)
    QPalette.ColorRole.Window: ("#f4f5f7", "#1c1e22"),
    QPalette.ColorRole.WindowText: ("#1d2430", "#e6e8ec"),
    QPalette.ColorRole.Base: ("#ffffff", "#16181b"),
    QPalette.ColorRole.AlternateBase: ("#eceef2", "#22252a"),
    QPalette.ColorRole.Text: ("#1d2430", "#e6e8ec"),
    QPalette.ColorRole.PlaceholderText: ("#6a7280", "#8d95a3"),
    QPalette.ColorRole.Button: ("#ffffff", "#2a2d33"),
    QPalette.ColorRole.ButtonText: ("#1d2430", "#e6e8ec"),
    QPalette.ColorRole.BrightText: ("#ffffff", "#ffffff"),
    QPalette.ColorRole.Highlight: ("#2563eb", "#3b82f6"),
    QPalette.ColorRole.HighlightedText: ("#ffffff", "#ffffff"),
    QPalette.ColorRole.Accent: ("#2563eb", "#3b82f6"),
    QPalette.ColorRole.Link: ("#2563eb", "#7db0ff"),
    QPalette.ColorRole.ToolTipBase: ("#1d2430", "#e6e8ec"),
    QPalette.ColorRole.ToolTipText: ("#ffffff", "#16181b"),
    QPalette.ColorRole.Light: ("#ffffff", "#3a3e46"),
    QPalette.ColorRole.Midlight: ("#e3e6eb", "#32363d"),
    QPalette.ColorRole.Mid: ("#c9ced6", "#3f444d"),
    QPalette.ColorRole.Dark: ("#9aa3b0", "#0f1113"),
    QPalette.ColorRole.Shadow: ("#5a6270", "#000000"),
}
_DISABLED: Final = ("#9aa3b0", "#666d79")

_SHEET: Final = """
QToolTip {
    border: 0; padding: 4px 6px;
    background: @TIP@; color: @TIP_TEXT@;
}
QPushButton, QToolButton#bar {
    border: 1px solid palette(mid); border-radius: 6px; padding: 5px 12px;
    background: palette(button); color: palette(button-text);
}
QPushButton:hover, QToolButton#bar:hover, QPushButton:focus, QToolButton#bar:focus {
    border-color: palette(highlight);
}
QPushButton:pressed, QToolButton#bar:pressed { background: palette(midlight); }
QPushButton:default {
    background: palette(highlight); color: palette(highlighted-text);
    border-color: palette(highlight);
}
QPushButton:default:focus { border: 2px solid palette(window-text); padding: 4px 11px; }
QPushButton:disabled, QToolButton#bar:disabled {
    color: palette(placeholder-text); background: palette(window); border-color: palette(midlight);
}
QLineEdit, QPlainTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
    border: 1px solid palette(mid); border-radius: 6px; padding: 5px 8px;
    background: palette(base); selection-background-color: palette(highlight);
}
QLineEdit:focus, QPlainTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {
    border-color: palette(highlight);
}
QComboBox::drop-down { border: 0; width: 22px; }
QComboBox::down-arrow, QToolButton#bar::menu-arrow, QToolButton#bar::menu-indicator {
    image: url("@ICONS@/arrow-down.svg"); width: 16px; height: 16px;
}
QSpinBox::up-button, QSpinBox::down-button { border: 0; width: 20px; background: transparent; }
QSpinBox::up-arrow { image: url("@ICONS@/arrow-up.svg"); width: 14px; height: 14px; }
QSpinBox::down-arrow { image: url("@ICONS@/arrow-down.svg"); width: 14px; height: 14px; }
QToolButton#bar { padding-right: 26px; }
QToolButton#bar::menu-button { border: 0; width: 22px; }
QToolButton#bar::menu-indicator {
    subcontrol-origin: border; subcontrol-position: center right; right: 5px;
}
QToolButton#chip {
    border: 1px solid palette(mid); border-radius: 11px; padding: 2px 10px;
    background: palette(button); color: palette(button-text);
}
QToolButton#chip:hover, QToolButton#chip:focus { border-color: palette(highlight); }
QToolButton#plain {
    border: 1px solid palette(mid); border-radius: 6px; padding: 5px; background: palette(button);
}
QToolButton#plain:hover, QToolButton#plain:focus { border-color: palette(highlight); }
QPushButton { padding: 7px 12px; }  /* with the text, all controls are 30 high */
QPushButton:default:focus { padding: 6px 11px; }
WorkPanel QLineEdit { padding: 6px 8px; }
QTableView { border: 1px solid palette(mid); border-radius: 6px; }
QTableView:focus { border-color: palette(highlight); }
QHeaderView, QTableCornerButton::section { border: 0; background: palette(window); }
QCheckBox { spacing: 8px; }
QCheckBox::indicator, QListView::indicator, QMenu::indicator {
    border: 1px solid palette(placeholder-text); border-radius: 4px; width: 13px; height: 13px;
}
QCheckBox::indicator, QListView::indicator { background: palette(base); }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: palette(highlight); }
QCheckBox::indicator:checked, QListView::indicator:checked, QMenu::indicator:checked {
    border-color: palette(highlight); background: palette(highlight);
    image: url("@ICONS@/ticked.svg");
}
QListView::indicator:checked:selected { border-color: palette(highlighted-text); }
QCheckBox::indicator:checked:focus { border-color: palette(window-text); }
QCheckBox::indicator:disabled { border-color: palette(mid); }
QToolButton[autoRaise="true"] {
    border: 1px solid transparent; border-radius: 6px; padding: 3px; background: transparent;
}
QToolButton[autoRaise="true"]:hover { background: palette(midlight); }
QToolButton[autoRaise="true"]:focus { border-color: palette(highlight); }
QTreeWidget, QListWidget, QListView#framed {
    border: 1px solid palette(mid); border-radius: 6px; show-decoration-selected: 1;
}
QTreeWidget::branch:selected { background: palette(highlight); }
QTreeWidget:focus, QListWidget:focus, QListView#framed:focus { border-color: palette(highlight); }
QTreeWidget::item, QListWidget::item, QListView#framed::item { padding: 3px 2px; }
QTreeWidget::item:selected, QListWidget::item:selected, QListView#framed::item:selected {
    background: palette(highlight); color: palette(highlighted-text);
}
QMenu, QListView#popup, QComboBox QAbstractItemView {
    border: 1px solid palette(mid); padding: 4px; background: palette(base); outline: 0;
}
QListView#popup { padding: 2px; }  /* more than the completer reckons with cuts the last row */
QMenu::item { border-radius: 4px; padding: 4px 20px 4px 30px; }
QListView#popup::item, QComboBox QAbstractItemView::item { border-radius: 4px; padding: 4px 6px; }
QMenu::item:selected, QListView#popup::item:selected, QListView#popup::item:hover,
QComboBox QAbstractItemView::item:selected {
    background: palette(midlight); color: palette(text);
}
QMenu::item:disabled { color: palette(placeholder-text); background: transparent; }
QMenu::separator { height: 1px; margin: 4px 6px; background: palette(midlight); }
QMenu::icon, QMenu::indicator { left: 7px; }
QMenu::indicator:exclusive { border-radius: 7px; }
QScrollBar { background: transparent; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { margin: 2px; border-radius: 3px; background: palette(mid); }
QScrollBar::handle:hover { background: palette(placeholder-text); }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QHeaderView::section {
    border: 0; border-bottom: 1px solid palette(mid); padding: 4px 6px;
    background: palette(window); color: palette(placeholder-text);
}
QFrame#overlay { border: 1px solid palette(mid); border-radius: 8px; background: palette(window); }
QSplitter::handle { background: palette(midlight); }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
"""


def apply(app: QApplication) -> None:
    """Apply the theme to `app` and follow the system's colour scheme."""
    app.setStyle("Fusion")
    app.styleHints().colorSchemeChanged.connect(_recolour)
    _recolour(app.styleHints().colorScheme())
    app.setWindowIcon(QIcon(str(resource("icons", "nameplate.svg"))))


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


def set_scheme(scheme: Qt.ColorScheme) -> None:
    """Set light, dark, or (Unknown) the system's colour scheme."""
    hints = QGuiApplication.styleHints()
    hints.setColorScheme(scheme)
    # Platforms without a colour scheme (plain X11) ignore the line above.
    _recolour(hints.colorScheme() if scheme == Qt.ColorScheme.Unknown else scheme)


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


def readable_on(background: QColor) -> QColor:
    """Return black or white, the one with more contrast to `background` (WCAG luminance)."""
    channels = [background.redF(), background.greenF(), background.blueF()]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return QColor("#000000") if luminance > 0.179 else QColor("#ffffff")


def _recolour(scheme: Qt.ColorScheme) -> None:
    dark = scheme == Qt.ColorScheme.Dark
    palette = QPalette()
    for role, colours in _ROLES.items():
        palette.setColor(role, QColor(colours[dark]))
    roles = QPalette.ColorRole
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(_DISABLED[dark]))
    QApplication.setPalette(palette)
    app = QApplication.instance()
    if isinstance(app, QApplication):
        # Widgets with a style sheet keep the old palette until a new sheet is set.
        app.setStyleSheet("")
        app.setStyleSheet(_sheet(palette))


def _sheet(palette: QPalette) -> str:
    """Return the style sheet with the values that `palette()` cannot give.

    Arrows cannot be coloured, so they are grey in both schemes; `palette()` has no tool tip roles.
    Check boxes are styled because those of Fusion are hard to see in the dark.
    """
    sheet = _SHEET.replace("@ICONS@", resource("icons").as_posix())
    sheet = sheet.replace("@TIP@", palette.color(QPalette.ColorRole.ToolTipBase).name())
    return sheet.replace("@TIP_TEXT@", palette.color(QPalette.ColorRole.ToolTipText).name())


def tint(palette: QPalette, alpha: float) -> QColor:
    """Return the highlight colour with opacity `alpha`, 0 to 1."""
    colour = palette.color(QPalette.ColorRole.Highlight)
    colour.setAlphaF(alpha)
    return colour
