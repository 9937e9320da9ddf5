"""Labels that come from files and go to other programs."""

from typing import Final

from nameplate.features.exchange.facts import GIVEN
from nameplate.plug_ins.feature import Action, Command, Drop, Feature, GuidePage, When

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
            tip="Take labels from a file",
            words="read annotations csv",
        ),
        Action(
            "folder_labels",
            "Use folder names as labels",
            "folder_names:use_folders",
            menu="File/labels/125",
            when=When.IMAGES,
            tip="Each picture gets the name of its folder as its given label",
            words="data set class folders imagefolder given labels",
        ),
    ),
    commands=(Command("import", "Import labels into a project.", "import_command"),),
    drops=(Drop("table", "", "Labels", "import_panel:take_file"),),
    formats=(
        "further_formats.json_lines:JSONL",
        "further_formats.label_studio:LABEL_STUDIO",
        "further_formats.imagefolder:IMAGEFOLDER",
        "further_formats.class_folders:FOLDERS",
        "further_formats.xmp:XMP",
        "further_formats.exiftool:EXIFTOOL",
        "further_formats.megadetector:MEGADETECTOR",
        "further_formats.json_lines:READ_JSONL",
        "further_formats.label_studio:READ_LABEL_STUDIO",
        "further_formats.megadetector:READ_MEGADETECTOR",
        "further_formats.imagefolder:READ_IMAGEFOLDER",
        "further_formats.xmp:READ_XMP",
        "further_formats.class_folders:READ_FOLDERS",
    ),
    attach="folder_names:attach",
    columns=("given:COLUMN",),
    facts=(GIVEN,),
    guide=(GuidePage("import", "Import", 50),),
)
