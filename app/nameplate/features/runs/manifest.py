"""The manifest of a folder of shards: the model, the decoding and the folder of its paths."""

import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import value_of
from nameplate.storage.atomic import write_bytes
from nameplate.storage.kept_json import read_json

MANIFEST_NAME: Final = "manifest.json"
VERSION: Final = 1
DIGITS: Final = 5

MOST_SHARD_SIZE: Final = 100_000
"""Images of a shard: 200 MB of vectors of 1,024 numbers."""

MOST_NUMBERS: Final = 1 << 29
"""Of the vectors of a shard: 1 GB."""

MOST_DIMENSION: Final = 1 << 16

_MOUNT_POINT: Final = 0xA0000003
"""What Windows calls such a folder; files in a cloud have other tags."""

_MOST_BYTES: Final = 1 << 22
_DIGEST: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What all shards of a folder have in common; it never changes.

    Those of Nameplate 1.0 say more, which is not needed.

    Attributes:
        root: The folder that paths are relative to; empty where there is none.
        list_digest: Identifies the folder, 64 hexadecimal digits; once the digest of a list.
        model: Id of the model.
        fingerprint: Of the model's files.
        dimension: Numbers of an embedding.
        reading: Version of how pictures are decoded and preprocessed.
    """

    root: str
    list_digest: str
    model: str
    fingerprint: str
    dimension: int
    reading: str

    @property
    def most_rows(self) -> int:
        """The most images that a shard may have."""
        return min(MOST_SHARD_SIZE, MOST_NUMBERS // self.dimension)


def refuse_links(folder: Path) -> None:
    """Refuse a folder with links in it: through them others' files would be read or replaced.

    The folder itself may be one: it was named by the person, and what is in it by whoever made it.

    Raises:
        UsageError: A file or folder in it, or in one of its folders, is a link.
        OSError: It cannot be listed.
    """
    _refuse_links_among(folder)
    for inner in filter(Path.is_dir, folder.iterdir()):
        _refuse_links_among(inner)


def _refuse_links_among(folder: Path) -> None:
    for one in folder.iterdir():
        if one.is_symlink() or _is_junction(one):
            raise UsageError("link-in-shards", where=one)


def _is_junction(one: Path) -> bool:
    """Return whether a folder of Windows leads to another one, which Python calls no link."""
    if os.name != "nt":
        return False
    with suppress(OSError):
        return getattr(os.lstat(one), "st_reparse_tag", 0) == _MOUNT_POINT
    return False


def shard_file(folder: Path, kind: str, number: int) -> Path:
    """Return the file of a shard in the folder `kind` of a folder of shards."""
    return folder / kind / f"{number:0{DIGITS}}.parquet"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of `folder`.

    Raises:
        OutputError: It cannot be written.
    """
    values = {"format": "nameplate-shards", "version": VERSION, **asdict(manifest)}
    content = json.dumps(values, indent=1).encode()
    write_bytes(folder / MANIFEST_NAME, content, follow_links=False)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of `folder`; None where there is none.

    Raises:
        UsageError: It cannot be read, is damaged, or was written by a later version; or there are
            links in the folder.
    """
    path = folder / MANIFEST_NAME
    try:
        refuse_links(folder)
        values = read_json(path, _MOST_BYTES, follow_links=False)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError("manifest-damaged", where=path) from error
    match values:
        case {"format": "nameplate-shards", "version": int(version)} if version == VERSION:
            with suppress(KeyError, TypeError, ValueError):
                found: Manifest = value_of(Manifest, values)
                is_whole = _DIGEST.fullmatch(found.list_digest)
                if is_whole and 1 <= found.dimension <= MOST_DIMENSION:
                    return found
        case {"format": "nameplate-shards"}:
            raise UsageError("manifest-of-later-version", where=path)
        case _:
            pass
    raise UsageError("manifest-damaged", where=path)
