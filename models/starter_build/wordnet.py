"""The noun file of WordNet 3.0 and the place of the 1,000 ImageNet classes in it.

File format: the manual page wndb(5WN), in the section "Data File Format". ImageNet's class ids
are "n" and the eight-digit byte offset of a synset in the noun file of WordNet 3.0
(Deng et al., "ImageNet: A Large-Scale Hierarchical Image Database", CVPR 2009).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# What "lexicographer file" numbers mean: manual page lexnames(5WN).
LEXFILES = {
    4: "act", 5: "animal", 6: "artifact", 7: "attribute", 8: "body", 9: "cognition",
    10: "communication", 11: "event", 12: "feeling", 13: "food", 14: "group", 15: "location",
    16: "motive", 17: "object", 18: "person", 19: "phenomenon", 20: "plant", 21: "possession",
    22: "process", 23: "quantity", 24: "relation", 25: "shape", 26: "state", 27: "substance",
    28: "time", 3: "Tops",
}  # fmt: skip


@dataclass(frozen=True)
class Synset:
    """One meaning: its words, the wider meanings above it and the file it was written in."""

    offset: int
    lexfile: str
    lemmas: tuple[str, ...]
    parents: tuple[int, ...]
    gloss: str
    instance: bool

    @property
    def definition(self) -> str:
        """The gloss without its example sentences."""
        return re.sub(r"\s*;?\s*\"[^\"]*\"", "", self.gloss)


@dataclass
class WordNet:
    """All noun synsets, with the links downwards and the order of senses of every word."""

    synsets: dict[int, Synset]
    children: dict[int, list[int]] = field(default_factory=dict)
    senses: dict[str, list[int]] = field(default_factory=dict)

    def ancestors(self, offset: int) -> set[int]:
        """Every synset above `offset`, itself included."""
        found: set[int] = set()
        waiting = [offset]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting.extend(self.synsets[one].parents)
        return found

    def hyponyms(self, offset: int) -> set[int]:
        """Every synset below `offset`, itself included."""
        found: set[int] = set()
        waiting = [offset]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting.extend(self.children.get(one, []))
        return found

    def information(self) -> dict[int, float]:
        """How specific every synset is, 0 at the top to 1 for one with none below it."""
        below = Counter(above for offset in self.synsets for above in self.ancestors(offset))
        full = math.log(len(self.synsets))
        return {offset: 1 - math.log(count) / full for offset, count in below.items()}

    def leaves_below(self, classes: Iterable[int]) -> dict[int, list[int]]:
        """For every synset on or above a class: the indices of the classes on or below it."""
        below: dict[int, list[int]] = {}
        for index, offset in enumerate(classes):
            for above in self.ancestors(offset):
                below.setdefault(above, []).append(index)
        return below


def read_wordnet(folder: Path) -> WordNet:
    """Read `data.noun` and `index.noun` from the folder of a WordNet 3.0 installation."""
    synsets = {
        synset.offset: synset
        for line in (folder / "data.noun").read_text(encoding="utf-8").splitlines()
        if not line.startswith("  ")
        for synset in [_parse(line)]
    }
    net = WordNet(synsets)
    for synset in synsets.values():
        for parent in synset.parents:
            net.children.setdefault(parent, []).append(synset.offset)
    for line in (folder / "index.noun").read_text(encoding="utf-8").splitlines():
        if not line.startswith("  "):
            parts = line.split()
            count = int(parts[2])
            net.senses[parts[0].replace("_", " ")] = [int(part) for part in parts[-count:]]
    return net


def _parse(line: str) -> Synset:
    """One line of `data.noun`: offset, file, type, words, pointers, gloss."""
    data, _, gloss = line.partition("|")
    parts = data.split()
    words = int(parts[3], 16)
    lemmas = tuple(parts[4 + 2 * i].replace("_", " ") for i in range(words))
    start = 4 + 2 * words
    pointers = [parts[start + 1 + 4 * i : start + 5 + 4 * i] for i in range(int(parts[start]))]
    # "@" is "is a kind of", "@i" is "is an instance of".
    parents = tuple(int(to) for kind, to, pos, _ in pointers if kind in {"@", "@i"} and pos == "n")
    instance = any(kind == "@i" for kind, *_ in pointers)
    return Synset(int(parts[0]), LEXFILES[int(parts[1])], lemmas, parents, gloss.strip(), instance)
