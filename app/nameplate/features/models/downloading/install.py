"""Lists the models of the catalogue, and downloads, tests and installs them."""

import datetime as dt
import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

import platformdirs

from nameplate.domain.errors import ModelError, OutputError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Progress, Waiting
from nameplate.features.models.downloading.downloads import (
    Arrived,
    Patience,
    describe_move,
    download,
)
from nameplate.features.models.store import adopt_model, staging_folder
from nameplate.inference.importers.foreign import NO_LICENCE
from nameplate.inference.manifest import is_text, manifest_text
from nameplate.inference.specs import ModelManifest
from nameplate.model_hub.catalogue import Catalogue, CatalogueFile, CatalogueModel, offered_models
from nameplate.model_hub.trial import describe_folder, try_out
from nameplate.storage.atomic import output_error, write_bytes
from nameplate.storage.folders import MANIFEST, make_private_folder, own_folder
from nameplate.storage.kept_json import read_json
from nameplate.storage.lock import locked


@dataclass(frozen=True, slots=True)
class Checking:
    """Event: all is downloaded, and the model is being loaded and tested."""


@dataclass(frozen=True, slots=True)
class Installed:
    """Event: the model is installed in `folder`, and `--model ID` accepts it."""

    folder: Path
    manifest: ModelManifest


Event = Progress | Waiting | Checking | Installed


def read_catalogues() -> Catalogue:
    """Return the models that can be downloaded: the program's list, then the user's.

    With what is remembered of their first download. No server is asked.
    """
    known = offered_models()
    try:
        seen = read_first_downloads()
    except ModelError as error:
        return replace(known, problems=(*known.problems, error.message))
    return replace(known, models=tuple(with_seen(model, seen) for model in known.models))


def catalogue_model(model_id: str) -> CatalogueModel | None:
    """Return the model with this id; None if the catalogue has none."""
    return next((model for model in read_catalogues().models if model.id == model_id), None)


def download_model(
    model_id: str,
    cancel: CancelToken,
    *,
    accept_licence: bool = False,
    accept_change: bool = False,
    patience: Patience | None = None,
) -> Generator[Event, None, None]:
    """Download a model of the catalogue, test it, and install it.

    Args:
        model_id: Its id in the catalogue.
        cancel: Stops it within a moment; what has come is kept for the next time.
        accept_licence: Whether the person accepted a licence that needs it.
        accept_change: Whether other files than those of the first download are taken.
        patience: With slow and silent servers.

    Yields:
        Progress in bytes, Waiting before another try, Checking once, and Installed at the end.

    Raises:
        UsageError: The id is unknown, or its licence was not accepted.
        ModelError: It is installed already, is being downloaded, or fails its self-check; what is
            remembered of the first download is damaged.
        DownloadError: The server does not give it, or gives another one than the first time.
        OutputError: There is no space or no permission.
    """
    model = _wanted(model_id, accept_licence=accept_licence)
    if not accept_change:
        model = with_seen(model, read_first_downloads())
    with staging_folder(model_id, model.repository.partition("/")[2]) as folder:
        arrived = yield from download(model, folder, cancel, patience)
        yield Checking()
        manifest = _described(model, arrived.commit, folder, cancel)
        write_bytes(folder / MANIFEST, manifest_text(manifest).encode())
        _refuse_faulty(folder, model, cancel)
        _remember(model, arrived)
        installed = adopt_model(model_id, folder)
    yield Installed(installed, manifest)


def _wanted(model_id: str, *, accept_licence: bool) -> CatalogueModel:
    """Return the model to download."""
    model = next((model for model in offered_models().models if model.id == model_id), None)
    if model is None:
        raise UsageError("no-model-to-download", model=model_id[:200])
    if model.needs_acceptance and not accept_licence:
        raise UsageError(
            "licence-to-accept", title=model.title, licence=model.licence, url=model.licence_url
        )
    return model


def _described(
    model: CatalogueModel, commit: str, folder: Path, cancel: CancelToken
) -> ModelManifest:
    """Return the manifest of the downloaded files, with the catalogue's id and title."""
    if not any(file.name == MANIFEST for file in model.files):
        (folder / MANIFEST).unlink(missing_ok=True)  # left by a run that ended during the test
    found = describe_folder(folder, cancel)
    for name in {file.name for file in model.files} - {file.name for file in found.files}:
        if not is_text(folder / name):  # it gave the manifest something, as a graph the scale
            (folder / name).unlink()
    if found.embedding_size != model.embedding_size:
        size, expected = found.embedding_size, model.embedding_size
        raise ModelError("other-size", where=model.repository, size=size, expected=expected)
    moved = describe_move(model, commit)
    told = (Message("moved-but-same", {"moved": moved}),) if moved else ()
    return replace(
        found,
        id=model.id,
        title=model.title,
        source=f"{model.repository}@{commit}",
        licence=model.licence,
        languages=model.languages,
        notes=(*(note for note in found.notes if note != NO_LICENCE), *told),
    )


