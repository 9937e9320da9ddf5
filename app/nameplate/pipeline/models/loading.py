"""Loads a model with its concept encoder and template sets, in one job."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.heap import give_back_freed_memory
from nameplate.model_hub.installed import STARTER, model_folder, open_folder
from nameplate.pipeline.prompt_encoder import ConceptEncoder
from nameplate.storage.text_files import load_template_sets

_POLL_SECONDS: Final = 0.1
"""Between two checks whether a model is freed."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded model, and all template sets.

    Attributes:
        template_sets: By id.
        remark: Why it is not the requested model; None where it is.
    """

    model: LoadedModel
    encoder: ConceptEncoder
    template_sets: dict[str, TemplateSet]
    remark: Message | None = None

    @property
    def template_set(self) -> TemplateSet:
        """The one that the model's manifest recommends."""
        wanted = self.template_sets.get(self.model.manifest.templates)
        return wanted or next(iter(self.template_sets.values()))


def load(
    model: Path | str,
    device: str,
    *,
    or_starter: bool = False,
    or_auto: bool = False,
) -> Loaded:
    """Load a model with both encoders, so that nothing can fail to load later.

    `model` is its folder or, as text, what `--model` takes. With `or_starter` the starter model is
    loaded, with a remark, where that cannot be; with `or_auto` it runs on what there is.

    Raises:
        ModelError: It, or the device, cannot be used.
    """
    try:
        folder = model_folder(model) if isinstance(model, str) else model
        ready = open_folder(folder, device=device).load()
    except ModelError as error:
        if or_auto and device != "auto":
            found = load(model, "auto", or_starter=or_starter)
            remark = Message("device-instead", {"error": error.message})
            return found if found.remark else replace(found, remark=remark)
        if not or_starter:
            raise
        remark = Message("starter-instead", {"error": error.message})
        return replace(load(STARTER, device), remark=remark)
    encoder = ConceptEncoder(ready.text.encode, translator_for=ready.translator_for)
    return Loaded(ready, encoder, load_template_sets())


def give_back_when_gone(gone: Callable[[], object | None], cancel: CancelToken) -> Iterator[None]:
    """Wait until a replaced model is freed, then return its memory to the system.

    `gone` returns None once it is, such as a weak reference. Threads that still run it hold one for
    one batch longer.
    """
    while gone() is not None and not cancel.is_cancelled:
        yield
        time.sleep(_POLL_SECONDS)
    give_back_freed_memory()
