"""The known models and the actions on them."""

import os
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from nameplate.domain.images import ImageState
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.features.models.change_cost import ChangeCost, cost_of_change
from nameplate.features.models.downloading.install import Checking, Installed, download_model
from nameplate.features.models.overview import ModelInfo, Overview, described, overview
from nameplate.features.models.rows import (
    Activity,
    Failure,
    ModelRow,
    describe_change,
    describe_waiting,
    failure_of,
    format_download,
)
from nameplate.features.models.store import add_model, remove_model
from nameplate.inference.specs import ModelManifest
from nameplate.model_hub.trial import try_out
from nameplate.pipeline.models.loading import Loaded, give_back_when_gone
from nameplate.ui.jobs.jobs import Job, Task, ignore
from nameplate.ui.jobs.model_in_use import LAST_MODEL
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.widgets.painting import shortened
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, text_of, tr

_MODELS: Final = "models"
_DOWNLOAD: Final = "download"
_COST: Final = "cost"
_LONGEST_TITLE: Final = 32
"""Of a model, in a button."""


class ModelLibrary:
    """Lists, downloads, adds, checks and removes models, and switches the one in use.

    Its jobs outlive projects.

    Attributes:
        on_added: Called with the id of a model that was added or downloaded.
        is_seen: Returns whether rows are shown, with what went wrong.
    """

    def __init__(self, workbench: Workbench) -> None:
        """Know no models yet."""
        self._found = Overview()
        self._adding: dict[str, ModelInfo] = {}
        self._activities: dict[str, Activity] = {}
        self._failures: dict[str, Failure] = {}
        self._tasks: dict[str, Task] = {}
        self._considered: ModelInfo | None = None  # what it costs to use it is being found out
        self._loading: ModelInfo | None = None
        self.begin(workbench)

    def begin(self, workbench: Workbench) -> None:
        """Go on with the workbench of a project that was opened."""
        self.workbench = workbench
        self.on_changed: Callable[[], object] = ignore
        self.on_added: Callable[[str], object] = ignore
        self.is_seen: Callable[[], bool] = lambda: False

    # ---- rows

    @property
    def rows(self) -> tuple[ModelRow, ...]:
        """The models, including those being added."""
        model = self.workbench.model
        used = Path(os.path.normpath(model.folder.absolute())) if model else None
        rows = [self._row(info, used) for info in self._found.models]
        if model and used and not any(row.is_in_use for row in rows):
            rows.insert(0, self._row(described(used, model.manifest, self._found.speeds), used))
        return (*rows, *(self._row(info, used) for info in self._adding.values()))

    @property
    def recommended(self) -> tuple[ModelRow, ...]:
        """The models that are recommended, always in the same order."""
        return tuple(row for id_ in self._found.recommended if (row := self.row(id_)) is not None)

    def row(self, model_id: str) -> ModelRow | None:
        """Return the row of a model; None where there is none."""
        return next((row for row in self.rows if row.info.model_id == model_id), None)

    def _row(self, info: ModelInfo, used: Path | None) -> ModelRow:
        return ModelRow(
            info,
            is_in_use=used is not None and info.folder == used,
            activity=self._activities.get(info.model_id),
            failure=self._failures.get(info.model_id),
        )

    def _show(
        self, model_id: str, activity: Activity | None = None, failure: Failure | None = None
    ) -> None:
        """Show the progress of a model or the error that ended it; None for neither."""
        self._activities.pop(model_id, None)
        self._failures.pop(model_id, None)
        if activity is not None:
            self._activities[model_id] = activity
        if failure is not None:
            self._failures[model_id] = failure
        self.on_changed()

    def refresh(self, then: Callable[[], object] = ignore) -> None:
        """List the models again; `then` is called when the rows are updated."""

        def failed(error: Exception) -> None:
            text = tr("Can't list the models. {reason}", reason=error_text(error))
            self.workbench.messages.warn(text)

        self.workbench.queue(
            _MODELS, Task(lambda _: iter([overview()]), self._on_overview, failed, then)
        )

    def _on_overview(self, found: Overview) -> None:
        before, self._found = self._found, found
        self.on_changed()
        if found.problems and found.problems != before.problems:  # each is reported once
            why = text_of(found.problems[0])
            text = tr("Part of the list of models is missing. {reason}.", reason=why)
            self.workbench.messages.warn(text)

    # ---- jobs on a model

    def download(self, model_id: str, *, accept_licence: bool) -> None:
        """Queue the download of a model, or resume it."""
        row, waits = self.row(model_id), self.workbench.is_running(_DOWNLOAD)
        title = row.info.title if row else model_id

        def failed(error: Exception) -> None:
            if self.is_seen():
                return
            again = partial(self.download, model_id, accept_licence=accept_licence)
            why = error_text(error)
            text = tr("{model} wasn't downloaded. {reason}", model=title, reason=why)
            self.workbench.warn(text, (tr("Try again"), again), about=model_id)

        self.workbench.unsay(model_id)
        self._start(
            _DOWNLOAD,
            model_id,
            tr("Waiting for the other download") if waits else tr("Connecting…"),
            partial(download_model, model_id, accept_licence=accept_licence),
            partial(self._on_download, model_id, title),
            failed,
        )

    def add(self, folder: Path) -> None:
        """Check the model in `folder` and copy it into the models folder."""
        model_id = str(folder)
        if model_id not in self._tasks:
            self._adding[model_id] = ModelInfo(model_id, folder.name, folder=folder)

        def failed(error: Exception) -> None:  # it has no row any more
            why = error_text(error)
            text = tr("{folder} was not added. {reason}", folder=folder.name, reason=why)
            self.workbench.messages.warn(text)

        self._start(
            _MODELS,
            model_id,
            tr("Checking and copying…"),
            lambda cancel: iter([add_model(folder, cancel)[1]]),
            self._announce,
            failed,
        )

    def check(self, model_id: str) -> None:
        """Run the self-check of a model on generated pictures and names, and report problems."""
        row = self.row(model_id)
        if row is not None and (folder := row.info.folder) is not None:
            self._start(
                _MODELS,
                model_id,
                tr("Checking…"),
                lambda cancel: iter([try_out(folder, cancel)]),
                partial(self._on_checked, row.info),
            )

    def remove(self, model_id: str) -> None:
        """Delete an added model that is not in use."""
        row = self.row(model_id)
        if row is None or row.is_in_use or row.activity or not row.info.is_removable:
            return
        said = tr("{model} was removed.", model=row.info.title)
        self._start(
            _MODELS,
            model_id,
            tr("Removing…"),
            lambda _cancel: iter([remove_model(model_id)]),
            lambda _none: self.workbench.messages.tell(said, is_reply=True),
            can_be_cancelled=False,
        )

    def cancel(self, model_id: str) -> None:
        """Cancel the job of a model; a partial download is kept."""
        if (task := self._tasks.get(model_id)) is not None:
            self._show(model_id, Activity(tr("Stopping…")))
            self.workbench.cancel(task)

    def _start(  # noqa: PLR0913
        self,
        name: str,
        model_id: str,
        text: str,
        job: Job,
        on_event: Callable[[Any], object],
        on_failed: Callable[[Exception], object] = ignore,
        *,
        can_be_cancelled: bool = True,
    ) -> None:
        """Queue a job on a model that none is running on."""
        if model_id in self._tasks:
            return
        self._show(model_id, Activity(text, can_be_cancelled=can_be_cancelled))
        ended = partial(self._on_ended, model_id, on_failed)
        self._tasks[model_id] = task = Task(job, on_event, ended, ended)
        self.workbench.queue(name, task)

    def _on_ended(
        self,
        model_id: str,
        on_failed: Callable[[Exception], object],
        error: Exception | None = None,
    ) -> None:
        del self._tasks[model_id]
        self._activities.pop(model_id, None)
        is_added = self._adding.pop(model_id, None) is not None
        self.workbench.show_work("")
        if error is not None and not isinstance(error, CancelledError):
            if not is_added:
                self._failures[model_id] = failure_of(error)
            on_failed(error)
        self.on_changed()
        self.refresh()

    def _on_download(self, model_id: str, title: str, event: Any) -> None:
        cancel = partial(self.cancel, model_id)
        if isinstance(event, Installed):
            self._announce(event.manifest)
            return
        if isinstance(event, Checking):
            activity = Activity(tr("Checking…"), can_be_cancelled=True)
            self.workbench.show_work(tr("Checking {model}", model=title), None, cancel)
        elif isinstance(event, Progress):
            activity = Activity(tr("Downloading"), event, can_be_cancelled=True)
            state = format_download(event)
            text = tr("Downloading {model}: {state}", model=title, state=state)
            self.workbench.show_work(text, None, cancel)
        else:
            activity = Activity(describe_waiting(event), can_be_cancelled=True)
        self._show(model_id, activity)

    def _announce(self, manifest: ModelManifest) -> None:
        """Say that a model can be used, once it is listed."""

        def use() -> None:
            if (row := self.row(manifest.id)) is not None:
                self.use(row.info)

        def announce() -> None:
            self.on_added(manifest.id)
            text = tr("{model} is ready.", model=manifest.title)
            self.workbench.messages.tell(text, (tr("Use"), use))

        self.refresh(announce)

    def _on_checked(self, info: ModelInfo, problems: tuple[Message, ...]) -> None:
        if problems:
            text = tr("Failed its check: {reasons:; }.", reasons=problems)
            self._failures[info.model_id] = Failure(tr("Failed its check"), text)
        else:
            text = tr("{model} works as it should.", model=info.title)
            self.workbench.messages.tell(text, is_reply=True)

    # ---- the model in use

    def act(self, row: ModelRow, *, accept_licence: bool = False) -> None:
        """Carry out `ModelRow.action`."""
        if not row.is_possible:
            return
        if row.activity is not None:
            self.cancel(row.info.model_id)
        elif row.info.is_here:
            self.use(row.info)
        elif row.info.page:
            Outside.open_web_page(row.info.page)
        else:
            self.download(row.info.model_id, accept_licence=accept_licence)

    def use(self, info: ModelInfo) -> None:
        """Use an installed model at once, then report the changes, with Undo."""
        folder = info.folder
        if folder is None:
            return
        self._consider(None)
        images = self.workbench.project.images
        if not images.present:
            self._load(info, ChangeCost(info.title, 0, 0, None))
            return
        readable = np.flatnonzero((images.states != ImageState.UNREADABLE) & ~images.is_removed)
        paths = images.paths.select(readable.tolist())
        model, use_cache = self.workbench.model, self.workbench.model_in_use.uses_cache
        device = model.device.device if model else "cpu"

        def job(cancel: CancelToken) -> Iterator[ChangeCost]:
            yield cost_of_change(folder, paths, device=device, use_cache=use_cache, cancel=cancel)

        self._consider(info)
        cost, failed = partial(self._load, info), partial(self._on_cost_failed, info)
        self.workbench.run(_COST, job, cost, failed, outlives_project=True)

    def _consider(self, info: ModelInfo | None) -> None:
        """Consider another model than before, or none, which is not loaded yet."""
        before, self._considered = self._considered, info
        if before is not None:
            self.workbench.drop(_COST)
            self._show(before.model_id)
        if info is not None:
            self._show(info.model_id, Activity(tr("Counting the pictures to read…")))

    def _load(self, info: ModelInfo, cost: ChangeCost) -> None:
        if info.folder is None:
            return
        self._consider(None)
        if self._loading is not None:  # superseded by this one
            self._show(self._loading.model_id)
        self._loading = info
        self._show(info.model_id, Activity(tr("Loading…")))
        self.workbench.messages.tell(tr("Loading {model}…", model=info.title), is_reply=True)
        model = self.workbench.model
        old: Callable[[], object] = weakref.ref(model) if model else ignore
        before = next((row.info for row in self.rows if row.is_in_use), None)
        loaded = partial(self._on_loaded, info, before, cost, old)
        failed = partial(self._on_load_failed, info)
        self.workbench.model_in_use.use(info.folder, loaded, failed)

    def _on_loaded(
        self,
        info: ModelInfo,
        before: ModelInfo | None,
        cost: ChangeCost,
        old: Callable[[], object],
        loaded: Loaded,
    ) -> None:
        self._loading = None
        self.workbench.settings.setValue(LAST_MODEL, info.model_id)
        self._show(info.model_id)
        used = tr("{model} is in use.", model=loaded.model.manifest.title)
        text = sentences(used, describe_change(cost))
        if before is None or before.folder == info.folder or not cost.total:
            self.workbench.messages.tell(text, is_reply=True)
        else:
            back = tr("Back to {model}", model=shortened(before.title, _LONGEST_TITLE))
            self.workbench.messages.tell(text, (back, lambda: self.use(before)))
        job = partial(give_back_when_gone, old)
        self.workbench.run("give back", job, ignore, ignore, outlives_project=True)

    def _on_cost_failed(self, info: ModelInfo, error: Exception) -> None:
        self._considered = None
        self._say_unusable(info, error)

    def _on_load_failed(self, info: ModelInfo, error: Exception) -> None:
        self._loading = None
        self._say_unusable(info, error)

    def _say_unusable(self, info: ModelInfo, error: Exception) -> None:
        self._show(info.model_id, failure=failure_of(error))
        model = self.workbench.model
        stays = tr("{model} stays in use.", model=model.manifest.title) if model else ""
        text = sentences(tr("Can't use {model}.", model=info.title), stays, error_text(error))
        self.workbench.messages.warn(text)
