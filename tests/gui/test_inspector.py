"""The inspector and its bars: display, signals, and a stable layout."""

import itertools
import math
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QGuiApplication, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QProxyStyle,
    QPushButton,
    QStyle,
    QToolButton,
    QWidget,
)

from nameplate.domain.concepts import REJECT_COLOUR
from nameplate.domain.labels import DecidedBy
from nameplate.ui.inspector.bar_rows import Bar, BarModel
from nameplate.ui.inspector.bars import BarChart
from nameplate.ui.inspector.panel import Inspector
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.painting import wrapped
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.picture import PictureView

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
RED, GREEN, BLUE = "#ff0000", "#00c000", "#0000ff"


def bar(key: int, name: str, colour: str, probability: float, **more) -> Bar:
    marks = {"is_reject": False, "is_preview": False, "is_label": False, "score": 0.25} | more
    return Bar(key=key, name=name, colour=colour, probability=probability, **marks)


THREE = [bar(4, "cat", RED, 0.8), bar(7, "dog", GREEN, 0.4), bar(2, "cow", BLUE, 0.2)]
PATH = Path("/pictures/holiday/cat.jpg")


def picture(width: int, height: int, colour: str = "#ff00ff") -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


@pytest.fixture
def chart(qtbot):
    made = BarChart()
    qtbot.addWidget(made)
    made.resize(320, 200)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def inspector(qtbot):
    made = Inspector(MagicMock(), MagicMock(), MagicMock())  # the other parts do nothing
    qtbot.addWidget(made)
    made.resize(320, 720)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    return made


def show(inspector: Inspector, *size: int, note: str = "", crop=None) -> None:
    """Show a picture of one colour, and its bars."""
    inspector.show_image(PATH, picture(*size), size, note, crop)
    inspector.set_bars(THREE, "fit 0.29")
    QApplication.processEvents()


def texts(inspector: Inspector) -> list[str]:
    return [p.text() for p in inspector.findChildren(Paragraph) if p.isVisible() and p.text()]


def filled(chart: BarChart, row: int, colour: str) -> int:
    """Return how many pixels of `colour` the middle line of the bar in `row` has."""
    image = chart.viewport().grab().toImage()
    y = chart.visualRect(chart.model().index(row, 0)).center().y()
    return sum(image.pixelColor(x, y) == QColor(colour) for x in range(image.width()))


def row_image(chart: BarChart, row: int) -> QImage:
    return chart.viewport().grab(chart.visualRect(chart.model().index(row, 0))).toImage()


def said(chart: BarChart, role=Qt.ItemDataRole.AccessibleTextRole) -> list[str]:
    rows = range(chart.model().rowCount())
    return [chart.model().index(row, 0).data(role).replace("\u200b", "") for row in rows]


def place(chart: BarChart, row: int) -> QPoint:
    return chart.visualRect(chart.model().index(row, 0)).center()


# --- bars -----------------------------------------------------------------------------------------


def test_bars_stand_in_the_order_given_and_are_as_long_as_their_probability(chart):
    chart.set_bars(THREE[::-1])
    assert said(chart, Qt.ItemDataRole.DisplayRole) == ["cow", "dog", "cat"]
    widths = [filled(chart, row, c) for row, c in enumerate((BLUE, GREEN, RED))]
    assert widths[2] > 80
    assert widths[1] == pytest.approx(widths[2] / 2, abs=2)
    assert widths[0] == pytest.approx(widths[2] / 4, abs=2)


def test_what_is_there_at_all_can_be_seen_and_what_is_not_cannot(chart):
    chart.set_bars([bar(0, "a", RED, 1e-6), bar(1, "b", GREEN, 0.0), bar(2, "c", BLUE, math.nan)])
    assert filled(chart, 0, RED) >= 1
    assert filled(chart, 1, GREEN) == 0
    assert filled(chart, 2, BLUE) == 0


def test_a_reject_concept_is_hatched_and_one_being_typed_is_not_solid(chart):
    grey = bar(0, "other", REJECT_COLOUR, 0.6, is_reject=True)
    typed = bar(-1, "hors", GREEN, 0.6, is_preview=True)
    chart.set_bars([grey, typed, bar(1, "cat", GREEN, 0.6)])
    solid = filled(chart, 2, GREEN)
    assert solid > 60
    assert filled(chart, 1, GREEN) < solid / 4
    middle = chart.visualRect(chart.model().index(0, 0)).center().y()
    image = chart.viewport().grab().toImage()
    start = next(x for x in range(320) if image.pixelColor(x, middle) == QColor(REJECT_COLOUR))
    shades = {image.pixelColor(x, middle).name() for x in range(start, start + 40)}
    assert len(shades) > 1


