"""What panel and command both say of what was done."""

from nameplate.features.keywords.writing import Done
from nameplate.wording.texts import tr, trn


def not_jpeg(count: int) -> str:
    """Return that so many labelled pictures are no JPEG; empty for none."""
    return trn(
        "{count:,} labelled picture isn't a JPEG: export an XMP sidecar for it.",
        "{count:,} labelled pictures aren't JPEGs: export XMP sidecars for them.",
        count,
        zero="",
    )


def written(done: Done) -> str:
    """Return into how many pictures keywords were written."""
    has_all = done.contents and not done.problems
    none = tr("All pictures have their keywords already.") if has_all else ""
    return trn(
        "Keywords written into {count:,} picture.",
        "Keywords written into {count:,} pictures.",
        done.count,
        zero=none or tr("No keywords were written."),
    )


def as_before(done: Done) -> str:
    """Return how many pictures were put back."""
    return trn(
        "{count:,} picture is as it was before.",
        "{count:,} pictures are as they were before.",
        done.count,
    )
