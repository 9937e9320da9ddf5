"""Doubtful labels: decided and given labels that the pictures, names or copies contradict."""

from typing import Final

from nameplate.domain.concepts import ConceptId
from nameplate.domain.feature import Action, Command, Fact, Feature, Finding, When

CALLED_RIGHT: Final = Fact[frozenset[ConceptId]](
    "called right",
    frozenset(),
    "nameplate.project.file.values:ids_json",
    "nameplate.project.file.values:concept_ids",
    by_image=True,
)
"""The label that a person confirmed although it was doubtful; void once the image has another."""

FEATURE: Final = Feature(
    __name__,
    needs=("exchange",),
    actions=(
        Action(
            "audit",
            "Doubtful labels",
            "source:show_pages",
            keys=("Ctrl+Shift+B", "Ctrl+Shift+T"),
            menu="Check/accuracy/40",
            when=When.IMAGES,
            tip="Labels that are probably wrong, each with the name that the picture looks like",
            words="given labels possible mistakes wrong mislabelled mislabeled audit data set "
            "suspects another look outliers duplicates oddities find wrong ones",
        ),
    ),
    findings=(
        Finding(
            "odd",
            "Doubtful",
            (
                ("mistake", "Label may be wrong"),
                ("misfit", "Fits the names least"),
                ("duplicate", "Near copy with another label"),
            ),
            "no doubtful label",
        ),
    ),
    facts=(CALLED_RIGHT,),
    attach="source:attach",
    commands=(Command("audit", "Find labels of a data set that are probably wrong.", "command"),),
)
