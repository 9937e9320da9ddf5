"""Comparing the decisions of two people, and taking over those of the other."""

from typing import Final

from nameplate.domain.feature import Action, Command, Drop, Feature, When

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "compare_projects",
            "Compare with another project…",
            "panel:ask",
            menu="Check/accuracy/60",
            when=When.IMAGES,
            tip="How far two people agree, and where they differ",
            words="agreement kappa merge two people second opinion",
        ),
    ),
    commands=(
        Command("project compare", "show how far two people agree", "compare_command"),
        Command(
            "project merge", "combine the decisions of two people in a new project", "merge_command"
        ),
    ),
    drops=(Drop("project", "Open it, or compare the two?", "Compare", "panel:compare_with"),),
)
