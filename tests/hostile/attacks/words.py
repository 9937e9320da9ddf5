"""Names, labels, paths and titles by chance, as typed, imported or opened: shown as they stand."""

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QDesktopServices, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QTreeView, QWidget

from drivers.rendered import markup_in, read_of
from nameplate.ui.filter.chips import Chip
from nameplate.ui.jobs.jobs import Jobs, ignore
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.widgets.boxes import heading
from nameplate.ui.widgets.message_bar import CANCEL, MessageBar
from nameplate.ui.widgets.painting import entry_text
from nameplate.ui.widgets.paragraph import Paragraph, tip
from qt_help import wait
from tiny_model import build_tiny_model
from window_driver import WindowDriver

_PARTS = (
    '<img src="file:///etc/passwd">', "<img src=http://127.0.0.1/x.png>", "<b>", "</p>", "<table>",
    "<a href='file:///bin/sh'>x</a>", "<script>", "<!--", "&lt;i&gt;", "&amp;", "&#60;b&#62;", "&",
    "%", "%s", "%1", "{}", "{name}", "{0.__class__}", "[*]", "\\", "'", '"', ";", "=1+1", "-->",
    "\u202e", "\u200f", "\u2066", "\u200b", "\ufeff", "e\u0301", "\U0001f600", "猫", "אבג", "ß",
    "w" * 10_000, "a b c", " ", "\t", "tab\tbed",
)  # fmt: skip
_CONTROLS = ("\0", "\n", "\r", "\x07", "\x1b[31m", "\x7f", "\u2028", "\x85")
_SURROGATES = ("\udc80", "\ud83d", "\udcff\udcfe")


def _words(chance: Random, *more: str, most: int = 6) -> str:
    parts = [chance.choice((*_PARTS, *more)) for _ in range(chance.randint(1, most))]
    return "".join(parts)


def _application() -> QApplication:
    return QApplication.instance() or QApplication([])


@contextmanager
def _shown(part: QWidget) -> Iterator[None]:
    part.resize(400, 300)
    part.show()
    try:
        QCoreApplication.processEvents()
        part.grab()
        yield
        assert markup_in(part) == []
    finally:
        part.close()
        part.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def tips(chance: Random, _folder: Path) -> None:
    """Show any text as tool tip; it is escaped and can be read back."""
    _application()
    text = _words(chance, *_CONTROLS, *_SURROGATES)
    model = QStandardItemModel()
    model.appendRow(QStandardItem("one"))
    model.item(0).setToolTip(tip(text))
    view = QTreeView()
    view.setModel(model)
    with _shown(view):
        shown = read_of(tip(text))
    flat = text.encode("utf-8", "backslashreplace").decode()
    same = "".join(shown.split()), "".join(flat.replace("\u200b", "").split())
    letters = ["".join(c for c in one if c.isprintable()) for one in same]
    assert letters[0].rstrip("…") in letters[1]
    assert len(letters[0]) >= min(1500, len(letters[1]))


def labels(chance: Random, _folder: Path) -> None:
    """Show any text in the labels and buttons of the window."""
    _application()
    text = _words(chance, *_CONTROLS, *_SURROGATES)
    kind = chance.choice(["paragraph", "heading", "chip", "message", "question"])
    part: QWidget
    if kind == "paragraph":
        part = Paragraph(max_lines=chance.randint(1, 3), explained=text)
        part.show_text(text)
        part.setVisible(True)
    elif kind == "heading":
        part = heading(text)
    elif kind == "chip":
        part = Chip(text)
    else:
        part = MessageBar()
        if kind == "message":
            part.tell(text, (entry_text(text), int))
        else:
            part.ask(text, (entry_text(text), int), CANCEL)
    with _shown(part):
        if isinstance(part, MessageBar) and text.strip():
            assert "".join(part.text.split()).strip() or not text.strip()


_MODEL: list[Path] = []


@contextmanager
def _window(folder: Path) -> Iterator[WindowDriver]:
    _application()
    if not _MODEL:
        _MODEL.append(build_tiny_model(Path(mkdtemp(prefix="words")) / "tiny"))
    window = WindowDriver.on(_MODEL[0], folder / "window.ini")
    window.show(1000, 700)
    try:
        window.wait_until_loaded()
        window.main.activateWindow()
        yield window
        window.let_work()
        assert markup_in(window.main) == []
    finally:
        window.discard()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _pictures(chance: Random, folder: Path) -> Path:
    """Make three pictures whose paths say anything that the system lets them say."""
    root = folder / "p"
    for number in range(3):
        name = _words(chance, *_SURROGATES, "\n", most=3).replace("/", "_").replace("\0", "_")
        below = _words(chance, most=2).replace("/", "_")[:60]
        file = root / below / f"{number}{name[:40]}.png"
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (20, 20), (80 * number, 0, 0)).save(file)
        except (OSError, ValueError):
            file = root / f"{number}.png"
            Image.new("RGB", (20, 20), (80 * number, 0, 0)).save(file)
    return root


