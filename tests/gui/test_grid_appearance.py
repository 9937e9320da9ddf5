"""How the grid shows its pictures: size, details, remembered from start to start."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtTest import QTest

from nameplate.ui.tiles.chips import Chip, ChipForm, ChipStyle, chip_height, draw_chip
from qt_help import wait


def test_a_chip_that_has_no_room_for_its_name_leaves_out_the_dot_before_it(window):
    style = ChipStyle.of(window.main.palette(), window.main.font())
    chip = Chip(ChipForm.OUTLINED, "musical instrument", colour="#3b82f6")
    height = chip_height(style.font)
    whole = draw_chip(chip, QSize(400, height), 1.0, style).width()
    narrower = draw_chip(chip, QSize(whole - 5, height), 1.0, style).width()
    assert narrower < whole - 5  # so it is not filled with a name that is cut off


def test_a_chip_leaves_out_the_percentage_before_it_cuts_the_name(window):
    style = ChipStyle.of(window.main.palette(), window.main.font())
    chip = Chip(ChipForm.OUTLINED, "musical instrument", colour="#3b82f6")
    height = chip_height(style.font)
    whole = draw_chip(chip, QSize(400, height), 1.0, style)
    beside = draw_chip(replace(chip, detail="91%"), QSize(whole.width(), height), 1.0, style)
    assert beside.toImage() == whole.toImage()


def test_details_say_folder_size_and_the_most_probable_names_and_take_room_for_it(opened):
    grid, model = opened.main.grid, opened.main.arrangement.model
    before, first = grid.visualRect(model.index(0)).height(), opened.pictures()[0]
    assert opened.tiles()[first].details == ()
    opened.menu("Details")
    (folder, size), *names = opened.tiles()[first].details
    assert folder == first.split("/")[0]
    assert size.endswith(("bytes", "kB"))
    assert [name for name, _ in names] == list(opened.bars())
    assert all(percent.endswith("%") for _, percent in names)
    assert grid.visualRect(model.index(0)).height() > before + 40
    opened.add("yellow")
    opened.wait_until_read()
    wait(lambda: len(opened.bars()) == 4)
    names = [name for name, _ in opened.tiles()[opened.current()].details[1:]]
    assert names == list(opened.bars())[:3]
    opened.menu("Details")
    assert grid.visualRect(model.index(0)).height() == before


def test_size_and_details_are_remembered(make_window):
    first = make_window()
    first.menu("Larger pictures")
    first.menu("Details")
    size = first.main.grid.tile_size
    first.close()
    second = make_window()
    assert second.main.grid.tile_size == size
    assert second.menu_entry("Details").isChecked()


def test_a_setting_that_is_no_size_is_ignored(make_window):
    first = make_window()
    first.settings.setValue("grid/tile_size", "9" * 5000)
    first.settings.setValue("grid/details", "?")
    first.settings.sync()
    second = make_window()
    assert second.main.grid.tile_size <= 480
    assert not second.menu_entry("Details").isChecked()


@pytest.mark.parametrize("tile_size", [200, 460])
def test_what_is_moved_by_scrolling_looks_as_if_it_was_painted_anew(opened, tile_size):
    main, grid = opened.main, opened.main.grid
    bar, place = grid.verticalScrollBar(), QRect(grid.mapTo(main, grid.pos()), grid.size())
    opened.menu("Go to the pictures")
    grid.tile_size = tile_size
    main.resize(900, 460)
    opened.wait_until_read()
    acts = (
        grid.selectAll,
        lambda: bar.setValue(bar.value() + 41),
        lambda: QTest.keyClick(grid, Qt.Key.Key_Right),
        lambda: QTest.keyClick(grid, Qt.Key.Key_Down),
        lambda: QTest.keyClick(grid, Qt.Key.Key_1),
        grid.selectAll,
        lambda: bar.setValue(bar.value() - 17),
    )
    assert bar.maximum() > 60
    for number, act in enumerate(acts):
        act()
        QTest.qWait(50)
        wait(lambda: not (main.painting.is_held or main.jobs.is_busy) and main.thumbnails.is_idle)
        opened.let_work()
        seen = main.screen().grabWindow(main.winId()).toImage().copy(place)
        anew = main.grab().toImage().copy(place)
        assert seen.convertToFormat(anew.format()) == anew, number
