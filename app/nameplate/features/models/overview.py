"""Lists the models to choose from: installed ones, then those that can be downloaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.domain.text import deferred
from nameplate.features.models.downloading.install import read_catalogues
from nameplate.features.models.store import staged_bytes
from nameplate.inference.manifest import read_manifest
from nameplate.inference.specs import ModelManifest
from nameplate.model_hub.catalogue import CatalogueModel
from nameplate.model_hub.installed import STARTER, installed_models
from nameplate.storage.resources import starter_model
from nameplate.storage.speeds import Speeds, measured_speeds


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Facts about a model, installed or not.

    Attributes:
        model_id: What `--model` takes.
        folder: Where it is installed; None where it is not.
        bytes: Size of its files; 0 where not known.
        licence: Of the weights, and where known what it allows.
        licence_url: Where its text is; may be empty.
        summary: What it is good for; may be empty.
        languages: In which concepts can be named; may be empty.
        source: Where the weights come from; may be empty.
        trust: Who vouches for the files' hashes; None where it is installed.
        accuracy: Published zero-shot accuracy on ImageNet in percent; None where there is none.
        accuracy_source: Who published it.
        speeds: Measured images per second on this machine, by device.
        notes: Assumptions that were made about it.
        problem: Why it cannot be used; None where it can.
        needs_acceptance: Whether the licence must be accepted before the download.
        bytes_here: Bytes of an unfinished download.
        is_removable: Whether a person added it, so that it can be removed.
        recommended: For which pictures it is recommended; empty where it is not.
        page: Where it is described that has to be exported; empty where it can be downloaded.
    """

    model_id: str
    title: str
    folder: Path | None = None
    bytes: int = 0
    licence: str = ""
    licence_url: str = ""
    summary: str = ""
    languages: str = ""
    source: str = ""
    trust: Message | None = None
    accuracy: float | None = None
    accuracy_source: str = ""
    speeds: Mapping[str, float] = field(default_factory=dict[str, float])
    notes: tuple[Message, ...] = ()
    problem: Message | None = None
    needs_acceptance: bool = False
    bytes_here: int = 0
    is_removable: bool = False
    recommended: str = ""
    page: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it is installed, usable or not."""
        return self.folder is not None


TO_EXPORT: Final = ModelInfo(
    "bioclip-2",
    "BioCLIP 2",
    licence=deferred("MIT: any use, also commercial; keep the notice"),
    summary=deferred("Animals, plants and fungi. Export it once, then add its folder."),
    languages=deferred("English, scientific names"),
    source="imageomics/bioclip-2",
    recommended=deferred("Species"),
    page="https://huggingface.co/imageomics/bioclip-2",
)
"""A model that is recommended though nobody offers it in a form that can be downloaded."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The installed models, then the others; speeds of others, too; the ids of recommended ones."""

    models: tuple[ModelInfo, ...] = ()
    problems: tuple[Message, ...] = ()
    speeds: Speeds = field(default_factory=Speeds)
    recommended: tuple[str, ...] = ()


def overview() -> Overview:
    """List all models, without network access. Reads files: not for the window's thread."""
    known, speeds = read_catalogues(), measured_speeds()
    catalogue = {model.id: model for model in known.models}
    there = {STARTER: starter_model(), **installed_models()}
    here = [_installed(i, folder, catalogue.get(i), speeds) for i, folder in there.items()]
    others = [_info(model.id, model, speeds) for model in known.models if model.id not in there]
    recommended = [model.id for model in known.models if model.recommended]
    if recommended:  # the program's own list can be read
        recommended.append(TO_EXPORT.model_id)
        others += [] if TO_EXPORT.model_id in there else [TO_EXPORT]
    return Overview((*here, *others), known.problems, speeds, tuple(recommended))


def described(folder: Path, manifest: ModelManifest, speeds: Speeds) -> ModelInfo:
    """Return the facts of a model that is not installed, from its manifest."""
    info = _info(manifest.id, None, speeds, folder, manifest)
    return replace(info, model_id=str(folder), is_removable=False)


def _installed(
    model_id: str, folder: Path, known: CatalogueModel | None, speeds: Speeds
) -> ModelInfo:
    try:
        return _info(model_id, known, speeds, folder, read_manifest(folder))
    except ModelError as error:
        return replace(_info(model_id, known, speeds, folder), problem=error.message)


def _info(
    model_id: str,
    known: CatalogueModel | None,
    speeds: Speeds,
    folder: Path | None = None,
    manifest: ModelManifest | None = None,
) -> ModelInfo:
    """Return the facts in catalogue and manifest; without a folder it can be downloaded."""
    info = ModelInfo(
        model_id,
        title=manifest.title if manifest else (known.title if known else model_id),
        folder=folder,
        bytes=sum(file.bytes for file in manifest.files) if manifest else 0,
        source=manifest.source if manifest else "",
        speeds={device: speed for (of, device), speed in speeds.items() if of == model_id},
        notes=manifest.notes if manifest else (),
        is_removable=folder is not None and model_id != STARTER,
    )
    if about := known or manifest:
        info = replace(info, licence=about.licence, languages=about.languages or "")
    if known:
        info = replace(
            info,
            licence_url=known.licence_url,
            summary=known.summary,
            accuracy=known.accuracy,
            accuracy_source=known.accuracy_source,
            recommended=known.recommended,
        )
    elif model_id == TO_EXPORT.model_id:
        info = replace(info, recommended=TO_EXPORT.recommended)
    if known and folder is None:
        info = replace(
            info,
            bytes=known.bytes,
            source=known.repository,
            trust=known.trust,
            needs_acceptance=known.needs_acceptance,
            bytes_here=staged_bytes(model_id),
        )
    return info
