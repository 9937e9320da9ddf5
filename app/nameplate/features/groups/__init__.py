"""Groups of undecided pictures that look alike, to be named one after the other."""

from typing import Final

from nameplate.domain.feature import Action, Feature

FEATURE: Final = Feature(
    __name__,
    needs=("pages",),
    actions=(
        Action(
            "groups",
            "Name pictures that look alike",
            "panel:toggle",
            keys=("Shift+T",),
            menu="Check/pages/10",
            tip="Group after group comes: type what it is",
            on_pictures=True,
            leads_to_names=True,
        ),
    ),
)
