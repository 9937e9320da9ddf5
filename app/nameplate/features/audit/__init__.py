"""Labels that came with the pictures: which are probably wrong, and how many."""

from typing import Final

from nameplate.domain.feature import Command, Feature

FEATURE: Final = Feature(
    __name__,
    needs=("exchange",),
    commands=(Command("audit", "Find labels of a data set that are probably wrong.", "command"),),
)
