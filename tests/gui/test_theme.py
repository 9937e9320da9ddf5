"""The theme: what can be read in each scheme, by figures; `pytest -s` prints them."""

import re
from itertools import combinations, product

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette, QRawFont
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QSpinBox, QToolButton

from nameplate.domain.concepts import PALETTE, PLAIN_COLOUR
from nameplate.storage.resources import resource
from nameplate.ui.widgets import theme
from nameplate.ui.widgets.bar_button import BarButton

ROLE = QPalette.ColorRole
SCHEMES = {
    "light": (Qt.ColorScheme.Light, False),
    "dark": (Qt.ColorScheme.Dark, False),
    "light, high contrast": (Qt.ColorScheme.Light, True),
    "dark, high contrast": (Qt.ColorScheme.Dark, True),
}
TEXTS = (ROLE.WindowText, ROLE.Text, ROLE.ButtonText, ROLE.PlaceholderText, ROLE.Link)
GROUNDS = (ROLE.Window, ROLE.Base, ROLE.AlternateBase, ROLE.Button, ROLE.Midlight)
LEAST_TEXT, LEAST_MARK = 4.5, theme.LEAST_OF_LINES


@pytest.fixture(params=SCHEMES)
def palette(request) -> QPalette:
    """The palette of each scheme."""
    scheme, has_contrast = SCHEMES[request.param]
    return theme.palette_of(scheme, has_contrast=has_contrast)


def tinted(palette: QPalette, ground: QPalette.ColorRole, alpha: float) -> QColor:
    """Return a ground with the accent of what is selected over it."""
    return theme.mixed(palette.color(ROLE.Highlight), palette.color(ground), alpha)


def assert_all(pairs: dict[str, tuple[QColor, QColor]], least: float) -> None:
    """Fail with what has too little contrast."""
    found = {what: theme.contrast(*colours) for what, colours in pairs.items()}
    for what, ratio in found.items():
        print(f"{ratio:5.1f}  {what}")  # noqa: T201 - the table, where it is asked for
    assert {what: round(r, 2) for what, r in found.items() if r < least} == {}


def test_every_text_can_be_read_on_every_ground(palette):
    pairs = {
        f"{text.name} on {ground.name}": (palette.color(text), palette.color(ground))
        for text, ground in product(TEXTS, GROUNDS)
    }
    pairs |= {
        f"{text.name} on {on.name}": (palette.color(text), palette.color(on))
        for text, on in (
            (ROLE.HighlightedText, ROLE.Highlight), (ROLE.ToolTipText, ROLE.ToolTipBase),
        )
    }  # fmt: skip
    assert_all(pairs, LEAST_TEXT)


def test_a_selected_row_and_its_counts_can_be_read(palette):
    pairs = {
        f"{text.name} on {ground.name}, selected": (
            palette.color(text),
            tinted(palette, ground, 0.16),
        )
        for text, ground in product((ROLE.Text, ROLE.PlaceholderText), (ROLE.Window, ROLE.Base))
    }
    assert_all(pairs, LEAST_TEXT)


def test_edges_of_controls_and_marks_can_be_seen_and_disabled_texts_too(palette):
    pairs = {
        f"{mark.name} on {ground.name}": (palette.color(mark), palette.color(ground))
        for mark, ground in product(
            (ROLE.Dark, ROLE.Accent, ROLE.Highlight), (ROLE.Window, ROLE.Base)
        )
    }
    disabled = palette.color(QPalette.ColorGroup.Disabled, ROLE.Text)
    pairs |= {
        f"disabled Text on {ground.name}": (disabled, palette.color(ground))
        for ground in (ROLE.Window, ROLE.Base, ROLE.Button)
    }
    assert_all(pairs, LEAST_MARK)


# --- the colours of names -------------------------------------------------------------------------

_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip
"""Of linear sRGB to OKLab: Björn Ottosson, https://bottosson.github.io/posts/oklab/."""

EYES = {
    "all cones": np.eye(3),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
}  # fmt: skip
"""Of linear sRGB to what such eyes see: Machado, Oliveira and Fernandes, IEEE TVCG 15(6), 2009."""


