"""Entry point and tasks of the program's child processes; see `system.child`."""

from typing import Final

from nameplate.imaging.pictures import PICTURE, THUMBNAIL, picture_task, thumbnail_task
from nameplate.imaging.taken import TAKEN, taken_task
from nameplate.model_hub.trial import DESCRIBE, TRY_OUT, describe_task, try_out_task
from nameplate.pipeline.reading.prefetch import PIXELS, pixels_task
from nameplate.system.child_server import Task, serve

TASKS: Final[dict[str, Task]] = {
    THUMBNAIL: thumbnail_task,
    PICTURE: picture_task,
    TAKEN: taken_task,
    PIXELS: pixels_task,
    DESCRIBE: describe_task,
    TRY_OUT: try_out_task,
}


def main(most_bytes: int) -> None:
    """Serve the parent process's requests until it ends, in `most_bytes` of memory."""
    serve(TASKS, most_bytes)
