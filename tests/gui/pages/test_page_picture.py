"""What is written into a picture of a page."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from nameplate.pipeline.pages.rules import Candidates
from nameplate.ui.pages.page import SuggestedPage
from nameplate.ui.pages.page_picture import question
from nameplate.wording.numbers import percent
from project_help import opened_project


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


def test_a_percentage_is_that_of_now_also_where_the_page_was_made_before(qapp):
    opened = opened_project()
    opened.score()
    for row in range(4):
        opened.embed(row, 0)
    rows = np.arange(4)
    made = Candidates.of(opened.project, opened.suggestions, rows).next_page(4)
    before = replace(made, probability=np.full(4, 0.01, np.float32))
    page = SuggestedPage(before.rows, proposal=before)
    shown = page.picture(0, opened.project, opened.suggestions)
    assert shown.detail == percent(float(opened.suggestions.probability[before.rows[0]])) != "1%"
