"""How right labels are: figures, charts that open their pictures, a report."""

from typing import Final

from nameplate.domain.feature import Action, Command, Feature, When

FEATURE: Final = Feature(
    __name__,
    needs=("learning",),
    actions=(
        Action(
            "how_right",
            "How right is it?",
            "panel:ask",
            keys=("Ctrl+R",),
            menu="Check/accuracy/40",
            when=When.IMAGES,
            tip="Charts of how right the labels are, which open the pictures behind them",
        ),
    ),
    commands=(Command("evaluate", "Measure the accuracy of labels.", "command"),),
)
