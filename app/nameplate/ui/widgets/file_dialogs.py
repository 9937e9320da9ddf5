"""File dialogs, the paths of a drop, and files that other programs open."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.project.file.store import ENDING
from nameplate.storage.folders import projects_folder

OnPaths = Callable[[list[Path]], None]


def ask_for_files(parent: QWidget, on_paths: OnPaths) -> None:
    """Open a dialog to choose pictures; it does not block the window."""
    endings = " ".join(f"*{ending}" for ending in sorted(IMAGE_EXTENSIONS))
    dialog = QFileDialog(parent, "Add pictures", "", f"Pictures ({endings});;All files (*)")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    _open(dialog, on_paths)


def ask_for_folder(
    parent: QWidget | None, on_paths: OnPaths, title: str = "Add a folder", start: str = ""
) -> None:
    """Open a dialog to choose a folder, in the folder `start`."""
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    _open(dialog, on_paths)


def ask_for_project(
    parent: QWidget, on_path: Callable[[Path], None], title: str = "Open project"
) -> None:
    """Open a dialog to choose a project file."""
    folder, kinds = str(projects_folder()), f"Projects (*{ENDING});;All files (*)"
    dialog = QFileDialog(parent, title, folder, kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    _open(dialog, lambda paths: on_path(paths[0]))


def ask_where_to_save(parent: QWidget, path: Path, on_path: Callable[[Path], None]) -> None:
    """Let the person choose where a project is kept; the dialog asks before it replaces a file.

    Args:
        parent: The window.
        path: What is suggested.
        on_path: Called with what was chosen.
    """
    dialog = QFileDialog(parent, "Save project as", str(path), f"Projects (*{ENDING})")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(ENDING.removeprefix("."))
    _open(dialog, lambda paths: on_path(paths[0]))


def open_outside(path: Path) -> bool:
    """Open a file in the system's program for it; return whether there is one."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def dropped_paths(data: QMimeData) -> list[Path]:
    """Return the local files and folders of a drop."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _open(dialog: QFileDialog, on_paths: OnPaths) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda files: on_paths([Path(f) for f in files]))
    dialog.open()
