"""Date and camera of a picture from its EXIF (version 2.32, 4.6.4 and 4.6.5).

The file's own time says nothing of when: files that are copied together get equal ones.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from PIL import Image

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import normalised
from nameplate.imaging.cost import is_plain
from nameplate.imaging.decode import BROKEN
from nameplate.imaging.pictures import checked_answer, read_in_child
from nameplate.imaging.sniff import HEAD_BYTES, picture_kind
from nameplate.system.child_frames import Frame, Room
from nameplate.system.opening import open_regular

UNKNOWN: Final = -1

LONGEST_CAMERA: Final = 60
"""Letters of the name of a camera; longer ones are cut."""

_FORMATS: Final = ("JPEG", "TIFF", "HEIF", "AVIF")
"""Those that cameras write."""
_KINDS: Final = frozenset(("JPEG", "TIFF", "HEIC", "AVIF"))
_MAKER, _MODEL, _EXIF = 0x010F, 0x0110, 0x8769
_ORIGINAL, _FRACTION = 0x9003, 0x9291
_TIME: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)[\0 ]*", re.ASCII)
_DIGITS: Final = re.compile(r"(\d{1,9})[\0 ]*", re.ASCII)
_FIRM: Final = re.compile(
    r"[\s,]+(imaging|optical|camera|electric|electronics|techwin|corporation|corp|company|co|inc"
    r"|ltd|gmbh|ag)\b.*",
    re.IGNORECASE,
)
"""What follows the name of a maker."""


class Exif(NamedTuple):
    """The time and the camera of a picture, from its EXIF data.

    Attributes:
        taken: Milliseconds since the year 1 by the clock of the camera, -1 where it does not say.
            Without a fraction of a second, the time is that of the whole second.
        camera: Maker and model, the maker once: `FUJIFILM X100V`; empty where it does not say.
    """

    taken: int = UNKNOWN
    camera: str = ""


_NOTHING: Final = Exif()


def read_exif(path: Path, cancel: CancelToken | None = None) -> Exif:
    """Read the EXIF data of a picture; unknown values if the file cannot be read.

    Only the header is read. Files whose header may take long are read in a child process.
    """
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            return _NOTHING
        with open_regular(path) as stream:
            if picture_kind(stream.read(HEAD_BYTES)) not in _KINDS:
                return _NOTHING
        if is_plain(path):
            return _read(path)
        reply = read_in_child(exif_task, path, {}, cancel)
        with checked_answer(path):
            values = reply.values
            return Exif(int(values["at"]), str(values["by"]))
    except (ImageError, OSError, ValueError):
        return _NOTHING


def exif_task(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Run the child's task of `read_exif`."""
    found = _read(Path(arguments["path"]))
    return Frame({"at": found.taken, "by": found.camera})


def _read(path: Path) -> Exif:
    try:
        with open_regular(path) as stream, Image.open(stream, formats=_FORMATS) as image:
            exif = image.getexif()
            part = exif.get_ifd(_EXIF)
            return Exif(
                read_time(part.get(_ORIGINAL), part.get(_FRACTION)),
                camera_name(exif.get(_MAKER), exif.get(_MODEL)),
            )
    except (*BROKEN, MemoryError, Warning, Image.DecompressionBombError):
        return _NOTHING


def read_time(original: object, fraction: object = None) -> int:
    """Convert two values of EXIF to `Exif.taken`.

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
    return (at - dt.datetime.min) // dt.timedelta(milliseconds=1) + thousandths


def camera_name(maker: object, model: object) -> str:
    """Return the name of a camera from the two values of EXIF; anything but text says nothing.

    >>> camera_name("NIKON CORPORATION", "NIKON D750"), camera_name("OLYMPUS CORP.", "E-M5")
    ('NIKON D750', 'OLYMPUS E-M5')
    """
    maker, model = _clean(maker), _clean(model)
    says_it = {word.casefold() for word in maker.split()} & {*model.casefold().split()[:2]}
    name = model if says_it else f"{_FIRM.sub('', maker) if model else maker} {model}".strip()
    return name if len(name) <= LONGEST_CAMERA else f"{name[: LONGEST_CAMERA - 1]}…"


def _clean(value: object) -> str:
    """Return a text on one line, without marks that change its direction."""
    text = value[:1000] if isinstance(value, str) else ""
    return normalised("".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs", "Co")))
