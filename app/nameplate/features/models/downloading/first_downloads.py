"""Remembers the checksums of first downloads, for files without one in the catalogue.

The first download is trusted; from then on, another content under the same name is refused until
the person accepts it.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

import platformdirs

from nameplate.domain.errors import ModelError, OutputError
from nameplate.domain.messages import Message
from nameplate.model_hub.catalogue import CatalogueFile, CatalogueModel
from nameplate.storage.atomic import output_error, write_bytes
from nameplate.storage.folders import make_private_folder, own_folder
from nameplate.storage.kept_json import read_json
from nameplate.storage.lock import locked

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
