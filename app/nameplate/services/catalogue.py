"""The models that can be had: listed, downloaded, tried out and installed."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from nameplate.domain.catalogue import CatalogueModel
from nameplate.domain.errors import ModelError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken, Progress, Waiting
from nameplate.inference.foreign import NO_LICENCE
from nameplate.inference.manifest import is_text, read_manifest
from nameplate.inference.manifest_text import manifest_text
from nameplate.inference.model import load_model
from nameplate.inference.self_check import self_check
from nameplate.inference.specs import ModelManifest
from nameplate.storage.catalogue import Catalogue, read_catalogue
from nameplate.storage.downloads import Patience, download
from nameplate.storage.model_store import (
    MANIFEST,
    adopt_model,
    put_manifest,
    staged_bytes,
    staging_folder,
    store_folder,
)
from nameplate.storage.resources import catalogue_file

OWN_CATALOGUE: Final = "catalogue.toml"
"""In the folder of the models: what a person or an organisation adds to the list."""


@dataclass(frozen=True, slots=True)
class Checking:
    """All has come; the model is now read and tried out, which takes seconds."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The model is there, and `--model ID` takes it.

    Attributes:
        folder: Where it is.
        manifest: What it says of itself.
    """

    folder: Path
    manifest: ModelManifest


Event = Progress | Waiting | Checking | Installed


def read_catalogues() -> Catalogue:
    """Return the models that can be had: the program's list, then the person's own.

    Nothing is asked of any server.
    """
    shipped = read_catalogue(catalogue_file())
    path = store_folder() / OWN_CATALOGUE
    if not path.is_file():
        return shipped
    own, taken = read_catalogue(path), {model.id for model in shipped.models}
    doubles = [
        f"{path}: “{m.id}” is in the program's own list" for m in own.models if m.id in taken
    ]
    more = tuple(model for model in own.models if model.id not in taken)
    problems = (*shipped.problems, *own.problems, *doubles)
    return Catalogue((*shipped.models, *more), problems)


def catalogue() -> tuple[CatalogueModel, ...]:
    """Return the models that can be had, installed or not."""
    return read_catalogues().models


def catalogue_model(model_id: str) -> CatalogueModel | None:
    """Return the model of this id; None where the catalogue has none."""
    return next((model for model in catalogue() if model.id == model_id), None)


def bytes_here(model_id: str) -> int:
    """Return how much of a model that is not installed has come already; 0 for none."""
    return staged_bytes(model_id)


def download_model(
    model_id: str,
    cancel: CancelToken,
    *,
    accept_licence: bool = False,
    patience: Patience | None = None,
) -> Generator[Event, None, None]:
    """Download a model of the catalogue, try it out, and install it.

    Args:
        model_id: Its id in the catalogue.
        cancel: Stops it within a moment; only while the model is tried out it takes seconds.
        accept_licence: Whether the person accepted a licence that needs it.
        patience: With slow and silent servers.

    Yields:
        Progress in bytes, Waiting before another try, Checking once, and Installed at the end.

    Raises:
        UsageError: The id is unknown, or its licence was not accepted.
        ModelError: It is installed already, is being downloaded, or fails its self-check.
        DownloadError: The server does not give it. What has come is kept for the next time.
        OutputError: There is no space or no permission.
        CancelledError: The token was set. What has come is kept for the next time.
    """
    model = _wanted(model_id, accept_licence=accept_licence)
    with staging_folder(model_id, model.repository.partition("/")[2]) as folder:
        commit = yield from download(model, folder, cancel, patience)
        yield Checking()
        manifest = _described(model, commit, folder, cancel)
        put_manifest(folder, manifest_text(manifest))
        _try_out(folder, cancel)
        installed = adopt_model(model_id, folder)
    yield Installed(installed, manifest)


def _wanted(model_id: str, *, accept_licence: bool) -> CatalogueModel:
    """Return the model to download.

    Raises:
        UsageError: There is none of this id, or its licence was not accepted.
    """
    model = catalogue_model(model_id)
    if model is None:
        what = f"no model “{model_id[:200]}” can be downloaded"
        raise UsageError(what, remedy="See nameplate models list.")
    if model.needs_acceptance and not accept_licence:
        what = f"{model.title} has a licence that you must accept first: {model.licence}"
        remedy = f"Read {model.licence_url}, then give --accept-licence."
        raise UsageError(what, remedy=remedy)
    return model


def _described(
    model: CatalogueModel, commit: str, folder: Path, cancel: CancelToken
) -> ModelManifest:
    """Return the manifest of the files that came, under the catalogue's names.

    Raises:
        ModelError: They are no model, or another one than the catalogue says.
    """
    if not any(file.name == MANIFEST for file in model.files):
        (folder / MANIFEST).unlink(missing_ok=True)  # of a time that ended while it was tried out
    found = read_manifest(folder)
    _stop_if(cancel)
    for name in {file.name for file in model.files} - {file.name for file in found.files}:
        if not is_text(folder / name):  # it helped to find out, as a graph that knows the scale
            (folder / name).unlink()
    if found.embedding_size != model.embedding_size:
        what = f"gives {found.embedding_size} numbers instead of {model.embedding_size}"
        raise ModelError(what, where=model.repository, remedy="Update Nameplate.")
    return replace(
        found,
        id=model.id,
        title=model.title,
        source=f"{model.repository}@{commit}",
        licence=model.licence,
        notes=tuple(note for note in found.notes if note != NO_LICENCE),
    )


def _try_out(folder: Path, cancel: CancelToken) -> None:
    """Load the model and run it.

    Raises:
        ModelError: It does not do what a model should.
    """
    loaded = load_model(folder, device="cpu")
    _stop_if(cancel)
    if problems := self_check(loaded):
        what = f"does not do what a model should: {'; '.join(problems)}"
        raise ModelError(what, where=loaded.manifest.source, remedy="Choose another model.")
    _stop_if(cancel)


def _stop_if(cancel: CancelToken) -> None:
    if cancel.is_cancelled:
        raise CancelledError
