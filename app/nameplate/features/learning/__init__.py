"""Learning from decisions: suggestions by a probe, where it is better than the names alone."""

from typing import Final

from nameplate.domain.feature import Action, Feature

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "learn",
            "Learn from your labels",
            "nameplate.ui.learning:toggle",
            group="Label",
            also=("Auto-label/how/50",),
            tip="Suggestions follow your labels where that makes them better",
            words="learn from my decisions training probe",
            is_checkable=True,
        ),
    ),
    classifiers=("nameplate.pipeline.learning.fitter:Learner",),
    attach="nameplate.ui.learning:attach",
)