def seen(colours: tuple[str, ...], eyes: str) -> np.ndarray:
    """Return colours as OKLab, as such eyes see them."""
    rgb = np.array([QColor(colour).getRgbF()[:3] for colour in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.cbrt(np.clip(linear @ EYES[eyes].T, 0, 1) @ _LMS.T) @ _LAB.T


@pytest.mark.parametrize(
    ("eyes", "least"), [("all cones", 0.12), ("no red cones", 0.095), ("no green cones", 0.095)]
)
def test_the_colours_of_names_can_be_told_apart(eyes, least):
    points = seen((*PALETTE, PLAIN_COLOUR), eyes)
    found = {
        (one, other): float(np.linalg.norm(points[one] - points[other]))
        for one, other in combinations(range(len(points)), 2)
    }
    assert {pair: d for pair, d in found.items() if d < least} == {}


@pytest.mark.parametrize("colour", [*PALETTE, PLAIN_COLOUR])
def test_what_stands_on_the_colour_of_a_name_can_be_read(colour):
    ground = QColor(colour)
    assert theme.contrast(theme.readable_on(ground), ground) >= LEAST_TEXT


@pytest.mark.parametrize("colour", [*PALETTE, PLAIN_COLOUR, "#ffffff", "#000000"])
def test_an_edge_in_the_colour_of_a_name_can_be_seen(palette, colour):
    ground, line = palette.color(ROLE.Base), QColor(colour)
    seen_line = theme.seen_on(ground, line)
    assert theme.contrast(seen_line, ground) >= LEAST_MARK
    assert seen_line == line or theme.contrast(line, ground) < LEAST_MARK


# --- buttons, icons, type -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [QPushButton, QToolButton])
def test_the_next_step_is_filled_with_the_accent_and_no_longer_when_it_is_done(
    qtbot, theme_is_applied, kind
):
    button = kind()
    qtbot.addWidget(button)
    button.setObjectName("bar")
    button.resize(80, 30)

    def ground() -> QColor:
        return button.grab().toImage().pixelColor(12, 15)

    before = ground()
    theme.set_drawn(button, "primary", is_so=True)
    assert ground() == button.palette().color(ROLE.Highlight) != before
    theme.set_drawn(button, "primary", is_so=False)
    assert ground() == before


def heights(qtbot) -> dict[str, int]:
    """Return the height of each kind of control."""
    made = {
        "button": QPushButton("Export"), "line": QLineEdit(), "list": QComboBox(),
        "number": QSpinBox(), "of the tool row": BarButton(), "with an icon": BarButton(),
    }  # fmt: skip
    made["with an icon"].setIcon(theme.icon("folder"))
    for control in made.values():
        qtbot.addWidget(control)
        control.ensurePolished()
    return {what: control.sizeHint().height() for what, control in made.items()}


def test_all_controls_are_as_high(qtbot, theme_is_applied):
    assert set(heights(qtbot).values()) == {30}


def test_icons_and_controls_grow_with_the_systems_letters(qapp, qtbot, theme_is_applied):
    usual, twice = qapp.font(), qapp.font()
    twice.setPointSizeF(2 * usual.pointSizeF())
    qapp.setFont(twice)
    try:
        button = BarButton()
        qtbot.addWidget(button)
        button.ensurePolished()
        assert button.iconSize().width() > 24
        assert min(heights(qtbot).values()) >= 40
    finally:
        qapp.setFont(usual)


def test_all_icons_are_drawn_on_one_grid_with_one_pen():
    of_other_kind = ("nameplate", "arrow-", "ticked-")  # of one colour, for the style sheet
    icons = resource("icons").glob("*.svg")
    drawn = [f for f in icons if not f.stem.startswith(of_other_kind)]
    assert len(drawn) > 25
    pen = (
        'viewBox="0 0 24 24"', 'stroke="currentColor"', 'stroke-width="1.75"',
        'stroke-linecap="round"', 'stroke-linejoin="round"',
    )  # fmt: skip
    others = {f.stem for f in drawn if not all(part in f.read_text("utf-8") for part in pen)}
    colours = {f.stem for f in drawn if re.search(r"#[0-9a-f]{3,}", f.read_text("utf-8"))}
    assert (others, colours) == (set(), set())


def test_the_bundled_typeface_has_the_letters_of_three_alphabets_and_is_small():
    files = list(resource("fonts").glob("*.ttf"))
    assert {f.stem for f in files} == {"Inter-Regular", "Inter-Medium", "Inter-DemiBold"}
    assert sum(f.stat().st_size for f in files) < 400_000
    assert (resource("fonts") / "LICENSE.txt").is_file()
    for file in files:
        font = QRawFont(str(file), 12)
        missing = [c for c in "aZ09éßŁőşΩλЖщїќ€…“×≥→½" if not font.supportsCharacter(ord(c))]
        assert missing == []
