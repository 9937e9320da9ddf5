"""The guide in the window, F1, and what is said about the program."""

import re

import pytest
from PIL import Image
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QTextDocument
from PySide6.QtWidgets import QListWidget, QTextBrowser

from nameplate import __version__
from nameplate.storage.resources import resource
from nameplate.ui import main_window
from nameplate.ui.shell import guide_panel
from nameplate.ui.shell.about import About
from nameplate.ui.shell.guide_panel import PAGES, shown_text
from nameplate.wording.translation import NAMES, use
from qt_help import button_in, press_button, press_keys, wait


def open_guide(window, page: str = "index") -> QTextBrowser:
    window.menu("Guide")
    window.main.guide.open_page(page)
    return window.main.guide.findChild(QTextBrowser)


def test_the_guide_lists_its_pages_and_a_link_leads_to_one_and_back_again(window):
    browser = open_guide(window)
    assert "Ten minutes" in browser.toPlainText()
    press_keys(browser, "Tab", "Return")
    assert browser.toPlainText().startswith("Ten minutes")
    press_keys(browser, "Alt+Left")
    assert browser.toPlainText().startswith("Guide")
    pages, back = window.main.guide.findChild(QListWidget), button_in(window.main.guide, "Back")
    assert not back.isEnabled()
    pages.setCurrentRow(list(PAGES).index("check"))
    assert window.main.guide.page == "check"
    back.click()
    assert pages.currentItem().text() == "Contents"
    assert not back.isEnabled()


def test_a_link_to_the_web_opens_in_the_browser_and_the_page_stays(window, monkeypatch):
    opened = list[str]()
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    browser = open_guide(window)
    browser.setSource(QUrl("https://example.org/#there"))
    assert opened == ["https://example.org/#there"]
    assert window.main.guide.page == "index"


def test_pictures_are_as_wide_as_the_text_at_most_and_sharp_on_a_dense_screen(window, monkeypatch):
    monkeypatch.setattr(QTextBrowser, "devicePixelRatioF", lambda _self: 1.5)
    browser = open_guide(window, "tutorial")
    kind = QTextDocument.ResourceType.ImageResource
    picture = browser.document().resource(kind, QUrl("grid.webp"))
    assert (picture.width(), picture.deviceIndependentSize().width()) == (1080, 720)


@pytest.fixture
def in_german():
    use("de")
    yield
    use("en")


def test_a_page_that_the_language_in_use_lacks_is_in_english(
    in_german, window, tmp_path, monkeypatch
):
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "tutorial.md").write_text("# Ganz kurz", encoding="utf-8")
    for page in PAGES:
        (tmp_path / f"{page}.md").write_text(f"# English {page}", encoding="utf-8")
    monkeypatch.setattr(guide_panel, "resource", lambda *_parts: tmp_path)
    window.main.guide.open_page("tutorial")
    assert window.main.guide.text == "Ganz kurz"
    window.main.guide.open_page("names")
    assert window.main.guide.text == "English names"


def test_a_link_leads_to_a_heading_of_its_own_page_and_of_another(window):
    browser = open_guide(window, "accuracy")
    bar = browser.verticalScrollBar()
    press_keys(browser, "Tab", "Return")
    assert window.main.guide.page == "accuracy"
    assert bar.value() > 0
    browser.setSource(QUrl("check.md#doubtful-labels"))
    assert window.main.guide.page == "check"
    assert bar.value() > 0


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
    assert opened.main.guide.page == "index"
    press_keys(opened.main.guide, "Escape")
    opened.menu("Export…")
    opened.press("F1")
    assert opened.main.guide.page == "export"
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
    text = "See [formats](../../docs/formats.md) and [names](names.md#find). ![x](../a.webp)"
    assert shown_text(text) == "See formats and [names](names.md#find). ![x](../a.webp)"


def test_pictures_are_shared_by_all_languages(in_german, window):
    window.main.guide.open_page("tutorial")
    browser = window.main.guide.findChild(QTextBrowser)
    kind = QTextDocument.ResourceType.ImageResource
    assert browser.toPlainText().startswith("Zehn Minuten")
    assert not browser.document().resource(kind, QUrl("../grid.webp")).isNull()


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


def test_about_leads_to_the_folder_with_the_licences_of_a_bundle(window, tmp_path, monkeypatch):
    monkeypatch.setattr(main_window, "data_root", lambda: tmp_path)
    (tmp_path / "THIRD-PARTY-LICENCES.txt").write_text("pillow 12: MIT-CMU\n", "utf-8")
    opened = list[str]()
    note = lambda url: opened.append(url.toLocalFile()) or True  # noqa: E731
    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    window.menu("About")
    dialog = window.main.findChild(About)
    press_button(dialog, "Licences")
    wait(lambda: opened == [str(tmp_path)])
    dialog.close()


def test_where_python_packages_were_installed_each_brings_its_own_licence(window):
    window.main.show_licences()
    assert "each with its own licence" in window.main.messages.text
