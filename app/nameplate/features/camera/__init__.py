"""What the camera knows: when a picture was taken, by which camera, and where if asked for."""

from typing import Final

from nameplate.domain.feature import Action, Feature, Finding
from nameplate.domain.text import deferred

FEATURE: Final = Feature(
    __name__,
    actions=(
        Action(
            "places",
            "Places",
            "showing:toggle_places",
            menu="View/parts/190",
            tip="Read where pictures were taken, too, and show it; off until you turn it on",
            words="gps location coordinates map exif camera",
            is_checkable=True,
        ),
    ),
    findings=(
        Finding(
            "taken",
            "Date taken",
            (("none", "No date taken"),),
            values="days",
            orders=(deferred("Oldest first"), deferred("Newest first")),
        ),
        Finding(
            "camera",
            "Camera",
            (("none", "No camera"),),
            values="texts",
            orders=(deferred("A to Z"), deferred("Z to A")),
        ),
        Finding(
            "place",
            "Place",
            (("yes", "Says where it was taken"), ("none", "Doesn't say where it was taken")),
            "a place is known or not",
        ),
    ),
    columns=("columns:TAKEN", "columns:CAMERA", "columns:PLACE"),
    attach="showing:attach",
)
