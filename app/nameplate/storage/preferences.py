"""Preferences for all projects, declared once for window and command line.

`settings.toml` has those that are not the default; comments in it are kept.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Final, cast, get_args, get_type_hints

import platformdirs

from nameplate.domain.messages import Message
from nameplate.domain.text import deferred, toml_values
from nameplate.storage.atomic import output_error, write_bytes
from nameplate.storage.folders import make_private_folder, own_folder
from nameplate.storage.lock import locked
from nameplate.system.failures import reason_of
from nameplate.system.opening import open_regular

Keys = Mapping[str, tuple[str, ...]]
"""The keys of actions whose keys were changed, by action, in Qt's spelling."""

_LANGUAGE: Final = re.compile(r"([a-z]{2,3}([_-]\w{2,8})*)?", re.ASCII)
_LONGEST_VALUE: Final = 40


@dataclass(frozen=True, slots=True)
class Preference:
    """The texts of a preference, and its possible values.

    Its type is that of its default: `bool`, `int` or `str`.

    Attributes:
        text: The label of its control.
        tip: An explanation of at most 12 words.
        group: The heading above it.
        values: The text of each value of a `str`; if empty, the value is the code of a language.
        least, most: The range of an `int`; 0 is possible as well if it has a text.
        step: The amount by which a click changes an `int`.
        unit: The unit of an `int`, shown in its control.
        zero: The text of 0.
        variable: The environment variable that overrides it.
    """

    text: str
    tip: str
    group: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    least: int = 0
    most: int = 0
    step: int = 1
    unit: str = ""
    zero: str = ""
    variable: str = ""

    def takes(self, value: object, usual: object) -> bool:
        """Return whether a value is possible where `usual` is the default."""
        match value:
            case bool():
                return isinstance(usual, bool)
            case int():
                is_number = isinstance(usual, int) and not isinstance(usual, bool)
                is_zero = value == 0 and bool(self.zero)
                return is_number and (is_zero or self.least <= value <= self.most)
            case str() if isinstance(usual, str):
                return value in self.values if self.values else bool(_LANGUAGE.fullmatch(value))
            case _:
                return False


_LOOK: Final = deferred("Appearance")
LABELLING: Final = deferred("Labelling")
_COMPUTER: Final = deferred("This computer")


@dataclass(frozen=True, slots=True)
class Preferences:
    """The values of all preferences.

    Attributes:
        keys: See `Keys`; a page of its own shows them.
    """

    language: Annotated[
        str,
        Preference(
            "Language", "Of menus, buttons and messages", _LOOK, variable="NAMEPLATE_LANGUAGE"
        ),
    ] = ""
    theme: Annotated[
        str,
        Preference(
            "Theme",
            "Colours of the window",
            _LOOK,
            values={
                "system": "Same as the system",
                "light": "Light",
                "dark": "Dark",
                "contrast": "High contrast",
            },
        ),
    ] = "system"
    advance: Annotated[
        bool,
        Preference("Go on after each label", "A label leads to the next picture", LABELLING),
    ] = True
    device: Annotated[
        str,
        Preference(
            "Run the model on",
            "",
            _COMPUTER,
            values={
                "auto": "Fastest available",
                "cpu": "CPU",
                "cuda": "NVIDIA GPU (CUDA)",
                "directml": "GPU (DirectML)",
                "coreml": "Apple Neural Engine",
            },
        ),
    ] = "auto"
    processors: Annotated[
        int,
        Preference(
            "Processor cores to use",
            "Fewer leave more for other programs",
            _COMPUTER,
            least=1,
            most=1024,
            zero="All",
        ),
    ] = 0
    vectors_mb: Annotated[
        int,
        Preference(
            "Disk space for pictures already read",
            "Pictures read once aren't read again. Older ones go first",
            _COMPUTER,
            least=100,
            most=1_000_000,
            step=500,
            unit="MB",
        ),
    ] = 2000
    thumbnails_mb: Annotated[
        int,
        Preference(
            "Disk space for thumbnails",
            "Known folders show at once. Older ones go first",
            _COMPUTER,
            least=50,
            most=1_000_000,
            step=100,
            unit="MB",
        ),
    ] = 500
    keys: Keys = field(default_factory=dict[str, tuple[str, ...]])

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def changed(self) -> dict[str, Any]:
        """Return the preferences that are not the default, by name."""
        names = (one.name for one in fields(self))
        return {name: self[name] for name in names if self[name] != USUAL[name]}


