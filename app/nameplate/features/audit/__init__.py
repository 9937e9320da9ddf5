"""Labels that came with the pictures: which are probably wrong, and how many."""

from typing import Final

from nameplate.domain.feature import Action, Command, Feature, When

FEATURE: Final = Feature(
    __name__,
    needs=("evaluation", "exchange"),
    actions=(
        Action(
            "audit",
            "Given labels…",
            "panel:ask",
            keys=("Ctrl+Shift+B",),
            menu="Check/accuracy/40",
            when=When.IMAGES,
            tip="Labels that came with the pictures: find the wrong ones",
            words="audit data set wrong label mislabelled mislabeled doubtful suspects",
        ),
    ),
    attach="folders:attach",
    commands=(Command("audit", "Find labels of a data set that are probably wrong.", "command"),),
)
