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
from nameplate.ui.jobs.jobs import Jobs, Task, ignore

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
        self.use(or_starter=or_starter)

    def renewed(self) -> "ModelInUse":
        """Begin to load the model once more, for a window in place of this one."""
        device, use_cache = self._device, self.uses_cache
        return ModelInUse(self._wanted, device, use_cache=use_cache, or_starter=True, or_auto=True)

    @property
    def _wanted(self) -> Path | str:
        return self.model.folder if self.model else self._model

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
        model: Path | None = None,
        on_loaded: Callable[[Loaded], object] = ignore,
        on_failed: Callable[[Exception], object] = ignore,
        *,
        device: str | None = None,
        or_starter: bool = False,
    ) -> None:
        """Load a model instead of one that is being loaded; it is in use from then on.

        Args:
            model: Its folder; None for the one in use, with the processors that may be used now.
            on_loaded: Called when it is in use, after `loaded`.
            on_failed: Called with the error when it cannot be used, after `load_failed`.
            device: Where models run from now on; None for where they were to.
            or_starter: See `pipeline.models.loading.load`.
        """
        wanted, or_auto = model or self._wanted, device is None and self._or_auto
        if device is not None:
            self._device, self._or_auto = device, True
        where = self._device

        def job(_cancel: CancelToken) -> Iterator[Loaded]:
            yield load(wanted, where, or_starter=or_starter, or_auto=or_auto)
            import_module("numpy.ma")  # else the first `np.unique` of the window's thread: 40 ms

        def loaded(ready: Loaded) -> None:
            ready.encoder.cache = text_cache(ready.model) if self.uses_cache else None
            self.ready = ready
            self.loaded.emit(ready)
            on_loaded(ready)

        def failed(error: Exception) -> None:
            self.load_failed.emit(error)
            on_failed(error)

        self.jobs.run(_LOAD, Task(job, loaded, failed))
