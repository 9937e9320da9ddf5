"""Saves figures that are shown as a report."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.evaluation.findings import Findings
from nameplate.features.evaluation.report.page import REPORT_PAGE, write_page
from nameplate.formats.outputs.output import Output
from nameplate.ui.widgets.file_dialogs import ask_where_to_save
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, tr, what_of


def ask_for_report(workbench: Workbench, found: Findings) -> None:
    """Let the person choose where to save a report of what was found."""
    path = Path.home() / "report.html"
    save = workbench.guarded(partial(save_report, workbench, found))
    ask_where_to_save(
        workbench.window, save, tr("Save as a report"), path, tr("Web pages") + " (*.html)"
    )


def save_report(workbench: Workbench, found: Findings, path: Path) -> None:
    """Write a web page of what was found; a file that is there is replaced."""
    folder = workbench.model.folder if workbench.model else None
    output = Output(path, REPORT_PAGE, overwrite=True, images=found.files, model=folder)

    def job(cancel: CancelToken) -> Iterator[Path]:
        output.write(lambda stream: write_page(stream, found, what_of, cancel))
        yield path

    def on_failed(error: Exception) -> None:
        if not isinstance(error, CancelledError):
            workbench.warn(sentences(tr("The report was not saved."), error_text(error)))

    def on_written(path: Path) -> None:
        workbench.say(tr("The report was saved as “{name}”.", name=path.name), is_reply=True)

    workbench.say(tr("Writing the report…"))
    workbench.run("report", job, on_written, on_failed)
