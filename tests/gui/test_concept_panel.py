"""The concept panel: its display, and every request it emits by keyboard and mouse."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QPalette,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMenu, QToolButton

from nameplate.domain import concepts as domain
from nameplate.domain.concepts import PALETTE, Concept
from nameplate.ui.concepts.colour_popup import COLOUR_NAMES, ColourPopup
from nameplate.ui.concepts.concept_list.list import ConceptList
from nameplate.ui.concepts.concept_list.model import COUNT_ROLE, KEY_ROLE, ConceptModel
from nameplate.ui.concepts.name_box import NameBox
from nameplate.ui.concepts.panel import ConceptPanel, PanelActs
from nameplate.ui.widgets.paragraph import Paragraph, tip
from qt_help import move_held, press_keys, wait

# Warnings of the offscreen platform about popups.

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def made(*lines: str) -> tuple[Concept, ...]:
    concepts: tuple[Concept, ...] = ()
    for line in lines:
        concepts = domain.add(concepts, line)
    return concepts


FOUR = made("cat | kitten", "dog", "!other", "sheep")


class Parts:
    """The panel and its widgets."""

    def __init__(self, panel: ConceptPanel) -> None:
        self.panel = panel
        self.list = panel.findChild(ConceptList)
        self.box = panel.findChild(NameBox)
        self.message = panel.findChild(Paragraph)
        self.menu = panel.findChild(QMenu)
        self.more = panel.findChild(QToolButton)

    @property
    def popup(self) -> ColourPopup:
        return self.panel.findChild(ColourPopup)

    def place(self, row: int) -> QPoint:
        return self.list.visualRect(self.list.rows.index(row, 0)).center()

    def swatch(self, row: int) -> QPoint:
        row_rect = self.list.visualRect(self.list.rows.index(row, 0))
        return self.list.delegate.swatch_rect(row_rect).center()

    def select(self, row: int) -> None:
        self.list.setCurrentIndex(self.list.rows.index(row, 0))
        self.list.setFocus()

    def editor(self) -> QLineEdit | None:
        found = self.list.viewport().findChildren(QLineEdit)
        return found[0] if found else None

    def action(self, text: str) -> QAction:
        return next(a for a in self.menu.actions() if a.text().startswith(text))


class Notes:
    """A part of the window, or a function of one that notes what is asked for, in order."""

    def __init__(self, log: list[tuple], name: str = "") -> None:
        self.log, self.name = log, name

    def __getattr__(self, name: str) -> "Notes":
        return Notes(self.log, name)

    def __call__(self, *args, **named) -> None:
        self.log.append((self.name, *args, *named.values()))


@pytest.fixture
def parts(qtbot):
    noted = Notes([])
    names = PanelActs._fields
    acts = PanelActs(*(lambda *about, name=name: getattr(noted, name)(*about) for name in names))
    panel = ConceptPanel(noted.edits, acts)
    qtbot.addWidget(panel)
    panel.resize(240, 560)
    panel.set_concepts(FOUR, {0: 412, 1: 1388})
    panel.show()
    panel.activateWindow()
    qtbot.waitExposed(panel)
    return Parts(panel)


@pytest.fixture
def heard(parts):
    """All that was asked for, in order."""
    return parts.panel.edits.log


def copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def drag(parts, row: int, place: QPoint, *, drop: bool = True) -> None:
    view = parts.list.viewport()
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(view, left, pos=parts.place(row))
    # Real moves carry the button; `QTest.mouseMove` does not.
    for spot in (parts.place(row) + QPoint(0, 20), place):
        move_held(view, spot)
    if drop:
        QTest.mouseRelease(view, left, pos=place)


# --- the name box ---------------------------------------------------------------------------------


def test_enter_in_the_name_box_emits_the_line_and_leaves_the_box_to_the_window(qtbot, parts, heard):
    qtbot.keyClicks(parts.box, " cow | calf ")
    qtbot.keyClick(parts.box, Key.Key_Return)
    assert heard[-1] == ("add_line", "cow | calf")
    assert parts.panel.name_text() == " cow | calf "
    parts.panel.clear_name_box()
    assert parts.panel.name_text() == ""
    assert heard[-1] == ("set_typed", "")


def test_each_letter_typed_is_announced_trimmed_and_only_when_it_matters(qtbot, parts, heard):
    qtbot.keyClicks(parts.box, "  ")
    qtbot.keyClick(parts.box, Key.Key_Return)
    assert heard == []
    qtbot.keyClicks(parts.box, "a b ")
    assert heard == [("set_typed", "a"), ("set_typed", "a b")]
    qtbot.keyClick(parts.box, Key.Key_Escape)
    assert heard[-1] == ("set_typed", "")
    assert parts.panel.name_text() == ""


@pytest.mark.parametrize(
    ("pasted", "asked", "typed"),
    [
        (
            "cow | calf\r\n\r\n# comment\nduck\tgoose\n!nothing\n",
            ("add_lines", ["cow | calf", "duck", "goose", "!nothing"]),
            "ab",
        ),
        ("  cow | calf\n", ("set_typed", "abcow | calf"), "abcow | calf"),
    ],
)
def test_several_pasted_lines_are_announced_at_once_and_one_goes_into_the_box(
    qtbot, parts, heard, pasted, asked, typed
):
    copy(pasted)
    qtbot.keyClicks(parts.box, "ab")
    qtbot.keyClick(parts.box, Key.Key_V, CTRL)
    assert heard[-1] == asked
    assert parts.panel.name_text() == typed


def paste_by_menu(box):
    copy("cow\nduck")
    place, reason = QPoint(5, 5), QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(box, QContextMenuEvent(reason, place, box.mapToGlobal(place)))
    menu = box.findChild(QMenu)
    next(a for a in menu.actions() if a.objectName() == "edit-paste").trigger()
    menu.close()


def drop_lines(box):
    mime = QMimeData()
    mime.setText("cow\nduck")
    copied, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    box.dropEvent(QDropEvent(QPointF(5, 5), copied, mime, left, NONE))


def insert_lines(box):
    box.insert("cow\nduck")  # as by the middle mouse button on X11
    box.textEdited.emit(box.text())


@pytest.mark.parametrize("way", [paste_by_menu, drop_lines, insert_lines])
def test_lines_are_kept_apart_whatever_way_they_come(parts, heard, way):
    way(parts.box)
    assert heard == [("add_lines", ["cow", "duck"])]
    assert parts.panel.name_text() == ""


def test_what_of_a_pasted_table_is_left_out_is_said(qtbot, parts, heard):
    copy("No\tName\n1\tshirt\n2\tpants\n")
    qtbot.keyClick(parts.box, Key.Key_V, CTRL)
    assert heard == [("add_lines", ["shirt", "pants"])]
    assert "one of 2 columns" in parts.message.text()
    assert "Left out its heading, Name" in parts.message.text()


def test_enter_and_escape_in_the_name_box_are_kept_from_the_windows_shortcuts(parts):
    for key in (Key.Key_Return, Key.Key_Enter, Key.Key_Escape):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(parts.box, event)
        assert event.isAccepted()


# --- messages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["letter", "key"])
def test_an_error_has_an_icon_and_goes_with_what_is_done_next_but_not_with_new_counts(
    qtbot, parts, by
):
    parts.panel.show_hint("that did not work", is_error=True)
    parts.panel.set_concepts(FOUR, {0: 413})
    assert parts.message.text() == "that did not work"
    assert parts.message.icon_name == "warning"
    assert parts.message.isVisible()
    if by == "letter":
        qtbot.keyClicks(parts.box, "c")
    else:
        parts.select(1)
        qtbot.keyClick(parts.list, Key.Key_Up, ALT)
    assert parts.message.text() == ""
    assert not parts.message.isVisible()


def test_an_error_that_a_wish_causes_stays(qtbot, parts):
    parts.panel.edits.add_line = lambda line: parts.panel.show_hint(f"no {line}", is_error=True)
    qtbot.keyClicks(parts.box, "cat")
    qtbot.keyClick(parts.box, Key.Key_Return)
    assert parts.message.text() == "no cat"


def test_a_hint_stays_while_typing_and_has_no_icon(qtbot, parts):
    parts.panel.show_hint("With one name every picture gets 100%.")
    qtbot.keyClicks(parts.box, "c")
    assert parts.message.text().startswith("With one name")
    assert parts.message.icon_name == ""
    parts.panel.show_hint("")
    assert not parts.message.isVisible()


def test_an_empty_panel_says_what_to_do_and_a_filled_one_no_longer(parts):
    parts.panel.set_concepts((), {})
    assert "Name what your pictures show" in parts.message.text()
    assert not parts.list.isVisible()
    parts.panel.set_concepts(FOUR, {})
    assert parts.message.text() == ""
    assert parts.list.isVisible()


def test_a_long_word_wraps_and_is_cut_with_the_whole_of_it_as_tool_tip(qtbot):
    label = Paragraph(max_lines=3)
    qtbot.addWidget(label)
    label.resize(100, 80)
    label.show_text("q" * 300)
    assert label.minimumSizeHint().width() == 0
    assert label.heightForWidth(100) == 3 * label.heightForWidth(10_000)
    assert label.toolTip().count("q") == 300
    label.show_text("<b>short</b>")
    assert label.toolTip() == ""


def test_tool_tips_never_read_names_as_markup():
    assert "<b>" not in tip("<b>bold</b> & more")
    assert tip("") == ""


# --- rows -----------------------------------------------------------------------------------------


def test_rows_say_name_synonyms_count_key_and_none_of_these(parts):
    spoken = [
        parts.list.rows.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(4)
    ]
    assert spoken == [
        "cat, kitten, 412 pictures, key 1",
        "dog, 1,388 pictures, key 2",
        "other, 0 pictures, key 3, none of these",
        "sheep, 0 pictures, key 4",
    ]


def test_rows_beyond_the_keys_say_how_they_are_picked(parts):
    parts.panel.set_concepts(made(*(f"name {n}" for n in range(12))), {})
    last = parts.list.rows.index(10, 0)
    assert last.data(KEY_ROLE) == "/"
    assert "press / and some of its letters" in last.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "press / and some of its letters" in last.data(Qt.ItemDataRole.ToolTipRole)
    assert parts.list.rows.index(9, 0).data(KEY_ROLE) == "0"


def test_a_row_says_its_own_least_probability(parts):
    cat, *others = FOUR
    parts.panel.set_concepts((replace(cat, threshold=0.8), *others), {})
    first, second = (parts.list.rows.index(row, 0) for row in (0, 1))
    assert "only above 80%" in first.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "only above 80%" in first.data(Qt.ItemDataRole.ToolTipRole)
    assert "only above" not in second.data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_count_that_changes_redraws_its_row_only(qtbot, parts):
    model = parts.list.rows
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda a, b: changed.append((a.row(), b.row())))
    for signal in (model.modelReset, model.layoutChanged, model.rowsInserted, model.rowsRemoved):
        signal.connect(lambda *_: pytest.fail("the rows were rebuilt"))
    parts.panel.set_concepts(FOUR, {0: 412, 1: 1389})
    assert changed == [(1, 1)]
    assert model.index(1, 0).data(COUNT_ROLE) == 1389
    parts.panel.set_concepts(FOUR, {0: 412, 1: 1389})
    assert changed == [(1, 1)]


def test_selection_and_place_follow_their_concepts_when_rows_move_come_and_go(parts):
    parts.select(1)
    cat, dog, other, sheep = FOUR
    cow = made(*(c.name for c in FOUR), "cow")[-1]
    parts.panel.set_concepts((cow, other, dog, sheep), {})
    assert parts.list.selected_keys() == [dog.key]
    assert parts.list.currentIndex().row() == 2
    assert parts.list.rows.concepts == (cow, other, dog, sheep)
    parts.panel.set_concepts((cat, dog), {})
    assert parts.list.selected_keys() == [dog.key]


def test_the_model_keeps_qts_rules(parts, qtmodeltester):
    qtmodeltester.check(ConceptModel(parts.panel, parts.panel.edits.rename))
    qtmodeltester.check(parts.list.rows)


@pytest.mark.parametrize("name", ["w" * 80, "w" * 200, "long words " * 18])
def test_a_long_name_does_not_widen_the_panel(qtbot, parts, name):
    parts.panel.set_concepts(made(name.strip(), "cat"), {0: 1_000_000})
    parts.panel.show_hint(f"“{name}” already exists", is_error=True)
    assert parts.panel.minimumSizeHint().width() <= 220
    parts.panel.resize(parts.panel.minimumSizeHint().width(), 400)
    assert parts.list.width() <= 220
    assert not parts.list.horizontalScrollBar().isVisible()


def test_three_hundred_concepts_scroll_and_leave_the_name_box_in_sight(parts):
    many = made(*(f"name {n}" for n in range(300)))
    parts.panel.set_concepts(many, {})
    parts.panel.set_concepts(tuple(reversed(many)), {n: n for n in range(300)})
    parts.panel.grab()
    assert parts.list.verticalScrollBar().maximum() > 0
    assert parts.box.geometry().bottom() < parts.panel.height()


def test_a_name_that_was_just_added_comes_into_sight(qtbot, parts):
    many = made(*(f"name {n}" for n in range(60)))
    parts.panel.set_concepts(many[:-1], {})
    parts.panel.focus_name_box()
    parts.panel.set_concepts(many, {})
    bar = parts.list.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)
    before = bar.maximum()
    parts.panel.show_hint("The model hardly knows this name. " * 5)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > before)


def test_long_names_that_begin_alike_are_told_apart(parts):
    def drawn(name):
        parts.panel.set_concepts(made(name), {})
        return parts.list.grab().toImage()

    long = "what is worn in a very cold winter and is made of wool:"
    assert drawn(f"{long} shoes") == drawn(f"{long} shoes")
    assert drawn(f"{long} shoes") != drawn(f"{long} skirt")


@pytest.mark.parametrize(("count", "is_there"), [(11, False), (12, True)])
def test_a_box_to_find_names_is_there_from_twelve_names_on(parts, count, is_there):
    parts.panel.set_concepts(made(*(f"name {n}" for n in range(count))), {})
    boxes = {box.accessibleName() for box in parts.panel.findChildren(QLineEdit) if box.isVisible()}
    assert ("Find a name" in boxes) == is_there


def test_the_name_box_has_the_frame_of_the_next_step_until_there_is_a_name(theme_is_applied, parts):
    def frame() -> QColor:
        picture = parts.box.grab().toImage()
        return picture.pixelColor(picture.width() // 2, 0)

    accent = parts.box.palette().color(QPalette.ColorRole.Accent)
    parts.select(0)
    assert frame() != accent
    parts.panel.set_next(is_next=True)
    assert frame() == accent
    parts.panel.set_next(is_next=False)
    assert frame() != accent


# --- renaming -------------------------------------------------------------------------------------


def test_f2_edits_the_whole_line_and_enter_commits_it_though_counts_arrive_meanwhile(
    qtbot, parts, heard
):
    parts.select(0)
    qtbot.keyClick(parts.list, Key.Key_F2)
    editor = parts.editor()
    assert editor.selectedText() == editor.text() == "cat | kitten"
    qtbot.keyClicks(editor, "tig")
    for count in range(5):
        parts.panel.set_concepts(FOUR, {0: count, 1: count, 3: count})
    cow = made(*(c.name for c in FOUR), "cow")[-1]
    parts.panel.set_concepts((cow, *FOUR), {1: 7})
    assert parts.editor().text() == "tig"
    qtbot.keyClicks(editor, "er")
    qtbot.keyClick(editor, Key.Key_Return)
    wait(lambda: parts.editor() is None)
    assert heard == [("rename", 0, "tiger")]
    assert parts.list.rows.concepts == (cow, *FOUR)
    assert parts.list.hasFocus()


@pytest.mark.parametrize(
    ("typed", "key"), [("gone", Key.Key_Escape), ("!other", Key.Key_Return), ("  ", Key.Key_Return)]
)
def test_double_click_edits_and_escape_cancels_as_an_unchanged_or_blank_name_does(
    qtbot, parts, heard, typed, key
):
    qtbot.mouseDClick(parts.list.viewport(), Qt.MouseButton.LeftButton, pos=parts.place(2))
    editor = parts.editor()
    assert editor.text() == "!other"
    editor.setText(typed)
    qtbot.keyClick(editor, key)
    wait(lambda: parts.editor() is None)
    assert heard == []


# --- keys and menus -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "key", "asked"),
    [
        (1, "Alt+Up", [("move", [1], 0)]),
        (1, "Alt+Down", [("move", [1], 3)]),
        (1, "Del", [("remove", [1])]),
        (1, "Ctrl+Backspace", [("remove", [1])]),
        (1, "Shift+Return", [("label", 1)]),
        (1, "Ctrl+Return", [("show_pictures", 1)]),
        (1, "!", [("set_reject", [1], True)]),
        (2, "!", [("set_reject", [2], False)]),
    ],
)
def test_what_can_be_asked_for_has_its_key(parts, heard, row, key, asked):
    parts.select(row)
    press_keys(parts.list, key)
    assert heard == asked


def test_delete_takes_every_selected_row_in_their_order(qtbot, parts, heard):
    parts.select(3)
    parts.list.selectAll()
    assert parts.list.selected_keys() == [0, 1, 2, 3]
    qtbot.keyClick(parts.list, Key.Key_Delete)
    assert heard == [("remove", [0, 1, 2, 3])]


def test_the_lists_keys_are_kept_from_the_windows_shortcuts_and_others_are_not(parts):
    parts.select(1)
    wanted = {(Key.Key_Return, CTRL, "\r"): True, (Key.Key_Return, NONE, "\r"): False,
              (Key.Key_F2, NONE, ""): True,
              (Key.Key_Up, ALT, ""): True, (Key.Key_1, NONE, "1"): False,
              (Key.Key_Z, CTRL, ""): False}  # fmt: skip
    for (key, modifier, text), is_own in wanted.items():
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifier, text)
        event.ignore()
        QApplication.sendEvent(parts.list, event)
        assert event.isAccepted() == is_own, key


def test_the_more_menu_offers_everything_with_its_keys(qtbot, parts, heard):
    parts.select(1)
    qtbot.mouseClick(parts.more, Qt.MouseButton.LeftButton)
    assert parts.menu.isVisible()
    texts = [a.text() for a in parts.menu.actions() if not a.isSeparator()]
    assert [text.split("\t")[0] for text in texts] == [
        "Paste a list of names", "Add names from a file…", "Add names from the folders…",
        "Save names to a file…", "Label the selected pictures", "Show only its pictures",
        "Edit details…", "Rename", "Colour…", "Move up", "Move down", "Use as “none of these”",
        "Merge the selected names", "Merge, drop their names", "Split off the selected pictures…",
        "Delete",
    ]  # fmt: skip
    assert all("\t" in text for text in texts[4:])
    parts.menu.close()
    for text in (
        "Label", "Show only", "Move up", "Move down", "Use as", "Delete",
    ):  # fmt: skip
        parts.action(text).trigger()
    assert heard == [
        ("label", 1),
        ("show_pictures", 1),
        ("move", [1], 0),
        ("move", [1], 3),
        ("set_reject", [1], True),
        ("remove", [1]),
    ]


def test_the_more_menu_greys_what_cannot_be_done(qtbot, parts):
    parts.list.clearSelection()
    parts.list.setCurrentIndex(parts.list.rootIndex())
    qtbot.mouseClick(parts.more, Qt.MouseButton.LeftButton)
    parts.menu.close()
    assert parts.action("Paste").isEnabled()
    assert not parts.action("Rename").isEnabled()
    parts.select(0)
    qtbot.keyClick(parts.more, Key.Key_Space)
    parts.menu.close()
    assert not parts.action("Move up").isEnabled()
    assert parts.action("Move down").isEnabled()
    parts.select(2)
    qtbot.mouseClick(parts.more, Qt.MouseButton.LeftButton)
    parts.menu.close()
    assert parts.action("Use as").isChecked()


@pytest.mark.parametrize("is_click", [True, False])
def test_a_right_click_offers_the_row_that_was_clicked_and_the_menu_key_the_current_one(
    qtbot, parts, heard, is_click
):
    place = parts.place(3) if is_click else QPoint(-50, -50)
    parts.select(1)
    if is_click:
        qtbot.mousePress(parts.list.viewport(), Qt.MouseButton.RightButton, pos=place)
    parts.list.customContextMenuRequested.emit(place)
    assert parts.menu.isVisible()
    parts.menu.close()
    parts.action("Show only").trigger()
    assert heard == [("show_pictures", 3 if is_click else 1)]


def test_rename_from_the_menu_opens_the_editor(qtbot, parts):
    parts.select(1)
    qtbot.mouseClick(parts.more, Qt.MouseButton.LeftButton)
    parts.menu.close()
    parts.action("Rename").trigger()
    assert parts.editor().text() == "dog"


def test_paste_a_list_takes_even_one_line_and_says_when_there_is_none(qtbot, parts, heard):
    qtbot.mouseClick(parts.more, Qt.MouseButton.LeftButton)
    parts.menu.close()
    copy("cow\n")
    parts.action("Paste").trigger()
    assert heard == [("add_lines", ["cow"])]
    copy("\n")
    parts.action("Paste").trigger()
    assert "Nothing to paste" in parts.message.text()


# --- colours --------------------------------------------------------------------------------------


def test_a_click_on_the_swatch_offers_colours_and_a_click_chooses(qtbot, parts, heard):
    qtbot.mouseClick(parts.list.viewport(), Qt.MouseButton.LeftButton, pos=parts.swatch(1))
    assert parts.popup.isVisible()
    assert QApplication.focusWidget().accessibleName() == COLOUR_NAMES[1]
    teal = next(
        b for b in parts.popup.findChildren(QAbstractButton) if b.accessibleName() == "Teal"
    )
    qtbot.mouseClick(teal, Qt.MouseButton.LeftButton)
    assert heard == [("set_colour", [1], PALETTE[6])]
    assert not parts.popup.isVisible()
    assert parts.list.selected_keys() == [1]


def test_colours_can_be_chosen_with_arrows_and_enter(qtbot, parts, heard):
    parts.select(0)
    qtbot.keyClicks(parts.list, "#")
    for key in (Key.Key_Left, Key.Key_Right, Key.Key_Down):  # the first step does not move
        qtbot.keyClick(QApplication.focusWidget(), key)
    qtbot.keyClick(QApplication.focusWidget(), Key.Key_Return)
    assert heard == [("set_colour", [0], PALETTE[8])]


def test_escape_closes_the_colours_and_chooses_none(qtbot, parts, heard):
    parts.select(0)
    qtbot.keyClicks(parts.list, "#")
    qtbot.keyClick(QApplication.focusWidget(), Key.Key_Escape)
    assert not parts.popup.isVisible()
    assert heard == []


def test_a_colour_is_chosen_for_all_selected_rows(qtbot, parts, heard):
    parts.list.selectAll()
    qtbot.mouseClick(parts.list.viewport(), Qt.MouseButton.LeftButton, pos=parts.swatch(1))
    qtbot.keyClick(QApplication.focusWidget(), Key.Key_Space)
    assert heard == [("set_colour", [0, 1, 2, 3], PALETTE[1])]


# --- dragging -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "onto", "below", "place"),
    [
        (0, 2, 10, 3),
        (3, 1, -10, 1),
        (0, 3, 800, 4),  # far outside: at the end
    ],
)
def test_a_dragged_row_lands_where_the_line_is(parts, heard, row, onto, below, place):
    drag(parts, row, parts.place(onto) + QPoint(0, below))
    assert heard == [("move", [row], place)]


def test_a_row_dropped_where_it_was_or_let_go_with_escape_stays(qtbot, parts, heard):
    drag(parts, 1, parts.place(1) + QPoint(0, 10))
    drag(parts, 1, parts.place(3), drop=False)
    parts.panel.grab()
    qtbot.keyClick(parts.list, Key.Key_Escape)
    qtbot.mouseRelease(parts.list.viewport(), Qt.MouseButton.LeftButton, pos=parts.place(3))
    assert heard == []


def test_all_selected_rows_are_dragged_and_a_click_selects_one_again(qtbot, parts, heard):
    parts.list.selectAll()
    view, left = parts.list.viewport(), Qt.MouseButton.LeftButton
    qtbot.mouseClick(view, left, pos=parts.place(1))
    assert parts.list.selected_keys() == [1]
    qtbot.mouseClick(view, left, Qt.KeyboardModifier.ShiftModifier, parts.place(2))
    drag(parts, 1, parts.place(0) - QPoint(0, 10))
    assert heard == [("move", [1, 2], 0)]
    assert parts.list.selected_keys() == [1, 2]


def test_rows_that_a_filter_leaves_are_not_moved(parts, heard):
    parts.list.filter("e")  # kitten, other, sheep
    drag(parts, 3, parts.place(0) - QPoint(0, 12))
    assert heard == []


def test_dragging_to_the_edge_scrolls(qtbot, parts, heard):
    parts.panel.set_concepts(made(*(f"name {n}" for n in range(60))), {})
    view = parts.list.viewport()
    qtbot.waitUntil(lambda: view.height() > 200)
    drag(parts, 0, QPoint(20, view.height() - 2), drop=False)
    qtbot.waitUntil(lambda: parts.list.verticalScrollBar().value() > 40)
    row = parts.list.indexAt(QPoint(20, view.height() - 40)).row()
    gap = parts.list.visualRect(parts.list.rows.index(row, 0)).topLeft()
    move_held(view, gap)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=gap)
    assert heard == [("move", [0], row)]


def test_what_a_person_reaches_has_a_name_for_readers(qtbot, parts):
    qtbot.mouseClick(parts.list.viewport(), Qt.MouseButton.LeftButton, pos=parts.swatch(0))
    names = [w.accessibleName() for w in (parts.list, parts.box, parts.more, parts.popup)]
    assert all(names)
