"""Searching: images in the order of how much they are like a sentence or other pictures."""

from typing import Final

from nameplate.domain.feature import Command, Feature, GuidePage

FEATURE: Final = Feature(
    __name__,
    commands=(Command("search", "Find pictures by a sentence or another picture.", "command"),),
    attach="nameplate.ui.search.searching:attach",
    guide=(GuidePage("search", "Search", 70),),
)
