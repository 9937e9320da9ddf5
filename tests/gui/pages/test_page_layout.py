"""How many pictures a page has, and how they fill it."""

from itertools import accumulate, combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize

from nameplate.ui.pages.page_layout import filling, page_size


@pytest.mark.parametrize(
    ("width", "height", "least", "most"),
    [
        (812, 672, 42, 42),
        (900, 640, 42, 42),
        (612, 480, 20, 30),
        (528, 472, 20, 20),
        (328, 272, 4, 9),
    ],
)
def test_a_page_has_as_many_pictures_as_can_be_told_apart_and_fills_its_room(
    width, height, least, most
):
    area = QSize(width, height)
    count = page_size(area)
    assert least <= count <= most
    layout = filling([count], area)
    last = layout.rect(count - 1)
    assert layout.columns * layout.rows == count
    assert width - last.right() < 40
    assert height - last.bottom() < 40
    assert min(last.width(), last.height()) >= 92


SEVERAL = st.lists(st.integers(1, 12), min_size=2, max_size=8)


@given(SEVERAL, st.integers(500, 1200), st.integers(480, 900))
def test_each_block_has_a_heading_above_its_pictures_and_all_fits(counts, width, height):
    layout = filling(counts, QSize(width, height), 34)
    tiles = [layout.rect(place) for place in range(sum(counts))]
    parts = [*tiles, *layout.headings]
    assert len(layout.headings) == len(counts)
    assert not any(one.intersects(other) for one, other in combinations(parts, 2))
    room = QRect(0, 0, width, max(height, layout.height))
    assert all(room.contains(part) for part in parts)
    starts = [0, *accumulate(counts)]
    for heading, (start, end) in zip(layout.headings, pairwise(starts), strict=True):
        assert heading.bottomLeft() + QPoint(0, 1) == tiles[start].topLeft()
        is_one_row = tiles[start].top() == tiles[end - 1].top()
        beside = [tile for tile in tiles[end:] if tile.top() == tiles[end - 1].top()]
        assert is_one_row or not beside  # a block of several rows has these alone


@given(SEVERAL)
def test_places_and_moves_in_blocks_are_those_of_the_tiles_that_are_seen(counts):
    layout, count = filling(counts, QSize(800, 700), 34), sum(counts)
    tiles = [layout.rect(place) for place in range(count)]
    assert [layout.position_at(tile.center()) for tile in tiles] == [*range(count)]
    assert all(layout.position_at(heading.center()) == -1 for heading in layout.headings)
    assert layout.between(0, layout.height) == range(count)
    assert layout.stretch(tiles[0].center(), tiles[-1].center()) == range(count)
    for place, tile in enumerate(tiles):
        below = tiles[layout.moved(place, 1)]
        assert below.left() <= tile.left()
        assert below.top() > tile.top() or tile.top() == tiles[-1].top()
        assert tiles[layout.moved(place, -1)].top() < tile.top() or tile.top() == tiles[0].top()


def test_in_a_very_small_room_pictures_stay_large_enough_to_be_seen_and_are_scrolled():
    area = QSize(200, 150)
    layout = filling([6, 5, 4], area, 34)
    assert layout.tile_height >= 48
    assert layout.height > area.height()
