"""Random checks of labels, and the certificate that at least a share of them is right."""

from typing import Final

from nameplate.domain.feature import Action, Extension, Feature, When
from nameplate.features.quality.facts import ATTEMPTS, MARKS

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "check_at_random",
            "Check labels at random…",
            "panel:ask",
            keys=("Ctrl+P",),
            menu="Check/accuracy/50",
            when=When.IMAGES,
            tip="Show by random checks that at least a share of the labels is right",
            words="certify accuracy certificate promise how right guarantee audit",
        ),
    ),
    extensions=(
        Extension("project info", "command"),
        Extension("project check", "command"),
    ),
    facts=(MARKS, ATTEMPTS),
    attach="panel:attach",
)
