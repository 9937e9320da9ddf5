"""How many pictures a page has, and how they fill it."""

import pytest
from PySide6.QtCore import QSize

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
    layout = filling(count, area)
    last = layout.rect(count - 1)
    assert layout.columns * layout.rows == count
    assert width - last.right() < 40
    assert height - last.bottom() < 40
    assert min(last.width(), last.height()) >= 92
