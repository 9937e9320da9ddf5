"""The known models, and jobs on them in background threads."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.inference.specs import ModelManifest
from nameplate.model_hub.install import Checking, Installed, download_model
from nameplate.model_hub.library import add_model
from nameplate.model_hub.store import remove_model
from nameplate.model_hub.trial import try_out
from nameplate.pipeline.models.model_overview import ModelInfo, Overview, described, overview
from nameplate.ui.jobs.jobs import Job, Jobs, Task
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.models.model_format import describe_waiting
from nameplate.ui.models.rows import Activity, Failure, ModelRow, failure_of
from nameplate.wording.texts import error_text, text_of, what_of

_MODELS: Final = "models"
_DOWNLOAD: Final = "download"


class ModelLibrary(QObject):
    """Lists, downloads, adds, checks and removes models.

    Signals:
        changed: The rows changed.
        model_added: A model was added or downloaded; its id and title.
        succeeded: A job succeeded; a sentence.
        failed: A job that belongs to no row failed; a sentence.
    """

    changed = Signal()
    model_added = Signal(str, str)
    succeeded = Signal(str)
    failed = Signal(str)

    def __init__(self, in_use: ModelInUse, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model_in_use = in_use
        self._found = Overview()
        self._adding: dict[str, ModelInfo] = {}
        self._activities: dict[str, Activity] = {}
        self._failures: dict[str, Failure] = {}
        self._downloads: dict[str, Task] = {}
        self._trials: dict[str, Task] = {}
        self._jobs = Jobs(self)
        in_use.loaded.connect(self.changed)

    @property
    def is_busy(self) -> bool:
        """Whether a job is running or queued."""
        return self._jobs.is_busy

    @property
    def rows(self) -> tuple[ModelRow, ...]:
        """The models, including those being added."""
        used = self._in_use
        rows = [self._row(info, used) for info in self._found.models]
        if used and not any(row.is_in_use for row in rows):
            rows.insert(
                0, self._row(described(used, self._model.manifest, self._found.speeds), used)
            )
        return (*rows, *(self._row(info, used) for info in self._adding.values()))

    def row(self, model_id: str) -> ModelRow | None:
        """Return the row of a model; None where there is none."""
        return next((row for row in self.rows if row.info.model_id == model_id), None)

    def shut_down(self) -> None:
        """Stop all jobs; partial downloads are kept."""
        self._jobs.shut_down()

    def set_activity(
        self, model_id: str, activity: Activity | None = None, failure: Failure | None = None
    ) -> None:
        """Set the activity or the failure of a model; None for none."""
        self._activities.pop(model_id, None)
        self._failures.pop(model_id, None)
        if activity is not None:
            self._activities[model_id] = activity
        if failure is not None:
            self._failures[model_id] = failure
        self.changed.emit()

    # ---- requests

    def refresh(self, then: Callable[[], object] = lambda: None) -> None:
        """List the models again; `then` is called when the rows are updated."""
        self._jobs.queue(_MODELS, Task(_once(overview), self._on_overview, self._on_failed, then))

    def download(self, model_id: str, *, accept_licence: bool) -> None:
        """Queue the download of a model, or resume it."""
        if model_id in self._downloads:
            return

        def job(cancel: CancelToken) -> Iterator[Any]:
            return download_model(model_id, cancel, accept_licence=accept_licence)

        text = "Waits for the other download" if self._jobs.is_running(_DOWNLOAD) else "Connecting…"
        self.set_activity(model_id, Activity(text, can_be_cancelled=True))
        self._downloads[model_id] = self._jobs.queue(
            _DOWNLOAD,
            Task(
                job,
                partial(self._on_download, model_id),
                partial(self._on_download_ended, model_id),
                partial(self._on_download_ended, model_id, None),
            ),
        )

    def cancel(self, model_id: str) -> None:
        """Cancel the job of a model; a partial download is kept."""
        for tasks in (self._downloads, self._trials):
            if (task := tasks.get(model_id)) is not None:
                self.set_activity(model_id, Activity("Stopping…"))
                self._jobs.cancel_task(task)

    def add(self, folder: Path) -> None:
        """Check the model in `folder` and copy it into the models folder."""
        model_id = str(folder)
        if model_id in self._adding:
            return
        self._adding[model_id] = ModelInfo(model_id, folder.name, folder=folder)
        self.set_activity(model_id, Activity("Being checked and copied…", can_be_cancelled=True))
        self._trials[model_id] = self._jobs.queue(
            _MODELS,
            Task(
                lambda cancel: iter([add_model(folder, cancel)]),
                partial(self._on_added, model_id),
                partial(self._on_add_failed, folder),
                partial(self._on_add_ended, model_id),
            ),
        )

    def check(self, model_id: str) -> None:
        """Run the self-check of a model on generated pictures and names, and report problems."""
        row = self.row(model_id)
        if row is None or row.info.folder is None:
            return
        self.set_activity(model_id, Activity("Being checked…", can_be_cancelled=True))
        folder = row.info.folder
        self._trials[model_id] = self._jobs.queue(
            _MODELS,
            Task(
                lambda cancel: iter([try_out(folder, cancel)]),
                partial(self._on_checked, row.info),
                partial(self._on_row_failed, model_id),
                partial(self._on_check_ended, model_id),
            ),
        )

    def remove(self, model_id: str) -> None:
        """Delete an added model that is not in use."""
        row = self.row(model_id)
        if row is None or row.is_in_use or row.activity or not row.info.is_removable:
            return
        self.set_activity(model_id, Activity("Being removed…"))
        job = _once(partial(remove_model, model_id))
        done = partial(self._on_removed, row.info)
        self._jobs.queue(_MODELS, Task(job, done, partial(self._on_row_failed, model_id)))

    # ---- results

    def _on_overview(self, found: Overview) -> None:
        before, self._found = self._found, found
        self.changed.emit()
        if found.problems and found.problems != before.problems:  # each is reported once
            self.failed.emit(
                f"The list of known models is not whole. {text_of(found.problems[0])}."
            )

    def _on_failed(self, error: Exception) -> None:
        self.failed.emit(f"The list of models cannot be read. {error_text(error)}")

    def _on_download(self, model_id: str, event: Any) -> None:
        if isinstance(event, Installed):
            self.set_activity(model_id)
            self._announce(event.manifest)
            return
        if isinstance(event, Checking):
            self.set_activity(model_id, Activity("Being checked…", can_be_cancelled=True))
        elif isinstance(event, Progress):
            self.set_activity(model_id, Activity("Downloading", event, can_be_cancelled=True))
        else:
            self.set_activity(model_id, Activity(describe_waiting(event), can_be_cancelled=True))

    def _on_download_ended(self, model_id: str, error: Exception | None) -> None:
        self._downloads.pop(model_id, None)
        if error is None or isinstance(error, CancelledError):
            self.set_activity(model_id)
        else:
            self.set_activity(model_id, failure=failure_of(error))
        self.refresh()  # to update the bytes on disk

    def _on_added(self, model_id: str, added: Any) -> None:
        self._adding.pop(model_id, None)
        self._activities.pop(model_id, None)
        _, manifest = added
        self._announce(manifest)

    def _announce(self, manifest: ModelManifest) -> None:
        self.refresh(partial(self.model_added.emit, manifest.id, manifest.title))

    def _on_add_ended(self, model_id: str) -> None:
        self._trials.pop(model_id, None)
        if self._adding.pop(model_id, None):
            self.set_activity(model_id)

    def _on_add_failed(self, folder: Path, error: Exception) -> None:
        self._on_add_ended(str(folder))
        if not isinstance(error, CancelledError):
            self.failed.emit(f"{folder.name} was not added. {error_text(error)}")

    def _on_check_ended(self, model_id: str) -> None:
        if self._trials.pop(model_id, None):
            self.set_activity(model_id)

    def _on_checked(self, info: ModelInfo, problems: tuple[Message, ...]) -> None:
        self._trials.pop(info.model_id, None)
        why = "; ".join(map(what_of, problems))
        failure = Failure("Does not do what it should", f"What is wrong: {why}.")
        self.set_activity(info.model_id, failure=failure if problems else None)
        if not problems:
            self.succeeded.emit(f"{info.title} does what it should.")

    def _on_removed(self, info: ModelInfo, _none: object) -> None:
        self.set_activity(info.model_id)
        self.refresh()
        self.succeeded.emit(f"{info.title} was removed.")

    def _on_row_failed(self, model_id: str, error: Exception) -> None:
        self._trials.pop(model_id, None)
        is_wanted = isinstance(error, CancelledError)
        self.set_activity(model_id, failure=None if is_wanted else failure_of(error))

    # ---- rows

    @property
    def _model(self) -> Any:
        return self._model_in_use.model

    @property
    def _in_use(self) -> Path | None:
        return (
            None if self._model is None else Path(os.path.normpath(self._model.folder.absolute()))
        )

    def _row(self, info: ModelInfo, used: Path | None) -> ModelRow:
        return ModelRow(
            info,
            is_in_use=used is not None and info.folder == used,
            activity=self._activities.get(info.model_id),
            failure=self._failures.get(info.model_id),
        )


def _once(do: Any) -> Job:
    def job(_cancel: CancelToken) -> Iterator[Any]:
        yield do()

    return job
