"""Models: known and installed ones, downloads, checks, and their speed on this computer."""

from typing import Final

from nameplate.plug_ins.feature import Action, Command, Drop, Feature, GuidePage

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "models",
            "Models…",
            "panel:ask",
            keys=("Ctrl+M",),
            menu="File/models/130",
            also=("Model/choose/10",),
            icon="settings",
            tip="Choose, download and remove models",
            words="network encoder download clip device",
        ),
        Action(
            "report",
            "Copy report",
            "panel:copy_report",
            keys=("Ctrl+Shift+R",),
            group="Help",
            also=("About/report/10",),
            tip="What is installed and what runs, to ask for help with",
            words="diagnosis doctor system",
        ),
    ),
    commands=(
        Command("models", "List, download, add, check and remove models.", "command"),
        Command(
            "export-model",
            "Export a model from open_clip or transformers (needs PyTorch).",
            "export_model",
        ),
        Command("doctor", "Show what is installed and what runs.", "doctor"),
    ),
    drops=(Drop("model", "Add to the models?", "Add", "panel:add"),),
    guide=(GuidePage("models", "Models", 80),),
)
