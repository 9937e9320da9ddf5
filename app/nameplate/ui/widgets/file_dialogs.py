"""File dialogs, and paths of drops."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from nameplate.domain.text import deferred
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.project.file.store import ENDING
from nameplate.storage.folders import projects_folder
from nameplate.wording.texts import tr

_ALL: Final = deferred("All files (*)")

OnPath = Callable[[Path], object]


def ask_for_files(
    parent: QWidget, on_paths: Callable[[list[Path]], object], start: str = ""
) -> None:
    """Open a dialog to choose pictures in `start`; like all dialogs here, it does not block."""
    endings = " ".join(f"*{ending}" for ending in sorted(IMAGE_EXTENSIONS))
    kinds = tr("Pictures ({endings})", endings=endings)
    dialog = QFileDialog(parent, tr("Add pictures"), start, f"{kinds};;{tr(_ALL)}")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    _open(dialog, on_paths)


def ask_for_file(parent: QWidget, on_path: OnPath, title: str, kinds: str, start: str = "") -> None:
    """Open a dialog to choose one file of `kinds`, in Qt's spelling, or any other."""
    dialog = QFileDialog(parent, title, start, f"{kinds};;{tr(_ALL)}")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    _open(dialog, lambda paths: on_path(paths[0]))


def ask_for_folder(
    parent: QWidget | None, on_path: OnPath, title: str = "", start: str = ""
) -> None:
    """Open a dialog to choose a folder, in the folder `start`."""
    dialog = QFileDialog(parent, title or tr("Add a folder"), start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    _open(dialog, lambda paths: on_path(paths[0]))


def ask_for_new_folder(parent: QWidget, on_path: OnPath, title: str, path: Path) -> None:
    """Open a dialog to choose the place and name of a new folder; `path` is suggested."""
    dialog = QFileDialog(parent, title, str(path))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    _open(dialog, lambda paths: on_path(paths[0]))


def ask_for_project(parent: QWidget, on_path: OnPath, title: str = "") -> None:
    """Open a dialog to choose a project file."""
    title = title or tr("Open project")
    ask_for_file(parent, on_path, title, kinds_of_projects(), str(projects_folder()))


def kinds_of_projects() -> str:
    """Return the filter of file dialogs for projects."""
    return tr("Projects (*{ending})", ending=ENDING)


def ask_where_to_save(
    parent: QWidget, on_path: OnPath, title: str, path: Path, kinds: str, *, confirms: bool = True
) -> None:
    """Open a dialog to choose where a file is written.

    Args:
        parent: The window.
        on_path: Called with what was chosen.
        title: Of the dialog.
        path: What is suggested; its ending is added where a person types none.
        kinds: The kinds of files, in Qt's spelling.
        confirms: Whether it asks before it replaces a file.
    """
    dialog = QFileDialog(parent, title, str(path), kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(path.suffix.removeprefix("."))
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, not confirms)
    _open(dialog, lambda paths: on_path(paths[0]))


def dropped_paths(data: QMimeData) -> list[Path]:
    """Return the local files and folders of a drop."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _open(dialog: QFileDialog, on_paths: Callable[[list[Path]], object]) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda files: on_paths([Path(f) for f in files]))
    dialog.open()