USUAL: Final = Preferences()
"""The defaults."""

PREFERENCES: Final[Mapping[str, Preference]] = {
    name: about
    for name, hint in get_type_hints(Preferences, include_extras=True).items()
    for about in get_args(hint)
    if isinstance(about, Preference)
}
"""The declaration of each preference, in the order of the panel."""


def preferences_of(values: Mapping[str, object]) -> tuple[Preferences, tuple[Message, ...]]:
    """Return preferences from the values of a file, and the problems of invalid values.

    The default replaces an invalid value; unknown names, as of a newer version, are ignored.
    """
    given, problems = dict[str, Any](), list[Message]()
    for name, value in values.items():
        if name == "keys":
            given[name], bad = _keys_of(value)
            problems += bad
        elif name in PREFERENCES and PREFERENCES[name].takes(value, USUAL[name]):
            given[name] = value
        elif name in PREFERENCES:
            problems.append(_unusable(name, value))
    return Preferences(**given), tuple(problems)


def parse_preference(name: str, text: str) -> object:
    """Return the typed value of a preference; the text itself if it is none."""
    match USUAL[name]:
        case bool():
            return {"true": True, "false": False}.get(text.casefold(), text)
        case int():
            return int(text) if text.isdecimal() and len(text) <= _LONGEST_VALUE else text
        case _:
            return text


def possible_values(name: str) -> str:
    """Return the possible values of a preference as text, as they are typed."""
    about = PREFERENCES[name]
    match USUAL[name]:
        case bool():
            return "true, false"
        case int():
            zero = "0, " if about.zero else ""
            return f"{zero}{about.least}–{about.most}"
        case _:
            return ", ".join(about.values)


def _keys_of(value: object) -> tuple[Keys, list[Message]]:
    if not isinstance(value, dict):
        return {}, [_unusable("keys", value)]
    keys, problems = dict[str, tuple[str, ...]](), list[Message]()
    for action, theirs in cast("dict[str, object]", value).items():
        listed = cast("list[object]", theirs) if isinstance(theirs, list) else None
        texts = tuple(key for key in listed or () if isinstance(key, str))
        if listed is not None and len(texts) == len(listed):
            keys[action] = texts
        else:
            problems.append(_unusable(f"keys.{action}", cast("object", theirs)))
    return keys, problems


def _unusable(name: str, value: object) -> Message:
    try:
        text = str(value)[:_LONGEST_VALUE]
    except ValueError:  # a number of thousands of digits
        text = "…"
    return Message("setting-unusable", {"name": name, "value": text})


# ---- the file

LARGEST: Final = 200_000
"""Bytes of the file; all keys changed are a tenth of it."""

_WAIT: Final = 1.0
"""Seconds that a change waits for another window's change."""

_Stamp = tuple[str, int, int, int]
_known: tuple[_Stamp, Preferences] | None = None


class _DamagedError(ValueError):
    """The file is no TOML."""


def preferences_path() -> Path:
    """Return the path of the file, in the platform's config folder."""
    return own_folder(platformdirs.user_config_path) / "settings.toml"


def preferences() -> Preferences:
    """Return the preferences in the file, with defaults in place of invalid values.

    Any thread or process may call it often: as long as the file is unchanged it costs a `stat`.
    """
    global _known  # noqa: PLW0603 - a cache of the process
    path = preferences_path()
    try:
        status = path.stat()
        stamp = (str(path), status.st_mtime_ns, status.st_size, status.st_ino)
        if _known is None or _known[0] != stamp:
            _known = stamp, preferences_of(_read(path)[1])[0]
        return _known[1]
    except (OSError, ValueError):
        return USUAL


def check_settings_file() -> tuple[Message, ...]:
    """Return the problems of the file; a damaged file is renamed, so it is reported once."""
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
    """Change a preference in the file; its other content stays unchanged.

    Returns:
        A message about a damaged file that was renamed; None for none.

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
    """Set a value in a document, or remove it if it is the default."""
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
    """Rename a damaged file, if that is possible; return the message about it."""
    beside, number = path.with_name(f"{path.name}.damaged"), 1
    while beside.exists():  # an earlier one may be the only copy of someone's keys
        number += 1
        beside = path.with_name(f"{path.name}.damaged-{number}")
    with suppress(OSError):
        path.replace(beside)
    where = beside if beside.exists() and not path.exists() else path
    return Message("settings-damaged", {"file": str(where)})