def test_the_label_has_a_mark_and_the_best_bar_is_bold(chart):
    def image(other: float, **marks) -> QImage:
        chart.set_bars([bar(0, "cat", RED, 0.5, **marks), bar(1, "dog", RED, other)])
        return row_image(chart, 0)

    by = DecidedBy.AUTO, DecidedBy.GIVEN, DecidedBy.PERSON
    marked = [image(0.5, is_label=True, decided_by=who) for who in by]
    images = [image(0.5), *marked, image(0.51)]
    assert not any(one == other for one, other in itertools.combinations(images, 2))


@pytest.mark.parametrize(
    ("bars", "spoken"),
    [
        (
            [
                bar(4, "cat", RED, 0.91, is_label=True, decided_by=DecidedBy.PERSON),
                bar(2, "other", BLUE, 0.002, is_reject=True),
                bar(-1, "hors", GREEN, 0.08, is_preview=True),
            ],
            ["cat, 91%, best, the label", "other, <1%, none of these", "hors, 8%, being typed"],
        ),
        (
            [bar(0, "cat", RED, 0.6, is_label=True, decided_by=DecidedBy.GIVEN)],
            ["cat, 60%, the given label"],
        ),
        ([bar(0, "cat", RED, 1.0)], ["cat, 100%"]),  # the only name has all
        ([bar(0, "cat", RED, 1.0), bar(1, "dog", GREEN, 0.0)], ["cat, >99%, best", "dog, <1%"]),
        ([bar(2, "c", BLUE, math.nan)], ["c, –"]),
    ],
)
def test_each_bar_is_spoken_in_full_and_none_of_several_claims_certainty(chart, bars, spoken):
    chart.set_bars(bars)
    assert said(chart) == spoken


def test_the_tool_tip_has_the_whole_name_and_the_exact_figures(chart):
    long = bar(0, "<cat>" + "w" * 200, RED, 0.91239, score=0.28712)
    chart.set_bars([long, bar(1, "next to nothing", RED, 0.5, score=-0.0004)])
    text, other = said(chart, Qt.ItemDataRole.ToolTipRole)
    assert text.count("w" * 200) == 1
    assert all(part in text for part in ("91.24%", "by itself: 0.287", "&lt;cat&gt;"))
    assert "by itself: 0.000" in other  # without a minus


def test_a_click_on_a_bar_activates_it_but_not_the_one_being_typed(qtbot, chart):
    heard: list[int] = []
    chart.bar_activated.connect(heard.append)
    chart.set_bars([*THREE, bar(-1, "hors", GREEN, 0.1, is_preview=True)])
    qtbot.mouseClick(chart.viewport(), LEFT, pos=place(chart, 1))
    qtbot.mouseClick(chart.viewport(), LEFT, pos=place(chart, 3))
    qtbot.mouseClick(chart.viewport(), Qt.MouseButton.RightButton, pos=place(chart, 1))
    qtbot.mouseClick(chart.viewport(), LEFT, pos=QPoint(100, 190))
    assert heard == [7]


def test_a_bar_that_slid_away_between_press_and_release_is_not_activated(qtbot, chart):
    heard: list[int] = []
    chart.bar_activated.connect(heard.append)
    chart.set_bars(THREE)
    qtbot.mousePress(chart.viewport(), LEFT, pos=place(chart, 0))
    chart.set_bars(THREE[::-1])
    qtbot.mouseRelease(chart.viewport(), LEFT, pos=place(chart, 0))
    assert heard == []


def test_bars_can_be_walked_and_activated_by_keyboard(qtbot, chart):
    heard: list[int] = []
    chart.bar_activated.connect(heard.append)
    chart.set_bars(THREE)
    chart.activateWindow()
    chart.setFocus()
    qtbot.waitUntil(chart.hasFocus)
    assert chart.currentIndex().row() == 0
    for key in (Key.Key_Return, Key.Key_Down, Key.Key_Return, Key.Key_End, Key.Key_Enter,
                Key.Key_Up, Key.Key_Up, Key.Key_Return):  # fmt: skip
        qtbot.keyClick(chart, key)
    assert heard == [4, 7, 2, 4]


