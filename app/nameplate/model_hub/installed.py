"""Finds the models that are installed, by id or folder."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import platformdirs

from nameplate import __version__
from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.inference.importers.layouts import DESCRIPTION_VERSION
from nameplate.inference.manifest import MANIFEST_NAME, has_manifest, manifest_text, parse_manifest
from nameplate.inference.model import LoadedModel, load_model
from nameplate.inference.specs import ModelManifest
from nameplate.model_hub.catalogue import offered_models
from nameplate.model_hub.trial import describe_folder
from nameplate.storage.folders import MANIFEST, models_folder, own_folder
from nameplate.storage.kept_json import keep, read_kept
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


MOST_FOLDERS: Final = 50
LARGEST_FILE: Final = 5_000_000
"""Bytes; a manifest has 2,000."""

MOST_FILES: Final = 2_000
"""The most files of a folder that gets a mark."""


def facts_path() -> Path:
    """Return the file of the cache, which need not exist."""
    return own_folder(platformdirs.user_cache_path) / "model-folders.json"


def mark_of(folder: Path, version: str) -> str | None:
    """Return a digest that changes when a file in `folder` is changed, replaced, added or deleted.

    It covers each file's name, size, times of the last change of the content and of the entry, and
    number on the disk; the entry's time cannot be set back as the content's can.

    Args:
        folder: To look at; its files are not opened.
        version: Of the code that derives the text; another one gives another mark.

    Returns:
        Hexadecimal digits; None where the folder cannot be read or has too many files.
    """
    try:
        found = list(_entries(os.fspath(folder)))
    except OSError:
        return None
    if len(found) > MOST_FILES:
        return None
    return hashlib.sha256(json.dumps([version, sorted(found)]).encode()).hexdigest()


def recall(folder: Path, mark: str) -> str | None:
    """Return the text cached for `folder`; None if there is none with this mark."""
    match _kept().get(_key(folder)):
        case [str(kept_mark), str(text)] if kept_mark == mark:
            return text
        case _:
            return None


def remember(folder: Path, mark: str, text: str) -> None:
    """Cache `text` for `folder`, dropping the least recently used of too many.

    Where it cannot be written it is not kept.
    """
    facts = _kept()
    facts.pop(_key(folder), None)
    facts[_key(folder)] = [mark, text]
    keep(facts_path(), dict(list(facts.items())[-MOST_FOLDERS:]))


def _kept() -> dict[str, object]:
    return read_kept(facts_path(), LARGEST_FILE, dict[str, object]())


def _key(folder: Path) -> str:
    return os.path.realpath(folder)


def _entries(folder: str) -> Iterator[tuple[str | int, ...]]:
    """Yield the path and status of each file; one more than MOST_FILES at most."""
    count = 0
    for place, _, names in os.walk(folder, onerror=_raise):
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118 - names need not be text
            status = os.stat(path)  # noqa: PTH116 - likewise
            numbers = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
            yield os.path.relpath(path, folder), *numbers
            count += 1
            if count > MOST_FILES:
                return


def _raise(error: OSError) -> None:
    raise error
