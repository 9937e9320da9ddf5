"""Words for a picture's camera and time."""

import datetime as dt
from typing import TYPE_CHECKING

from nameplate.wording.numbers import moment
from nameplate.wording.texts import tr

if TYPE_CHECKING:
    from nameplate.imaging.exif import Exif


def _time(taken: int) -> dt.datetime:
    return dt.datetime.min + dt.timedelta(milliseconds=taken)


def iso_time(taken: int) -> str:
    """Return a time by the camera's clock, of which the zone is not known; empty for none.

    >>> iso_time(63853797791000), iso_time(63853797791250), iso_time(-1)
    ('2024-06-12T14:03:11', '2024-06-12T14:03:11.250', '')
    """
    if taken < 0:
        return ""
    return _time(taken).isoformat(timespec="milliseconds" if taken % 1000 else "seconds")


def exif_text(exif: "Exif") -> str:
    """Describe the time and the camera of a picture; empty where both are unknown.

    >>> exif_text(Exif(63853797791000, "FUJIFILM X100V"))
    'Taken 12 June 2024 at 14:03 · FUJIFILM X100V'
    """
    when = "" if exif.taken < 0 else tr("Taken {when}", when=moment(_time(exif.taken)))
    return " · ".join(filter(None, (when, exif.camera)))