def test_the_keyboards_place_stays_on_its_concept_when_bars_change_order(qtbot, chart):
    heard: list[int] = []
    chart.bar_activated.connect(heard.append)
    chart.set_bars(THREE)
    chart.setCurrentIndex(chart.model().index(1, 0))
    chart.set_bars([THREE[1], THREE[0], THREE[2]])
    qtbot.keyClick(chart, Key.Key_Return)
    chart.set_bars([])
    chart.set_bars(THREE[::-1])
    qtbot.keyClick(chart, Key.Key_Return)
    assert heard == [7, 7]


def test_the_charts_keys_are_kept_from_the_windows_shortcuts(chart):
    none = Qt.KeyboardModifier.NoModifier
    for key, is_own in ((Key.Key_Return, True), (Key.Key_Down, True), (Key.Key_1, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, none)
        event.ignore()
        QApplication.sendEvent(chart, event)
        assert event.isAccepted() == is_own


def test_sixty_bars_scroll_and_keep_their_place(qtbot, chart):
    many = [bar(n, f"name {n}", RED, 1 / (n + 2)) for n in range(60)]
    chart.set_bars(many)
    scroll = chart.verticalScrollBar()
    qtbot.waitUntil(lambda: scroll.maximum() > 0)
    chart.setCurrentIndex(chart.model().index(0, 0))
    scroll.setValue(300)
    chart.set_bars([bar(n, f"name {n}", RED, 1 / (n + 3)) for n in range(60)])
    qtbot.wait(1)
    assert scroll.value() == 300


@pytest.fixture
def style(chart, monkeypatch):
    """The style of the chart, on something that is a screen; without animations at first."""
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "a screen")
    made = AnimationsOf(0)
    chart.setStyle(made)
    yield made
    chart.setStyle(None)  # which it must not outlive


def test_bars_grow_in_an_instant_from_where_they_were(qtbot, chart, style):
    chart.set_bars([bar(0, "cat", RED, 0.2)])
    assert chart.shown_probability(chart.bars[0]) == 0.2
    style.ms = 200
    chart.set_bars([bar(0, "cat", RED, 0.9)])
    assert chart.shown_probability(chart.bars[0]) == pytest.approx(0.2, abs=0.1)
    assert chart.findChild(QVariantAnimation).duration() <= 120
    qtbot.waitUntil(lambda: chart.shown_probability(chart.bars[0]) == 0.9)


class AnimationsOf(QProxyStyle):
    """A style whose animations take so many ms."""

    def __init__(self, ms: int) -> None:
        super().__init__("Fusion")
        self.ms = ms

    def styleHint(self, hint, option=None, widget=None, returned=None):
        if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
            return self.ms
        return super().styleHint(hint, option, widget, returned)


def test_the_bar_model_keeps_qts_rules(chart, qtmodeltester):
    chart.set_bars(THREE)
    qtmodeltester.check(chart.model())
    qtmodeltester.check(BarModel(chart))


