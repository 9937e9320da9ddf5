"""Undo of an export of sidecars, by its log."""

import base64
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.outputs.sidecar_output import SIDECAR_ENDING
from nameplate.storage.atomic import write_bytes
from nameplate.storage.folders import undo_folder
from nameplate.system.failures import printable, reason_of
from nameplate.system.file_status import key_of
from nameplate.system.opening import open_regular

_MOST_SIDECAR: Final = 16_000_000
_LONGEST_LINE: Final = 2 * _MOST_SIDECAR


@dataclass(frozen=True, slots=True)
class Undone:
    """The result of undoing an export."""

    sidecars: int
    problems: tuple[tuple[str, Message], ...]


@dataclass(frozen=True, slots=True)
class _Sidecar:
    """A sidecar that was written.

    Attributes:
        picture: The path of the picture that it describes.
        wrote: The `content_key` of what was written.
        before: What was there before; None for no file.
        made: The folders that were made for it, the innermost first.
    """

    place: str
    picture: str
    wrote: str
    before: bytes | None
    made: tuple[str, ...]


def undo_sidecars(log: Path, cancel: CancelToken | None = None) -> Undone:
    """Restore the previous content of each sidecar in a log, unless it was changed since.

    A sidecar that was changed since stays. The log is deleted once all are restored.

    Raises:
        UsageError: It cannot be read, or is no such log; nothing was changed.
    """
    problems, restored = list[tuple[str, Message]](), list[_Sidecar]()
    for sidecar in list(_read(log)):
        if cancel is not None and cancel.is_cancelled:
            problem = Message("not-undone-yet")
        else:
            problem = _restore(sidecar)
        if problem is None:
            restored.append(sidecar)
        else:
            problems.append((printable(sidecar.place), problem))
    if restored and not problems:
        _delete_empty({Path(text) for sidecar in restored for text in sidecar.made})
        with suppress(OSError):
            log.unlink()
    return Undone(len(restored), tuple(problems))


def pictures_of(log: Path) -> set[str]:
    """Return the pictures of the sidecars in a log.

    Raises:
        UsageError: It cannot be read, or is no such log.
    """
    return {sidecar.picture for sidecar in _read(log)}


def _read(log: Path) -> Iterator[_Sidecar]:
    """Yield the sidecars in a log; none is believed outside this program's data folder."""
    is_ours = log.absolute().parent == undo_folder()
    try:
        with open_regular(log) as stream:
            for number, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), b""), 1):
                if not line.endswith(b"\n") and number > 1:
                    return  # whoever wrote it was killed, before the file itself was touched
                yield _line(line, log, number, is_ours=is_ours)
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else Message("no-path")
        raise UsageError("unreadable-text", where=log, reason=reason) from error


def _line(line: bytes, log: Path, number: int, *, is_ours: bool) -> _Sidecar:
    """Return the sidecar of a line; of the pictures that 1.0.0 moved say how they get back."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        values = None
    match values:
        case {"from": str(), "to": str()}:
            raise UsageError("log-of-moves", where=log)
        case {
            "sidecar": str(place),
            "picture": str(picture),
            "wrote": str(wrote),
            "before": str() | None as before,
            "made": [*made],
        } if is_ours and Path(place).suffix == SIDECAR_ENDING:
            with suppress(ValueError):
                content = None if before is None else base64.b64decode(before, validate=True)
                return _Sidecar(place, picture, wrote, content, tuple(map(str, made)))
        case _:
            pass
    raise UsageError("no-log-of-sidecars", where=log, line=number)


def _restore(sidecar: _Sidecar) -> Message | None:
    """Restore the previous content of a sidecar; return the problem, if any."""
    place = Path(sidecar.place)
    try:
        if not os.path.lexists(place):
            return None if sidecar.before is None else Message("has-vanished")
        with open_regular(place, follow_links=False) as stream:
            now = stream.read(_MOST_SIDECAR)
        if key_of(now) != sidecar.wrote:
            # As it was before: it was not written yet, or undone already.
            return None if now == sidecar.before else _not_restored(Message("changed-meanwhile"))
        if sidecar.before is None:
            place.unlink()
        else:
            write_bytes(place, sidecar.before)
    except OSError as error:
        return _not_restored(reason_of(error))
    except OutputError as error:
        return _not_restored(error.reason)
    return None


def _not_restored(reason: Message) -> Message:
    return Message("sidecar-not-restored", {"reason": reason})


def _delete_empty(folders: Iterable[Path]) -> None:
    for one in sorted(folders, key=lambda one: len(one.parts), reverse=True):
        with suppress(OSError):
            one.rmdir()
