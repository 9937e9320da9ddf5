"""Comparing the decisions of two people, and taking over those of the other."""

from typing import Final

from nameplate.domain.feature import Action, Drop, Feature, When

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "compare_projects",
            "Compare with another project…",
            "panel:ask",
            menu="File/project/90",
            when=When.IMAGES,
        ),
    ),
    drops=(Drop("project", "compare the two", "Compare", "panel:compare_with"),),
)
