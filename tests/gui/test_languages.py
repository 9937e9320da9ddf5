"""The window speaks the language of the person, and Qt with it."""

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel, QPushButton, QToolButton

from nameplate.cli.main import run
from nameplate.domain.naming.concept_files import parse_concepts_file
from nameplate.storage.resources import resource
from nameplate.ui.actions.keys import shown_key, shown_keys
from nameplate.ui.app import application, speak
from nameplate.ui.main_window import MainWindow
from nameplate.ui.widgets.message_bar import CANCEL, MessageBar
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.work_panel import ColumnPanel
from nameplate.wording import translation
from nameplate.wording.texts import tr


@pytest.fixture
def german(tmp_path, monkeypatch):
    """German and Hebrew, of a few texts alone."""
    texts = {"Cancel": "Abbruch", "Ctrl": "Strg", "Del": "Entf"}
    catalogue = Catalog(locale="de", charset="utf-8")
    for text, theirs in texts.items():
        catalogue.add(text, theirs)
    for code in ("de", "he"):
        with (tmp_path / f"{code}.mo").open("wb") as stream:
            write_mo(stream, catalogue)

    def found(*parts):
        return tmp_path / parts[-1] if parts[0] == "translations" else resource(*parts)

    monkeypatch.setattr(translation, "resource", found)
    yield
    speak(application(), "en")


def cancel_of_qt():
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    return buttons.button(QDialogButtonBox.StandardButton.Cancel).text()


@pytest.mark.usefixtures("german")
def test_qt_speaks_the_language_of_the_window_and_english_again():
    speak(application(), "de")
    assert cancel_of_qt() == "Abbrechen"
    speak(application(), "en")
    assert cancel_of_qt() == "Cancel"


@pytest.mark.usefixtures("german")
def test_keys_are_called_as_in_the_language_of_the_window_after_each_change():
    keys = ["Ctrl+Z", "Space", "Del", "Return"]
    speak(application(), "de")
    assert shown_keys(keys) == "Strg+Z, Leertaste, Entf, Enter"
    speak(application(), "en")
    assert shown_keys(keys) == "Ctrl+Z, Space, Del, Enter"


@pytest.mark.parametrize("code", sorted(translation.NAMES))
def test_menus_call_keys_as_the_texts_do(code):
    speak(application(), code)
    try:
        for key in ("Backspace", "Del", "Esc", "Tab", "Enter"):
            assert shown_key(f"Ctrl+Shift+{key}") == f"{tr('Ctrl')}+{tr('Shift')}+{tr(key)}"
        assert shown_key("Return") == tr("Enter")
    finally:
        speak(application(), "en")


@pytest.mark.parametrize("code", sorted(translation.NAMES))
def test_the_tool_tip_of_a_panel_calls_the_key_that_closes_it_as_menus_do(code, qtbot):
    speak(application(), code)
    try:
        panel = ColumnPanel("Panel")
        panel.lay_out_column()
        qtbot.addWidget(panel)
        (close,) = panel.findChildren(QToolButton)
        assert close.accessibleName() == tr("Close")
        assert close.toolTip() == tip(tr("{text} ({key})", text=tr("Close"), key=shown_key("Esc")))
    finally:
        speak(application(), "en")


def test_the_demo_prints_english_and_shows_a_window_in_its_language(
    spoken, tiny_model, tmp_path, monkeypatch, capsys
):
    spoken("de")
    translation.use("en")
    names, shut_down = [], MainWindow.shut_down

    def look(window):
        names.extend(concept.name for concept in window.owner.project.concepts)
        shut_down(window)

    monkeypatch.setattr(MainWindow, "shut_down", look)
    run(["demo", "--out", str(tmp_path), "--no-window", "--model", str(tiny_model), "--no-cache"])
    speak(application(), "en")
    assert "Katze" in names
    assert "window.png written" in capsys.readouterr().out


@pytest.mark.usefixtures("german")
def test_an_answer_that_is_declared_once_is_worded_where_it_is_shown(qtbot):
    speak(application(), "de")
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.ask("?", CANCEL)
    assert "Abbruch" in [button.text().replace("&", "") for button in bar.findChildren(QPushButton)]


@pytest.mark.usefixtures("german")
def test_a_language_from_right_to_left_turns_the_window_round(monkeypatch):
    monkeypatch.setattr(translation, "NAMES", {**translation.NAMES, "he": "עברית"})
    speak(application(), "he")
    assert QLabel().layoutDirection() == Qt.LayoutDirection.RightToLeft
    speak(application(), "en")
    assert QApplication.layoutDirection() == Qt.LayoutDirection.LeftToRight


@pytest.mark.parametrize("code", sorted({*translation.NAMES} - {"en"}))
def test_the_samples_have_names_in_each_language_one_for_each_english_one(code):
    files = (resource("samples", name) for name in ("concepts.txt", f"concepts.{code}.txt"))
    english, theirs = (parse_concepts_file(file.read_text(encoding="utf-8"), "") for file in files)
    assert len(english) == len(theirs)
    assert len({one.name for one in english} & {one.name for one in theirs}) <= 1  # "temple"


@pytest.fixture
def directions(qapp):
    """Both directions to read in, each in use as long as it is not asked for the next."""

    def each():
        for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
            qapp.setLayoutDirection(direction)
            yield direction

    yield each()
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def columns_of_ink(widget) -> list[bool]:
    """Return which columns of pixels of a list have anything painted in them."""
    shown = widget.viewport().grab().toImage()
    ground = shown.pixel(shown.width() // 2, shown.height() - 1)
    across, down = range(shown.width()), range(shown.height())
    return [any(shown.pixel(x, y) != ground for y in down) for x in across]


def test_painted_rows_are_mirrored_where_one_reads_from_right_to_left(opened, directions):
    opened.add("sun | star, dwarf, giant")
    opened.wait_until_read()
    for row in range(3):
        opened.main.panel.names.setRowHidden(row, True)
    found = []
    for _direction in directions:
        opened.let_work()
        names, bars = opened.main.panel.names, opened.main.inspector.chart
        place = names.delegate.swatch_rect(names.visualRect(names.rows.index(3, 0))).center()
        found.append((columns_of_ink(names), columns_of_ink(bars), place.x() / names.width()))
    (names, bars, swatch), (names_rtl, bars_rtl, swatch_rtl) = found
    assert swatch < 0.3
    assert swatch_rtl > 0.7
    # What lay over another text would take fewer columns.
    assert abs(sum(names) - sum(names_rtl)) <= 2
    assert abs(sum(bars) - sum(bars_rtl)) <= 2
