"""Which words are English, and what common names in five other languages are in English.

A prompt whose words are all English never meets the second text tower. The words are those of
WordNet 3.0 and of the vocabulary of all-MiniLM-L6-v2, with their usual endings, and `MORE`. Left
out are words that are rare in English and common in another language ("rote", "casa"); how common
a word is decides that alone, and is in no file.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import text_tower
from names_tower import LANGUAGES
from wordfreq import zipf_frequency

if TYPE_CHECKING:
    from collections.abc import Iterator

GLOSSARY = Path(__file__).parent / "glossary.txt"
PARTS = ("noun", "verb", "adj", "adv")
SURE = 3.3  # the Zipf frequency from which a word of English is English, whatever else it is
OFTENER = 1.2  # how much commoner a word may be in another language, in powers of ten
COMMONER = 0.3  # likewise for a word that the glossary has
FORM = 1.8  # the least frequency of a word that is only a form of another one
PIECE = 2.0  # and of one that only the vocabulary has: it has words of other languages as well
SPELT_ALIKE = ("de", "fr", "es")
WITHOUT_ACCENTS = ("fr", "es")  # people leave them out; "Bar" is no "Bär"
MORE = """
a an the of and or in on at with without by for from to into over under near behind between beside
is are am was were be been being has have had do does did not no none nothing this that these those
my your his her its our their me you him them us it he she we they who which what where when
one two three four five six seven eight nine ten hundred thousand itap
airbag airpods blog blogger bluetooth bokeh cheeseburger chromebook cupcake dashcam drone drones
crayon crayons applique cafe café cliché consommé crème crêpes décor doppelgänger entrée fiancé
fiancée façade jalapeño jalapeños naïve papier mâché piñata protégé purée pâté résumé rosé sauté
smörgåsbord
soufflé éclair
emoji emojis cosplay ebook ereader fanny fidget fleece flipflop flipflops frappe goldendoodle
gopro hatchback hoodie hoodies icecream iphone ipad jetski jumpsuit kayaking keycap labradoodle
latte laptop laptops lego leggings macbook matcha meme memes minivan mojito netbook onesie
paintball parkour photobomb pickleball pokemon powerbank quadcopter ramen router scrunchie selfie
selfies segway skinny skatepark smartphone smartphones smartwatch smoothie smoothies snowboarder
snowboarding softshell spinner sudoku sushi suv suvs tablet taco tacos taser thong timelapse tshirt
tshirts turtleneck tv tvs usb vape vaping vlog webcam webcams wheelie wifi xbox yoga yorkie zipline
"""


def english_words(folder: Path, concepts: set[str]) -> list[str]:
    """The words in lower case, sorted; those of `concepts`, which the memory knows, always."""
    known = {word for name in concepts for word in _words(name)}
    known |= {word for _, _, name in read_glossary() for word in _words(name)}
    base = {word for line in _lemmas(folder) for word in _words(line)}
    base = {word for word in base if len(word) > 1 and not _is_foreign(word)}
    forms = {form for word in base for form in _forms(word)}
    vocabulary = text_tower.make_tokenizer().get_vocab()
    pieces = {word for word in vocabulary if re.fullmatch(r"[a-z]{2,}", word)}
    pieces = {w for w in pieces if zipf_frequency(w, "en") >= PIECE and not _is_foreign(w)}
    forms = {w for w in forms if zipf_frequency(w, "en") >= FORM and not _is_foreign(w)}
    others = {word for word in _oftener_in_another() if word not in known}
    return sorted(((base | forms | pieces) - others) | known | set(MORE.split()))


def _words(name: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", name.lower()) if len(word) > 1]


def _oftener_in_another() -> Iterator[str]:
    """Names of one word in the glossary that are commoner in their language than in English."""
    for language, name, _ in read_glossary():
        word = name.lower()
        if language not in SPELT_ALIKE:
            continue
        if zipf_frequency(word, language) > zipf_frequency(word, "en") + COMMONER:
            yield word


def _lemmas(folder: Path) -> Iterator[str]:
    for part in PARTS:
        for line in (folder / f"index.{part}").read_text(encoding="utf-8").splitlines():
            if not line.startswith("  "):
                yield line.split(maxsplit=1)[0]


def _is_foreign(word: str) -> bool:
    english = zipf_frequency(word, "en")
    if english >= SURE:
        return False
    return max(zipf_frequency(word, one) for one in SPELT_ALIKE) > english + OFTENER


def _forms(word: str) -> Iterator[str]:
    """What the word may become at its end."""
    yield from (f"{word}s", f"{word}es", f"{word}ed", f"{word}d", f"{word}ing")
    yield from (f"{word[:-1]}{end}" for end in ("ies", "ied", "ing"))
    yield from (f"{word}{word[-1]}{end}" for end in ("ed", "ing"))


def read_glossary() -> list[tuple[str, str, str]]:
    """Language, name and English name of every entry of the hand-written list, in its order."""
    found: dict[tuple[str, str], str] = {}
    loose: dict[tuple[str, str], str] = {}
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        english, *others = line.split(";")
        for language, names in zip(LANGUAGES, others, strict=True):
            for name in filter(None, names.split("/")):
                found.setdefault((language, name), english)
                if language in WITHOUT_ACCENTS:
                    loose.setdefault((language, without_accents(name)), english)
    entries = found | {key: english for key, english in loose.items() if key not in found}
    return [(language, name, english) for (language, name), english in entries.items()]


def without_accents(name: str) -> str:
    """The name in plain letters."""
    name = name.replace("œ", "oe")
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))


def write(folder: Path, wordnet: Path, concepts: set[str]) -> None:
    """Write `english.txt` and `glossary.txt` as the program reads them."""
    words = english_words(wordnet, concepts)
    (folder / "english.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    lines = ["\t".join(entry) for entry in read_glossary()]
    (folder / "glossary.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
