"""Opens what a person drops or chooses: a project, or pictures and folders of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from nameplate.domain.progress import CancelToken
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.project.store import ENDING, is_project
from nameplate.ui.jobs.job_queue import JobQueue, Task
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.shell.project_files import ProjectFiles


class PathOpener(QObject):
    """Tells projects from pictures, by their content where their names do not say it."""

    def __init__(self, files: ProjectFiles, reading: Reading) -> None:
        super().__init__(files)
        self._files = files
        self._reading = reading
        self._queue = JobQueue("kinds", self)

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
