"""Undoes what an export did to files: moved pictures return, sidecars are as they were before."""

import base64
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Final

from nameplate.domain.errors import ImageError, OutputError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.outputs.originals import (
    delete_original,
    is_same_content,
    status_of,
    sync,
    take,
)
from nameplate.formats.outputs.safe_names import NAMES_FILE, PICTURES_FILE
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.storage.atomic import write_bytes
from nameplate.storage.folders import undo_folder
from nameplate.system.elsewhere import is_elsewhere
from nameplate.system.failures import printable, reason_of
from nameplate.system.file_status import key_of
from nameplate.system.opening import open_regular

SIDECAR_ENDING: Final = ".xmp"
_MOST_SIDECAR: Final = 16_000_000
_LONGEST_LINE: Final = 2 * _MOST_SIDECAR
_ELSEWHERE: Final = Message("is-on-another-machine")


@dataclass(frozen=True, slots=True)
class Undone:
    """The result of undoing an export.

    Attributes:
        moved: Where each picture was after the move, and the old path where it is again; also of
            those that had been put back before.
        problems: Files that could not be put back, and why.
        sidecars: How many sidecars are as they were before; None for a log of moves.
    """

    moved: tuple[tuple[str, str], ...]
    problems: tuple[tuple[str, Message], ...]
    sidecars: int | None = None


@dataclass(frozen=True, slots=True)
class _Sidecar:
    """A sidecar that was written.

    Attributes:
        place: Its path.
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


def undo_moves(log: Path, cancel: CancelToken | None = None) -> Undone:
    """Move every picture in a log back, or undo its sidecars; nothing else is overwritten.

    Of the folder nothing is left if all came back and nothing else lies in it. Where something is
    in the way it can be tried again: what is back already is passed over. A sidecar that was
    changed since stays.

    Args:
        log: The `nameplate-moves.jsonl` in the folder that the pictures were moved to, or the log
            of an export of sidecars.
        cancel: Looked at between two files; the others stay as they are.

    Raises:
        UsageError: It cannot be read, or is no such log; nothing was moved.
    """
    folder, moved, problems = log.absolute().parent, list[tuple[str, str]](), _Problems()
    real, restored = os.path.realpath(folder), list[_Sidecar]()
    entries = list(_read(log))
    for entry in entries:
        place = entry.place if isinstance(entry, _Sidecar) else entry[0]
        if cancel is not None and cancel.is_cancelled:
            problems.append((printable(place), Message("move-not-undone-yet")))
        elif isinstance(entry, _Sidecar):
            if problem := _restore(entry):
                problems.append((printable(place), problem))
            else:
                restored.append(entry)
        else:
            new = str(folder.joinpath(*PurePosixPath(entry[1]).parts))
            if problem := _put_back(new, place, real):
                problems.append((printable(new), problem))
            else:
                moved.append((new, place))
    if not problems:
        _clear(folder, log, [new for new, _ in moved])
        _clear_sidecars(restored, log)
    has_sidecars = any(isinstance(entry, _Sidecar) for entry in entries)
    return Undone(tuple(moved), tuple(problems), len(restored) if has_sidecars else None)


def pictures_of(log: Path) -> set[str]:
    """Return the pictures of the sidecars in a log.

    Raises:
        UsageError: It cannot be read, or is no such log.
    """
    return {entry.picture for entry in _read(log) if isinstance(entry, _Sidecar)}


_Problems = list[tuple[str, Message]]
_Entry = tuple[str, str] | _Sidecar


def _read(log: Path) -> Iterator[_Entry]:
    """Yield sidecars, or for each picture its old path and new name inside the folder."""
    is_ours = log.absolute().parent == undo_folder()
    try:
        with open_regular(log) as stream:
            for number, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), b""), 1):
                if not line.endswith(b"\n") and number > 1:
                    return  # whoever wrote it was killed, before the file itself was touched
                yield _line(line, log, number, has_sidecars=is_ours)
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else Message("no-path")
        raise UsageError("unreadable-text", where=log, reason=reason) from error


def _line(line: bytes, log: Path, number: int, *, has_sidecars: bool) -> _Entry:
    """Return the entry of a line; sidecars are believed in logs of this program's folder alone."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        values = None
    match values:
        case {"from": str(old), "to": str(new)} if _is_plausible(old, new):
            return old, new
        case {
            "sidecar": str(place),
            "picture": str(picture),
            "wrote": str(wrote),
            "before": str() | None as before,
            "made": [*made],
        } if has_sidecars and Path(place).suffix == SIDECAR_ENDING:
            with suppress(ValueError):
                content = None if before is None else base64.b64decode(before, validate=True)
                return _Sidecar(place, picture, wrote, content, tuple(map(str, made)))
        case _:
            pass
    raise UsageError("no-log-of-moves", where=log, line=number)


