"""The model in use, and the job that loads another."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from nameplate.domain.progress import CancelToken
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.models.loading import Loaded, load
from nameplate.pipeline.prompt_encoder import text_cache
from nameplate.ui.jobs.jobs import Job, Jobs, Task, ignore

LAST_MODEL: Final = "model/last"
"""Settings key of the model used last, in the form that `--model` takes."""

_LOAD: Final = "load"
_DEVICES: Final = {"cuda": "GPU", "directml": "GPU", "coreml": "Apple Neural Engine"}


def format_device(device: str) -> str:
    """Return the display name of a device."""
    return _DEVICES.get(device, device.upper())


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
        self,
        model: Path | str,
        device: str,
        *,
        use_cache: bool = True,
        or_starter: bool = False,
        or_auto: bool = False,
    ) -> None:
        """Begin to load `model`; see `pipeline.models.loading.load`."""
        super().__init__()
        self.ready: Loaded | None = None
        self.uses_cache: Final = use_cache
        self._model, self._device, self._or_auto = model, device, or_auto
        self.jobs: Final = Jobs(self)

        def job(_cancel: CancelToken) -> Iterator[Loaded]:
            yield load(model, device, or_starter=or_starter, or_auto=or_auto)
            import_module("numpy.ma")  # else the first `np.unique` of the window's thread: 40 ms

        self._load(job)

    def again(self) -> "ModelInUse":
        """Begin to load the model once more, for a window in place of this one."""
        model = self.model.folder if self.model else self._model
        device, use_cache = self._device, self.uses_cache
        return ModelInUse(model, device, use_cache=use_cache, or_starter=True, or_auto=True)

    @property
    def model(self) -> LoadedModel | None:
        """The model; None until the first one is loaded."""
        return self.ready.model if self.ready else None

    @property
    def is_loading(self) -> bool:
        """Whether a model is being loaded."""
        return self.jobs.is_running(_LOAD)

    def use(
        self,
        folder: Path,
        on_loaded: Callable[[Loaded], object] = ignore,
        on_failed: Callable[[Exception], object] = ignore,
    ) -> None:
        """Load another model instead of one that is being loaded; it is in use from then on.

        Args:
            folder: Its folder.
            on_loaded: Called when it is in use, after `loaded`.
            on_failed: Called with the error when it cannot be used, after `load_failed`.
        """
        device, or_auto = self._device, self._or_auto

        def job(_cancel: CancelToken) -> Iterator[Loaded]:
            yield load(folder, device, or_auto=or_auto)

        self._load(job, on_loaded, on_failed)

    def load_again(
        self, device: str | None = None, on_failed: Callable[[Exception], object] = ignore
    ) -> None:
        """Load the model again, with the processors that may be used now; else it stays.

        Args:
            device: Where it runs from now on; None for where it was to.
            on_failed: Called with the error when it cannot.
        """
        model = self.model.folder if self.model else self._model
        or_auto = device is None and self._or_auto
        if device is not None:
            self._device, self._or_auto = device, True
        where = self._device

        def job(_cancel: CancelToken) -> Iterator[Loaded]:
            yield load(model, where, or_auto=or_auto)

        self._load(job, on_failed=on_failed)

    def _load(
        self,
        job: Job,
        on_loaded: Callable[[Loaded], object] = ignore,
        on_failed: Callable[[Exception], object] = ignore,
    ) -> None:
        def loaded(ready: Loaded) -> None:
            ready.encoder.cache = text_cache(ready.model) if self.uses_cache else None
            self.ready = ready
            self.loaded.emit(ready)
            on_loaded(ready)

        def failed(error: Exception) -> None:
            self.load_failed.emit(error)
            on_failed(error)

        self.jobs.run(_LOAD, Task(job, loaded, failed))
