"""Finding missing pictures that were moved or renamed."""

from typing import Final

from nameplate.domain.feature import Action, Feature

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action("find_missing", "Find missing pictures…", "dialog:ask", menu="File/project/80"),
    ),
    attach="dialog:attach",
)