def _remember(model: CatalogueModel, arrived: Arrived) -> None:
    """Remember the checksums that only the server guarantees."""
    new = {
        replace(file, bytes=arrived.bytes[file]): digest
        for file, digest in arrived.sha256.items()
        if not file.sha256 or file.first_seen
    }
    if new:
        remember(model, arrived.commit, new)


def _refuse_faulty(folder: Path, model: CatalogueModel, cancel: CancelToken) -> None:
    """Refuse a model that fails its self-check."""
    if problems := try_out(folder, cancel):
        raise ModelError(
            "faulty-model", where=model.repository, problems=problems,
            remedy=Message("choose-another-model"),
        )  # fmt: skip


_LARGEST: Final = 10_000_000
"""Bytes; a model takes 1,000."""

_WAIT: Final = 10.0
"""Seconds that another program may take to write the file; it takes milliseconds."""

Seen = tuple[str, int, str, str]
"""SHA-256, bytes, commit and day of a file's first download."""

FirstDownloads = dict[str, Seen]
"""By `_key` of the file."""


def first_downloads_path() -> Path:
    """Return the file of the checksums, which need not exist."""
    return own_folder(platformdirs.user_data_path) / "first-downloads.json"


def read_first_downloads() -> FirstDownloads:
    """Return the remembered checksums.

    Raises:
        ModelError: The file is damaged or cannot be read, so that nothing can be verified.
    """
    path = first_downloads_path()
    try:
        values = read_json(path, _LARGEST)
        if isinstance(values, dict):
            items = cast("dict[str, object]", values).items()
            return {key: _seen(value) for key, value in items}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        pass
    raise ModelError("first-downloads-damaged", where=str(path))


def with_seen(model: CatalogueModel, seen: FirstDownloads) -> CatalogueModel:
    """Return `model` with remembered checksums for files that the catalogue has none for."""
    files = tuple(_with_seen(model, file, seen) for file in model.files)
    commits = {seen[key][2] for file in model.files if (key := _key(model, file)) in seen}
    commit = commits.pop() if len(commits) == 1 else ""
    return replace(model, files=files, seen_commit=commit)


def remember(model: CatalogueModel, commit: str, sha256: Mapping[CatalogueFile, str]) -> None:
    """Remember the checksums of downloaded files, of the size that they say, at a commit.

    Raises:
        OutputError: It cannot be written, or another program holds it for too long.
    """
    path, today = first_downloads_path(), dt.datetime.now(tz=dt.UTC).date().isoformat()
    try:
        make_private_folder(path.parent)
        with locked(path.with_suffix(".lock"), seconds=_WAIT) as is_held:
            if not is_held:
                raise OutputError("first-downloads-held", where=str(path))
            try:
                seen = read_first_downloads()
            except ModelError:  # the person deleted nothing, and accepted what came
                seen = {}
            for file, digest in sha256.items():
                before = seen.get(key := _key(model, file))
                day = before[3] if before and before[0] == digest else today
                seen[key] = digest, file.bytes, commit, day
            write_bytes(path, json.dumps(seen, indent=0).encode(), is_private=True)
    except OSError as error:
        raise output_error(path, error, other=Message("check-folder")) from error


def _with_seen(model: CatalogueModel, file: CatalogueFile, seen: FirstDownloads) -> CatalogueFile:
    known = seen.get(_key(model, file))
    if file.sha256 or known is None:
        return file
    sha256, size, _, day = known
    return replace(file, sha256=sha256, bytes=size, is_exact=True, first_seen=day)


def _key(model: CatalogueModel, file: CatalogueFile) -> str:
    return f"{model.repository}@{model.revision}/{file.path}"


def _seen(value: object) -> Seen:
    """Return a checked entry of the file."""
    match value:
        case [str(sha256), int(size), str(commit), str(day)] if re.fullmatch(
            r"[0-9a-f]{64}", sha256
        ):
            return sha256, size, commit, day
        case _:
            raise ValueError
