"""Keywords in the pictures themselves, where a person asks for it: they can be put back."""

from typing import Final

from nameplate.domain.feature import Action, Command, Feature, GuidePage, When

FEATURE: Final = Feature(
    __name__,
    needs=("exchange",),
    actions=(
        Action(
            "write_keywords",
            "Write keywords into pictures…",
            "panel:ask",
            menu="File/labels/110",
            when=When.IMAGES,
            tip="Your labels in the JPEG files themselves, which are changed",
            words="metadata xmp iptc exif tags embed exiftool",
        ),
    ),
    commands=(
        Command(
            "write-keywords",
            "Write the labels of a project into its JPEG files, as keywords.",
            "command",
        ),
    ),
    attach="window:attach",
    guide=(GuidePage("keywords", "Keywords", 45),),
)
