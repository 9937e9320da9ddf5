"""How right labels are: figures, charts that open their pictures, a report."""

from typing import Final

from nameplate.domain.feature import Action, Command, Feature, GuidePage, When

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
            words="how right is it evaluation precision recall figures charts mistakes",
        ),
    ),
    commands=(Command("evaluate", "Measure the accuracy of labels.", "command"),),
    guide=(GuidePage("accuracy", "Accuracy", 60),),
)
