"""A simulated annotator: how many actions a folder takes whose truth is known."""

from typing import Final

from nameplate.domain.feature import Extension, Feature

FEATURE: Final = Feature(
    __name__, needs=("evaluation",), extensions=(Extension("evaluate", "command"),)
)
