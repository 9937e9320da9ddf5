"""The model in use, and the job that loads another."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.progress import CancelToken
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.caches import text_cache
from nameplate.pipeline.models.loading import Loaded, load
from nameplate.ui.jobs.jobs import Job, Jobs, Task


class ModelInUse(QObject):
    """Holds the model in use; another takes its place when it is loaded.

    Attributes:
        ready: The model with what was loaded beside it; None until the first one is there.
        jobs: Runs the window's jobs, of which loading a model is the first.
        uses_cache: Whether embeddings of images and prompts are cached on disk.

    Signals:
        loaded: A model is in use from now on; a `Loaded`.
        load_failed: A model cannot be used; the error. The one before stays.
    """

    loaded = Signal(object)
    load_failed = Signal(object)

    def __init__(
        self, model: Path | str, device: str, *, use_cache: bool = True, or_starter: bool = False
    ) -> None:
        """Begin to load `model`; see `pipeline.models.loading.load`."""
        super().__init__()
        self.ready: Loaded | None = None
        self.uses_cache: Final = use_cache
        self._device = device
        self.jobs: Final = Jobs(self)

        def job(_cancel: CancelToken) -> Iterator[Loaded]:
            yield load(model, device, or_starter=or_starter)
            import_module("numpy.ma")  # else the first `np.unique` of the window's thread: 40 ms

        self._load(job)

    @property
    def model(self) -> LoadedModel | None:
        """The model; None until the first one is loaded."""
        return self.ready.model if self.ready else None

    @property
    def is_loading(self) -> bool:
        """Whether a model is being loaded."""
        return self.jobs.is_running("load")

    def use(self, folder: Path) -> None:
        """Load another model, which is in use when `loaded` follows."""
        self._load(lambda _cancel: iter([load(folder, self._device)]))

    def _load(self, job: Job) -> None:
        self.jobs.run("load", Task(job, self._on_loaded, self.load_failed.emit))

    @Slot(object)
    def _on_loaded(self, loaded: Loaded) -> None:
        loaded.encoder.cache = text_cache(loaded.model) if self.uses_cache else None
        self.ready = loaded
        self.loaded.emit(loaded)
