"""Labels that come from files."""

from typing import Final

from nameplate.domain.feature import Action, Drop, Feature, When

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "import_labels",
            "Import labels…",
            "import_panel:ask",
            keys=("Ctrl+Shift+I",),
            menu="File/labels/120",
            when=When.IMAGES,
        ),
    ),
    drops=(Drop("table", "", "Labels", "import_panel:take_file"),),
)
