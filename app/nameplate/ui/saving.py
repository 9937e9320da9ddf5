"""Writes a file that a person asked for on a thread, and says what became of it."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.formats.outputs.output import Output
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, tr


def save_file(
    workbench: Workbench,
    output: Output,
    write: Callable[[BinaryIO, CancelToken], None],
    saved: str,
    not_saved: str,
) -> None:
    """Write a file, and say that it was `saved` as {name}, or `not_saved` and why."""

    def job(cancel: CancelToken) -> Iterator[None]:
        output.write(lambda stream: write(stream, cancel))
        yield None

    def on_failed(error: Exception) -> None:
        if not isinstance(error, CancelledError):
            workbench.warn(sentences(tr(not_saved), error_text(error)))

    def on_saved(_done: None) -> None:
        workbench.say(tr(saved, name=output.path.name), is_reply=True)

    # Each file is a job of its own: none takes the place of another one.
    workbench.run(f"save {output.path}", job, on_saved, on_failed)
