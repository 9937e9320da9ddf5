"""Finds the models that are installed, by id or folder."""

import contextlib
import os
from itertools import islice
from pathlib import Path
from typing import Final

from nameplate import __version__
from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.inference.importers.layouts import DESCRIPTION_VERSION
from nameplate.inference.manifest import MANIFEST_NAME, has_manifest, manifest_text, parse_manifest
from nameplate.inference.model import LoadedModel, load_model
from nameplate.inference.specs import ModelManifest
from nameplate.model_hub.catalogue import offered_models
from nameplate.model_hub.folder_facts import mark_of, recall, remember
from nameplate.model_hub.trial import describe_folder
from nameplate.storage.folders import MANIFEST, models_folder
from nameplate.storage.resources import starter_model

STARTER: Final = "starter"

_MAX_ENTRIES: Final = 10_000
_GRAPH_FOLDERS: Final = ("", "onnx", "visual")


def installed_models() -> dict[str, Path]:
    """Return the folder of each added model by its id, sorted."""
    try:
        folders = sorted(models_folder().iterdir())
    except OSError:
        return {}
    return {f.name: f for f in folders if f.name[0] != "." and (f / MANIFEST).is_file()}


def installed_model(model_id: str) -> Path | None:
    """Return the folder of the added model `model_id`; None if there is none."""
    return installed_models().get(model_id)


def model_folder(model: str) -> Path:
    """Return the folder of a model, given its id or the folder itself.

    An id comes before a folder of the same name; `./NAME` is the folder.

    Raises:
        ModelError: It is neither an id nor anything that exists.
    """
    if model == STARTER:
        return starter_model()
    if (found := installed_model(model)) is not None:
        return found
    if not os.path.lexists(model):
        raise _not_here(model)
    return Path(model)


def _not_here(model: str) -> ModelError:
    if any(model == offered.id for offered in offered_models().models):
        return ModelError("not-downloaded", model=model)
    ids = (STARTER, *installed_models())[:20]
    known = Message("known-ids", {"ids": ids, "count": len(ids)})
    return ModelError("no-model-and-no-folder", model=model[:200], known=known)


def manifest_of(folder: Path, cancel: CancelToken | None = None) -> ModelManifest:
    """Return the manifest of the model in `folder`.

    As `describe_folder`, but the manifest derived from another exporter's folder is cached
    while its files stay unchanged: its graphs need not be opened at each start.
    """
    version = f"{__version__} {DESCRIPTION_VERSION}"
    mark = None if has_manifest(folder) else mark_of(folder, version)
    if mark is None:
        return describe_folder(folder, cancel)
    if (known := recall(folder, mark)) is not None:
        with contextlib.suppress(ModelError):
            return parse_manifest(known, folder)
    manifest = describe_folder(folder, cancel)
    if mark_of(folder, version) == mark:
        remember(folder, mark, manifest_text(manifest))
    return manifest


def open_folder(
    folder: Path, *, device: str = "auto", cancel: CancelToken | None = None
) -> LoadedModel:
    """Open the model in `folder` as `load_model` does, with cached facts about the folder.

    Raises:
        ModelError: The folder cannot be used.
        UsageError: There is no such device.
    """
    return load_model(folder, device=device, manifest=manifest_of(folder, cancel))


def looks_like_a_model(folder: Path) -> bool:
    """Return whether `folder` itself looks like a model folder.

    Only file names are checked; the model may be damaged.
    """
    try:
        return (folder / MANIFEST_NAME).is_file() or any(
            _has_graph(folder / part) for part in _GRAPH_FOLDERS
        )
    except (OSError, ValueError):
        return False


def _has_graph(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    with os.scandir(folder) as entries:
        names = (entry.name.lower() for entry in islice(entries, _MAX_ENTRIES))
        return any(name.endswith(".onnx") for name in names)
