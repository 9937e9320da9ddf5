"""The model of the grid: order, positions, texts, without disk access."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt

from nameplate.ui.tiles.model import Tile, TileKind, TileModel, state_text
from nameplate.wording.numbers import percent

ABSENT = Path("/no/such/folder")


def tile_of(row: int) -> Tile:
    return Tile(ABSENT / f"{row}.jpg", TileKind.SUGGESTED, "cat", "#3b82f6", 0.91)


def rows(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@pytest.fixture
def model(qapp) -> TileModel:
    return TileModel(tile_of)


def test_qt_finds_nothing_wrong_with_it(model, qtmodeltester):
    model.set_order(rows(4, 2, 0))
    qtmodeltester.check(model)
    model.append(rows(1, 3))
    model.set_order(rows(3))


def test_shows_images_in_the_order_given(model):
    model.set_order(rows(7, 3, 5))
    assert [model.image_row(i) for i in range(model.rowCount())] == [7, 3, 5]
    assert model.index_of(5).row() == 2
    assert not model.index_of(4).isValid()
    assert not model.index_of(-1).isValid()
    assert not model.index_of(99).isValid()


def test_a_new_order_replaces_the_old_one_with_one_reset_and_is_not_shared(model, qtbot):
    model.set_order(rows(0, 1, 2))
    order = rows(2, 0)
    with qtbot.waitSignal(model.modelReset):
        model.set_order(order)
    order[:] = 9
    assert model.order.tolist() == [2, 0]
    assert not model.index_of(1).isValid()


def test_appends_at_the_end_many_times(model):
    model.set_order(rows(5000))
    for first in range(0, 4000, 500):
        model.append(np.arange(first, first + 500))
    model.append(rows())
    assert model.rowCount() == 4001
    assert model.index_of(5000).row() == 0
    assert model.index_of(3999).row() == 4000


def test_tells_changed_tiles_in_few_ranges(model):
    model.set_order(np.arange(100)[::-1].copy())
    heard: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda a, b: heard.append((a.row(), b.row())))
    model.rows_changed(rows(99, 98, 97, 10, 500))
    assert heard == [(0, 2), (89, 89)]
    heard.clear()
    model.rows_changed(np.arange(0, 100, 2))
    assert heard == [(1, 99)]
    heard.clear()
    model.rows_changed(rows(500))
    assert heard == []


def test_answers_from_memory_about_files_that_are_not_there(model):
    model.set_order(rows(3))
    index = model.index(0)
    assert index.data() == "3.jpg"
    assert model.tile(0) == tile_of(3)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "3.jpg, suggested: cat, 91%"
    assert "Suggested: cat, 91%" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert index.data(Qt.ItemDataRole.DecorationRole) is None
    assert model.data(QModelIndex()) is None


def test_asks_for_a_tile_only_when_it_is_looked_at(qapp):
    asked: list[int] = []
    model = TileModel(lambda row: asked.append(row) or tile_of(row))
    model.set_order(np.arange(100_000))
    model.rows_changed(np.arange(100_000))
    assert asked == []


@pytest.mark.parametrize(
    ("tile", "words"),
    [
        (Tile(ABSENT, TileKind.WAITING), "not read yet"),
        (Tile(ABSENT, TileKind.PLAIN), "no names yet"),
        (Tile(ABSENT, TileKind.UNSURE, "cat", probability=0.34), "unsure: cat, 34%"),
        (Tile(ABSENT, TileKind.AUTO, "cat", probability=0.9), "labelled automatically: cat, 90%"),
        (Tile(ABSENT, TileKind.LEARNED, "cat"), "labelled by learning: cat"),
        (Tile(ABSENT, TileKind.DECIDED, "cat", probability=0.9), "decided by you: cat"),
        (Tile(ABSENT, TileKind.REJECTED), "none of these"),
        (Tile(ABSENT, TileKind.SKIPPED), "skipped"),
    ],
)
def test_says_in_words_what_a_tile_looks_like(tile, words):
    assert state_text(tile) == words


def test_an_unreadable_image_says_why_and_a_name_is_one_line_and_never_markup(qapp):
    path = ABSENT / "a\nb<i>\udcff.jpg"
    model = TileModel(lambda _: Tile(path, TileKind.UNREADABLE, note="empty file"))
    model.set_order(rows(0))
    assert model.index(0).data() == "a b<i>\\udcff.jpg"
    spoken = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "a b<i>\\udcff.jpg, unreadable, empty file"
    assert "<i>" not in model.index(0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_percentage_never_claims_to_be_certain():
    shown = [percent(p) for p in (0.0, 0.004, 0.006, 0.5, 0.994, 0.996, 1.0)]
    assert shown == ["<1%", "<1%", "1%", "50%", "99%", ">99%", ">99%"]
