"""Names in the window: typed, changed, taken back."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from nameplate.storage.resources import starter_model
from nameplate.ui.tiles.model import TileKind
from qt_help import heard, wait
from window_driver import COLOURS


def test_typing_a_name_and_enter_adds_it_and_waits_for_the_next(window):
    window.menu("Add a name")
    window.type("red | scarlet")
    window.press("Return")
    window.type("blue")
    window.press("Return")
    assert window.names() == ["red", "blue"]
    assert [concept.synonyms for concept in window.project.concepts] == [("scarlet",), ()]
    assert window.typed == ""


def test_a_name_that_cannot_be_used_is_said_and_stays_in_the_box(window):
    window.add("red")
    for line, why in (("RED", "already exists"), ("x" * 500, "500 letters")):
        window.add(line)
        assert window.names() == ["red"]
        assert window.typed == line
        assert why in window.hint


def test_typing_a_name_that_is_there_labels_the_selected_pictures_with_it_and_says_so(opened):
    opened.select("blue/tall.jpg")
    opened.add("RED")
    assert opened.names() == COLOURS
    assert opened.labels()["blue/tall.jpg"] == "red"
    assert opened.message == "“red” already exists: the selected pictures got it."
    assert opened.typed == ""
    opened.answer("Undo")
    assert opened.labels()["blue/tall.jpg"] == ""
    opened.menu("Add a name")
    before = opened.hint
    opened.type("RED")
    assert "Enter labels the selected pictures “red”" in opened.hint
    opened.type("dish")
    assert opened.hint == before


def test_ctrl_z_in_the_empty_name_box_takes_back_the_name_and_in_a_text_the_typing(window):
    window.menu("Add a name")
    window.type("red")
    window.press("Return")
    window.type("blue")
    window.press("Ctrl+Z")
    assert window.names() == ["red"]
    assert window.typed == ""
    window.press("Ctrl+Z")
    assert window.names() == []
    assert window.message == "Undone: add “red”."
    assert window.typed == ""
    window.press("Ctrl+Shift+Z")
    assert window.names() == ["red"]


def test_commas_make_several_names_in_one_step_and_it_is_said_how_to_keep_one(window):
    window.add("shirt, pants")
    assert window.names() == ["shirt", "pants"]
    assert "Added 2 names: shirt, pants" in window.hint
    assert "use quotes" in window.hint
    window.add(", ".join(f"name {number}" for number in range(9)))
    assert "9 names: name 0, name 1, name 2, name 3 and 5 more. For one name" in window.hint
    window.menu("Undo")
    window.menu("Undo")
    assert window.names() == []
    window.add('"shirt, pants"')
    assert window.names() == ["shirt, pants"]


def test_while_a_name_is_typed_the_bars_of_the_selected_picture_answer(opened):
    opened.select(0)
    opened.menu("Add a name")
    opened.type("white")
    wait(lambda: "white" in opened.bars())
    assert set(opened.bars()) == {*COLOURS, "white"}
    assert opened.bars()["white"].is_preview
    assert opened.names() == COLOURS
    opened.press("Escape")
    wait(lambda: "white" not in opened.bars())
    assert set(opened.bars()) == set(COLOURS)


def test_digits_typed_into_the_name_box_label_nothing_and_escape_leads_to_the_pictures(opened):
    opened.menu("Add a name")
    opened.type("12 x")
    assert opened.typed == "12 x"
    assert opened.chips() == [""] * 6
    opened.press("Escape")
    assert opened.typed == ""
    opened.press("Escape")
    assert opened.has_focus_on_pictures


def test_deleting_a_concept_takes_its_labels_and_undo_brings_both_back(opened):
    opened.menu("Auto-label all")
    before = opened.labels()
    opened.delete("red")
    assert "“red” deleted. 2 pictures lost their label." in opened.hint
    opened.wait_until_read()
    assert "red" not in opened.chips()
    opened.menu("Undo")
    assert opened.labels() == before
    assert opened.names() == COLOURS
    # A new concept never gets the key of a deleted one.
    last = opened.project.concepts[-1].key
    opened.delete("blue")
    opened.add("white")
    assert opened.project.concepts[-1].key > last


def test_rename_colour_order_and_reject_are_undoable(opened):
    opened.rename("red", "scarlet | red")
    opened.colour("scarlet", "#123456")
    opened.move_down("scarlet")
    opened.move_down("scarlet")
    opened.reject("scarlet")
    assert opened.names() == ["green", "blue", "scarlet"]
    assert opened.project.concepts[2].is_reject
    opened.wait_until_read()
    opened.menu("Auto-label all")
    assert opened.labels()["red/wide.png"] == ""
    assert opened.tiles()["red/wide.png"].kind == TileKind.REJECTED
    for _ in range(6):
        opened.menu("Undo")
    assert opened.names() == COLOURS
    assert not opened.project.concepts[0].is_reject


def test_the_name_box_leaves_the_windows_keys_to_the_window(window):
    window.menu("Add a name")
    for key, is_left_to_the_window in (("Ctrl+E", True), ("Ctrl+Z", True), ("Ctrl+V", False)):
        pressed = QKeySequence(key)[0]
        override = QEvent.Type.ShortcutOverride
        event = QKeyEvent(override, pressed.key(), pressed.keyboardModifiers())
        event.ignore()
        QApplication.sendEvent(window.main.focusWidget(), event)
        assert event.isAccepted() != is_left_to_the_window, key


def test_one_name_alone_shows_no_percentage(window, coloured):
    window.open(coloured)
    window.add("red")
    window.wait_until_read()
    assert window.state("red/wide.png") == "suggested: red"
    window.add("blue")
    window.wait_until_read()
    assert "%" in window.state("red/wide.png")


def test_a_name_longer_than_the_model_reads_is_said(window):
    window.add("red")
    window.add(" ".join(["very"] * 38) + " red")
    assert "reads only the beginning of the last name" in window.hint


def test_the_prompt_is_a_line_that_comes_with_the_first_name_and_is_cut_where_it_is_long(window):
    assert window.prompt == ""
    window.add("red")
    assert window.prompt == f"Prompt: {window.sentence[:1].lower()}{window.sentence[1:]}"
    window.read_as(next(one for one in window.sentences if "80" in one))
    window.main.names.resize(500, 600)
    assert window.prompt == "Prompt: 80 sentences about photos"
    window.main.names.resize(120, 600)
    assert window.prompt.startswith("Prompt: 80")
    assert window.prompt.endswith("…")
    window.delete("red")
    assert window.prompt == ""


def test_the_least_probability_and_the_sentences_can_be_undone(opened):
    before, other = opened.sentence, opened.sentences[-1]
    assert other != before
    opened.set_minimum(40)
    opened.read_as(other)
    assert opened.sentence == opened.project.settings.template_set.title == other
    assert opened.menu_entry("Undo").text() == f"Undo prompt “{other[:30]}”"
    opened.menu("Undo")
    assert opened.sentence == before
    assert opened.menu_entry("Undo").text() == "Undo auto-label above 40%"
    opened.menu("Undo")
    assert opened.minimum_box.value() == 0
    assert opened.project.settings.minimum == 0


def test_a_name_that_the_model_makes_little_of_is_said_once(opened):
    opened.add("Hund")  # none of the words of the tiny model, which does not say its languages
    wait(lambda: "The model hardly knows Hund. Try a common word" in opened.hint)
    opened.add("crimson")
    opened.wait_until_read()
    wait(lambda: "hardly tells" in opened.hint)
    assert "Hund" not in opened.hint


def test_of_larger_models_is_told_once_in_a_project_where_the_starter_hardly_knows_a_name(window):
    window.wait_until_loaded()
    with heard(window.main.model_in_use.loaded):
        window.begin_to_use(starter_model())
    window.add("собака")
    wait(lambda: "The model hardly knows собака." in window.hint)
    larger = "A larger model may know more words: see Models (Ctrl+M)."
    assert larger in window.hint
    window.add("кошка")
    wait(lambda: "The model hardly knows кошка." in window.hint)
    assert larger not in window.hint
    window.menu("New project")
    window.add("собака")
    wait(lambda: "The model hardly knows собака." in window.hint)
    assert larger in window.hint


def test_of_a_model_that_was_trained_for_the_names_is_told_once_where_they_are_typed(window):
    window.wait_until_loaded()
    better = "“Marqo FashionSigLIP” may tell these apart better: see Models (Ctrl+M)."
    for names, is_told in (("hat, t-shirt, fish", False), ("coat, skirt", True), ("shoes", False)):
        window.add(names)
        wait(lambda: not window.main.scoring.is_scoring)
        assert (window.hint == better) == is_told, names


def test_of_a_long_name_that_the_model_makes_little_of_the_beginning_is_said(opened):
    opened.add("W" * 80)
    wait(lambda: "The model hardly knows WWW" in opened.hint)
    assert "W" * 30 not in opened.hint


def test_what_is_said_of_a_step_stays_when_the_model_has_read_the_names(opened):
    opened.add("white, black")
    wait(lambda: not opened.main.scoring.is_scoring)
    assert "2 names: white, black" in opened.hint


def test_two_names_that_are_one_to_the_model_get_a_quiet_hint_with_what_to_do(opened):
    opened.add("crimson")
    opened.wait_until_read()
    wait(lambda: "The model hardly tells “red” from “crimson”." in opened.hint)
    assert "Ctrl+J" in opened.hint
    opened.colour("red", "#123456")
    assert "hardly tells" in opened.hint
    opened.select_names("crimson", "red")
    opened.press_on_names("Ctrl+J")
    opened.wait_until_read()
    wait(lambda: not opened.hint)


def test_a_name_for_all_else_says_how_it_becomes_none_of_these(opened):
    opened.add("Other")
    wait(lambda: "“Other” gives a label like any name. For “none of these”" in opened.hint)
    opened.delete("Other")
    opened.add("!other")
    opened.wait_until_read()
    assert "none of these" not in opened.hint


def test_a_synonym_of_two_names_gets_a_hint(opened):
    opened.rename("red", "red | colourful")
    opened.rename("blue", "blue | colourful")
    assert "“colourful” means “red” and “blue”" in opened.hint


def test_a_picked_name_is_for_the_picture_that_was_seen_when_picking_began(opened):
    opened.look_at("-name:blue")
    opened.select(0)
    picked = opened.current()
    opened.press("/")
    opened.type("gre")
    opened.look_at_without(picked)
    opened.press("Return", "Ctrl+Shift+F")
    assert opened.project.labels.has_label.tolist().count(True) == 1
    assert opened.labels()[picked] == "green"


def test_the_menu_of_pictures_closes_when_they_are_hidden_meanwhile(opened):
    opened.look_at("-name:blue")
    opened.select(0)
    opened.press("Menu")
    menu = opened.main.picture_menu.menu
    wait(menu.isVisible)
    opened.look_at_without(opened.current())
    assert not menu.isVisible()


def test_the_menu_of_the_names_opens_in_the_next_project_too(opened):
    opened.menu("New project")
    opened.let_work()
    opened.add("lamp", "chair")
    button = next(
        b for b in opened.main.findChildren(QToolButton) if b.accessibleName() == "More for names"
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    shown = [action.text().split("\t")[0] for action in menu.actions() if action.isEnabled()]
    menu.close()
    assert {"Paste a list of names", "Save names to a file…"} <= set(shown)
