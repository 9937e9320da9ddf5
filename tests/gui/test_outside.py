"""What is opened in other programs: pictures, their folders and web pages, nothing that runs."""

import os
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QDesktopServices

from nameplate.ui.jobs.jobs import Jobs
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.widgets.message_bar import MessageBar
from qt_help import wait


@pytest.fixture
def opened_with(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was handed to the system."""
    found = list[str]()
    note = lambda url: found.append(url.toString()) or True  # noqa: E731
    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    return found


@pytest.fixture
def outside(qtbot):
    messages = MessageBar()
    qtbot.addWidget(messages)
    made = Outside(messages, Jobs())
    yield made
    made.jobs.shut_down()


def said(outside: Outside) -> str:
    wait(lambda: not outside.jobs.is_busy)
    return outside.messages.text


def picture(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (8, 8), "red").save(path, "PNG")
    return path


def test_a_picture_is_opened_and_its_folder_is_shown(outside, opened_with, tmp_path):
    there = picture(tmp_path / "a & b" / "100%.png")
    outside.open_picture(there)
    outside.open_folder(there.parent)
    assert said(outside) == ""
    assert [url.rpartition("/")[2] for url in opened_with] == ["100%25.png", "a & b"]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.tga", b"\0\0\2" + bytes(9) + b"\x08\0\x08\0\x18\0"),
        ("a.tif", b"II+\0\x08\0\0\0"),
        ("a.heic", b"\0\0\0\x18ftypheim"),
    ],
)
def test_every_kind_of_picture_that_is_read_is_opened(outside, opened_with, tmp_path, name, head):
    (tmp_path / name).write_bytes(head)
    outside.open_picture(tmp_path / name)
    assert said(outside) == ""
    assert len(opened_with) == 1


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("run.desktop", b"[Desktop Entry]\nExec=true\n", "not a picture"),
        ("setup.exe", b"\x89PNG\r\n\x1a\n", "not a picture"),
        ("shot.png.exe", b"\x89PNG\r\n\x1a\n", "not a picture"),
        ("script.png", b"#!/bin/sh\ntrue\n", "not a picture"),
        ("program.jpg", b"\x7fELF\x02\x01", "not a picture"),
        ("empty.png", b"", "not a picture"),
        ("gone.png", None, "file not found"),
    ],
)
def test_what_is_no_picture_by_ending_and_content_is_not_opened(
    outside, opened_with, tmp_path, name, content, why
):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    outside.open_picture(tmp_path / name)
    assert why in said(outside)
    assert opened_with == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_not_waited_for(outside, opened_with, tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    outside.open_picture(tmp_path / "pipe.png")
    assert "pipe.png" in said(outside)
    assert opened_with == []


@pytest.mark.parametrize("path", [r"\\host\share\a.png", "//host/share/a.png", "smb://host/a.png"])
def test_nothing_on_another_computer_is_looked_at(outside, opened_with, monkeypatch, path):
    looked_at = list[object]()
    monkeypatch.setattr(os, "open", lambda *seen, **_: looked_at.append(seen))
    outside.open_picture(Path(path))
    outside.open_folder(Path(path).parent)
    assert said(outside).startswith("Can't open")
    assert opened_with == looked_at == []


def test_a_file_is_never_shown_as_a_folder_nor_a_folder_that_is_a_program(
    outside, opened_with, tmp_path
):
    (tmp_path / "run.desktop").write_text("[Desktop Entry]")
    (tmp_path / "Evil.app" / "Contents").mkdir(parents=True)
    outside.open_folder(tmp_path / "run.desktop")
    assert "not a folder" in said(outside)
    outside.open_folder(tmp_path / "Evil.app")
    assert "a program" in said(outside)
    assert opened_with == []


@pytest.mark.parametrize(
    ("address", "is_opened"),
    [
        ("https://example.org/licence", True),
        ("file:///bin/sh", False),
        ("smb://host/share", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_only_web_pages_are_opened_in_the_browser(opened_with, address, is_opened):
    Outside.open_web_page(address)
    assert opened_with == [address] * is_opened


def test_nothing_else_in_the_window_opens_addresses():
    room = Path(__file__).parents[2] / "app" / "nameplate" / "ui"
    ways = ("QDesktopServices", "startDetached", "os.startfile", "setOpenExternalLinks")
    users = {
        path.name
        for path in room.rglob("*.py")
        if any(way in path.read_text("utf-8") for way in ways)
    }
    assert users == {"outside.py"}
