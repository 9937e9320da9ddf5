"""Lists the models to choose from: installed ones, then those that can be downloaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.features.models.downloading.catalogue import CatalogueModel
from nameplate.features.models.downloading.install import read_catalogues
from nameplate.features.models.store import staged_bytes
from nameplate.inference.manifest import read_manifest
from nameplate.inference.specs import ModelManifest
from nameplate.model_hub.library import STARTER, installed_models
from nameplate.storage.resources import starter_model
from nameplate.storage.speeds import Speeds, measured_speeds


@dataclass(frozen=True, slots=True)
class Listed:
    """A model in the list.

    Attributes:
        model_id: What `--model` takes.
        folder: Where it is.
        manifest: Its manifest; None where it cannot be read.
        problem: Why not; None where it can.
    """

    model_id: str
    folder: Path
    manifest: ModelManifest | None
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Facts about a model, installed or not.

    Attributes:
        model_id: What `--model` takes.
        title: Its name.
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

    @property
    def is_here(self) -> bool:
        """Whether it is installed, usable or not."""
        return self.folder is not None


@dataclass(frozen=True, slots=True)
class Overview:
    """All models: installed ones and those that can be downloaded.

    Attributes:
        models: Installed ones, then those that can be downloaded.
        problems: Errors of the catalogue.
        speeds: Measured on this machine, also with models that are in neither list.
    """

    models: tuple[ModelInfo, ...] = ()
    problems: tuple[Message, ...] = ()
    speeds: Speeds = field(default_factory=Speeds)


def overview() -> Overview:
    """List all models, without network access. Reads files: not for the window's thread."""
    known, speeds = read_catalogues(), measured_speeds()
    catalogue = {model.id: model for model in known.models}
    listed = list_models()
    ids = {model.model_id for model in listed}
    here = [_installed_info(model, catalogue.get(model.model_id), speeds) for model in listed]
    others = [_offered_info(m, speeds, staged_bytes(m.id)) for m in known.models if m.id not in ids]
    return Overview((*here, *others), known.problems, speeds)


def list_models() -> list[Listed]:
    """Return the starter model and every added one."""
    return [_listed(i, f) for i, f in {STARTER: starter_model(), **installed_models()}.items()]


def described(folder: Path, manifest: ModelManifest, speeds: Speeds) -> ModelInfo:
    """Return the facts of a model that is not installed, from its manifest."""
    info = _installed_info(Listed(manifest.id, folder, manifest), None, speeds)
    return replace(info, model_id=str(folder), is_removable=False)


def _listed(model_id: str, folder: Path) -> Listed:
    try:
        return Listed(model_id, folder, read_manifest(folder))
    except ModelError as error:
        return Listed(model_id, folder, None, error.message)


def _installed_info(listed: Listed, known: CatalogueModel | None, speeds: Speeds) -> ModelInfo:
    manifest = listed.manifest
    title = manifest.title if manifest else (known.title if known else listed.model_id)
    licence = known.licence if known else (manifest.licence if manifest else "")
    return ModelInfo(
        model_id=listed.model_id,
        title=title,
        folder=listed.folder,
        bytes=sum(file.bytes for file in manifest.files) if manifest else 0,
        licence=licence,
        licence_url=known.licence_url if known else "",
        summary=known.summary if known else "",
        languages=known.languages if known else (manifest and manifest.languages) or "",
        source=manifest.source if manifest else "",
        accuracy=known.accuracy if known else None,
        accuracy_source=known.accuracy_source if known else "",
        speeds=_speeds_of(listed.model_id, speeds),
        notes=manifest.notes if manifest else (),
        problem=listed.problem,
        is_removable=listed.model_id != STARTER,
    )


def _offered_info(model: CatalogueModel, speeds: Speeds, bytes_here: int) -> ModelInfo:
    return ModelInfo(
        model_id=model.id,
        title=model.title,
        bytes=model.bytes,
        licence=model.licence,
        licence_url=model.licence_url,
        summary=model.summary,
        languages=model.languages,
        source=model.repository,
        trust=model.trust,
        accuracy=model.accuracy,
        accuracy_source=model.accuracy_source,
        speeds=_speeds_of(model.id, speeds),
        needs_acceptance=model.needs_acceptance,
        bytes_here=bytes_here,
    )


def _speeds_of(model_id: str, speeds: Speeds) -> dict[str, float]:
    return {device: speed for (of, device), speed in speeds.items() if of == model_id}
