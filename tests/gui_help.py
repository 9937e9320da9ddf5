"""What the tests of the window share."""

from nameplate.ui.grid.tiles import Tiles

COLOURS = ["red", "green", "blue"]


def wait_until_scored(qtbot, window):
    """Wait until all pictures are found, read and scored for the current names."""

    def is_settled():
        controller = window.controller
        return (
            controller.project.images.present
            and not controller.is_scanning
            and not controller.is_reading
            and not controller.is_scoring
            and controller.is_current
        )

    qtbot.waitUntil(is_settled, timeout=15_000)


def label_ids(window):
    """Return by row the id of the concept that each picture is labelled with, or NO_CONCEPT."""
    labels = window.controller.project.labels
    return labels.sets.first_concepts()[labels.concepts]


def labels_of(window):
    """Return the name that each picture is labelled with, by folder and file."""
    names = {c.key: c.name for c in window.controller.project.concepts}
    paths, ids = window.controller.project.images.paths, label_ids(window).tolist()
    return {f"{p.parent.name}/{p.name}": names.get(k, "") for p, k in zip(paths, ids, strict=True)}


def tile_in(window, row):
    """Return the tile of a picture."""
    return Tiles(window.controller.project, window.controller.suggestions).tile(row)
