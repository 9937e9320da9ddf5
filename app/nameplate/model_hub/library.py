"""Finds models by id or folder, and adds them after a check."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate import __version__
from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.inference.files import GET_AGAIN
from nameplate.inference.importers.layouts import DESCRIPTION_VERSION
from nameplate.inference.manifest import (
    has_manifest,
    manifest_text,
    parse_manifest,
    read_manifest,
    verify_files,
)
from nameplate.inference.model import LoadedModel, load_model
from nameplate.inference.specs import ModelManifest
from nameplate.model_hub.folder_facts import mark_of, recall, remember
from nameplate.model_hub.store import install_model, installed_model, installed_models, remove_model
from nameplate.model_hub.trial import describe_folder, try_out
from nameplate.storage.resources import starter_model

STARTER: Final = "starter"
TEXTS: Final = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt")
"""Files for people that are copied with a model."""


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
    # Imported late: only this message needs the downloads.
    from nameplate.model_hub.install import catalogue_model  # noqa: PLC0415

    if catalogue_model(model) is not None:
        return ModelError("not-downloaded", model=model)
    ids = (STARTER, *installed_models())[:20]
    known = Message("known-ids", {"ids": ids, "count": len(ids)})
    return ModelError("no-model-and-no-folder", model=model[:200], known=known)


def manifest_of(folder: Path, cancel: CancelToken | None = None) -> ModelManifest:
    """Return the manifest of the model in `folder`.

    As `describe_folder`, but the manifest derived from another exporter's folder is cached
    while its files stay unchanged: its graphs need not be opened at each start.

    Raises:
        ModelError: As for `describe_folder`.
        CancelledError: `cancel` was set.
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
        CancelledError: `cancel` was set.
    """
    return load_model(folder, device=device, manifest=manifest_of(folder, cancel))


def list_models() -> list[Listed]:
    """Return the starter model and every added one."""
    return [_listed(i, f) for i, f in {STARTER: starter_model(), **installed_models()}.items()]


def add_model(source: Path, cancel: CancelToken | None = None) -> tuple[Path, ModelManifest]:
    """Read the model in `source`, check it in a child process, and copy it into the store.

    Returns:
        Where it is now, and its manifest.

    Raises:
        ModelError: It is damaged, does not pass its self-check, or its id is taken.
        OutputError: It cannot be copied.
        CancelledError: `cancel` was set.
    """
    manifest = describe_folder(source, cancel)
    if problems := try_out(source, cancel):
        raise ModelError("faulty-model", where=str(source), problems=problems, remedy=GET_AGAIN)
    names = [file.name for file in manifest.files]
    texts = [name for name in TEXTS if (source / name).is_file()]
    names += [name for name in texts if not (source / name).is_symlink()]
    text = manifest_text(manifest)
    folder = install_model(manifest.id, source, dict.fromkeys(names), text, cancel)
    try:
        verify_files(folder, manifest)  # the disk may have failed, or the source have changed
    except ModelError:
        remove_model(manifest.id)
        raise
    return folder, manifest


def _listed(model_id: str, folder: Path) -> Listed:
    try:
        return Listed(model_id, folder, read_manifest(folder))
    except ModelError as error:
        return Listed(model_id, folder, None, error.message)
