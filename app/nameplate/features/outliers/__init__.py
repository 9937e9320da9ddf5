"""Possible mistakes: labels that may be wrong, pictures that fit no name, names mixed up."""

from typing import Final

from nameplate.domain.concepts import ConceptId
from nameplate.domain.feature import Action, Fact, Feature, Finding

CALLED_RIGHT: Final = Fact[frozenset[ConceptId]](
    "called right",
    frozenset(),
    "nameplate.project.file.values:ids_json",
    "nameplate.project.file.values:concept_ids",
    by_image=True,
)
"""The label of an image that looked odd and that a person called right; with another one, which may
be none, it is as if nobody had."""

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "another_look",
            "Possible mistakes",
            "panel:toggle",
            keys=("Ctrl+Shift+T",),
            menu="Check/pages/30",
            tip="Labels made here that may be wrong, pictures that fit no name",
            words="take another look outliers duplicates confusion oddities",
        ),
    ),
    findings=(
        Finding(
            "odd",
            "Possible mistakes",
            (
                ("mistake", "Label may be wrong"),
                ("misfit", "Fits the names least"),
                ("duplicate", "Near copy with another label"),
            ),
            "no possible mistake",
        ),
    ),
    facts=(CALLED_RIGHT,),
    attach="panel:attach",
)
