"""The guide in the window, F1, and what is said about the program."""

import re

import pytest
from PIL import Image
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QTextBrowser

from nameplate import __version__
from nameplate.storage.resources import resource
from nameplate.ui.shell import about, guide_panel
from nameplate.ui.shell.about import About, Licences
from nameplate.ui.shell.guide_panel import PAGES, shown_text
from nameplate.wording.translation import NAMES, use
from qt_help import press_button, press_keys, wait


def read(window, page: str) -> str:
    """Return what the guide shows, once it is a page."""
    wait(lambda: window.main.guide.page == page and window.main.guide.text)
    return window.main.guide.text


def open_guide(window, page: str = "index") -> QTextBrowser:
    window.menu("Guide")
    read(window, "index")
    window.main.guide.open_page(page)
    browser = window.main.guide.findChild(QTextBrowser)
    title = (resource("guide") / f"{page}.md").read_text(encoding="utf-8").splitlines()[0]
    wait(lambda: title.removeprefix("# ") in browser.toPlainText().splitlines()[0])
    return browser


def test_the_guide_lists_its_pages_and_a_link_leads_to_one_and_back(window):
    browser = open_guide(window)
    assert "Ten minutes" in browser.toPlainText()
    browser.anchorClicked.emit(QUrl("names.md"))
    wait(lambda: browser.toPlainText().startswith("Choose good names"))
    press_keys(browser, "Alt+Left")
    wait(lambda: browser.toPlainText().startswith("Guide"))


@pytest.fixture
def guide_of_two(tmp_path, monkeypatch):
    """Let the guide have a page in another language, and one that is there in English alone."""
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "tutorial.md").write_text("# Ganz kurz", encoding="utf-8")
    for page in PAGES:
        (tmp_path / f"{page}.md").write_text(f"# English {page}", encoding="utf-8")
    monkeypatch.setattr(guide_panel, "resource", lambda *_parts: tmp_path)
    yield
    use("en")


def test_a_page_is_in_the_language_in_use_where_there_is_one(guide_of_two, window):
    use("de")
    window.main.guide.open_page("tutorial")
    wait(lambda: window.main.guide.text == "Ganz kurz")
    window.main.guide.open_page("names")
    wait(lambda: window.main.guide.text == "English names")


def test_a_link_leads_to_a_heading_of_another_page(window):
    browser = open_guide(window)
    browser.anchorClicked.emit(QUrl("check.md#doubtful-labels"))
    wait(lambda: browser.verticalScrollBar().value() > 0)
    assert window.main.guide.page == "check"


def test_what_is_sought_is_found_on_a_page_and_enter_goes_on(window):
    browser = open_guide(window, "search")
    browser.setFocus()
    press_keys(browser, "Ctrl+F")
    line = window.main.guide.findChild(QLineEdit)
    assert line.hasFocus()
    window.type("like:")
    first = browser.textCursor().position()
    assert browser.textCursor().selectedText() == "like:"
    window.press("Return")
    assert browser.textCursor().position() > first
    window.press("Shift+Return")
    assert browser.textCursor().position() == first


def test_escape_leads_from_the_guide_back_to_the_pictures_or_the_panel(opened):
    opened.menu("Guide")
    press_keys(opened.main.guide, "Escape")
    assert opened.has_focus_on_pictures
    opened.menu("Export…")
    panel = opened.main.middle.currentWidget()
    opened.menu("Guide")
    press_keys(opened.main.guide, "Escape")
    assert opened.main.middle.currentWidget() is panel


def test_f1_shows_the_page_of_the_panel_that_is_worked_in_and_keys_on_the_pictures(opened):
    opened.press("F1")
    assert opened.all_keys
    press_button(opened.main.keyboard.sheet, "Guide")
    read(opened, "index")
    press_keys(opened.main.guide, "Escape")
    opened.menu("Export…")
    opened.press("F1")
    read(opened, "export")
    assert not opened.all_keys


