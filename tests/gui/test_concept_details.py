"""The details of a name, and names that are merged, split and found."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from qt_help import wait


def concept(window, name):
    return next(c for c in window.project.concepts if c.name == name)


def test_every_field_of_the_details_is_reached_and_left_by_keys(opened):
    opened.open_details("red")
    fields = [opened.main.focusWidget().accessibleName()]
    for _ in range(4):
        opened.press("Tab")
        fields.append(opened.main.focusWidget().accessibleName())
    assert [name.split(",")[0].split(":")[0] for name in fields] == [
        "Name",
        "Synonyms",
        "Sentences",
        "Minimum probability of this name",
        "New name for the selected pictures",
    ]
    opened.press("Escape")
    assert not opened.main.names.details.isVisible()
    assert opened.main.focusWidget().accessibleName() == "Names"


def test_names_and_synonyms_are_changed_and_escape_takes_back_what_was_typed(opened):
    opened.open_details("red")
    opened.type_detail("Name", "scarlet")
    opened.press("Return")
    opened.type_detail("Synonyms", "red | crimson")
    opened.press("Return")
    assert concept(opened, "scarlet").synonyms == ("red", "crimson")
    opened.type_detail("Name", "blood")
    opened.press("Escape")
    assert opened.detail("Name").text() == "scarlet"
    assert opened.main.names.details.isVisible()
    opened.menu("Undo rename")
    opened.menu("Undo rename")
    assert opened.names() == ["red", "green", "blue"]
    assert opened.detail("Name").text() == "red"


def test_while_a_sentence_is_typed_the_bars_answer_and_nothing_changes(opened):
    opened.select("red/wide.png")
    opened.wait_until_read()
    before = opened.bars()["red"].probability
    opened.open_details("red")
    opened.type_detail("Sentences", "blue")
    wait(lambda: opened.bars()["red"].probability < before / 2)
    assert concept(opened, "red").prompts == ()
    opened.press("Escape")
    wait(lambda: opened.bars()["red"].probability == before)
    assert not opened.detail("Sentences").toPlainText()


def test_own_sentences_are_one_step_and_score_all_pictures_anew(opened):
    opened.open_details("red")
    opened.type_detail("Sentences", "blue")
    opened.press("Return")
    opened.type("a blue thing, {}")
    opened.press("Ctrl+Return")
    assert concept(opened, "red").prompts == ("blue", "a blue thing, {}")
    opened.wait_until_read()
    assert "green" in opened.state("green/wide.png")
    opened.menu("Undo change prompts")
    assert concept(opened, "red").prompts == ()


def test_the_least_probability_says_how_many_pictures_it_would_label_before_it_does(opened):
    opened.add("crimson")  # as probable as red
    opened.wait_until_read()
    opened.open_details("red")
    wait(lambda: "Would label 2 pictures" in opened.details_say)
    box = opened.detail("Minimum probability")
    box.setFocus()
    box.selectAll()
    opened.type("60")
    wait(lambda: "Would label 0 pictures" in opened.details_say)
    assert concept(opened, "red").threshold is None
    opened.press("Return")
    assert concept(opened, "red").threshold == 0.6
    opened.menu("Auto-label all")
    assert sorted(opened.chips()) == ["", "", "blue", "blue", "green", "green"]
    opened.menu("Undo")
    opened.menu("Undo change the minimum probability")
    assert concept(opened, "red").threshold is None


def test_the_first_name_moves_no_further_up_and_the_last_no_further_down(opened):
    opened.select_names("red")
    opened.press_on_names("Alt+Up")
    opened.select_names("blue")
    opened.press_on_names("Alt+Down")
    assert opened.names() == ["red", "green", "blue"]
    assert opened.project.history.done[-1].title.code != "move"


def test_a_name_is_dragged_to_another_place_and_undo_puts_it_back(opened):
    opened.drag_name("red", "blue", beside=1)
    assert opened.names() == ["green", "blue", "red"]
    opened.drag_name("red", "green", beside=-1)
    assert opened.names() == ["red", "green", "blue"]
    opened.press("Ctrl+Z")
    assert opened.names() == ["green", "blue", "red"]


def test_a_name_that_is_typed_below_another_is_refused_and_stays_in_the_box(opened):
    opened.add("colour > white")
    assert "names a parent" in opened.hint
    assert opened.names() == ["red", "green", "blue"]


def test_what_cannot_be_is_said_while_it_is_typed(opened):
    opened.open_details("red")
    opened.type_detail("Name", "green")
    assert "already exists" in opened.details_say
    opened.press("Escape")
    opened.type_detail("Sentences", "x" * 401)
    assert "more than 400 letters" in opened.details_say
    assert opened.names() == ["red", "green", "blue"]


def test_renaming_to_a_name_that_is_there_offers_to_merge_and_loses_nothing(opened):
    opened.menu("Auto-label all")
    for by in ("list", "details"):
        if by == "list":
            opened.rename("red", "green")
        else:
            opened.open_details("red")
            opened.type_detail("Name", "green")
            opened.press("Return")
        assert "“green” already exists. Merge “red” into it? 2 labels" in opened.message
        assert "exists" not in opened.hint
        assert opened.names() == ["red", "green", "blue"]
        opened.answer("Merge")
        assert opened.names() == ["green", "blue"]
        assert sorted(opened.chips()) == ["blue"] * 2 + ["green"] * 4
        opened.answer("Undo")
        assert sorted(opened.chips()) == ["blue"] * 2 + ["green"] * 2 + ["red"] * 2
    opened.rename("red", "green")
    assert opened.offers_answer("Merge")
    opened.menu("New project")
    assert not opened.offers_answer("Merge")


def test_several_selected_names_are_merged_into_the_current_one(opened):
    opened.menu("Auto-label all")
    opened.select_names("red")
    opened.press_on_names("Ctrl+J")
    assert "Select two or more names" in opened.message
    assert opened.names() == ["red", "green", "blue"]
    opened.select_names("red", "green", "blue")
    opened.press_on_names("Ctrl+J")
    assert opened.names() == ["blue"]
    assert concept(opened, "blue").synonyms == ("red", "green")
    assert opened.chips() == ["blue"] * 6
    opened.menu("Undo merge 2 names")
    opened.select_names("red", "blue")
    opened.press_on_names("Ctrl+Shift+J")
    assert concept(opened, "blue").synonyms == ()


def test_the_selected_pictures_are_split_off_under_a_new_name(opened):
    opened.menu("Auto-label all")
    opened.select("red/wide.png")
    opened.select_names("red")
    opened.press_on_names("Ctrl+T")
    assert opened.detail("New name").placeholderText() == "a name for 1 selected"
    opened.type("wide red")
    opened.press("Return")
    assert opened.names() == ["red", "green", "blue", "wide red"]  # no key has moved
    assert opened.labels()["red/wide.png"] == "wide red"
    assert opened.labels()["red/tall.jpg"] == "red"
    opened.menu("Undo split off “wide red”")
    assert opened.labels()["red/wide.png"] == "red"
    assert opened.names() == ["red", "green", "blue"]
    # A name that is there is refused, and stays typed.
    opened.select("red/wide.png")
    opened.select_names("red")
    opened.press_on_names("Ctrl+T")
    opened.type("Green")
    opened.press("Return")
    assert "already exists" in opened.details_say
    assert opened.detail("New name").text() == "Green"


def test_a_name_is_found_among_many_by_itself_and_its_synonyms(opened):
    opened.menu("Find a name")  # for which a few need no box
    assert opened.main.focusWidget().accessibleName() == "Names"
    opened.add(*(f"thing {number}" for number in range(20)), "animal", "dog | hound")
    opened.find_name("anim")
    assert opened.shown_names() == ["animal"]
    opened.press("Ctrl+A", "Del")
    opened.type("HOUND")
    assert opened.shown_names() == ["dog"]
    opened.press("Return")
    assert opened.main.panel.names.current_concept() == concept(opened, "dog")
    opened.find_name("")
    opened.press("Escape")
    assert len(opened.shown_names()) == 25
    opened.press("Escape")
    assert opened.has_focus_on_pictures
    opened.find_name("thing 1")
    assert "red" not in opened.shown_names()
    opened.menu("Undo")
    assert opened.shown_names() == ["red", "green", "blue"]


def test_the_details_go_when_their_name_does_and_follow_the_list(opened):
    opened.open_details("red")
    opened.select_names("blue")
    assert opened.detail("Name").text() == "blue"
    opened.delete("blue")
    assert not opened.main.names.details.isVisible() or opened.detail("Name").text() != "blue"
    opened.menu("New project")
    assert not opened.main.names.details.isVisible()


def test_ctrl_z_in_a_field_where_nothing_was_typed_is_the_windows(opened):
    opened.open_details("red")
    field = opened.detail("Sentences")
    event = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier
    )
    event.ignore()
    QApplication.sendEvent(field, event)
    assert not event.isAccepted()
    opened.type_detail("Sentences", "x")
    QApplication.sendEvent(field, event)
    assert event.isAccepted()


def test_details_of_one_of_many_names_fit_a_small_window_under_a_long_hint(opened):
    opened.show(1024, 700)
    opened.add(*(f"name {number}" for number in range(40)))
    opened.main.panel.show_hint("The model makes little of some of these names. " * 4)
    opened.open_details("red")
    wait(lambda: opened.detail("Name").isVisible())
    QApplication.processEvents()
    needed = opened.main.names.minimumSizeHint().height()
    assert needed <= opened.main.names.height()
    assert opened.main.height() == 700
