"""What the tests of the window share."""

COLOURS = ["red", "green", "blue"]


def wait_until_rated(qtbot, window):
    """Wait until all pictures are looked for, read and rated by the names as they stand."""

    def is_settled():
        controller = window.controller
        return (
            len(controller.workspace.images)
            and not controller.is_scanning
            and not controller.is_reading
            and not controller.is_scoring
            and controller.workspace.is_current
        )

    qtbot.waitUntil(is_settled, timeout=15_000)


def labels_of(window):
    """Return the name that each picture is labelled with, by folder and file."""
    names = {c.key: c.name for c in window.controller.workspace.concepts}
    paths = window.controller.workspace.images.paths
    keys = window.controller.workspace.labels.concepts.tolist()
    return {f"{p.parent.name}/{p.name}": names.get(k, "") for p, k in zip(paths, keys, strict=True)}
