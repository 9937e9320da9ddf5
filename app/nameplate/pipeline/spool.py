"""Brings images to where they can be decoded: from URLs and tar files, a few at a time."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.shards.image_list import ListedImage, file_below
from nameplate.storage.remote import MOST_BYTES, fetch
from nameplate.storage.remote_limits import MayFollow, only_those_asked
from nameplate.system.elsewhere import is_url
from nameplate.system.failures import reason_of
from nameplate.system.opening import open_regular


class Spool:
    """The files of a shard's images; a `Source`.

    What is a file already is read where it is. The bytes of others are written to a folder for as
    long as they are decoded, so that all images go the same way, with the same limits.

    Attributes:
        paths: Where each image is, or will be once it is fetched.
    """

    def __init__(
        self,
        images: Sequence[ListedImage],
        root: str,
        folder: Path,
        may_follow: MayFollow = only_those_asked,
    ) -> None:
        """Fetch nothing yet; images will come into `folder`, which is an empty one.

        `may_follow` says whether another server may be asked, where one leads to it.
        """
        self._may_follow = may_follow
        self._images = images
        self._files = [file_below(root, image.file) for image in images]
        self._is_fetched = [
            bool(image.member) or is_url(file)
            for image, file in zip(images, self._files, strict=True)
        ]
        self.paths: Sequence[Path] = [
            folder / str(number) if is_fetched else Path(file)
            for number, (file, is_fetched) in enumerate(
                zip(self._files, self._is_fetched, strict=True)
            )
        ]

    def fetch(self, index: int, cancel: CancelToken) -> None:
        """Write the bytes of an image to its path, unless it is a file already.

        Raises:
            ImageError: They cannot be had.
        """
        if not self._is_fetched[index]:
            return
        image, file = self._images[index], self._files[index]
        if image.member and image.size > MOST_BYTES:
            raise ImageError("remote-too-large", most=MOST_BYTES)
        try:
            if is_url(file):
                part = (image.offset, image.size) if image.member else None
                with self.paths[index].open("wb") as target:
                    fetch(file, part, target, cancel, self._may_follow)
            else:
                self.paths[index].write_bytes(_piece(file, image))
        except BaseException as error:
            self.discard(index)  # half a file: too large, cut short, or on a full disk
            if not isinstance(error, OSError | ValueError):  # ValueError: a NUL in the path
                raise
            why = reason_of(error) if isinstance(error, OSError) else Message("remote-not-there")
            raise ImageError(why) from error

    def discard(self, index: int) -> None:
        """Delete what was fetched of an image."""
        if self._is_fetched[index]:
            with suppress(OSError):
                self.paths[index].unlink()


def _piece(file: str, image: ListedImage) -> bytes:
    """Return the bytes of an image in a tar file on a drive."""
    with open_regular(file) as stream:
        stream.seek(image.offset)
        content = bytearray()
        while len(content) < image.size and (more := stream.read(image.size - len(content))):
            content += more
    if len(content) < image.size:
        raise ImageError(Message("tar-cut-short"))
    return bytes(content)
