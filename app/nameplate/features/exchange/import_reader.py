"""Reads a file of labels and matches it with the images of a project; changes nothing."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import Progress
from nameplate.domain.records import FirstRows, LabelRecord, Read, ReadAs, RecordProblem
from nameplate.features.exchange.import_plan import ImportPlan, PlanBuilder, TooManyNamesError
from nameplate.features.exchange.record_matching import ImageMatcher
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.project.project import Project
from nameplate.system.failures import printable
from nameplate.system.file_status import content_key

_PROGRESS_EVERY: Final = 512
_PROGRESS_S: Final = 0.1
_FIRST: Final = 20

ImportEvent = Progress | ReadAs | FirstRows | ImportPlan
"""How a file is read, how it begins, how much of it was read and matched, and what it says."""


class ImportReader:
    """Reads files of labels and matches them with the images of a project's snapshot.

    Made on the thread of the project, used on another one.
    """

    def __init__(self, project: Project) -> None:
        """Take a snapshot of `project`."""
        self._matcher = ImageMatcher(project)
        self._ids = np.array(project.images.ids)

    def read(
        self, source: Path, chosen: ImportFormat, options: ImportOptions
    ) -> Iterator[ImportEvent]:
        """Read a file or folder.

        Yields how it is read, where that was guessed, and how it begins, both before anything
        takes long; progress (images found, of as many records so far); and the plan last.

        Raises:
            UsageError: It cannot be read at all.
            CancelledError: The token of `options` was set.
        """

        def digest_of(file: str) -> tuple[str, int] | None:
            with suppress(OSError, ValueError):
                digest, _, size = content_key(Path(file), options.cancel).partition("-")
                return digest, int(size)
            return None

        plan, told = PlanBuilder(self._ids), time.monotonic()
        started = told
        folder = os.path.abspath(source if source.is_dir() else source.parent)  # noqa: PTH100
        for item in _with_first_rows(chosen.read(source, options)):
            if isinstance(item, LabelRecord):
                plan.rows += 1
                found = self._matcher.find(item, folder, digest_of)
                if isinstance(found, Message):
                    plan.add_unknown(item, found)
                else:
                    _add(plan, found, item, source)
            elif isinstance(item, RecordProblem):
                plan.rows += 1
                plan.add_problem(item)
            else:
                if isinstance(item, ReadAs):
                    plan = PlanBuilder(self._ids) if item.starts_anew else plan
                    plan.read_as = item
                yield item
            if plan.rows % _PROGRESS_EVERY == 0 and (now := time.monotonic()) > told + _PROGRESS_S:
                told = now
                yield Progress(plan.matched, plan.rows, now - started)
        yield plan.finished()


def _with_first_rows(items: Iterator[Read | ReadAs]) -> Iterator[Read | ReadAs | FirstRows]:
    """Yield `items`, preceded by the first rows."""
    for item in items:
        if isinstance(item, ReadAs):
            yield item
            continue
        first = [item, *islice(items, _FIRST - 1)]
        yield FirstRows(tuple(one for one in first if not isinstance(one, ReadAs)))
        yield from first
        break
    yield from items


def _add(plan: PlanBuilder, found: tuple[int, bool], record: LabelRecord, source: Path) -> None:
    row, by_content = found
    try:
        plan.add(row, record, by_content=by_content)
    except TooManyNamesError as error:
        raise UsageError(error.reason, where=printable(str(source))) from error
