"""A word typed on the pictures decides nothing; keys that are pressed for them are not lost."""

import random
import sys
from itertools import product
from types import SimpleNamespace

import pytest
from PIL import Image

from nameplate.ui.widgets import keys
from qt_help import type_key, wait
from window_driver import COLOURS

# Milliseconds between letters: 100 words a minute, 60 and 30.
SPEEDS = [100, 200, 400]


@pytest.fixture
def on_pictures(opened):
    opened.menu("Go to the pictures")
    opened.select(0)
    opened.rest()
    return opened


def state_of(window):
    """Return what a person would miss if a key changed it unasked."""
    shown = (window.current(), window.look, window.pictures())
    return window.tiles(), window.names(), shown


SAID = "Words typed on the pictures do nothing. Use “Pick a name” (/)."


# ---- words


WORDS = ["horse", "cat", "sheep", "pants", "cup", "plant", "duck", "ant", "spider", "goat", "fox",
         "lamp", "apple", "zebra", "xylophone", "tiger", "Lion", "Bear", "Cat", "dog", "gnat",
         "splash", "train", "unicorn", "nest", "brzoza", "ski", "txt",
         "t-shirt", "x-ray"]  # fmt: skip
KEYS_ALONE = ["sand", "panda", "sun", "span", "pad"]


def test_a_word_that_is_typed_decides_and_changes_nothing_and_says_so(on_pictures):
    before = state_of(on_pictures)
    for word, ms in product(WORDS, SPEEDS):
        on_pictures.rest()
        on_pictures.type_at(ms, word)
        assert on_pictures.message == SAID, word
        wait(lambda: on_pictures.pictures() == before[2][2])  # of which some were filtered
        assert state_of(on_pictures) == before, word
        assert on_pictures.has_focus_on_pictures


def test_a_word_of_keys_alone_that_decided_something_says_so_with_undo(on_pictures):
    before = on_pictures.tiles()
    for look, word in product(("Grid", "Large picture"), KEYS_ALONE):
        on_pictures.menu(look)
        on_pictures.rest()
        on_pictures.type_at(150, word)
        assert on_pictures.message.startswith(f"“{word}” was taken as keys: ")
        on_pictures.answer("Undo")
        assert on_pictures.tiles() == before


def test_undo_of_what_letters_decided_takes_back_no_view_that_was_chosen_since(on_pictures):
    before = on_pictures.chips()
    on_pictures.type_at(150, "xpx")
    on_pictures.filter_by("tall")
    on_pictures.answer("Undo")
    assert on_pictures.conditions == ["Path: tall"]
    on_pictures.menu("Clear the filter")
    wait(lambda: on_pictures.chips() == before)


def test_a_word_decides_nothing_however_the_pictures_are_looked_at(on_pictures):
    on_pictures.add("cat", "spider")
    on_pictures.wait_until_read()
    for look in ("Large picture", "Compare", "Check pages"):
        on_pictures.menu(look)
        wait(lambda look=look: on_pictures.page or "page" not in look)
        on_pictures.let_work()
        before, at = state_of(on_pictures), on_pictures.current()
        for word in ("spider", "cat", "pants", "xebec", "sum"):
            on_pictures.rest()
            on_pictures.type_at(150, word)
            assert on_pictures.message == SAID, word
            wait(lambda before=before: state_of(on_pictures) == before)
            assert on_pictures.current() == at


def test_what_letters_of_a_word_did_is_not_offered_to_be_done_again(on_pictures):
    on_pictures.type_at(120, "sheep")
    on_pictures.let_work()
    assert not on_pictures.menu_entry("Redo").isEnabled()
    assert on_pictures.menu_entry("Redo").text() == "Redo"


def test_a_page_that_a_letter_turned_is_there_again_when_it_was_a_word(on_pictures):
    on_pictures.begin_pages()
    wait(lambda: on_pictures.is_page_seen)
    page, labels = on_pictures.page, on_pictures.labels()
    on_pictures.rest()
    on_pictures.type_at(120, "pi")
    wait(lambda: on_pictures.page == page)
    assert on_pictures.labels() == labels
    assert on_pictures.message == SAID


