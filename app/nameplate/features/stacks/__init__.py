"""Stacks: copies of a picture and the frames of a burst are shown as one, and decided as one."""

from typing import Final

from nameplate.domain.feature import Action, Feature, When

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "stacks",
            "Show stacks as one",
            "showing:toggle",
            keys=("Ctrl+B",),
            menu="View/stacks/50",
            tip="Copies of a picture and the pictures of a burst are one cell, with their number",
            is_checkable=True,
        ),
        Action(
            "open_copies",
            "Open the stack, or close it",
            "showing:open_or_close",
            keys=("Shift+E",),
            menu="View/stacks/60",
            also=("Picture/stacks/50",),
            when=When.IMAGES | When.SEEN,
            tip="Each of its pictures is shown, in the grid and on a page",
            on_pictures=True,
        ),
        Action(
            "keep_best",
            "Keep the best of the stack",
            "keeping:keep",
            keys=("Shift+B",),
            menu="Label/decide/50",
            also=("Picture/stacks/60",),
            when=When.IMAGES | When.SEEN | When.GRID,
            tip="The others are skipped, no file is deleted; in Compare, the picture with the "
            "frame stays",
            on_pictures=True,
        ),
    ),
    attach="showing:attach",
    stacks="finding:stacks_of",
)
