"""Stacks: copies of a picture and the frames of a burst are shown as one, and decided as one."""

from typing import Final

from nameplate.domain.feature import Action, Feature, When

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "stacks",
            "Stacks",
            "showing:toggle",
            keys=("Ctrl+B",),
            menu="View/stacks/50",
            also=("Ground/look/80",),
            tip="Copies and bursts are shown as one picture, with their number",
            words="show stacks as one bursts duplicates copies near-identical",
            is_checkable=True,
        ),
        Action(
            "open_copies",
            "Open or close the stack",
            "showing:open_or_close",
            keys=("Shift+E",),
            group="View",
            also=("Picture/stacks/50",),
            when=When.IMAGES | When.SEEN,
            tip="Show each of its pictures",
            words="open the stack, or close it expand collapse copies burst",
            on_pictures=True,
        ),
    ),
    attach="showing:attach",
    stacks="finding:stacks_of",
)
