"""Classifiers saved as folders, for other pictures, projects and programs."""

from typing import Final

from nameplate.plug_ins.feature import Action, Command, Drop, Extension, Feature, GuidePage, When

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "save_classifier",
            "Save classifier…",
            "window:save",
            group="File",
            also=("Export/export/30",),
            when=When.NAMES | When.MODEL,
            tip="What suggestions come from, for other pictures and other programs",
            words="model onnx trained weights deploy",
        ),
        Action(
            "use_classifier",
            "Use what was taught elsewhere…",
            "window:ask",
            group="Label",
            also=("Auto-label/how/60",),
            when=When.MODEL,
            tip="Names and what was learned, from a saved classifier or another project",
            words="classifier load pretrained transfer",
        ),
    ),
    commands=(
        Command(
            "export-classifier",
            "Save what a project was taught, for other pictures and programs.",
            "export_command",
        ),
    ),
    extensions=(Extension("label", "label_command", after="--concept"),),
    drops=(
        Drop(
            "folder",
            "“{name}” is a saved classifier. Use what was taught in it?",
            "Use it",
            "window:use_from",
            holds="classifier.toml",
        ),
    ),
    guide=(GuidePage("classifiers", "Classifiers", 75),),
)
