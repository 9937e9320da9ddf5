"""Switching the model in use: shows the cost, loads it, saves the choice."""

import weakref
from collections.abc import Callable, Iterator

import numpy as np
from PySide6.QtCore import QObject, QSettings, Slot

from nameplate.domain.images import ImageState
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.models.loading import Loaded, give_back_when_gone
from nameplate.pipeline.models.model_change import ChangeCost, cost_of_change
from nameplate.pipeline.models.model_overview import ModelInfo
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.models.library import ModelLibrary
from nameplate.ui.models.model_format import describe_cost
from nameplate.ui.models.rows import Activity, failure_of
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.texts import error_text

LAST_MODEL = "model/last"
"""Settings key of the model used last, in the form that `--model` takes."""


class ModelSwitching(QObject):
    """Switches the model, after asking if images would have to be embedded again."""

    def __init__(
        self,
        owner: ProjectOwner,
        in_use: ModelInUse,
        library: ModelLibrary,
        settings: QSettings,
        messages: Callable[[], MessageBar],
    ) -> None:
        super().__init__(library)
        self._owner = owner
        self._in_use = in_use
        self._library = library
        self._settings = settings
        self._messages = messages
        self._pending: ModelInfo | None = None
        self._loading: ModelInfo | None = None
        self._old: Callable[[], object | None] = lambda: None
        self._background = JobRunner(
            "beside", self, on_event=self._on_cost, on_failed=self._on_cost_failed
        )
        in_use.loaded.connect(self._on_loaded)
        in_use.load_failed.connect(self._on_load_failed)

    @property
    def is_busy(self) -> bool:
        """Whether the cost of a change is being computed, or a replaced model is in memory."""
        return self._background.is_running

    def shut_down(self) -> None:
        """Stop the background jobs, except for loading."""
        self._background.shut_down()

    def use(self, info: ModelInfo) -> None:
        """Use an installed model, after asking if images would have to be embedded again."""
        folder = info.folder
        if folder is None:
            return
        self._cancel_pending()
        images = self._owner.project.images
        if not images.present:
            self._load(info)
            return
        readable = np.flatnonzero((images.states != ImageState.UNREADABLE) & ~images.is_removed)
        paths = images.paths.select(readable.tolist())
        model = self._in_use.model
        device = model.device.device if model else "cpu"
        use_cache = self._in_use.uses_cache

        def job(cancel: CancelToken) -> Iterator[ChangeCost]:
            yield cost_of_change(folder, paths, device=device, use_cache=use_cache, cancel=cancel)

        self._pending = info
        self._library.set_activity(info.model_id, Activity("Looking for what it has read already…"))
        self._background.start(job)

    @Slot(object)
    def _on_cost(self, cost: ChangeCost | None) -> None:
        info = self._pending
        if info is None or cost is None:
            return
        self._cancel_pending()
        if not cost.to_read:
            self._load(info)
            return
        self._messages().ask(
            describe_cost(cost), answer="Use it", on_answer=lambda: self._load(info)
        )

    def _load(self, info: ModelInfo) -> None:
        if info.folder is None:
            return
        self._cancel_pending()
        if self._loading is not None:  # superseded by this one
            self._library.set_activity(self._loading.model_id)
        self._loading = info
        self._library.set_activity(info.model_id, Activity("Loading…"))
        model = self._in_use.model
        self._old = weakref.ref(model) if model else self._old
        self._messages().tell(f"{info.title} is being loaded…", is_reply=True)
        self._in_use.use(info.folder)

    @Slot(object)
    def _on_loaded(self, loaded: Loaded) -> None:
        info, self._loading = self._loading, None
        if info is None:  # the initial model of the window
            return
        self._settings.setValue(LAST_MODEL, info.model_id)
        self._library.set_activity(info.model_id)
        self._messages().tell(f"{loaded.model.manifest.title} is in use.", is_reply=True)
        old = self._old
        self._background.start(lambda cancel: give_back_when_gone(old, cancel))

    @Slot(object)
    def _on_load_failed(self, error: Exception) -> None:
        info, self._loading = self._loading, None
        if info is not None:
            self._report_unusable(info, error)

    @Slot(object)
    def _on_cost_failed(self, error: Exception) -> None:
        info, self._pending = self._pending, None
        if info is not None:
            self._report_unusable(info, error)

    def _report_unusable(self, info: ModelInfo, error: Exception) -> None:
        self._library.set_activity(info.model_id, failure=failure_of(error))
        model = self._in_use.model
        stays = f" {model.manifest.title} stays in use." if model else ""
        self._messages().warn(f"{info.title} cannot be used.{stays} {error_text(error)}")

    def _cancel_pending(self) -> None:
        """Cancel the request for a model that is not being loaded yet."""
        if self._pending is not None:
            self._library.set_activity(self._pending.model_id)
            self._pending = None
