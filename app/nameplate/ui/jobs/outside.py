"""Opens pictures, folders and web pages in other programs of this computer."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from nameplate.domain.text import deferred
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.imaging.sniff import is_picture_file
from nameplate.system.elsewhere import is_elsewhere
from nameplate.system.failures import printable, reason_of
from nameplate.ui.jobs.jobs import Jobs, Task
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.texts import tr, what_of

_WEB: Final = frozenset({"http", "https"})

_ELSEWHERE: Final = deferred("on another computer")
_NO_PICTURE: Final = deferred("not a picture")


class Outside:
    """The only way to other programs: a project names files, and some would be run.

    Nothing is opened but a picture, a folder or a web page. What a path leads to is found out on a
    thread, since its drive may be slow.
    """

    def __init__(self, messages: MessageBar, jobs: Jobs) -> None:
        self.messages, self.jobs = messages, jobs

    def open_picture(self, path: Path) -> None:
        """Open a picture in the system's program for it, or say why not."""
        self._open(path, why_no_picture)

    def open_folder(self, path: Path) -> None:
        """Show a folder in the system's program for files, or say why not."""
        self._open(path, why_no_folder)

    @staticmethod
    def open_web_page(address: str) -> None:
        """Open a web page in the browser; other addresses are ignored."""
        url = QUrl(address)
        if url.scheme() in _WEB:
            QDesktopServices.openUrl(url)

    def _open(self, path: Path, judge: Callable[[Path], str]) -> None:
        def on_judged(why: str) -> None:
            if why:
                name, where = printable(path.name), printable(str(path))
                text = tr("Can't open {name}: {why} ({path}).", name=name, why=why, path=where)
            elif QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
                return
            else:
                where = printable(str(path))
                text = tr("No program on this computer opens {path}.", path=where)
            self.messages.tell(text, is_reply=True)

        self.jobs.queue("judge", Task(lambda _cancel: iter([judge(path)]), on_judged))


def why_no_picture(path: Path) -> str:
    """Return why a file is not opened in another program; empty where it is a picture.

    Programs are chosen by the ending, and what some of them do by the content: both have to be
    those of a picture.
    """
    if is_elsewhere(str(path)):
        return tr(_ELSEWHERE)
    if not path.is_absolute() or path.suffix.lower() not in IMAGE_EXTENSIONS:
        return tr(_NO_PICTURE)
    try:
        return "" if is_picture_file(path) else tr(_NO_PICTURE)
    except OSError as error:
        return what_of(reason_of(error))
    except ValueError:  # a NUL in the path
        return tr(_NO_PICTURE)


def why_no_folder(path: Path) -> str:
    """Return why a folder is not shown in another program; empty where it is one.

    A Mac runs folders that are programs.
    """
    if is_elsewhere(str(path)):
        return tr(_ELSEWHERE)
    if not path.is_absolute() or not os.path.isdir(path):  # noqa: PTH112 - never raises
        return tr("not a folder")
    return tr("a program") if os.path.lexists(path / "Contents") else ""
