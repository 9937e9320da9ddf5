"""Saves figures that are shown as a report."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from nameplate.domain.progress import CancelToken
from nameplate.domain.text import deferred
from nameplate.features.evaluation.report.page import REPORT_PAGE, Report, write_page
from nameplate.formats.outputs.output import Output
from nameplate.ui.saving import save_file
from nameplate.ui.widgets.file_dialogs import ask_where_to_save
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import tr, what_of

_SAVED: Final = (
    deferred("The report was saved as “{name}”."),
    deferred("The report was not saved."),
)


def ask_for_report(workbench: Workbench, make: Callable[[], Report], files: Sequence[str]) -> None:
    """Let the person choose where to save a report of these image files, which is made then."""
    path = Path.home() / "report.html"
    save = workbench.guarded(partial(save_report, workbench, make, files))
    ask_where_to_save(
        workbench.window, save, tr("Save as a report"), path, tr("Web pages") + " (*.html)"
    )


def save_report(
    workbench: Workbench, make: Callable[[], Report], files: Sequence[str], path: Path
) -> None:
    """Write a web page; a file that is there is replaced."""
    folder = workbench.model.folder if workbench.model else None
    output = Output(path, REPORT_PAGE, overwrite=True, images=files, model=folder)

    def write(stream: BinaryIO, cancel: CancelToken) -> None:
        write_page(stream, make(), what_of, cancel)

    workbench.say(tr("Writing the report…"))
    save_file(workbench, output, write, *_SAVED)
