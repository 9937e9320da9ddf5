"""Pictures out of the window and into it: dragged to a file manager, copied, pasted."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QMimeData, QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QFont, QGuiApplication, QImage, QPalette, QPixmap

from nameplate.domain.changes import Effects
from nameplate.domain.errors import OutputError
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelToken
from nameplate.storage.atomic import output_error, write_bytes
from nameplate.storage.folders import make_private_folder
from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.jobs import Task
from nameplate.ui.opening.opener import Opener
from nameplate.ui.opening.project_opening import new_path
from nameplate.ui.services import Services
from nameplate.ui.widgets.file_dialogs import dropped_paths
from nameplate.ui.widgets.painting import font_of, smooth_painter
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import error_text, sentences, tr, trn

MOST_CARRIED: Final = 5000
"""Files that are dragged or copied at once: to make their addresses takes 50 ms."""

_GNOME_FILES: Final = "x-special/gnome-copied-files"
"""What file managers of GNOME and its kin look for on the clipboard, besides addresses."""

_SIDE: Final = 128

_SEARCHED: Final = "Searched"
_MOST_SEARCHED: Final = 100
"""Pasted pictures that were searched with and are kept, the latest ones, for saved views."""

_SEARCHED_SIDE: Final = 1024
"""Pixels of the longer side of such a picture: a model looks at fewer."""


class Transfer(QObject):
    """Drag and drop, copy and paste of picture files.

    Files are only ever copied: no drag of Nameplate's moves one.
    """

    def __init__(
        self,
        services: Services,
        grid: ImageGrid,
        filtering: Filtering,
        opener: Opener,
        folder: Path,
    ) -> None:
        """Carry the window's pictures; pasted ones that are no files yet are saved in `folder`."""
        super().__init__(services.owner)
        self._owner, self._jobs, self._messages = services.owner, services.jobs, services.messages
        self._grid, self._filtering, self._opener = grid, filtering, opener
        self._folder = folder
        self._saved = list[Path]()
        self._grid.drag_begun.connect(self._drag)
        filtering.picture_given.connect(self._search_with)
        self._owner.changed.connect(self._on_project_changed)

    def copy(self) -> None:
        """Put the files of the selected pictures on the clipboard."""
        if (data := self._data()) is not None:
            QGuiApplication.clipboard().setMimeData(data)
            text = trn("{count:,} file copied.", "{count:,} files copied.", len(data.urls()))
            self._messages.tell(text, is_reply=True)

    def paste(self) -> None:
        """Add the files on the clipboard, or save the picture there and add it."""
        data = QGuiApplication.clipboard().mimeData()
        if paths := dropped_paths(data):
            self._opener.take(paths)
        elif data.hasImage() and not (image := QGuiApplication.clipboard().image()).isNull():
            self._jobs.queue(
                "save", Task(partial(_save, image, self._folder), self._on_saved, self._on_failed)
            )
        else:
            self._messages.tell(
                tr("The clipboard has no picture and no file to paste."), is_reply=True
            )

    def _search_with(self, data: QMimeData) -> None:
        """Search with files, or save a picture that is none and search with it; adds nothing."""
        if paths := dropped_paths(data):
            self._search(paths)
        elif isinstance(image := data.imageData(), QImage) and not image.isNull():
            job = partial(_save_small, image, self._folder / _SEARCHED)
            self._jobs.queue("save", Task(job, lambda path: self._search([path]), self._on_failed))

    def _search(self, paths: list[Path]) -> None:
        self._owner.let_read(paths)
        self._filtering.like_files(paths)

    def _drag(self) -> None:
        data = self._data()
        if data is None:
            return
        drag = QDrag(self._grid.viewport())
        drag.setMimeData(data)
        drag.setPixmap(self._dragged_picture(len(data.urls())))
        drag.setHotSpot(QPoint(12, 12))
        drag.exec(Qt.DropAction.CopyAction)

    def _dragged_picture(self, count: int) -> QPixmap:
        """Return the tile of the current picture, with the number of pictures if there are more."""
        tile = self._grid.visualRect(self._grid.currentIndex())
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        picture = self._grid.viewport().grab(tile).scaled(_SIDE, _SIDE, keep, smooth)
        if count > 1 and not picture.isNull():
            text, palette = f" {format_number(count)} ", self._grid.palette()
            with smooth_painter(picture) as painter:
                painter.setFont(font_of(self._grid.font(), weight=QFont.Weight.Bold))
                box = painter.fontMetrics().boundingRect(text).adjusted(-4, -2, 4, 2)
                box.moveTopLeft(QPoint(0, 0))
                painter.fillRect(box, palette.highlight())
                painter.setPen(palette.color(QPalette.ColorRole.HighlightedText))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return picture

    def _data(self) -> QMimeData | None:
        """Return the files of the selected pictures; None, which is said, for none or too many."""
        rows = self._grid.selected_image_rows()
        if len(rows) > MOST_CARRIED:
            text = sentences(
                tr("Can't copy or drag {count:,} pictures.", count=len(rows)),
                tr("Select {count:,} at most.", count=MOST_CARRIED),
            )
            self._messages.tell(text, is_reply=True)
        if not 0 < len(rows) <= MOST_CARRIED:
            return None
        return files_as_data(self._owner.project.images.paths.select(rows.tolist()))

    def _on_saved(self, path: Path) -> None:
        self._saved.append(path)
        self._opener.take([path])

    def _on_project_changed(self, effects: Effects) -> None:
        """Cancel a paste into the previous project."""
        if effects.opened:
            self._jobs.drop("save")
            self._saved.clear()

    def say_saved(self) -> None:
        """Say where pasted pictures are kept, once they were added, which is said first."""
        saved, self._saved = self._saved, []
        if saved:
            text = trn(
                "{count:,} pasted picture saved as PNG in {folder}.",
                "{count:,} pasted pictures saved as PNG in {folder}.",
                len(saved),
                folder=saved[0].parent,
            )
            self._messages.tell(text, is_reply=True)

    def _on_failed(self, error: Exception) -> None:
        self._messages.warn(sentences(tr("Can't paste the picture."), error_text(error)))


