"""Models: known and installed ones, downloads, checks, and what this computer does with them."""

from typing import Final

from nameplate.domain.feature import Action, Command, Drop, Feature

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "models",
            "Models…",
            "dialog:ask",
            keys=("Ctrl+M",),
            menu="File/models/130",
            also=("Model/choose/10",),
            icon="settings",
        ),
        Action(
            "report",
            "Copy report",
            "dialog:copy_report",
            keys=("Ctrl+Shift+R",),
            menu="Help/help/20",
        ),
    ),
    commands=(
        Command("models", "List, download, add, check and remove models.", "command"),
        Command(
            "export-model",
            "Export a model from open_clip or transformers (needs PyTorch).",
            "export_model",
        ),
        Command("benchmark", "Measure the speed of this computer.", "benchmark"),
        Command("doctor", "Show what is installed and what runs.", "doctor"),
    ),
    drops=(Drop("model", "Add to the models?", "Add", "dialog:add"),),
    missing_model="downloading.install:why_missing",
)