@pytest.mark.parametrize("rest", ["\r", "\b", " ", "3", " car\r"])
def test_what_ends_a_typed_word_decides_nothing_until_a_pause(on_pictures, rest):
    before = state_of(on_pictures)
    on_pictures.type_at(150, f"horse{rest}")
    wait(lambda: state_of(on_pictures) == before)
    assert on_pictures.has_focus_on_pictures
    on_pictures.rest()
    on_pictures.type_at(150, "x")
    assert on_pictures.state(before[2][0]) == "skipped"


def test_a_capital_letter_within_a_word_is_part_of_it(on_pictures):
    before = state_of(on_pictures)
    on_pictures.type_at(150, "iPX")
    assert on_pictures.message == SAID
    assert state_of(on_pictures) == before


# ---- before there are names


@pytest.fixture
def nameless(window, coloured):
    window.main.activateWindow()
    window.open(coloured)
    window.wait_for_pictures(6)
    return window


def test_after_opening_pictures_without_names_the_cursor_is_where_names_are_typed(
    nameless, make_window
):
    nameless.type_at(150, "cat")
    assert nameless.typed == "cat"
    nameless.wait_until_read()
    path = nameless.main.files.path
    nameless.close()
    other = make_window()
    other.go_on_with(path)
    other.type_at(150, "cat")
    assert other.typed == "cat"


def test_pictures_that_come_while_a_name_is_typed_leave_the_cursor_where_it_is(window, coloured):
    window.main.activateWindow()
    window.add("red")
    window.press_in_empty_name_box()
    window.type_at(150, "ca")
    window.open(coloured)
    window.wait_for_pictures(6)
    window.type_at(150, "t")
    assert window.typed == "cat"


@pytest.mark.parametrize("look", ["", "Space"])
def test_before_there_are_names_letters_on_the_pictures_only_lead_to_the_name_box(nameless, look):
    for ms in (80, 150, 900):
        nameless.press("Ctrl+A", "Backspace")
        nameless.menu("Go to the pictures")
        nameless.select(0)
        nameless.press(*filter(None, [look]))
        before = nameless.look, nameless.current(), nameless.chips()
        nameless.type_at(ms, "cat")
        assert nameless.typed == "cat"
        assert (nameless.look, nameless.current(), nameless.chips()) == before
    nameless.press("Return")
    assert nameless.names() == ["cat"]
    assert nameless.chips() == before[2]


# ---- keys


@pytest.fixture
def on_forty_pictures(window, tmp_path):
    chance = random.Random(1)
    for number in range(40):
        Image.new("RGB", (40, 30), chance.choice(COLOURS)).save(tmp_path / f"{number:02}.png")
    window.open(tmp_path)
    window.add(*COLOURS)
    window.wait_until_read()
    window.menu("Go to the pictures")
    window.select(0)
    window.rest()
    return window


@pytest.mark.parametrize("letters", ["p" * 39, "px" * 19 + "p"])
def test_a_stream_of_keys_is_no_word_whatever_letter_ends_it(on_forty_pictures, letters):
    window = on_forty_pictures
    pictures = window.pictures()
    window.type_at(300, letters)
    assert not window.offers_answer("Undo")
    window.type_at(300, "tg")
    assert window.message != SAID
    for picture, key in zip(pictures, letters, strict=False):
        assert window.state(picture).startswith("skipped" if key == "x" else "decided by you")


@pytest.mark.parametrize("ms", [83, 200])
def test_a_stream_of_keys_loses_none(on_forty_pictures, ms):
    window, chance = on_forty_pictures, random.Random(ms)
    pictures = window.pictures()
    stream = chance.choices("123XPSXP", k=len(pictures) - 1)
    window.type_at(ms, "".join(stream).lower())
    said = dict(zip("123", ["red", "green", "blue"], strict=True))
    for picture, key in zip(pictures, stream, strict=False):
        state = window.state(picture)
        if key in said:
            assert state == f"decided by you: {said[key]}"
        else:
            assert state == "skipped" if key in "XS" else state.startswith("decided by you")


def test_keys_that_decide_and_walk_are_keys_in_any_order_and_at_any_speed(on_pictures):
    chance = random.Random(1)
    for _ in range(30):
        on_pictures.rest()
        on_pictures.type_at(chance.choice([30, 83, 200]), "".join(chance.choices("pxsudan", k=6)))
        assert on_pictures.message != SAID
    on_pictures.select(0)
    picture = on_pictures.current()
    on_pictures.rest()
    on_pictures.type_at(83, "pau")
    assert not on_pictures.labels()[picture]


