"""How right the labels are: random checks, doubtful labels, figures by name, two people."""

from typing import Final

from nameplate.domain.filtering.findings import Finding
from nameplate.features.quality.facts import ATTEMPTS, CALLED_RIGHT, MARKS
from nameplate.plug_ins.feature import Action, Command, Drop, Extension, Feature, GuidePage, When

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "how_right",
            "Accuracy",
            "panel:ask",
            keys=("Ctrl+R",),
            menu="Check/accuracy/40",
            when=When.IMAGES,
            tip="How many labels are right, which are doubtful, and where suggestions go wrong",
            words="how right is it evaluation precision recall figures confusions mistakes",
        ),
        Action(
            "check_at_random",
            "Check labels at random…",
            "panel:ask_for_checks",
            keys=("Ctrl+P",),
            group="Check",
            when=When.IMAGES,
            tip="Show by random checks that at least a share of the labels is right",
            words="certify accuracy certificate promise how right guarantee audit",
        ),
        Action(
            "audit",
            "Doubtful labels",
            "panel:ask_for_doubtful",
            keys=("Ctrl+Shift+B", "Ctrl+Shift+T"),
            group="Check",
            when=When.IMAGES,
            tip="Labels that are probably wrong, each with the name that the picture looks like",
            words="given labels possible mistakes wrong mislabelled mislabeled audit data set "
            "suspects another look outliers duplicates oddities find wrong ones",
        ),
        Action(
            "compare_projects",
            "Compare with another project…",
            "panel:ask_for_project_to_compare",
            group="Check",
            when=When.IMAGES,
            tip="How far two people agree, and where they differ",
            words="agreement kappa merge two people second opinion",
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
    facts=(MARKS, ATTEMPTS, CALLED_RIGHT),
    attach="panel:attach",
    commands=(
        Command("evaluate", "Measure the accuracy of labels.", "figures.command"),
        Command("audit", "Find labels of a data set that are probably wrong.", "doubtful.command"),
        Command(
            "project merge",
            "combine the decisions of two people in a new project",
            "people.merge_command",
        ),
    ),
    extensions=(
        Extension("project info", "checks.command"),
        Extension("project check", "checks.command"),
    ),
    drops=(Drop("project", "Open it, or compare the two?", "Compare", "panel:compare_with"),),
    guide=(GuidePage("accuracy", "Accuracy", 60),),
)
