"""A model and what belongs to it, loaded in one job."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.heap import give_back_freed_memory
from nameplate.model_hub.library import STARTER, model_folder, open_folder
from nameplate.pipeline.prompt_encoder import ConceptEncoder
from nameplate.storage.text_files import load_template_sets

_LOOK_AGAIN: Final = 0.1
"""Seconds between two looks whether a model is freed."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready, and the template sets there are.

    Attributes:
        model: The model.
        encoder: Turns concepts into its vectors.
        template_sets: By id.
        remark: Why it is not the model that was asked for; empty where it is.
    """

    model: LoadedModel
    encoder: ConceptEncoder
    template_sets: dict[str, TemplateSet]
    remark: str = ""

    @property
    def template_set(self) -> TemplateSet:
        """The one that the model does best with."""
        wanted = self.template_sets.get(self.model.manifest.templates)
        return wanted or next(iter(self.template_sets.values()))


def load(model: Path | str, device: str, *, or_starter: bool = False) -> Loaded:
    """Load a whole model: who is told that it is ready may count on that.

    Args:
        model: Its folder; or, as text, what `--model` takes.
        device: As `load_model` takes it.
        or_starter: Load the starter model where that one is gone or damaged, with a remark.

    Raises:
        ModelError: It, or the device, cannot be used.
    """
    try:
        folder = model_folder(model) if isinstance(model, str) else model
        ready = open_folder(folder, device=device).load()
    except ModelError as error:
        if not or_starter:
            raise
        remark = f"The starter model is used, since the one used last cannot be. {error}"
        return replace(load(STARTER, device), remark=remark)
    return Loaded(ready, ConceptEncoder(ready.text.encode), load_template_sets())


def give_back_when_gone(gone: Callable[[], object | None], cancel: CancelToken) -> Iterator[None]:
    """Wait until a model that was in use is freed, then give its memory back to the system.

    Threads that were at work with it hold it for a batch longer.

    Args:
        gone: A weak reference to the model, or what else returns None when it is freed.
        cancel: Ends the waiting.
    """
    while gone() is not None and not cancel.is_cancelled:
        yield
        time.sleep(_LOOK_AGAIN)
    give_back_freed_memory()
