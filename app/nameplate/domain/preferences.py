"""Preferences: what a person chose for all projects, declared once for window and command line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Final, cast, get_args, get_type_hints

from nameplate.domain.messages import Message
from nameplate.domain.text import deferred

Keys = Mapping[str, tuple[str, ...]]
"""The keys of actions that have others than usual, by action, in Qt's spelling."""

_LANGUAGE: Final = re.compile(r"([a-z]{2,3}([_-]\w{2,8})*)?", re.ASCII)
_LONGEST_VALUE: Final = 40


@dataclass(frozen=True, slots=True)
class Preference:
    """How a preference is shown, and which values it can have.

    Its kind is that of its default: `bool`, `int` or `str`.

    Attributes:
        text: What stands beside its control.
        tip: What else there is to say; at most 12 words.
        group: The heading that it stands under.
        values: The text of each value of a `str`; without any it is the code of a language.
        least, most: The range of an `int`, where 0 is possible, too, if it has a text.
        step: Of an `int`, what a click adds.
        unit: Of an `int`, in its control.
        zero: The text of 0.
        variable: That of the environment which decides in its place, where it is set.
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
    """All preferences; the defaults are what is usual.

    Attributes:
        keys: See `Keys`; they have a page of their own.
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
                "system": "As the system",
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
    typing_picks: Annotated[
        bool,
        Preference(
            "Typing picks a name",
            "Off, letters are keys of the names after the tenth",
            LABELLING,
        ),
    ] = True
    device: Annotated[
        str,
        Preference(
            "Run the model on",
            "",
            _COMPUTER,
            values={
                "auto": "The fastest there is",
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
            "Fewer leave room for other programs",
            _COMPUTER,
            least=1,
            most=1024,
            zero="All",
        ),
    ] = 0
    vectors_mb: Annotated[
        int,
        Preference(
            "Room for vectors",
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
            "Room for thumbnails",
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


USUAL: Final = Preferences()
"""The defaults."""

PREFERENCES: Final[Mapping[str, Preference]] = {
    name: about
    for name, hint in get_type_hints(Preferences, include_extras=True).items()
    for about in get_args(hint)
    if isinstance(about, Preference)
}
"""What is declared of each preference, in the order in which they are shown."""


def preferences_of(values: Mapping[str, object]) -> tuple[Preferences, tuple[Message, ...]]:
    """Return preferences from the values of a file, and what of these cannot be used.

    One that cannot be is the default; unknown ones, such as those of a newer version, are left out.
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


def changed(preferences: Preferences) -> dict[str, Any]:
    """Return the preferences that are not the default, by name."""
    names = (one.name for one in fields(Preferences))
    return {name: preferences[name] for name in names if preferences[name] != USUAL[name]}


def parsed(name: str, text: str) -> object:
    """Return the value that a text is for a preference, as a person types it; else the text."""
    match USUAL[name]:
        case bool():
            return {"true": True, "false": False}.get(text.casefold(), text)
        case int():
            return int(text) if text.isdecimal() and len(text) <= _LONGEST_VALUE else text
        case _:
            return text


def possible(name: str) -> str:
    """Return in a few words which values a preference can have, as a person types them."""
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
