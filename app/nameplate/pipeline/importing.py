"""Reads a file of labels and matches it with the images of a project; changes nothing."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import Progress
from nameplate.domain.records import ReadAs, RecordProblem
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.project.exchange.importing import ImportPlan, PlanBuilder, TooManyNamesError
from nameplate.project.exchange.record_matching import ImageMatcher
from nameplate.project.project import Project
from nameplate.system.failures import printable
from nameplate.system.file_status import content_key

_PROGRESS_EVERY = 512


class ImportReader:
    """Reads files of labels for a project as it is when this is made.

    Made on the thread of the project, used on another one.
    """

    def __init__(self, project: Project) -> None:
        """Take copies of what is needed of `project`."""
        self._matcher = ImageMatcher(project)
        self._ids = np.array(project.images.ids)

    def read(
        self, source: Path, chosen: ImportFormat, options: ImportOptions
    ) -> Iterator[Progress | ReadAs | ImportPlan]:
        """Read a file or folder.

        Yields how it is read, where that was guessed; progress (of an unknown total); and the plan
        last.

        Raises:
            UsageError: It cannot be read at all.
            CancelledError: The token of `options` was set.
        """

        def digest_of(file: str) -> tuple[str, int] | None:
            with suppress(OSError, ValueError):
                digest, _, size = content_key(Path(file), options.cancel).partition("-")
                return digest, int(size)
            return None

        started, plan = time.monotonic(), PlanBuilder()
        folder = os.path.abspath(source if source.is_dir() else source.parent)  # noqa: PTH100
        for item in chosen.read(source, options):
            if isinstance(item, ReadAs):
                plan.read_as = item
                yield item
                continue
            plan.rows += 1
            if plan.rows % _PROGRESS_EVERY == 0:
                yield Progress(plan.rows, 0, time.monotonic() - started)
            if isinstance(item, RecordProblem):
                plan.add_problem(item)
                continue
            found = self._matcher.find(item, folder, digest_of)
            if isinstance(found, Message):
                plan.add_unknown(item, found)
                continue
            row, by_content = found
            try:
                plan.add(int(self._ids[row]), item, by_content=by_content)
            except TooManyNamesError as error:
                raise UsageError(error.reason, where=printable(str(source))) from error
        yield plan.finished()
