"""Promises that so many labels are right: what is promised, its checks, and its certificate."""

from typing import Final

from nameplate.domain.feature import Action, Command, Extension, Feature, When
from nameplate.features.promise.facts import CHECKS, MARKS, PROMISE, TRIES

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "promise",
            "Certify accuracy…",
            "panel:ask",
            keys=("Ctrl+P",),
            menu="Check/accuracy/50",
            when=When.IMAGES,
            tip="Show by random checks that at least a share of the labels is right",
            words="promise how right the labels are guarantee audit certificate",
        ),
    ),
    commands=(
        Command(
            "check-certificate", "Check a certificate against the labels beside it.", "command"
        ),
    ),
    extensions=(
        Extension("project info", "command"),
        Extension("project check", "command"),
        Extension("label --project", "command"),
    ),
    facts=(MARKS, PROMISE, CHECKS, TRIES),
    attach="panel:attach",
    unlearned="rules.state:checked_rows",
    certify="certificates:certify",
)