def _is_plausible(old: str, new: str) -> bool:
    """Return whether a log entry leads from the folder to the absolute path of a picture.

    A log may come from a stranger, and must lead nothing else to anywhere.
    """
    name = PurePosixPath(new)
    return (
        Path(old).is_absolute()
        and "\0" not in old + new
        and ".." not in Path(old).parts
        and not names_a_stream(Path(old))
        and not set(new) & set("\\:")
        and bool(name.parts)
        and ".." not in name.parts
        and not name.is_absolute()
        and Path(old).suffix.lower() in IMAGE_EXTENSIONS
        and name.suffix.lower() == Path(old).suffix.lower()
    )


def names_a_stream(path: PurePath) -> bool:
    """Return whether a path of Windows names a hidden stream of a file (`a.txt:b.jpg`)."""
    return isinstance(path, PureWindowsPath) and any(":" in part for part in path.parts[1:])


def _put_back(new: str, old: str, folder: str) -> Message | None:
    """Move one picture back; return the problem, if any."""
    # A log contacts no machine other than that on which it lies.
    host, own = (PureWindowsPath(path).drive.casefold() for path in (old, folder))
    if is_elsewhere(old) and host != own:
        return Message("cannot-put-back", {"path": printable(old), "reason": _ELSEWHERE})
    is_there = os.path.lexists(old)
    if not os.path.lexists(new):
        return None if is_there else Message("has-vanished")
    # A link that a stranger put there may lead to pictures of somebody else.
    is_inside = Path(os.path.realpath(new)).is_relative_to(folder)
    if os.path.islink(new) or not is_inside:  # noqa: PTH114
        return Message("is-no-file-of-the-move")
    try:
        if is_there:
            with open_regular(new, follow_links=False) as stream:
                status = status_of(stream)
            if not is_same_content(new, old):
                return Message("something-else-there", {"path": printable(old)})
        else:
            os.makedirs(os.path.dirname(old), exist_ok=True)  # noqa: PTH103, PTH120
            status, _ = take(new, Path(old), links=True, is_picture=False)
            sync(Path(old))
        problem = delete_original(new, old, status)
        return problem and Message("not-moved", {"reason": problem})
    except ImageError as error:
        reason = error.reason
    except OSError as error:
        reason = reason_of(error)
    return Message("cannot-put-back", {"path": printable(old), "reason": reason})


def _restore(sidecar: _Sidecar) -> Message | None:
    """Put back what was there before a sidecar was written; return the problem, if any."""
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


def _clear_sidecars(restored: list[_Sidecar], log: Path) -> None:
    """Delete folders that the export made and that are empty now, and the log."""
    if restored:
        _delete_empty({Path(text) for sidecar in restored for text in sidecar.made})
        with suppress(OSError):
            log.unlink()


def _clear(folder: Path, log: Path, moved: list[str]) -> None:
    """Delete folders that are empty now, and finally the log and its companions."""
    emptied = {parent for text in moved for parent in Path(text).parents}
    _delete_empty(one for one in emptied if one != folder and one.is_relative_to(folder))
    own = {log.name, NAMES_FILE, PICTURES_FILE}
    with suppress(OSError):
        if own.issuperset(os.listdir(folder)):  # noqa: PTH208 - names are all that is needed
            for name in own:
                (folder / name).unlink(missing_ok=True)
            folder.rmdir()


def _delete_empty(folders: Iterable[Path]) -> None:
    for one in sorted(folders, key=lambda one: len(one.parts), reverse=True):
        with suppress(OSError):
            one.rmdir()
