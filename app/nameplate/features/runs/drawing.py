"""Opens a random sample of a run as a new project."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.runs.sampling import sampled_project
from nameplate.project.project import Project
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, tr

_DRAWING: Final = "drawing"
_SECONDS: Final = 1.0
"""Between two reports of progress; what is done sooner needs none."""


def open_sample(workbench: Workbench, folder: Path) -> None:
    """Open a sample of a run in place of the open project, which is kept."""
    next_said = time.monotonic() + _SECONDS

    def job(cancel: CancelToken) -> Iterator[Progress | Project]:
        yield (yield from sampled_project(folder, cancel))

    def on_event(event: Progress | Project) -> None:
        nonlocal next_said
        if isinstance(event, Project):
            workbench.open(event)
        elif time.monotonic() > next_said:
            next_said = time.monotonic() + _SECONDS
            counts = {"count": event.done, "total": event.total}
            text = tr("Drawing random pictures: {count:,} of {total:,}.", **counts)
            workbench.say(text, (tr("Cancel"), stop), about=_DRAWING)

    def on_failed(error: Exception) -> None:
        workbench.unsay(_DRAWING)
        workbench.warn(tr("Can't open a sample. {reason}", reason=error_text(error)))

    def stop() -> None:
        workbench.drop(_DRAWING)
        workbench.unsay(_DRAWING)

    workbench.run(_DRAWING, job, on_event, on_failed, stop)
