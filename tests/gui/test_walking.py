"""Through the window without a mouse: plain keys from everywhere, Tab to everything, Esc back."""

import pytest

from window_driver import WindowDriver


@pytest.fixture
def with_unreadable(opened: WindowDriver, tmp_path) -> WindowDriver:
    """The window with six pictures and the list of a file that cannot be read."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    opened.open(tmp_path / "more")
    opened.wait_for_pictures(7)
    opened.wait_until_read()
    opened.menu("Unreadable files")
    opened.select(0)
    return opened


def test_a_small_window_stays_as_small_with_all_its_panels(with_unreadable):
    window = with_unreadable
    window.show(1024, 700)
    window.add(*(f"name {number}" for number in range(20)))
    window.wait_until_read()
    window.select(1)
    window.menu("Unreadable files")  # away
    window.let_work()
    window.menu("Unreadable files")
    window.main.messages.warn("Something to know.")
    window.let_work()
    assert window.main.minimumSizeHint().height() <= 700
    assert window.main.height() == 700


PLACES = [
    "Order of the pictures: As added, First added first",
    "Prompt: the name itself",
    "Unreadable files",
    "Copy list",
]


def test_letters_and_digits_are_for_the_pictures_wherever_the_focus_is(with_unreadable):
    window = with_unreadable
    first, second, third = window.pictures()[:3]
    order = window.view
    for place in PLACES:
        window.select(0)
        window.focus_on(place)
        window.press("2", "X", "P")
        assert window.state(first) == "decided by you: green", place
        assert window.state(second) == "skipped", place
        assert window.state(third).startswith("decided by you"), place
        assert window.focused == place
        assert window.view == order
        for _ in range(3):
            window.menu("Undo")


def test_space_still_presses_the_button_that_has_the_focus(opened):
    opened.add(*(f"name {number}" for number in range(9)))
    opened.wait_until_read()
    opened.select(0)
    opened.focus_on("Show all 12")
    opened.press("Space")
    assert opened.look == "grid"
    assert len(opened.bars()) == 12


def test_what_is_typed_into_a_box_is_text(opened):
    opened.select(0)
    opened.press_in_empty_name_box("X")
    opened.type("2")
    assert opened.typed == "x2"
    assert opened.chips()[0] == ""


SHOWN = {
    "nothing more": lambda _window: None,
    "details": lambda window: window.open_details("red"),
    "chips": lambda window: window.look_at("is:undecided"),
    "large": lambda window: window.press_on_pictures("Space"),
    "export": lambda window: window.menu("Export…"),
    "import": lambda window: window.menu("Import labels…"),
}


@pytest.mark.parametrize("shown", SHOWN)
def test_tab_leads_to_all_that_can_be_used_and_esc_from_all_back(with_unreadable, shown):
    window = with_unreadable
    SHOWN[shown](window)
    been = window.walk_by_tab()
    assert window.can_be_used() - set(been) == set()
    for steps in range(len(been)):
        window.menu("Go to the pictures")
        SHOWN[shown](window)
        for _ in range(steps):
            window.press("Tab")
        place = window.focused
        for _ in range(3):  # a field first takes back what was typed, then leaves
            if not window.has_focus_on_pictures:
                window.press("Escape")
        assert window.has_focus_on_pictures, place


def test_tab_leads_to_all_of_the_start_page(window):
    been = window.walk_by_tab()
    assert window.can_be_used() - set(been) == set()
