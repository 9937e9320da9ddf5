"""Keeps preferences in `settings.toml`: only those that are not the default, and comments stay."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, cast

import platformdirs

from nameplate.domain.messages import Message
from nameplate.domain.preferences import USUAL, Keys, Preferences, preferences_of
from nameplate.domain.text import toml_values
from nameplate.storage.atomic import output_error, write_bytes
from nameplate.storage.folders import make_private_folder, own_folder
from nameplate.storage.lock import locked
from nameplate.system.failures import reason_of
from nameplate.system.opening import open_regular

LARGEST: Final = 200_000
"""Bytes of the file; all keys changed are a tenth of it."""

_WAIT: Final = 1.0
"""Seconds that a change waits for one of another window."""

_Stamp = tuple[str, int, int, int]
_known: tuple[_Stamp, Preferences] | None = None


class _DamagedError(ValueError):
    """The file is no TOML."""


def preferences_path() -> Path:
    """Return the file, in the platform's config folder."""
    return own_folder(platformdirs.user_config_path) / "settings.toml"


def preferences() -> Preferences:
    """Return the preferences as the file has them now; the default of what cannot be used.

    Asked for often, and by any thread or process: without a change it costs a `stat`.
    """
    global _known  # noqa: PLW0603 - of this process
    path = preferences_path()
    try:
        status = path.stat()
        stamp = (str(path), status.st_mtime_ns, status.st_size, status.st_ino)
        if _known is None or _known[0] != stamp:
            _known = stamp, preferences_of(_read(path)[1])[0]
        return _known[1]
    except (OSError, ValueError):
        return USUAL


def take_problems() -> tuple[Message, ...]:
    """Return what of the file cannot be used; one that is damaged is kept beside, and said once."""
    path = preferences_path()
    try:
        problems = preferences_of(_read(path)[1])[1]
    except FileNotFoundError:
        return ()
    except _DamagedError:
        return (_set_aside(path),)
    except OSError as error:
        reason = reason_of(error)
        return (Message("settings-unreadable", {"file": str(path), "reason": reason}),)
    return tuple(Message("in-settings", {"file": str(path), "reason": one}) for one in problems)


def keep_preference(name: str, value: Any) -> Message | None:
    """Change a preference in the file; what else is in it stays as it is.

    Returns:
        What happened to a file that was damaged meanwhile.

    Raises:
        OutputError: It cannot be written; the file is as it was.
    """
    import tomlkit  # noqa: PLC0415 - 40 ms, and few starts change anything

    path, problem = preferences_path(), None
    try:
        make_private_folder(path.parent)
        with locked(path.with_name(".settings.lock"), seconds=_WAIT):
            try:
                document = tomlkit.parse(_read(path)[0])
            except FileNotFoundError:
                document = tomlkit.document()
            except _DamagedError:
                document, problem = tomlkit.document(), _set_aside(path)
            _put(document, name, value)
            write_bytes(path, tomlkit.dumps(document).encode(), is_private=True)
    except OSError as error:
        raise output_error(path, error) from error
    return problem


def _put(document: Any, name: str, value: Any) -> None:
    """Set a value in a document, or take it out where it is the default."""
    if value == USUAL[name]:
        document.pop(name, None)
    elif not isinstance(value, Mapping):
        document[name] = value
    else:
        if not isinstance(document.get(name), dict):
            document[name] = {}
        table = document[name]
        for action in [action for action in table if action not in value]:
            del table[action]
        for action, keys in cast("Keys", value).items():
            if table.get(action) != list(keys):
                table[action] = list(keys)


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the text of the file, and the values in it.

    Raises:
        OSError: It cannot be read; FileNotFoundError where there is none.
        _DamagedError: It is no TOML.
    """
    try:
        with open_regular(path) as stream:
            data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise _DamagedError("too large")
        text = data.decode("utf-8-sig")
        return text, toml_values(text)
    except ValueError as error:
        raise _DamagedError(str(error)) from error


def _set_aside(path: Path) -> Message:
    """Keep a damaged file beside, where that can be, and say what happened to it."""
    beside, number = path.with_name(f"{path.name}.damaged"), 1
    while beside.exists():  # an earlier one may be all that is left of somebody's keys
        number += 1
        beside = path.with_name(f"{path.name}.damaged-{number}")
    with suppress(OSError):
        path.replace(beside)
    where = beside if beside.exists() and not path.exists() else path
    return Message("settings-damaged", {"file": str(where)})
