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
        "formats.json_lines:JSONL",
        "formats.label_studio:LABEL_STUDIO",
        "formats.imagefolder:IMAGEFOLDER",
        "formats.folders:FOLDERS",
        "formats.folders:ULTRALYTICS",
        "formats.fiftyone:FIFTYONE",
        "formats.xmp:XMP",
        "formats.exiftool:EXIFTOOL",
        "formats.megadetector:MEGADETECTOR",
        "formats.parquet:PARQUET",
        "formats.json_lines:READ_JSONL",
        "formats.label_studio:READ_LABEL_STUDIO",
        "formats.megadetector:READ_MEGADETECTOR",
        "formats.parquet:READ_PARQUET",
        "formats.imagefolder:READ_IMAGEFOLDER",
        "formats.fiftyone:READ_FIFTYONE",
        "formats.xmp:READ_XMP",
        "formats.class_folders:CLASS_FOLDERS",
    ),
    attach="folder_names:attach",
    columns=("given:COLUMN",),
    facts=(GIVEN,),
    guide=(GuidePage("import", "Import", 50),),
)
