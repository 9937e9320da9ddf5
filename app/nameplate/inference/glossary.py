"""Tells English from other languages by its words, and says common names of those in English."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.domain.text import ENGLISH
from nameplate.inference.model_files import GET_AGAIN, reading, size_of
from nameplate.system.opening import open_regular

_MOST_LANGUAGES: Final = 64

LARGEST_LIST: Final = 5_000_000
"""Bytes; the starter's English words have 1,000,000. Lists of this size take 250 MB of memory."""

_LONGEST_NAME: Final = 5
"""Words of a name in the glossary, at most ("prise de courant")."""

_WORD: Final = re.compile(r"[^\W\d_]+")


class Glossary:
    """The words of English, and names in other languages with the same in English."""

    def __init__(self, english: Path, glossary: Path) -> None:
        """Read a word a line, in lower case, and lines of language, name and English name.

        Raises:
            ModelError: A file is missing, cannot be read or is no such list.
        """
        self._english = frozenset(_lines(english))
        self._by_language: dict[tuple[str, str], str] = {}
        self._by_name: dict[str, str] = {}
        for line in _lines(glossary):
            entry = line.split("\t")
            if len(entry) != 3 or not all(entry):
                raise ModelError("no-glossary", where=str(glossary), line=line[:100])
            language, name, in_english = entry
            key = _key(name)
            self._by_language.setdefault((language, key), in_english)
            self._by_name.setdefault(key, in_english)
        self._languages = sorted({language for language, _ in self._by_language})[:_MOST_LANGUAGES]

    def said_in(self, language: str, name: str) -> str:
        """Return a name in `language` in English, or unchanged if the glossary lacks it.

        For names that are words in English as well ("Rock", "chat noir"): the language decides what
        they mean. A name of several words is said so if the glossary has them all.
        """
        if whole := self._by_language.get((language, _key(name))):
            return whole
        words = [self._by_language.get((language, word)) for word in _key(name).split()]
        return " ".join(word for word in words if word) if all(words) and words else name

    def language_of(self, names: Iterable[str]) -> str:
        """Return the language of names that belong together; English unless another is certain.

        It is that of most of the names that are in the glossary and are no words in English, so
        that *Rock* means a skirt beside *Kleid*, and a rock by itself. Of two languages with
        as many, it is that which has more of all names.
        """
        certain, all_of = Counter[str](), Counter[str]()
        for key in map(_key, names):
            is_english = all(self._is_english(word) for word in _WORD.findall(key))
            for language in self._languages:
                if (language, key) in self._by_language:
                    all_of[language] += 1
                    certain[language] += not is_english
        best = max(self._languages, key=lambda one: (certain[one], all_of[one]), default=ENGLISH)
        return best if certain[best] else ENGLISH

    def in_english(self, prompt: str) -> str | None:
        """Return `prompt` with the names of the glossary in English; None if other words remain.

        A prompt in English is returned as it is.
        """
        words = list(_WORD.finditer(prompt))
        is_known = [self._is_english(word.group()) for word in words]
        if all(is_known):
            return prompt
        parts, done, at = list[str](), 0, 0
        while at < len(words):
            if found := self._entry(prompt, words, is_known, at):
                end, in_english = found
                parts += [prompt[done : words[at].start()], in_english]
                at, done = end, words[end - 1].end()
            elif is_known[at] and _key(words[at].group()) not in self._by_name:
                at += 1
            else:
                return None
        return "".join([*parts, prompt[done:]])

    def _entry(
        self, prompt: str, words: list[re.Match[str]], is_known: list[bool], at: int
    ) -> tuple[int, str] | None:
        """Return the longest name that begins with a word and is not all English, and its end."""
        for end in range(min(at + _LONGEST_NAME, len(words)), at, -1):
            name = _key(prompt[words[at].start() : words[end - 1].end()])
            if not all(is_known[at:end]) and name in self._by_name:
                return end, self._by_name[name]
        return None

    def _is_english(self, word: str) -> bool:
        return word.lower() in self._english or (len(word) == 1 and word.isascii())


def _key(name: str) -> str:
    return " ".join(name.replace("\u2019", "'").casefold().split())


def _lines(path: Path) -> list[str]:
    with reading(path, GET_AGAIN):
        if size_of(path, GET_AGAIN) > LARGEST_LIST:
            raise ModelError("large-vocabulary", where=str(path))
        with open_regular(path) as stream:
            content = stream.read()
    try:
        return content.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ModelError("no-words", where=str(path)) from error
