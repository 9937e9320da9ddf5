"""The pictures in a tar file, by where their bytes lie in it; nothing is unpacked."""

import posixpath
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, Final, cast

from nameplate.domain.messages import Message
from nameplate.imaging.scan import is_image_name

MOST_MEMBERS: Final = 10_000_000
MOST_BYTES: Final = 1 << 62
"""Of a tar file; its headers can name any number, below zero too."""

_MOST_HEADER: Final = 1 << 20
"""Bytes; a long name or an extended header says its size itself, and would be read whole."""


@dataclass(frozen=True, slots=True)
class TarMember:
    """A picture in a tar file."""

    name: str
    offset: int
    size: int


def tar_members(stream: BinaryIO) -> Iterator[TarMember | Message]:
    """Yield the pictures in an uncompressed tar file, then its problem, if any.

    Links, folders, devices, hidden files and those that are no pictures are left out. Names are as
    the tar file has them: nothing may be written to, or read from, what they lead to.
    """
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", _Bounded(stream)), mode="r:") as archive:
            count = 0
            while (member := archive.next()) is not None:
                vars(archive)["members"] = []  # or it keeps them all
                count += 1
                if count > MOST_MEMBERS:
                    yield Message("tar-too-long", {"most": MOST_MEMBERS})
                    return
                if member.size < 0 or member.offset_data + member.size > MOST_BYTES:
                    raise tarfile.ReadError("impossible size")
                is_plain = member.isreg() and not member.issparse()
                if is_plain and is_image_name(posixpath.basename(member.name)):
                    yield TarMember(member.name, member.offset_data, member.size)
            stream.seek(archive.offset)  # tarfile takes a damaged header for the end
            if any(stream.read(tarfile.BLOCKSIZE)):
                raise tarfile.ReadError("damaged header")
    except (
        tarfile.TarError,
        OSError,
        EOFError,
        ValueError,
        OverflowError,
        RecursionError,
    ) as error:
        yield Message("tar-damaged", {"why": str(error)[:200]})


class _Bounded:
    """A stream of which little is read at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _MOST_HEADER:
            raise tarfile.ReadError("impossible header")
        return self._stream.read(size)
