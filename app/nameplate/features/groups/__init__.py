"""Groups of undecided pictures that look alike, to be named one after the other."""

from typing import Final

from nameplate.domain.feature import Action, Feature

FEATURE: Final = Feature(
    __name__,
    needs=("pages",),
    actions=(
        Action(
            "groups",
            "Name similar pictures",
            "nameplate.ui.pages.groups:toggle",
            keys=("Shift+T",),
            menu="Check/pages/10",
            tip="Pictures that look alike get their name at once",
            words="name pictures that look alike groups clusters",
            on_pictures=True,
            leads_to_names=True,
        ),
    ),
)
