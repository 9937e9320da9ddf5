"""A model and what belongs to it, loaded in one job."""

from dataclasses import dataclass
from pathlib import Path

from nameplate.domain.templates import TemplateSet
from nameplate.inference.model import LoadedModel
from nameplate.services.models import open_folder
from nameplate.services.rating import ConceptEncoder
from nameplate.storage.text_files import load_template_sets


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready, and the template sets there are."""

    model: LoadedModel
    encoder: ConceptEncoder
    template_sets: dict[str, TemplateSet]


def load(folder: Path, device: str) -> Loaded:
    """Load the model in `folder`.

    Raises:
        ModelError: It, or the device, cannot be used.
    """
    model = open_folder(folder, device=device)
    return Loaded(model, ConceptEncoder(model.text.encode), load_template_sets())
