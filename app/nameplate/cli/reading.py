"""Reads all images of a command."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from nameplate.cli.command import say_message
from nameplate.cli.options import open_cache
from nameplate.cli.progress import ProgressBar
from nameplate.domain.images import ImageTable
from nameplate.domain.progress import CancelToken
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.collection import embed_all


def read_images(
    args: argparse.Namespace,
    images: Sequence[Path],
    model: LoadedModel,
    cancel: CancelToken,
    verb: str = "Reading",
) -> ImageTable:
    """Embed images, with a progress bar that says `verb`; return a table of them.

    Raises:
        ModelError: The model cannot be used.
        CancelledError: `cancel` was set before anything was done.
    """
    table = ImageTable()
    table.add(images)
    with open_cache(args, model) as cache:
        embed_all(
            table,
            model,
            cache=cache,
            cancel=cancel,
            on_progress=ProgressBar(verb),
            on_note=say_message,
        )
        if cache and cache.problem:
            say_message(cache.problem)
    return table
