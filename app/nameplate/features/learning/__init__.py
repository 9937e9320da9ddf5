"""Learning from decisions: suggestions by a probe, where it is better than the names alone."""

from typing import Final

from nameplate.domain.feature import Action, Feature

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "learn",
            "Learn from my decisions",
            "panel:toggle",
            menu="Label/switches/140",
            tip="What is suggested follows what you decided, where your decisions show that this "
            "helps",
            is_checkable=True,
        ),
    ),
    classifiers=("fitter:Learner",),
    attach="panel:attach",
)
