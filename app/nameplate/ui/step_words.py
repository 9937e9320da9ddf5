"""Texts of undoable steps."""

from collections import defaultdict
from typing import Final

from nameplate.domain.changes import Title

_WORDS: Final = {
    "accept": ("accept",),
    "add-images": ("add {count} picture", "add {count} pictures"),
    "add-names": ("add “{name}”", "add {count} names"),
    "auto-label": ("auto-label",),
    "colour": ("change colour",),
    "delete-names": ("delete “{name}”", "delete {count} names"),
    "label": ("label “{name}”",),
    "minimum": ("at least {percent}%",),
    "move": ("move",),
    "reject": ("none of these",),
    "relink": ("find a picture", "find {count} pictures"),
    "remove-images": ("take a picture out", "take {count} pictures out"),
    "one-label": ("one label a picture",),
    "rename": ("rename",),
    "several-labels": ("several labels a picture",),
    "skip": ("skip",),
    "take-back": ("take the label off",),
    "templates": ("read as “{name}”",),
}
"""By the code of a step's title; the last one is the plural, for a `count` above 1."""

_LONGEST: Final = 30
"""Maximum characters of a name."""


def step_text(title: Title) -> str:
    """Return the text of a step, as it follows “Undo”."""
    words = _WORDS.get(title.code, (title.code,))
    parameters = defaultdict[str, str | int](str, title.parameters)
    if "name" in parameters:
        parameters["name"] = str(parameters["name"])[:_LONGEST]
    return words[0 if parameters.get("count", 1) == 1 else -1].format_map(parameters)
