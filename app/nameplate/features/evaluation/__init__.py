"""Accuracy: the share of right labels, name by name; the decisions of two people."""

from typing import Final

from nameplate.domain.feature import Action, Command, Drop, Feature, GuidePage, When

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "how_right",
            "Accuracy",
            "panel:ask",
            keys=("Ctrl+R",),
            menu="Check/accuracy/40",
            when=When.IMAGES,
            tip="The share of labels that are right, name by name",
            words="how right is it evaluation precision recall figures confusions mistakes",
        ),
        Action(
            "compare_projects",
            "Compare with another project…",
            "panel:ask_for_project_to_compare",
            menu="Check/accuracy/60",
            when=When.IMAGES,
            tip="How far two people agree, and where they differ",
            words="agreement kappa merge two people second opinion",
        ),
    ),
    commands=(
        Command("evaluate", "Measure the accuracy of labels.", "command"),
        Command(
            "project merge",
            "combine the decisions of two people in a new project",
            "people.merge_command",
        ),
    ),
    drops=(Drop("project", "Open it, or compare the two?", "Compare", "panel:compare_with"),),
    guide=(GuidePage("accuracy", "Accuracy", 60),),
)
