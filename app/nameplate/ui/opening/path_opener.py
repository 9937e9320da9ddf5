"""Opens what a person drops or chooses: a project, or pictures and folders of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow

from nameplate.domain.progress import CancelToken
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.project.file.store import ENDING, is_project
from nameplate.storage.resources import resource
from nameplate.ui.commands.actions import Actions
from nameplate.ui.concepts.edits import ConceptEdits
from nameplate.ui.jobs.job_queue import JobQueue, Task
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.file_dialogs import (
    ask_for_files,
    ask_for_folder,
    ask_for_project,
    ask_where_to_save,
)


class PathOpener(QObject):
    """Tells projects from pictures, by their content where their names do not say it.

    Signals:
        begun: Something is being opened.
    """

    begun = Signal()

    def __init__(
        self,
        window: QMainWindow,
        actions: Actions,
        owner: ProjectOwner,
        files: ProjectFiles,
        reading: Reading,
        edits: ConceptEdits,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._owner = owner
        self._files = files
        self._reading = reading
        self._edits = edits
        self._queue = JobQueue("kinds", self)
        actions.handle(
            {
                "add_files": self.ask_for_files,
                "add_folder": self.ask_for_folder,
                "samples": self.open_samples,
                "new_project": files.new,
                "open_project": lambda: ask_for_project(window, files.open),
                "save_project": self.ask_where_to_save,
            }
        )

    def open(self, paths: Sequence[Path]) -> None:
        """Open a project's file, or add the images of files and folders."""
        if not paths:
            return
        ending = paths[0].suffix.lower()
        if len(paths) > 1 or not ending or ending in IMAGE_EXTENSIONS:
            self._reading.open_paths(paths)
        elif ending == ENDING:
            self._files.open(paths[0])
        else:
            self._find_out(paths[0])
        self.begun.emit()

    def open_samples(self) -> None:
        """Open the sample pictures, with their names if there are no concepts yet."""
        self.open([resource("samples")])
        if not self._owner.project.concepts:
            text = resource("samples", "concepts.txt").read_text(encoding="utf-8")
            self._edits.add_lines([line for line in text.splitlines() if line and line[0] != "#"])

    def ask_for_files(self) -> None:
        """Let the person choose pictures."""
        ask_for_files(self._window, self.open)

    def ask_for_folder(self) -> None:
        """Let the person choose a folder of pictures."""
        ask_for_folder(self._window, self.open)

    def ask_where_to_save(self) -> None:
        """Let the person choose where the project is kept from now on."""
        ask_where_to_save(self._window, self._files.suggested_path, self._files.save_as)

    def shut_down(self) -> None:
        """Wait for the file that is looked at."""
        self._queue.shut_down()

    def _find_out(self, path: Path) -> None:
        """Look into a file, on a thread: its drive may be slow."""

        def job(_cancel: CancelToken) -> Iterator[bool]:
            yield is_project(path)

        def open_it(is_one: bool) -> None:
            if is_one:
                self._files.open(path)
            else:
                self._reading.open_paths([path])

        self._queue.add(Task(job, open_it, lambda _error: self._reading.open_paths([path])))