def test_one_letter_decides_at_once_and_nothing_is_said(on_pictures):
    for letter, state in (("x", "skipped"), ("p", "decided by you"), ("s", "skipped")):
        picture = on_pictures.current()
        on_pictures.rest()
        on_pictures.type_at(100, letter)
        assert on_pictures.state(picture).startswith(state)
    assert not on_pictures.offers_answer("Undo")


def test_decisions_by_different_letters_within_a_second_are_said_with_undo(on_pictures):
    on_pictures.type_at(150, "xpx")
    assert on_pictures.message == "“xpx” was taken as keys: 3 decisions."
    on_pictures.answer("Undo")
    assert on_pictures.chips() == [""] * 6
    on_pictures.rest()
    on_pictures.type_at(150, "1231")
    assert not on_pictures.offers_answer("Undo")


def test_pictures_that_come_between_letters_are_no_decision_of_theirs(on_pictures, tmp_path):
    Image.new("RGB", (40, 30)).save(tmp_path / "later.png")
    on_pictures.type_at(150, "x")
    before = on_pictures.tiles()
    on_pictures.open(tmp_path / "later.png")
    on_pictures.wait_for_pictures(7)
    on_pictures.type_at(150, "px")
    assert on_pictures.message == "“xpx” was taken as keys: 2 decisions."
    on_pictures.answer("Undo")
    assert before.items() <= on_pictures.tiles().items()


# ---- keyboards of other countries


ROWS = {
    "French": "&é\"'(-è_çà",
    "Czech": "+ěščřžýáíé",
    "bépo": '"«»()@+-/*',
    "Arabic digits": "١٢٣٤٥٦٧٨٩٠",
}


def test_a_key_of_the_row_of_digits_is_a_digit_on_every_keyboard(on_pictures, monkeypatch):
    on_pictures.add("white")
    on_pictures.wait_until_read()
    on_pictures.menu("Go to the pictures")
    mac = [18, 19, 20, 21, 23, 22, 26, 28, 25, 29]
    names = [*COLOURS, "white"]
    for platform, (keyboard, row) in product(("linux", "win32", "darwin"), ROWS.items()):
        monkeypatch.setattr(keys, "sys", SimpleNamespace(platform=platform))
        monkeypatch.setattr(keys, "_PLACES", keys._places(platform))
        first = {"linux": 10, "win32": 2}.get(platform, 0)
        for number, name in enumerate(names):
            on_pictures.select(number)
            picture = on_pictures.current()
            place = mac[number] if platform == "darwin" else first + number
            of = {"virtual": place} if platform == "darwin" else {"place": place}
            type_key(on_pictures.main.focusWidget(), row[number], 5, **of)
            assert on_pictures.labels()[picture] == name, keyboard
        on_pictures.press(*["Ctrl+Z"] * len(names))
        assert not any(on_pictures.labels().values())


def test_a_digit_that_needs_shift_is_a_digit_and_a_sign_that_needs_it_is_none(on_pictures):
    first, second = on_pictures.pictures()[:2]
    type_key(on_pictures.main.focusWidget(), "2", 5, place=11, shift=True)
    assert on_pictures.labels()[first] == "green"
    type_key(on_pictures.main.focusWidget(), "@", 5, place=11, shift=True)
    assert on_pictures.labels()[second] == ""


def test_keys_of_letters_work_by_their_place_where_another_alphabet_is_typed(on_pictures):
    first, second = on_pictures.pictures()[:2]
    of_x11 = 0 if sys.platform == "win32" else 8
    type_key(on_pictures.main.focusWidget(), "ч", 5, place=45 + of_x11)  # on the key of X
    assert on_pictures.state(first) == "skipped"
    for at, (letter, place) in enumerate([("к", 19), ("о", 36), ("т", 49)]):
        type_key(on_pictures.main.focusWidget(), letter, 9000 + 150 * at, place=place + of_x11)
    assert on_pictures.message == SAID
    assert on_pictures.state(second).startswith("suggested")
