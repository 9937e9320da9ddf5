"""Finding missing pictures that were moved or renamed."""

from typing import Final

from nameplate.plug_ins.feature import Action, Feature

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "find_missing",
            "Find missing files…",
            "dialog:ask",
            menu="Check/files/80",
            tip="Pictures whose files were moved or renamed",
            words="find missing pictures relink moved lost",
        ),
    ),
    attach="dialog:attach",
)
