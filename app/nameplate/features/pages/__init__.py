"""Pages: pictures that are suggested as one name, accepted or corrected at once."""

from typing import Final

from nameplate.domain.feature import Action, Feature, When

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "sheets",
            "Check page by page",
            "pages:toggle",
            keys=("T",),
            menu="Check/pages/20",
            also=("Auto-label/label/30",),
            when=When.IMAGES,
            on_pictures=True,
            hint="You can check a whole page of suggestions at once.",
        ),
    ),
)
