"""Messages lie over the bottom of the pictures, and move nothing."""

from itertools import product

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nameplate.ui.widgets.message_bar import CANCEL
from qt_help import button_in, wait


def place_of(widget, within) -> QRect:
    return QRect(widget.mapTo(within, QPoint()), widget.size())


def where(window, bar) -> QRect:
    """Where a bar is in the window."""
    return place_of(bar, window.main)


def shown(window) -> list[str]:
    """What the bars say that are seen, from the top down."""
    main = window.main
    bars = [
        bar for bar in (main.messages, main.notices, main.review_progress.bar) if bar.isVisible()
    ]
    return [bar.text for bar in sorted(bars, key=lambda bar: where(window, bar).top())]


@pytest.fixture
def many(opened):
    """The window with pictures that have to be scrolled."""
    opened.main.messages.clear()
    opened.main.grid.tile_size = 400
    opened.main.grid.verticalScrollBar().setValue(0)
    return opened


def test_a_message_pushes_neither_the_pictures_nor_the_window(opened):
    main = opened.main
    parts = (main.grid, main.names, main.inspector, main.status)
    texts = ("Saved.", "A problem that takes some lines to be told. " * 8)
    for size, text in product([(1440, 900), (1024, 700), (800, 500)], texts):
        main.messages.clear()
        main.resize(*size)
        QTest.qWait(20)
        before = [place_of(part, main) for part in parts]
        main.messages.ask(text, ("Open it in place of this", lambda: None), CANCEL)
        QTest.qWait(20)
        assert [place_of(part, main) for part in parts] == before
        assert main.size().toTuple() == size
        bar, grid = where(opened, main.messages), place_of(main.grid, main)
        assert grid.contains(bar)
        assert bar.width() <= 640
        assert abs(bar.center().x() - grid.center().x()) <= 1


def test_the_pictures_can_be_scrolled_clear_of_a_message_and_none_moves_when_it_goes(many):
    grid, messages = many.main.grid, many.main.messages
    bar, page = grid.verticalScrollBar(), grid.viewport().height()
    lowest = bar.maximum()
    messages.warn("The disk is full.")
    assert bar.value() == 0
    assert bar.maximum() == lowest + grid.covered > lowest
    bar.setValue(bar.maximum())
    last = grid.visualRect(grid.model().index(5, 0))
    assert last.bottom() < page - grid.covered
    messages.dismiss()
    assert grid.visualRect(grid.model().index(5, 0)) == last
    assert grid.covered == 0


def test_the_wheel_scrolls_the_pictures_below_a_message(many):
    many.main.messages.warn("The disk is full.")
    wait(many.main.messages.isVisible)
    card = many.main.messages.parentWidget()  # Qt passes no event on that a test has made
    middle = QPointF(card.rect().center())
    QApplication.sendEvent(
        card,
        QWheelEvent(
            middle,
            card.mapToGlobal(middle),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )
    wait(lambda: many.main.grid.verticalScrollBar().value() > 0)


def test_what_a_key_leads_to_comes_out_from_under_a_message(many):
    many.main.messages.warn("The disk is full.")
    grid = many.main.grid
    for _ in range(5):
        many.press_on_pictures("Right")
        current = grid.visualRect(grid.currentIndex())
        assert current.bottom() < grid.viewport().height() - grid.covered


def test_at_most_two_bars_are_seen_and_a_message_that_goes_moves_no_other(opened):
    main = opened.main
    main.notices.warn("This is a copy.")
    main.review_progress.bar.ask("All is checked.", ("E&xport…", lambda: None), CANCEL)
    main.messages.tell("Saved.")
    assert shown(opened) == ["Saved.", "This is a copy."]
    stands = where(opened, main.notices)
    assert stands.top() > where(opened, main.messages).bottom()
    main.messages.dismiss()
    assert where(opened, main.notices) == stands
    main.notices.dismiss()
    assert shown(opened) == ["All is checked."]


def test_bars_lie_over_a_panel_that_takes_the_place_of_the_pictures_too(opened):
    opened.open_export()
    opened.main.messages.warn("The disk is full.")
    panel = place_of(opened.main.middle, opened.main)
    assert panel.contains(where(opened, opened.main.messages))
    button = opened.main.exporting.panel.begin_button
    wait(lambda: not place_of(button, opened.main).intersects(where(opened, opened.main.messages)))
    assert opened.main.size().toTuple() == (1200, 760)
    assert abs(where(opened, opened.main.messages).center().x() - panel.center().x()) <= 1


def test_a_bar_that_moves_takes_no_click_for_a_moment(opened, qtbot):
    main = opened.main
    main.messages.ask("Delete?", ("Delete", lambda: None), CANCEL)
    QTest.qWait(750)
    main.notices.warn("This is a copy.")
    button = button_in(main.messages, "Delete")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert main.messages.text == "Delete?"
    assert not main.messages.is_quiet


def test_keys_reach_a_bar_and_leave_it(opened):
    opened.main.messages.ask("Delete?", ("Delete", lambda: None), CANCEL)
    been = opened.walk_by_tab()
    assert any("Delete" in place for place in been)
    assert any("Cancel" in place for place in been)


def test_in_full_screen_a_message_lies_over_the_picture(opened):
    opened.press_on_pictures("Space")
    opened.main.full_screen.toggle()
    QTest.qWait(50)
    opened.main.messages.warn("The disk is full.")
    assert opened.main.messages.isVisible()
    assert place_of(opened.main.modes.stack, opened.main).contains(
        where(opened, opened.main.messages)
    )
    opened.main.full_screen.leave()
    wait(lambda: place_of(opened.main.grid, opened.main).isValid())
