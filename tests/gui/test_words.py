"""Names, paths and labels are shown as they stand, whatever they look like."""

import ast
import os
import re
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import Qt

from drivers.rendered import markup_in, read_of
from nameplate.ui.widgets.paragraph import tip
from qt_help import wait

HTML = '<img src="file:///{}">'


def of_file(text):
    """Return a name for a file that is as much like HTML as the system allows."""
    return re.sub("[<>*]", "_", text) if os.name == "nt" else text


@pytest.fixture
def hostile(window, tmp_path):
    """The window with pictures and names, each of which names a file in HTML."""
    folder = tmp_path / of_file("<img src=x>")
    for name in map(of_file, ("<b>one", "<img src=y>two", "3 & <i>3")):
        (folder / name).mkdir(parents=True)
        for shade in range(3):
            Image.new("RGB", (60, 50), (40 * shade, 90, 0)).save(
                folder / name / of_file(f"{shade}<u>.png")
            )
    window.main.activateWindow()
    window.open(folder)
    image = HTML.format(tmp_path / "secret.png")
    window.add(image, f"{image}{'w' * 500} | <b>also", "a&b <script>", "x&lt;y")
    window.wait_until_read()
    return window


def test_no_name_no_path_and_no_message_is_shown_as_html(hostile, tmp_path):
    seen = list[str]()

    def look() -> None:
        hostile.let_work()
        seen.extend(markup_in(hostile.main))

    look()
    hostile.press_on_pictures("1")
    look()
    hostile.menu("Undo")
    look()
    hostile.open_details(hostile.names()[1])
    look()
    hostile.press("Escape")
    hostile.begin_pages()
    look()
    hostile.menu("Grid")
    hostile.look_at('name:"a&b <script>"')
    hostile.wait_until_arranged()
    look()
    assert seen == []


def test_no_panel_shows_html(hostile, tmp_path):
    from features.exchange.driver import Imports
    from features.quality.driver import DoubtfulLabels

    seen = list[str]()

    def look() -> None:
        hostile.let_work()
        seen.extend(markup_in(hostile.main))

    hostile.press_on_pictures("1", "2", "3", "4")
    DoubtfulLabels(hostile).open()
    look()
    hostile.open_export("CSV", tmp_path / of_file("<img src=z>.csv"))
    look()
    hostile.export(tmp_path / "labels.csv")
    look()
    Imports(hostile).open(tmp_path / "labels.csv")
    look()
    hostile.press("Escape")
    hostile.menu("Accuracy")
    look()
    hostile.save_as(tmp_path / of_file("<img src=p>[*] & more.nameplate"))
    look()
    hostile.find_recent()
    look()
    picture = tmp_path / of_file("<img src=q>.png")
    picture.write_bytes(b"<html>")
    hostile.open(picture)
    wait(lambda: hostile.problems_text)
    hostile.menu("Unreadable files")
    look()
    assert seen == []


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_a_title_has_every_letter_of_the_name_of_its_file(window, coloured, tmp_path):
    window.open(coloured)
    window.wait_until_nothing_waits()
    window.save_as(tmp_path / "a[*]b[*] & c.nameplate")
    wait(lambda: "c - Nameplate" in window.title)
    assert window.title == "a[*][*]b[*][*] & c - Nameplate"  # as Qt wants what is no mark of it


def test_a_name_in_the_menu_keeps_its_ampersand(opened):
    opened.add("salt & pepper")
    assert opened.menu_entry("Undo").text() == "Undo add “salt && pepper”"


@pytest.mark.parametrize(
    "text",
    [
        "a < b > c",
        "<b>bold</b> & more",
        "&lt;b&gt;",
        "x" * 1000,
        "short",
        "two\nlines <i>",
        " ".join(["word"] * 100),
        "\udc80 surrogate",
    ],
)
def test_a_tool_tip_can_be_read_back(text):
    shown = tip(text)
    assert not Qt.mightBeRichText(shown) or shown.startswith("<p style")
    assert read_of(shown) == text.replace("\udc80", "\\udc80")


def test_a_tool_tip_has_an_end():
    assert len(read_of(tip("word " * 10_000))) <= 2000


def test_every_tool_tip_is_fixed_or_escaped():
    room = Path(__file__).parents[2] / "app" / "nameplate" / "ui"
    places = {"setToolTip": -1, "setWhatsThis": -1, "setStatusTip": -1, "showText": 1}
    found = [
        f"{path.name}:{call.lineno}"
        for path in room.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in places
        and not _is_safe(call.args[places[call.func.attr]])
    ]
    assert found == []


def _is_safe(text: ast.expr) -> bool:
    match text:
        case ast.Constant() | ast.Call(func=ast.Name(id="tip")):
            return True
        case ast.Call(func=ast.Name(id="tr"), args=[ast.Constant()], keywords=[]):
            return True  # a fixed text in the language in use
        case ast.Call(func=ast.Attribute(attr="toolTip"), args=[]):
            return True  # of an action or another widget, where it was set
        case ast.IfExp(body=one, orelse=other):
            return _is_safe(one) and _is_safe(other)
        case _:
            return False
