"""Pages: pictures that are suggested as one name, accepted or corrected at once."""

from typing import Final

from nameplate.domain.feature import Action, Feature, GuidePage, When

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "sheets",
            "Check pages",
            "nameplate.ui.pages.pages:toggle",
            keys=("T",),
            menu="Check/pages/20",
            also=("Next/check/10", "First/keys/70"),
            when=When.IMAGES,
            tip="Accept a page of similar suggestions at once",
            words="check page by page sheets review verify batch",
            on_pictures=True,
            room="Check 00 pages",
            hint="You can check a whole page of suggestions at once.",
        ),
    ),
    attach="nameplate.ui.pages.left:attach",
    guide=(GuidePage("check", "Check", 30),),
)
