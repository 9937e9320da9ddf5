"""Reads image files safely: files that may take long or crash go to a child process."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from PIL import Image

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message, as_json, of_json
from nameplate.domain.progress import CancelToken
from nameplate.imaging.cost import is_plain
from nameplate.imaging.decode import DecodedImage
from nameplate.imaging.thumbnails import Thumbnail, make_thumbnail, of_picture, scaled
from nameplate.system.child import ChildError, Limits, Why, call_in_child
from nameplate.system.child_frames import Frame, Room, Task
from nameplate.system.failures import printable
from nameplate.system.memory import MOST_BYTES, room_for

SECONDS: Final = 18.0
"""The longest that reading one picture may take; 300 million pixels take 5 to 10."""

_LIMITS: Final = Limits(SECONDS, MOST_BYTES + 200_000_000)
"""Bytes: for the picture, and 200 MB for the process itself."""

_WHY: Final[Mapping[Why, Message]] = {
    "time": Message("picture-takes-long", {"seconds": SECONDS}),
    "memory": Message("picture-needs-memory"),
    "start": Message("no-process-for-picture"),
    "crash": Message("decoder-crashed"),
}


def thumbnail(path: Path, side: int, cancel: CancelToken | None = None) -> Thumbnail:
    """Read an image file as a picture for the grid that fits into `side` x `side`; never enlarged.

    It may come from the thumbnail inside the file; `picture` never does.

    Raises:
        ImageError: It cannot be read.
    """
    if is_plain(path):
        return of_picture(scaled(path, side, partial(room_for, cancel=cancel)))
    reply = read_in_child(thumbnail_task, path, {"side": side}, cancel)
    with checked_answer(path):
        return of_picture(_decoded(reply))


def picture(path: Path, side: int, cancel: CancelToken | None = None) -> DecodedImage:
    """As `thumbnail`, but always from the picture itself, with a note on the file."""
    if is_plain(path):
        return scaled(path, side, partial(room_for, cancel=cancel))
    reply = read_in_child(picture_task, path, {"side": side}, cancel)
    with checked_answer(path):
        return _decoded(reply)


def thumbnail_task(arguments: Mapping[str, Any], room: Room) -> Frame:
    """Run the child's task of `thumbnail`."""
    return _frame(make_thumbnail(Path(arguments["path"]), arguments["side"], room), None)


def picture_task(arguments: Mapping[str, Any], room: Room) -> Frame:
    """Run the child's task of `picture`."""
    decoded = scaled(Path(arguments["path"]), arguments["side"], room)
    return _frame(decoded, decoded.note)


def _frame(made: Thumbnail | DecodedImage, note: Message | None) -> Frame:
    values = {"shown": made.image.size, "size": (made.width, made.height)}
    return Frame({**values, **values_of_note(note)}, made.image.tobytes())


def values_of_note(note: Message | None) -> dict[str, object]:
    """Return a note as JSON values, which `note_of` reads."""
    return {"note": note and as_json(note)}


def _decoded(reply: Frame) -> DecodedImage:
    across, down = reply.values["shown"]
    image = Image.frombytes("RGB", (across, down), reply.blob)
    width, height = map(int, reply.values["size"])
    return DecodedImage(image, width, height, note_of(reply))


def read_in_child(
    task: Task, path: Path, arguments: Mapping[str, Any], cancel: CancelToken | None
) -> Frame:
    """Run a task on the file `path` in a child process; the task gets it as `path`."""
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
    """Convert errors from a malformed answer of the child to an error of the picture.

    Raises:
        ImageError: The answer is malformed.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise _image_error("crash", path) from error


def _image_error(why: Why, path: Path) -> ImageError:
    return ImageError(_WHY[why], where=printable(str(path)))


def note_of(reply: Frame) -> Message | None:
    """Return the note on a file that a child read, or the output of its decoder.

    Raises:
        ValueError: It is of another form.
    """
    if (note := reply.values["note"]) is not None:
        return of_json(note)
    complaint = reply.values.get("complaint")
    return Message("decoder-complains", {"complaint": str(complaint)}) if complaint else None
