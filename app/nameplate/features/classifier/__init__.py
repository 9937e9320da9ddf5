"""What was taught, to be used elsewhere: classifiers saved as folders, and used from them."""

from typing import Final

from nameplate.domain.feature import Command, Extension, Feature

FEATURE: Final = Feature(
    __name__,
    needs=("learning",),
    commands=(
        Command(
            "export-classifier",
            "Save what a project was taught, for other pictures and programs.",
            "export_command",
        ),
    ),
    extensions=(Extension("label", "label_command"),),
)
