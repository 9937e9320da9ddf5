"""Another look: what may be a mistake, fits no name, is there twice, or is mixed up."""

from typing import Final

from nameplate.domain.feature import Action, Feature, Finding

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "another_look",
            "Take another look",
            "panel:toggle",
            keys=("Ctrl+Shift+T",),
            menu="Check/pages/30",
            tip="Decisions that may be mistakes, pictures that fit no name, names that are "
            "mixed up",
        ),
    ),
    findings=(
        Finding(
            "odd",
            "Another look",
            (
                ("mistake", "Decided, perhaps wrongly"),
                ("misfit", "Fits the names least"),
                ("duplicate", "Nearly a copy, labelled differently"),
            ),
            "no reason for another look",
        ),
    ),
    attach="panel:attach",
)
