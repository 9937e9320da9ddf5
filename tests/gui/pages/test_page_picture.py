"""What is written into a picture of a page."""

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from nameplate.ui.pages.page_picture import question


@pytest.mark.parametrize(
    ("given", "other", "as_wide_as", "asked"),
    [
        ("skirt", "t-shirt", "skirt → t-shirt?", "skirt → t-shirt?"),
        ("longsleeve", "skirt", "long…eve → skirt?", "lon…eve → skirt?"),
        ("outwear", "t-shirt", "ou…r → t…t?", "→ t-shirt?"),
        ("shorts", "longsleeve", "→ long…eve?", "→ lon…eve?"),
    ],
)
def test_two_names_are_cut_only_as_far_as_they_can_be_read(qapp, given, other, as_wide_as, asked):
    metrics = QFontMetrics(QApplication.font())
    width = metrics.horizontalAdvance(as_wide_as)
    text = question(given, other, metrics, width)
    assert text == asked
    assert metrics.horizontalAdvance(text) <= width
