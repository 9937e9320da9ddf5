"""The language that the program speaks, and the translations of its English texts.

A translation is a PO file of gettext in `resources/translations`, whose keys are the English texts.
The files are read as they are, so that nothing has to be compiled (docs/adr/0046-languages.md).
"""

import os
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from gettext import c2py
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
_STRING: Final = re.compile(
    r'^(msg[a-z_]+(?:\[\d\])?)((?:[ \t]*"(?:[^"\\\n]|\\.)*"[ \t]*(?:\n|$))+)', re.MULTILINE
)
"""A keyword of an entry, and its string in one or more lines."""
_LINES: Final = re.compile(r'"[ \t]*\n[ \t]*"')
_UNCERTAIN: Final = re.compile(r"^#,.*\bfuzzy\b", re.MULTILINE)
_ESCAPE: Final = re.compile(r"\\(.)")

Key = tuple[str, str]
"""A context, which is mostly empty, and the English text."""


@dataclass(frozen=True, slots=True)
class Translation:
    """The texts of a language.

    Attributes:
        code: As in `NAMES`.
        texts: By key; several for a text that depends on a number.
        form: Which of several is for a number.
    """

    code: str = ENGLISH
    texts: Mapping[Key, tuple[str, ...]] = field(default_factory=dict[Key, tuple[str, ...]])
    form: Callable[[int], int] = lambda count: int(count != 1)

    @property
    def is_english(self) -> bool:
        """Whether nothing is translated."""
        return self.code == ENGLISH

    def of(self, text: str, context: str = "") -> str:
        """Return the translation of an English text; the text itself if there is none."""
        found = self.texts.get((context, text))
        return found[0] if found else text

    def of_count(self, one: str, many: str, count: float) -> str:
        """Return the translation for a number of things."""
        if names_one(one):
            if count == 1:
                return self.of(one)
            one = many
        found = self.texts.get(("", one))
        if not found:
            return one if count == 1 else many
        # A fraction takes the plural of the language, as a number that nothing else fits.
        form = self.form(int(count)) if count == int(count) else len(found) - 1
        return found[min(form, len(found) - 1)]


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

    Args:
        code: Of `NAMES`.
    """
    global _current  # noqa: PLW0603 - the process speaks one language
    if code != _current.code:  # a command asks again once it knows the settings
        _current = _translation(code)


def speak(wanted: Iterable[str], chosen: str = "") -> None:
    """Speak the language that `NAMEPLATE_LANGUAGE` names, or what is chosen, or that of the system.

    Args:
        wanted: The languages of the system, as `language_for` takes them.
        chosen: As `use` takes it; empty for the system's.
    """
    code = os.environ.get(PREFERENCES["language"].variable) or chosen
    use(language_for([code, *wanted]))


def _translation(code: str) -> Translation:
    if code in NAMES and code != ENGLISH:
        with suppress(InstallationError, OSError, ValueError):
            content = resource("translations", f"{code}.po").read_text(encoding="utf-8")
            return read_po(code, content)
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


# ---- files


def read_po(code: str, content: str) -> Translation:
    """Return the translation that a PO file holds, without what is not translated or uncertain.

    Raises:
        ValueError: It is no PO file, or has no rule for plurals that can be read.
    """
    texts = dict[Key, tuple[str, ...]]()
    form = _ENGLISH.form
    for entry in _entries(content):
        strings = tuple(entry[name] for name in sorted(entry) if name.startswith("msgstr"))
        if entry.get("msgid") == "" and "msgctxt" not in entry:
            rule = re.search(r"plural=([^;\n]+)", strings[0] if strings else "")
            form = c2py(rule[1]) if rule else form
        elif strings and all(strings):
            texts[entry.get("msgctxt", ""), entry["msgid"]] = strings
    if not texts:
        raise ValueError("nothing is translated")
    return Translation(code, texts, form)


def _entries(content: str) -> Iterator[Mapping[str, str]]:
    """Yield the strings of each entry by keyword, but for those that are marked as uncertain."""
    for block in content.replace("\r\n", "\n").split("\n\n"):
        if "msgid" in block and not _UNCERTAIN.search(block):
            entry = {keyword: _joined(text) for keyword, text in _STRING.findall(block)}
            if "msgid" in entry:
                yield entry


def _joined(text: str) -> str:
    """Return what a string of one or more lines means, each in quotation marks."""
    inner = text.strip()[1:-1]
    if "\n" in inner:
        inner = _LINES.sub("", inner)
    return _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner


def _unescaped(found: re.Match[str]) -> str:
    return {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1])
