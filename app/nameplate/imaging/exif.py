"""When a picture was taken, as its camera wrote it (EXIF 2.32, 4.6.5: DateTimeOriginal, SubSec).

The file's own time says nothing of that: files that are copied together get equal ones.
"""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from PIL import Image

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.imaging.cost import is_plain
from nameplate.imaging.decode import BROKEN
from nameplate.imaging.pictures import checked_answer, read_in_child
from nameplate.imaging.sniff import HEAD_BYTES, picture_kind
from nameplate.system.child_frames import Frame, Room
from nameplate.system.opening import open_regular

UNKNOWN: Final = -1

_FORMATS: Final = ("JPEG", "TIFF", "HEIF", "AVIF")
"""Those that cameras write."""
_KINDS: Final = frozenset(("JPEG", "TIFF", "HEIC", "AVIF"))
_EXIF: Final = 0x8769
_ORIGINAL: Final = 0x9003
_FRACTION: Final = 0x9291
_TIME: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)[\0 ]*", re.ASCII)
_DIGITS: Final = re.compile(r"(\d{1,9})[\0 ]*", re.ASCII)
_EPOCH: Final = dt.datetime(1970, 1, 1)


def taken_at(path: Path, cancel: CancelToken | None = None) -> int:
    """Return when a picture was taken, in milliseconds since 1970 by the clock of its camera.

    Only the header is read. Files whose header may take long are read in a child process.

    Args:
        path: The file; it is never changed.
        cancel: Ends what is done in another process.

    Returns:
        -1 where the file does not say, or cannot be read. Where it says no fraction of a second,
        the time is that of the whole second.
    """
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            return UNKNOWN
        with open_regular(path) as stream:
            if picture_kind(stream.read(HEAD_BYTES)) not in _KINDS:
                return UNKNOWN
        if is_plain(path):
            return _taken_at(path)
        reply = read_in_child(taken_task, path, {}, cancel)
        with checked_answer(path):
            return int(reply.values["at"])
    except (ImageError, OSError, ValueError):
        return UNKNOWN


def taken_task(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Run the child's task of `taken_at`."""
    return Frame({"at": _taken_at(Path(arguments["path"]))})


def _taken_at(path: Path) -> int:
    try:
        with open_regular(path) as stream, Image.open(stream, formats=_FORMATS) as image:
            part = image.getexif().get_ifd(_EXIF)
            return read_time(part.get(_ORIGINAL), part.get(_FRACTION))
    except (*BROKEN, MemoryError, Warning, Image.DecompressionBombError):
        return UNKNOWN


def read_time(original: object, fraction: object = None) -> int:
    """Return what the two values of EXIF say, as `taken_at` does.

    Args:
        original: `YYYY:MM:DD HH:MM:SS`; anything else, such as a clock that was never set, is
            unknown.
        fraction: The digits of a fraction of a second; anything else is none.
    """
    match = _TIME.fullmatch(original) if isinstance(original, str) else None
    if match is None:
        return UNKNOWN
    digits = _DIGITS.fullmatch(fraction) if isinstance(fraction, str) else None
    try:
        year, month, day, hour, minute, second = map(int, match.groups())
        at = dt.datetime(year, month, day, hour, minute, second)
    except ValueError:
        return UNKNOWN
    thousandths = int(f"{digits[1]:0<3}"[:3]) if digits else 0
    return max(UNKNOWN, (at - _EPOCH) // dt.timedelta(milliseconds=1) + thousandths)