def files_as_data(paths: PathList) -> QMimeData:
    """Pack files for a drag or the clipboard, as addresses and as text."""
    urls = [QUrl.fromLocalFile(text) for text in paths.texts]
    data = QMimeData()
    data.setUrls(urls)
    data.setText("\n".join(paths.texts))
    addresses = [bytes(url.toEncoded().data()) for url in urls]
    data.setData(_GNOME_FILES, b"\n".join([b"copy", *addresses]))
    return data


def _save_small(image: QImage, folder: Path, cancel: CancelToken) -> Iterator[Path]:
    """Save a picture to search with as `_save`, and remove the oldest ones above the limit."""
    side, keep = _SEARCHED_SIDE, Qt.AspectRatioMode.KeepAspectRatio
    if max(image.width(), image.height()) > side:
        image = image.scaled(side, side, keep, Qt.TransformationMode.SmoothTransformation)
    yield from _save(image, folder, cancel)
    for old in sorted(folder.glob("*.png"))[:-_MOST_SEARCHED]:  # named after the time
        old.unlink(missing_ok=True)


def _save(image: QImage, folder: Path, _cancel: CancelToken) -> Iterator[Path]:
    """Save a picture as a new PNG and yield its path.

    Raises:
        OutputError: It cannot be saved.
    """
    png = QBuffer()
    image.save(png, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    try:
        make_private_folder(folder)
    except OSError as error:
        raise output_error(folder, error) from error
    path = new_path(folder, ".png")
    content = bytes(png.data().data())
    if not content:
        raise OutputError("picture-not-encoded", where=str(path))
    write_bytes(path, content, is_private=True)
    yield path
