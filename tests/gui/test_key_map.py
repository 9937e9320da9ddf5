"""Which key is whose: pure functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.ui.actions.cheat_sheet import groups_of_keys
from nameplate.ui.actions.keys import NAME_KEYS, KeyMap, KeysError, as_key
from nameplate.ui.actions.table import ACTIONS
from nameplate.ui.widgets.overlays.fuzzy import best, match

IDS = st.sampled_from([spec.id for spec in ACTIONS])
KEYS = st.sampled_from(["Ctrl+J", "Q", "F7", "Alt+1", "X", "Return", "Ctrl+L", "5", "Esc", ""])


def all_keys(keys):
    return [key for spec in ACTIONS for key in keys.of(spec.id)]


@given(st.lists(st.tuples(IDS, st.lists(KEYS, max_size=3)), max_size=8))
def test_no_key_is_ever_given_twice_and_the_settings_give_the_same_keys_back(changes):
    keys = KeyMap()
    for action_id, wanted in changes:
        try:
            keys = keys.with_keys(action_id, wanted)
        except KeysError:
            continue
        assert set(keys.of(action_id)) == set(filter(None, wanted))
    assert len(all_keys(keys)) == len(set(all_keys(keys)))
    assert KeyMap.from_keys(keys.changed) == keys
    assert not set(NAME_KEYS) & set(all_keys(keys))


def test_two_actions_can_change_their_keys_in_the_settings():
    keys = KeyMap.from_keys({"skip": KeyMap().of("accept"), "accept": KeyMap().of("skip")})
    assert keys.of("accept") == ("X", "S")


@pytest.mark.parametrize("wrong", [{"skip": ["F9"], "undo": ["F9"]}, {"skip": ["no key at all"]}])
def test_settings_that_give_a_key_twice_or_none_are_refused_whole(wrong):
    with pytest.raises(KeysError):
        KeyMap.from_keys(wrong)


def test_an_action_that_settings_do_not_know_keeps_its_keys_and_those_of_an_unknown_one_stay():
    keys = KeyMap.from_keys({"gone": ["F9"], "skip": ["F10"]})
    assert keys.of("skip") == ("F10",)
    assert keys.of("undo") == ("Ctrl+Z",)
    assert keys.changed == {"gone": ("F9",), "skip": ("F10",)}


def test_a_key_in_the_settings_is_taken_from_an_action_that_they_do_not_name():
    keys = KeyMap.from_keys({"skip": ["F1"]})
    assert keys.of("skip") == ("F1",)
    assert keys.of("all_keys") == ("?", "Ctrl+/")


@pytest.mark.parametrize("text", ["hello", "Ctrl+K, Ctrl+L", "\u200b"])
def test_what_is_no_single_key_is_refused(text):
    with pytest.raises(KeysError):
        as_key(text)


def test_every_action_with_a_key_stands_on_the_sheet():
    shown = {what for _, lines in groups_of_keys(KeyMap()) for _, what in lines}
    assert {spec.text.rstrip("…") for spec in ACTIONS if spec.keys} <= shown


@given(st.text(max_size=30), st.data())
def test_a_part_of_a_text_always_finds_it(text, data):
    start = data.draw(st.integers(0, len(text)))
    part = text[start : start + data.draw(st.integers(0, 5))]
    assert match(part, text) is not None
    assert best(part, ["", text])[-1] == 1


def test_letters_at_the_beginnings_of_words_are_found_first():
    texts = ["Show all pictures", "Auto-label all", "Take the label off"]
    assert best("al", texts)[0] == 1
    assert best("tlo", texts) == [2]
    assert best("xyz", texts) == []
    assert best("", texts) == [0, 1, 2]


def test_of_two_words_that_begin_alike_the_one_at_the_beginning_of_its_text_is_found_first():
    assert best("ins", ["musical instrument", "insect"]) == [1, 0]


def test_no_usual_key_is_one_that_types_a_letter_on_some_keyboard():
    """On Windows Ctrl+Alt is AltGr, with which Polish keyboards type ń."""
    keys = [key for spec in ACTIONS for key in spec.keys]
    assert not [key for key in keys if "Ctrl+Alt" in key]
