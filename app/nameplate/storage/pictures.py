"""Reads pictures for people and models: what may take long or crash, in a process of its own."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from PIL import Image

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.storage.child import ChildError, Limits, Why, call_in_child
from nameplate.storage.child_messages import Message, Room
from nameplate.storage.cost import is_plain
from nameplate.storage.decode import DecodedImage, decode
from nameplate.storage.failures import printable
from nameplate.storage.memory import MOST_BYTES, room_for

THUMBNAIL: Final = "thumbnail"
"""The task of a child that makes one."""

SECONDS: Final = 18.0
"""That reading one picture may take; 300 million pixels take 5 to 10."""

_LIMITS: Final = Limits(SECONDS, MOST_BYTES + 200_000_000)
"""The picture, and the program that reads it."""

_WHY: Final[Mapping[Why, tuple[str, str]]] = {
    "time": (f"takes longer than {SECONDS:.0f} s to open", "Make a smaller copy of it."),
    "memory": ("needs more memory than is free", "Make a smaller copy of it."),
    "crash": ("made its decoder crash", "Save it again with another program, or leave it out."),
}


def thumbnail(path: Path, side: int, cancel: CancelToken | None = None) -> DecodedImage:
    """Read an image file as a picture that fits into `side` x `side`; never enlarged.

    Args:
        path: The file; it is never changed.
        side: Pixels.
        cancel: Ends what is done in another process.

    Raises:
        ImageError: It cannot be read.
        CancelledError: `cancel` was set.
    """
    if is_plain(path):
        return decoded_thumbnail(path, side, room_for)
    reply = read_in_child(THUMBNAIL, path, {"side": side}, cancel)
    size = tuple[int, int](reply.values["shown"])
    image = Image.frombytes("RGB", size, reply.blob)
    width, height = reply.values["size"]
    return DecodedImage(image, width, height, notes_of(reply))


def decoded_thumbnail(path: Path, side: int, room: Room) -> DecodedImage:
    """As `thumbnail`, in this process."""
    decoded = decode(path, draft_side=(side + 1) // 2, room=room)
    decoded.image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return decoded


def thumbnail_task(arguments: Mapping[str, Any], room: Room) -> Message:
    """Do in a child what `thumbnail` asks for."""
    decoded = decoded_thumbnail(path_of(arguments), arguments["side"], room)
    values = {
        "shown": decoded.image.size,
        "size": (decoded.width, decoded.height),
        "notes": decoded.notes,
    }
    return Message(values, decoded.image.tobytes())


def read_in_child(
    task: str, path: Path, arguments: Mapping[str, Any], cancel: CancelToken | None
) -> Message:
    """Let a child read the file `path`; its task finds that with `path_of`.

    Raises:
        ImageError: It cannot be read.
        CancelledError: `cancel` was set.
    """
    try:
        return call_in_child(
            task,
            {"path": os.fspath(path.absolute()), **arguments},
            _LIMITS,
            cancel=cancel,
            room=room_for,
        )
    except ChildError as error:
        what, remedy = _WHY[error.why]
        raise ImageError(what, where=printable(str(path)), remedy=remedy) from error


def path_of(arguments: Mapping[str, Any]) -> Path:
    """Return the file that a child is to read."""
    return Path(arguments["path"])


def notes_of(reply: Message) -> tuple[str, ...]:
    """Return what is odd about the file that a child read, with what its decoder printed."""
    notes = tuple(map(str, reply.values["notes"]))
    complaint = reply.values.get("complaint")
    return notes if notes or not complaint else (f"its decoder complains: {complaint}",)
