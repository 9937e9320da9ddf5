"""Bring images in tar files to where they can be decoded, a few at a time."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.system.failures import printable, reason_of
from nameplate.system.opening import open_regular

MOST_BYTES: Final = 512_000_000
"""Of one picture in a tar file; files of their own have the limits of decoding."""


@dataclass(frozen=True, slots=True)
class ListedImage:
    """The place of an image's bytes.

    Attributes:
        file: Absolute path of the image, or of the tar file that it lies in.
        member: Its name in the tar file; empty for an image that is a file.
        offset: Of its first byte in the tar file.
        size: In bytes, in the tar file.
        stamp: Size and time of change, in ns, of `file` when it was listed, such as `93-17646…`:
            another one tells that the image may have changed.
    """

    file: str
    member: str = ""
    offset: int = 0
    size: int = 0
    stamp: str = ""

    def name(self, root: str) -> str:
        """Return its path relative to `root`, whole outside: valid UTF-8, `/`-separated."""
        path = f"{self.file}/{self.member}" if self.member else self.file
        start = os.path.join(root, "")  # noqa: PTH118 - text, not a Path
        return in_shards(path.removeprefix(start) if root else path)

    def content(self) -> bytes:
        """Return its bytes in the tar file.

        Raises:
            ImageError: They are too many, or cannot be read.
        """
        if self.size > MOST_BYTES:
            raise ImageError("picture-in-tar-too-large", most=MOST_BYTES)
        try:
            with open_regular(self.file) as stream:
                stream.seek(self.offset)
                content = stream.read(self.size)
        except OSError as error:
            raise ImageError(reason_of(error)) from error
        if len(content) < self.size:
            raise ImageError("tar-cut-short")
        return content


def in_shards(path: str) -> str:
    """Return a path as shards have it: valid UTF-8, `/`-separated."""
    return printable(path.replace(os.sep, "/"))


def stamp_of(status: os.stat_result) -> str:
    """Return the stamp of a file's status for `ListedImage`."""
    return f"{status.st_size}-{status.st_mtime_ns}"


class Spool:
    """The files of a shard's images.

    A file of its own is read where it is. The bytes of others are written to a folder for as long
    as they are decoded, so that all images go the same way, with the same limits.

    Attributes:
        paths: Where each image is, or will be once it is fetched.
    """

    def __init__(self, images: Sequence[ListedImage], folder: Path) -> None:
        """Copy nothing yet; images will come into `folder`, which is an empty one."""
        self._images = images
        self.paths: Sequence[Path] = [
            folder / str(number) if image.member else Path(image.file)
            for number, image in enumerate(images)
        ]

    def fetch(self, index: int, cancel: CancelToken) -> None:
        """Write the bytes of an image to its path, unless it is a file already.

        Raises:
            ImageError: They cannot be had.
        """
        cancel.raise_if_cancelled()
        image = self._images[index]
        if not image.member:
            return
        content = image.content()
        try:
            self.paths[index].write_bytes(content)
        except OSError as error:
            self.discard(index)  # half a file, as on a full disk
            raise ImageError(reason_of(error)) from error

    def discard(self, index: int) -> None:
        """Delete the fetched copy of an image."""
        if self._images[index].member:
            with suppress(OSError):
                self.paths[index].unlink()