# --- the picture ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(600, 400), (400, 600), (3000, 300), (300, 3000), (500, 500)])
def test_the_whole_picture_is_shown_in_its_shape(inspector, shape):
    view = inspector.findChild(PictureView)
    inspector.show_image(PATH, picture(*shape), shape, "", None)
    box = view.picture_rect()
    assert view.rect().contains(box)
    assert box.width() / box.height() == pytest.approx(shape[0] / shape[1], rel=0.05)
    image = view.grab().toImage()
    assert image.pixelColor(box.center()) == QColor("#ff00ff")
    beside = box.center() - QPoint(box.width() // 2 + 3, 0)
    assert not view.rect().contains(beside) or image.pixelColor(beside) != QColor("#ff00ff")


def test_a_small_picture_grows_to_twice_its_size_at_most_and_a_strip_is_still_a_line(inspector):
    view = inspector.findChild(PictureView)
    show(inspector, 40, 30)
    assert view.picture_rect().size().toTuple() == (80, 60)
    show(inspector, 30_000, 1)
    assert view.picture_rect().height() == 1


def test_a_smaller_copy_stands_where_the_original_would(inspector):
    view = inspector.findChild(PictureView)
    inspector.show_image(PATH, None, (2000, 1000), "", None)
    waiting = view.picture_rect()
    assert view.grab().toImage().pixelColor(waiting.center()) != QColor("#ff00ff")
    inspector.show_image(PATH, picture(20, 10), (2000, 1000), "", None)
    assert view.picture_rect() == waiting
    assert view.grab().toImage().pixelColor(waiting.center()) == QColor("#ff00ff")


def test_nothing_jumps_when_the_picture_arrives_or_another_shape_follows(inspector):
    inspector.show_image(PATH, None, None, "", None)
    inspector.set_bars(THREE, "fit 0.29")
    QApplication.processEvents()
    waiting = inspector.chart.geometry()
    for size in ((600, 400), (30, 3000)):
        show(inspector, *size)
        assert inspector.chart.geometry() == waiting


def test_what_the_model_does_not_see_is_dimmed_on_demand(inspector):
    view = inspector.findChild(PictureView)
    inspector.show_image(PATH, picture(600, 400), (600, 400), "", (100, 0, 500, 400))

    def colours() -> tuple[QColor, QColor]:
        image, rect = view.grab().toImage(), view.picture_rect()
        edge = QPoint(rect.left() + 4, rect.center().y())
        return image.pixelColor(edge), image.pixelColor(rect.center())

    assert colours() == (QColor("#ff00ff"), QColor("#ff00ff"))
    inspector.set_crop_shown(True)
    edge, middle = colours()
    assert middle == QColor("#ff00ff")
    assert edge.lightness() < middle.lightness() / 2
    inspector.set_crop_shown(False)
    assert colours()[0] == QColor("#ff00ff")


# --- the states -----------------------------------------------------------------------------------


def test_at_first_it_is_empty(inspector):
    assert not inspector.findChild(PictureView).isVisible()
    assert texts(inspector) == []
    assert inspector.chart.bars == ()
    assert inspector.chart.height() == 0
    assert not inspector.findChild(QToolButton).isVisible()


def test_a_state_takes_the_place_of_the_bars_and_bars_take_it_back_with_a_warning(inspector):
    show(inspector, 1200, 800, note="is cut short")
    facts = ["cat.jpg", "1,200 × 800 · is cut short"]
    inspector.set_state("Not read by the model yet")
    assert texts(inspector) == [*facts, "Not read by the model yet"]
    assert inspector.chart.bars == ()
    assert inspector.chart.height() == 0
    inspector.set_bars(THREE, "fit 0.29", "None of the names seems to fit.")
    assert inspector.chart.bars == tuple(THREE)
    assert texts(inspector) == [*facts, "fit 0.29", "None of the names seems to fit."]
    inspector.set_bars(THREE, "fit 0.29")
    assert texts(inspector) == [*facts, "fit 0.29"]


def test_the_focus_stays_on_the_bars_from_image_to_image(qtbot, inspector):
    chart, pressed = inspector.findChild(BarChart), list[int]()
    chart.bar_activated.connect(pressed.append)
    for name in ("a.jpg", "b.jpg"):
        inspector.show_image(Path(name), None, None, "", None)
        inspector.set_bars(THREE, "fit 0.29")
        if name == "a.jpg":
            chart.setFocus()
        QApplication.processEvents()
        qtbot.keyClick(QApplication.focusWidget(), Key.Key_Return)
    assert pressed == [4, 4]


def test_a_state_and_no_image_inherit_neither_bars_nor_a_warning(inspector):
    for show_another in (lambda: inspector.set_state("Not read"), inspector.show_nothing):
        show(inspector, 12, 8)
        inspector.set_bars(THREE, "fit 0.29", "None of the names seems to fit.")
        show_another()
        assert inspector.chart.bars == ()
        assert not {"fit 0.29", "None of the names seems to fit."} & {*texts(inspector)}


def test_an_unreadable_image_says_which_and_why(inspector):
    show(inspector, 12, 8)
    inspector.show_unreadable(PATH, "not a picture")
    assert texts(inspector) == ["cat.jpg", "Not a picture", str(PATH.parent)]
    view = inspector.findChild(PictureView)
    assert view.accessibleName() == "Can't show cat.jpg: not a picture"
    assert view.picture_rect().isEmpty()
    assert inspector.chart.bars == ()
    assert inspector.chart.height() == 0
    inspector.show_image(PATH, picture(12, 8), (12, 8), "", None)
    assert texts(inspector) == ["cat.jpg", "12 × 8"]
    inspector.show_nothing()
    assert texts(inspector) == []


@pytest.mark.parametrize("name", ["a\nb.jpg", "\udcff.jpg", "<b>x</b>.jpg", "w" * 200 + ".jpg"])
def test_any_file_name_is_shown_on_one_line_and_widens_nothing(inspector, name):
    inspector.show_image(Path("/p") / name, None, None, "", None)
    inspector.show_unreadable(Path("/p") / name / "x.jpg", "not a picture")
    inspector.set_bars([bar(0, name.encode("ascii", "replace").decode(), RED, 0.5)], name[-20:-10])
    assert inspector.minimumSizeHint().width() <= 220
    inspector.resize(220, 500)
    inspector.grab()
    assert inspector.width() == 220


@pytest.mark.parametrize("width", range(60, 320, 20))
def test_no_line_begins_with_a_sign_that_french_puts_after_a_no_break_space(qtbot, width):
    paragraph = Paragraph()
    qtbot.addWidget(paragraph)
    paragraph.show_text("Ajoutez-en un autre, ou «\u00a0aucun de ceux-ci\u00a0». Et après\u202f?")
    paragraph.resize(width, 200)
    paragraph.show()
    starts = wrapped(paragraph.text(), paragraph.font(), width, 20)
    assert not [line for line in starts if line.lstrip()[:1] in {"»", "?"}]
    assert [line for line in starts if "\u00a0»" in line]


def test_a_text_that_is_not_set_yet_takes_no_room(qtbot):
    parent, paragraph, below = QWidget(), Paragraph(), QPushButton()
    qtbot.addWidget(parent)
    parent.setLayout(column(paragraph, below))
    parent.show()
    assert not paragraph.isVisible()
    assert below.y() == 0


def test_a_text_set_before_the_widget_has_a_parent_is_seen_with_it(qtbot):
    parent, paragraph = QWidget(), Paragraph()
    qtbot.addWidget(parent)
    paragraph.show_text("cat")
    assert not paragraph.isVisible()
    paragraph.setParent(parent)
    parent.show()
    assert paragraph.isVisible()


def test_a_click_on_a_bar_reaches_the_window_and_leaves_the_focus_where_it_was(qtbot, inspector):
    show(inspector, 12, 8)
    pressed = list[int]()
    inspector.chart.bar_activated.connect(pressed.append)
    inspector.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # stands for the grid
    inspector.setFocus()
    QApplication.processEvents()
    qtbot.mouseClick(inspector.chart.viewport(), LEFT, pos=place(inspector.chart, 2))
    assert pressed == [2]
    assert inspector.hasFocus()


def test_of_many_bars_the_first_and_that_of_the_label_are_shown_until_all_are_asked_for(
    qtbot, inspector
):
    many = [bar(n, f"name {n}", RED, 1 / (n + 2), is_label=n == 40) for n in range(60)]
    show(inspector, 12, 8)
    more = inspector.findChild(QToolButton)
    assert not more.isVisible()
    inspector.set_bars(many, "")
    assert [bar.key for bar in inspector.chart.bars] == [0, 1, 2, 3, 4, 5, 6, 40]
    assert more.text() == "Show all 60"
    qtbot.mouseClick(more, LEFT)
    assert inspector.chart.bars == tuple(many)
    inspector.set_bars(many[::-1], "")  # of the next picture
    assert inspector.chart.bars == tuple(many[::-1])
    assert more.text() == "Show fewer"
    more.setFocus()
    qtbot.keyClick(more, Key.Key_Space)
    assert len(inspector.chart.bars) == 8


def test_caption_and_warning_stay_in_sight_around_many_bars(qtbot, inspector):
    show(inspector, 12, 8)
    bars = [bar(n, f"name {n}", RED, 0.01) for n in range(60)]
    inspector.set_bars(bars, "fit 0.2", "None of the names seems to fit.")
    qtbot.mouseClick(inspector.findChild(QToolButton), LEFT)
    QApplication.processEvents()
    assert inspector.chart.verticalScrollBar().maximum() > 0
    for label in inspector.findChildren(Paragraph):
        assert not label.isVisible() or label.geometry().bottom() < inspector.height()


def test_the_picture_gives_room_to_a_sentence_that_comes(inspector, qtbot):
    bars = [bar(n, f"name {n}", RED, 0.1) for n in range(9)]
    inspector.show_image(PATH, picture(40, 40), (40, 40), "", None)
    inspector.set_bars(bars, "Short.")
    inspector.setFixedSize(220, 390)
    view = inspector.findChild(PictureView)
    before = view.height()
    warning = "None of the names seems to fit this picture. " * 2
    inspector.set_bars(bars, "A longer sentence. " * 4, warning)
    qtbot.waitUntil(lambda: view.height() < before)
    QApplication.processEvents()
    name = next(label for label in inspector.findChildren(Paragraph) if label.text() == PATH.name)
    below = view.mapTo(inspector, QPoint(0, view.height())).y()
    assert name.mapTo(inspector, QPoint(0, 0)).y() >= below
