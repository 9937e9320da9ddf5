"""Date and camera of pictures, as their EXIF says."""

from typing import Final

from nameplate.domain.filtering.findings import Finding
from nameplate.domain.text import deferred
from nameplate.plug_ins.feature import Feature

FEATURE: Final = Feature(
    __name__,
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
    ),
    columns=("csv_columns:TAKEN", "csv_columns:CAMERA"),
    attach="showing:attach",
)