def test_f1_shows_first_the_keys_that_matter_most_in_the_view_mode(opened):
    opened.press("F1")
    usual = opened.all_keys.partition("All keys")[0]
    assert "Enter" in usual
    assert "Accept" in usual
    for look, first in (
        ("Large picture", "Actual size"),
        ("Compare", "Remove from the comparison"),
    ):
        assert first not in usual
        opened.press("Escape")
        opened.menu(look)
        opened.press("F1")
        assert first in opened.all_keys.partition("All keys")[0]


def test_all_links_and_pictures_of_the_guide_are_there():
    folder = resource("guide")
    for page in PAGES:
        text = (folder / f"{page}.md").read_text(encoding="utf-8")
        assert text.startswith("# ")
        for target in re.findall(r"\]\(([^)\s]+)\)", shown_text(text)):
            file, _, heading = target.partition("#")
            assert (folder / (file or f"{page}.md")).is_file(), target
            if file.endswith(".webp"):
                with Image.open(folder / file) as picture:
                    picture.verify()
            headings = re.findall(r"(?m)^#+ (.+)$", (folder / (file or f"{page}.md")).read_text()
                                  ) if file.endswith(".md") or not file else []  # fmt: skip
            slugs = [re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings]
            assert not heading or heading in slugs, target


def test_links_to_what_does_not_come_with_the_program_are_plain_text():
    text = "See [formats](../../docs/formats.md) and [names](names.md#find). ![x](../../a.webp)"
    assert shown_text(text) == "See formats and [names](names.md#find). "


def test_pictures_are_shared_by_all_languages():
    assert shown_text("![Samples](../grid.webp)") == "![Samples](grid.webp)"


@pytest.mark.parametrize("code", sorted({*NAMES} - {"en"}))
def test_the_guide_of_each_language_has_the_pages_and_links_of_the_english_one(code):
    folder = resource("guide")
    for page in PAGES:
        english, theirs = (
            (place / f"{page}.md").read_text(encoding="utf-8") for place in (folder, folder / code)
        )
        wanted, there = (
            set(re.findall(r"\]\((?:\.\./)*([^)#\s]+)", text)) for text in (english, theirs)
        )
        assert wanted <= there, page
        assert {name for name in there - wanted if not (folder / name).is_file()} == set()


def test_about_says_version_libraries_and_places_and_copies_them(window):
    window.menu("About")
    dialog = window.main.findChild(About)
    press_button(dialog, "Copy details")
    text = QGuiApplication.clipboard().text()
    for part in (f"Nameplate: {__version__}", "onnxruntime: ", "LGPL-3.0", "Log: ", "Models: "):
        assert part in text
    dialog.close()


def test_about_leads_to_the_licences_in_which_a_word_is_found_by_keys(
    window, tmp_path, monkeypatch
):
    monkeypatch.setattr(about, "data_root", lambda: tmp_path)
    text = "pillow 12: MIT-CMU\n" + 2 * "GNU LESSER GENERAL PUBLIC LICENSE\n"
    (tmp_path / about.BUNDLED).write_text(text, "utf-8")
    window.menu("About")
    press_button(window.main.findChild(About), "Licences")
    dialog = window.main.findChild(Licences)
    text = dialog.findChild(QPlainTextEdit)
    wait(lambda: "pillow " in text.toPlainText())
    find = dialog.findChild(QLineEdit)
    find.setFocus()
    press_keys(find, *"mit-cmu")
    assert text.textCursor().selectedText() == "MIT-CMU"
    first = text.textCursor().position()
    find.setText("lesser general")
    found = text.textCursor().position()
    press_keys(find, "Return")
    assert first < found < text.textCursor().position()
    dialog.close()
    window.main.findChild(About).close()


def test_where_python_packages_were_installed_each_brings_its_own_licence(window):
    window.main.show_licences()
    dialog = window.main.findChild(Licences)
    text = dialog.findChild(QPlainTextEdit)
    wait(lambda: "each with its own licence" in text.toPlainText())
    dialog.close()


def test_licences_may_be_closed_while_they_are_read(window):
    window.main.show_licences()
    window.main.findChild(Licences).close()
    wait(lambda: not window.main.jobs.is_running("licences"))
