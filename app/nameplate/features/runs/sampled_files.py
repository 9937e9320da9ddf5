"""The files of the images of a sample: those that are there, and copies out of tar files."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ImageError, UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.inputs import TAR
from nameplate.features.runs.vectors import Shard
from nameplate.formats.outputs.safe_names import FreeNames
from nameplate.imaging.tar_index import TarMember, tar_members
from nameplate.pipeline.spool import in_shards, piece_of, stamp_of
from nameplate.storage.whole_folder import free_place, write_folder_atomically
from nameplate.system.elsewhere import host_of, is_elsewhere, is_url
from nameplate.system.file_status import content_key, key_of
from nameplate.system.opening import open_regular

_IN_TAR: Final = re.compile(rf"(.*?{re.escape(TAR)})/(.+)", re.IGNORECASE | re.DOTALL)
_ODD_BYTE: Final = re.compile(r"\\udc([89a-f][0-9a-f])")
_LONGEST: Final = 100
"""Letters of the name of a copy: the end of the path."""

_Copies = list[tuple[str, str]]
"""Of one image in a tar file: its content, empty where that is unknown, and names of copies."""


def files_of(shard: Shard, root: str, copies: Path, cancel: CancelToken) -> list[Path]:
    """Return the file of each image; those in tar files are copied into a new folder.

    A picture that is not in its tar file any more, or another one now, is missing there.

    Args:
        shard: The images.
        root: The folder that their paths are relative to.
        copies: The folder to make, or one with a number after this name.
        cancel: Ends it.

    Raises:
        UsageError: A path leads to another machine, or is none.
        OutputError: The folder cannot be written.
    """
    files, packed, copies = list[Path](), dict[str, dict[str, _Copies]](), free_place(copies)
    names = FreeNames()
    for name, content in zip(shard.paths, shard.contents, strict=True):
        file = _file_of(name, root)
        match = _IN_TAR.fullmatch(file)
        if match and os.path.isfile(match[1]):  # noqa: PTH113 - text, not a Path
            place = names.take(name[-_LONGEST:])
            members = packed.setdefault(match[1], {})
            members.setdefault(match[2], []).append((content or "", place))
            files.append(copies / place)
        else:
            files.append(Path(file))

    def fill(folder: Path) -> None:
        for tar, members in packed.items():
            _copy(tar, members, folder, cancel)

    if packed:
        write_folder_atomically(copies, fill, check=cancel.raise_if_cancelled)
    return files


def key_now(file: Path, content: str | None, stamp: str, cancel: CancelToken) -> str | None:
    """Return the key of a file's content: `content` unless its stamp is another one now.

    Only then it is read. One that is not there keeps its key.
    """
    with suppress(OSError, ValueError):
        if stamp_of(file.stat()) != stamp:
            return content_key(file, cancel)
    return content


def _file_of(name: str, root: str) -> str:
    """Return the absolute path of an image that a shard names."""
    file = name if is_url(name) else os.path.join(root, name)  # noqa: PTH118 - text, not a Path
    if is_url(file):
        raise UsageError("url-given", where=host_of(file))
    if is_elsewhere(name) or is_elsewhere(file) or "\0" in file or not os.path.isabs(file):  # noqa: PTH117
        raise UsageError("image-leads-elsewhere", where=name)
    # Bytes that are no UTF-8 are spelt out in shards.
    odd = _ODD_BYTE.sub(lambda found: chr(int(f"dc{found[1]}", 16)), file)
    return odd if odd != file and not os.path.lexists(file) else file


def _copy(tar: str, wanted: Mapping[str, _Copies], folder: Path, cancel: CancelToken) -> None:
    """Copy images out of a tar file, as far as it can be read and has the content of the run."""
    members = list[TarMember]()
    with suppress(OSError), open_regular(tar) as stream:
        for found in tar_members(stream):
            cancel.raise_if_cancelled()
            if isinstance(found, TarMember) and in_shards(found.name) in wanted:
                members.append(found)
    for member in members:
        cancel.raise_if_cancelled()
        data = b""
        with suppress(OSError, ImageError), open_regular(tar) as stream:
            data = piece_of(stream, member.offset, member.size)
        for content, place in wanted[in_shards(member.name)]:
            if content in ("", key_of(data)):
                (folder / place).write_bytes(data)
