"""The language of the window, and the translations of its English texts.

A translation is a compiled catalogue of gettext in `resources/translations`, whose keys are the
English texts (docs/adr/0046-languages.md).
"""

import os
import re
import struct
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from gettext import GNUTranslations, NullTranslations
from types import MappingProxyType
from typing import Final

from nameplate.domain.text import ENGLISH
from nameplate.storage.preferences import PREFERENCES
from nameplate.storage.resources import InstallationError, resource

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ENGLISH: "English",
        "de": "Deutsch",
        "es": "Español",
        "fr": "Français",
        "ja": "日本語",
        "zh_CN": "简体中文",
    }
)
"""The languages that there is a translation for, by code, each called as its speakers do."""

_CHINESE: Final = re.compile(r"zh(_hans.*|_cn|_sg|_my)?")
_UNREADABLE: Final = (InstallationError, OSError, ValueError, LookupError, struct.error)
"""Raised for a catalogue that is missing or damaged."""


@dataclass(frozen=True, slots=True)
class Translation:
    """The texts of a language."""

    code: str = ENGLISH
    texts: NullTranslations = field(default_factory=NullTranslations)

    @property
    def is_english(self) -> bool:
        """Whether nothing is translated."""
        return self.code == ENGLISH

    def of(self, text: str, context: str = "") -> str:
        """Return the translation of an English text; the text itself if there is none."""
        if context:
            return self.texts.pgettext(context, text)
        return self.texts.gettext(text) if text else ""  # its entry is the head of the catalogue

    def of_count(self, one: str, many: str, count: float) -> str:
        """Return the translation for a number of things."""
        if names_one(one):
            if count == 1:
                return self.of(one)
            one = many
        # A fraction takes a plural of the language.
        return self.texts.ngettext(one, many, int(count) if float(count).is_integer() else 2)


_ENGLISH: Final = Translation()
_here: Final = ContextVar[Translation | None]("translation", default=None)
_current = _ENGLISH


def names_one(text: str) -> bool:
    """Whether a text for 1 is no form of the one for many, but a text of its own.

    It says of the only one what cannot be said of several, such as its name, and has no number.
    """
    return "{" in text and "{count" not in text


def current() -> Translation:
    """Return the translation in use; the English one until `use` is called."""
    return _here.get() or _current


@contextmanager
def in_english() -> Generator[None]:
    """Speak English in this thread: files that programs read are the same in every language."""
    token = _here.set(_ENGLISH)
    try:
        yield
    finally:
        _here.reset(token)


def plain(text: str, context: str = "", /, **parameters: object) -> str:
    """Return an English text in the language in use, with parameters in Python's formats.

    What needs more than these takes `tr` of `wording/texts.py`.
    """
    return current().of(text, context).format(**parameters)


def use(code: str) -> None:
    """Speak a language from now on; English if there is no translation for it.

    What was worded before stays as it is.
    """
    global _current  # noqa: PLW0603 - the process speaks one language
    if code != _current.code:  # a command asks again once it knows the settings
        _current = _translation(code)


def speak(wanted: Iterable[str], chosen: str = "") -> None:
    """Use the language of `NAMEPLATE_LANGUAGE`, else the chosen one, else the system's.

    Args:
        wanted: The languages of the system, as `language_for` takes them.
        chosen: As `use` takes it; empty for the system's.
    """
    code = os.environ.get(PREFERENCES["language"].variable) or chosen
    use(language_for([code, *wanted]))


def _translation(code: str) -> Translation:
    if code in NAMES and code != ENGLISH:
        with suppress(*_UNREADABLE), resource("translations", f"{code}.mo").open("rb") as stream:
            return Translation(code, GNUTranslations(stream))
    return _ENGLISH


def language_for(wanted: Iterable[str]) -> str:
    """Return the first language that there is a translation for, out of those of a system.

    Args:
        wanted: Most wanted first, as `de_AT.UTF-8`, `de-AT`, `zh-Hans-CN` or `C`.
    """
    for name in wanted:
        code = re.split(r"[.@]", name.replace("-", "_"))[0]
        if _CHINESE.fullmatch(code.lower()):
            return "zh_CN"
        language = code.lower().partition("_")[0]
        if language in NAMES or language in ("c", "posix"):
            return language if language in NAMES else ENGLISH
    return ENGLISH