def names_typed(chance: Random, folder: Path) -> None:
    """Type and paste names of any letters, decide with them, undo and look at the menus."""
    with _window(folder) as window:
        window.open(_pictures(chance, folder))
        lines = [_words(chance) for _ in range(3)]
        window.add(*lines, "plain")
        window.wait_until_read()
        window.press_on_pictures("1")
        window.let_work()
        assert markup_in(window.main) == []
        window.menu("Undo")
        window.let_work()
        if window.names():
            window.main.filtering.show_concept(window.project.concepts[0].key)
        window.wait_until_arranged()
        text, status = _words(chance, *_CONTROLS, *_SURROGATES), window.main.status
        status.show_note(text)
        status.show_checked(text, 0.5, text)
        status.show_model(text, text, text)
        status.show_work("a", text, None, ignore)
        window.let_work()
        assert markup_in(window.main) == []


def paths_opened(chance: Random, folder: Path) -> None:
    """Open pictures and broken files of any names; the bar and the list say which."""
    with _window(folder) as window:
        root = _pictures(chance, folder)
        name = _words(chance, most=2).replace("/", "_").replace("\0", "_")[:60]
        (root / f"{name}.jpg").write_bytes(chance.randbytes(40))
        window.open(root)
        window.wait_until_nothing_waits()
        window.menu("Unreadable files")
        window.let_work()


def labels_imported(chance: Random, folder: Path) -> None:
    """Import a table whose labels, paths and columns say anything."""
    from features.exchange.driver import Imports

    with _window(folder) as window:
        root = _pictures(chance, folder)
        window.open(root)
        window.wait_until_nothing_waits()
        table = folder / f"{_words(chance, most=2).replace('/', '_')[:40].strip()}.csv"
        head = ["path", "label", _words(chance, most=2)]
        with table.open("w", newline="", encoding="utf-8", errors="replace") as file:
            writer = csv.writer(file)
            writer.writerow(head)
            for path in root.rglob("*.png"):
                shown = os.fsencode(path).decode(errors="replace")
                writer.writerow([shown, _words(chance)[:300], _words(chance)])
            writer.writerow([_words(chance), _words(chance), ""])
        imports = Imports(window)
        imports.begin(table)
        imports.says()
        window.let_work()
        assert markup_in(window.main) == []
        if imports.panel.begin_button.isEnabled():
            imports.panel.begin_button.click()
            wait(lambda: not imports.panel.is_open)
        window.wait_until_read()


def projects_saved(chance: Random, folder: Path) -> None:
    """Save a project under any name: the title, the recent ones and what is said have it."""
    with _window(folder) as window:
        window.open(_pictures(chance, folder))
        window.add("plain")
        window.wait_until_read()
        stem = _words(chance, most=3).replace("/", "_")[:60].strip(" .") or "x"
        window.save_as(folder / f"{stem}.nameplate")
        window.find_recent()
        window.menu("New project")
        window.let_work()
        window.find_recent()


def files_outside(chance: Random, folder: Path) -> None:
    """Have files opened in another program: pictures alone are."""
    _application()
    ending = chance.choice(
        [".png", ".jpg", ".PNG", ".desktop", ".exe", ".sh", ".lnk", ".url", ".png.exe", ".html", ""]
    )
    content = chance.choice(
        [b"\x89PNG\r\n\x1a\n" + bytes(20), b"\xff\xd8\xff\xe0" + bytes(20), b"#!/bin/sh\n",
         b"\x7fELF\x02", b"MZ", b"[Desktop Entry]\n", b"<html>", b"", chance.randbytes(30)]
    )  # fmt: skip
    name = _words(chance, most=2).replace("/", "_").replace("\0", "_")[:40]
    path = folder / f"{name}{ending}"
    kind = chance.choice(["file", "file", "pipe", "link", "gone", "elsewhere", "folder"])
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        (folder / "target").write_bytes(content)
        path.symlink_to(folder / "target")
    elif kind == "folder":
        path.mkdir()
    elif kind == "elsewhere":
        path = Path(chance.choice(["//host/share/", "\\\\host\\share\\", "/\\host\\"]) + path.name)
    elif kind != "gone":
        path.write_bytes(content)
    opened, messages = list[str](), MessageBar()
    outside, before = Outside(messages, Jobs()), QDesktopServices.openUrl
    QDesktopServices.openUrl = lambda url: opened.append(url.toLocalFile()) or True
    try:
        outside.open_picture(path)
        outside.open_folder(path)
        wait(lambda: not outside.jobs.is_busy)
    finally:
        QDesktopServices.openUrl = before
        outside.jobs.shut_down()
        messages.deleteLater()
    is_picture = kind in {"file", "link"} and ending.lower() in {".png", ".jpg"}
    is_picture = is_picture and content[:3] in {b"\x89PN", b"\xff\xd8\xff"}
    assert opened == [str(path)] * (is_picture + (kind == "folder"))


ATTACKS: dict[str, Callable[[Random, Path], None]] = {
    "any text as a tool tip": tips,
    "any text in labels and messages": labels,
    "names typed": names_typed,
    "paths opened": paths_opened,
    "labels imported": labels_imported,
    "projects saved": projects_saved,
    "files outside": files_outside,
}
