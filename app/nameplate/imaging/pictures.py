"""Reads image files safely: what may take long or crash is decoded in a child process."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from PIL import Image

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.imaging.cost import is_plain
from nameplate.imaging.decode import DecodedImage
from nameplate.imaging.thumbnails import Thumbnail, make_thumbnail, of_picture, scaled
from nameplate.system.child import ChildError, Limits, Why, call_in_child
from nameplate.system.child_messages import Message, Room
from nameplate.system.failures import printable
from nameplate.system.memory import MOST_BYTES, room_for

THUMBNAIL: Final = "thumbnail"
PICTURE: Final = "picture"
"""The tasks of a child."""

SECONDS: Final = 18.0
"""The longest that reading one picture may take; 300 million pixels take 5 to 10."""

_LIMITS: Final = Limits(SECONDS, MOST_BYTES + 200_000_000)
"""Bytes: for the picture, and 200 MB for the process itself."""

_WHY: Final[Mapping[Why, tuple[str, str]]] = {
    "time": (f"takes longer than {SECONDS:.0f} s to open", "Make a smaller copy of it."),
    "memory": ("needs more memory than is free", "Make a smaller copy of it."),
    "start": ("cannot be opened: no process could be started for it", "Close other programs."),
    "crash": ("made its decoder crash", "Save it again with another program, or leave it out."),
}


def thumbnail(path: Path, side: int, cancel: CancelToken | None = None) -> Thumbnail:
    """Read an image file as a picture for the grid that fits into `side` x `side`; never enlarged.

    It may come from the thumbnail inside the file; `picture` never does.

    Args:
        path: The file; it is never changed.
        side: Pixels.
        cancel: Ends what is done in another process.

    Raises:
        ImageError: It cannot be read.
        CancelledError: `cancel` was set.
    """
    if is_plain(path):
        return of_picture(scaled(path, side, partial(room_for, cancel=cancel)))
    reply = read_in_child(THUMBNAIL, path, {"side": side}, cancel)
    with checked_answer(path):
        width, height = map(int, reply.values["size"])
        return Thumbnail(_image_of(reply), width, height)


def picture(path: Path, side: int, cancel: CancelToken | None = None) -> DecodedImage:
    """As `thumbnail`, but always from the picture itself, with notes on the file."""
    if is_plain(path):
        return scaled(path, side, partial(room_for, cancel=cancel))
    reply = read_in_child(PICTURE, path, {"side": side}, cancel)
    with checked_answer(path):
        width, height = map(int, reply.values["size"])
        return DecodedImage(_image_of(reply), width, height, notes_of(reply))


def thumbnail_task(arguments: Mapping[str, Any], room: Room) -> Message:
    """Run the child's task `thumbnail`."""
    made = make_thumbnail(path_of(arguments), arguments["side"], room)
    return _message(made, ())


def picture_task(arguments: Mapping[str, Any], room: Room) -> Message:
    """Run the child's task `picture`."""
    decoded = scaled(path_of(arguments), arguments["side"], room)
    return _message(decoded, decoded.notes)


def _message(made: Thumbnail | DecodedImage, notes: tuple[str, ...]) -> Message:
    values = {"shown": made.image.size, "size": (made.width, made.height), "notes": notes}
    return Message(values, made.image.tobytes())


def _image_of(reply: Message) -> Image.Image:
    width, height = reply.values["shown"]
    return Image.frombytes("RGB", (width, height), reply.blob)


def read_in_child(
    task: str, path: Path, arguments: Mapping[str, Any], cancel: CancelToken | None
) -> Message:
    """Let a child run a task on the file `path`, which the task gets with `path_of`.

    Raises:
        ImageError: It cannot be read.
        CancelledError: `cancel` was set.
    """
    try:
        return call_in_child(
            task,
            {"path": os.fspath(path.absolute()), **arguments},
            _LIMITS,
            raises=ImageError,
            cancel=cancel,
            room=partial(room_for, cancel=cancel),
        )
    except ChildError as error:
        raise _image_error(error.why, path) from error


@contextmanager
def checked_answer(path: Path) -> Generator[None]:
    """Report a malformed answer of the child as an error of the picture.

    Raises:
        ImageError: The answer is malformed.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise _image_error("crash", path) from error


def _image_error(why: Why, path: Path) -> ImageError:
    what, remedy = _WHY[why]
    return ImageError(what, where=printable(str(path)), remedy=remedy)


def path_of(arguments: Mapping[str, Any]) -> Path:
    """Return the file that a child is to read."""
    return Path(arguments["path"])


def notes_of(reply: Message) -> tuple[str, ...]:
    """Return the notes on the file that a child read, with what its decoder printed."""
    notes = tuple(map(str, reply.values["notes"]))
    complaint = reply.values.get("complaint")
    return notes if notes or not complaint else (f"its decoder complains: {complaint}",)
