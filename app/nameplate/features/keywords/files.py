"""Reads pictures and puts other bytes into their files: whole or not at all, and never unseen."""

import os
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from nameplate.domain.errors import ImageError, OutputError
from nameplate.storage.atomic import write_atomically
from nameplate.system.elsewhere import is_elsewhere
from nameplate.system.file_status import Status, status_in
from nameplate.system.opening import open_regular

MOST_BYTES: Final = 500_000_000


@dataclass(frozen=True, slots=True)
class Original:
    """A picture's file as it was read.

    Attributes:
        path: Where.
        content: All of it.
        status: What the system said of it, to see whether it was changed since.
        modified: When it was modified, in nanoseconds since 1970.
    """

    path: Path
    content: bytes
    status: Status
    modified: int

    @classmethod
    def read(cls, path: Path) -> "Original":
        """Read a file into which something is to be written.

        Raises:
            ImageError: It must not be written: it is a link, has other names, is protected, on
                another machine that nobody agreed to contact, or changes while it is read.
            OSError: It cannot be read.
            ValueError: It is no path.
        """
        if is_elsewhere(str(path)):
            raise ImageError("is-on-another-machine")
        if path.is_symlink():
            raise ImageError("picture-is-link")
        with open_regular(path, follow_links=False) as stream:
            found = os.fstat(stream.fileno())
            content = stream.read(MOST_BYTES + 1)
        if found.st_nlink > 1:
            raise ImageError("picture-has-names")
        if not found.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise ImageError("picture-is-protected")  # the system's administrator may, too
        if len(content) > MOST_BYTES:
            raise ImageError("picture-too-large", most=MOST_BYTES)
        status = status_in(path.stat())
        if status != status_in(found) or len(content) != status[0]:
            raise ImageError("changed-meanwhile")
        return cls(path, content, status, found.st_mtime_ns)

    def replace(self, content: bytes, modified: int) -> None:
        """Put another content in its place, unless the file was changed since it was read.

        It keeps its owner, permissions and extended attributes.

        Args:
            content: All of it.
            modified: When the file is to have been modified. Where the content is as long as
                before, the time is that of now: else nothing could see that it is another one.

        Raises:
            OutputError: It could not be written, and is as it was; or it was changed.
            ImageError: It belongs to somebody else, and would not any more.
        """

        def write(stream: BinaryIO) -> None:
            stream.write(content)
            _keep_owner(self.path, stream)
            _copy_attributes(self.path, stream)

        def check() -> None:
            now = None
            with suppress(OSError):
                now = status_in(os.lstat(self.path))
            if now != self.status:
                raise OutputError("keywords-changed-since")

        write_atomically(self.path, write, check=check, follow_links=False)
        if len(content) != len(self.content):
            with suppress(OSError, OverflowError):
                os.utime(self.path, ns=(modified, modified))


def _keep_owner(path: Path, stream: BinaryIO) -> None:
    """Give a new file the owner and the group of the one that it replaces; Windows has none."""
    before, now = path.stat(), os.fstat(stream.fileno())
    if (before.st_uid, before.st_gid) == (now.st_uid, now.st_gid) or sys.platform == "win32":
        return
    try:
        os.fchown(stream.fileno(), before.st_uid, before.st_gid)
    except OSError as error:
        raise ImageError("picture-of-another") from error


def _copy_attributes(path: Path, stream: BinaryIO) -> None:
    """Copy extended attributes, such as tags and lists of who may read.

    Windows and macOS give Python no way to them.
    """
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        for name in os.listxattr(path):
            with suppress(OSError):  # some are the system's own
                os.setxattr(stream.fileno(), name, os.getxattr(path, name))
