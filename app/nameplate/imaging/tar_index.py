"""The pictures in a tar file, by where their bytes lie in it; nothing is unpacked."""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from nameplate.domain.messages import Message
from nameplate.imaging.scan import is_image_name

MOST_MEMBERS: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class TarMember:
    """A picture in a tar file.

    Attributes:
        name: As the tar file has it.
        offset: Of its first byte.
        size: In bytes.
    """

    name: str
    offset: int
    size: int


def tar_members(stream: BinaryIO) -> Iterator[TarMember | Message]:
    """Yield the pictures in an uncompressed tar file, then what is wrong with it, if anything.

    Links, folders, devices and files that are no pictures are left out.

    Args:
        stream: Can be sought in.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            count = 0
            while (member := archive.next()) is not None:
                vars(archive)["members"] = []  # or it keeps them all
                count += 1
                if count > MOST_MEMBERS:
                    yield Message("tar-too-long", {"most": MOST_MEMBERS})
                    return
                if member.isreg() and not member.issparse() and is_image_name(member.name):
                    yield TarMember(member.name, member.offset_data, member.size)
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        yield Message("tar-damaged", {"why": str(error)[:200]})
