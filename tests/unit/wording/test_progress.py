"""The next step: which one button is filled, whatever a person has done so far."""

import pytest

from nameplate.domain.filtering.tally import Tally
from nameplate.wording.progress import checked_text, primary_of


@pytest.mark.parametrize(
    ("now", "button"),
    [
        ({"has_images": False, "has_names": False}, ""),  # the start page has it
        ({"has_images": False}, ""),
        ({"has_names": False}, ""),  # the box for the first name
        ({}, "Next"),
        ({"has_own": True}, ""),  # a panel or a page has its own
        ({"is_checked": True}, "Export"),
        ({"is_checked": True, "has_own": True}, ""),  # the end of the pages has its own
        ({"is_checked": True, "has_names": False}, "Export"),
        ({"is_checked": True, "is_exported": True}, ""),
        ({"is_checked": True, "is_exported": True, "has_own": True}, ""),
        ({"is_exported": True}, "Next"),  # exported half-way
    ],
)
def test_one_button_at_most_is_the_next_step(now, button):
    assert primary_of(**now) == button


def test_how_much_is_checked_is_one_figure():
    assert checked_text(Tally()) == ""
    assert checked_text(Tally(present=12_341, checked=60, undecided=12_281)) == (
        "60 of 12,341 checked"
    )
