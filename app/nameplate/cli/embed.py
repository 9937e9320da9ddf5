"""`nameplate embed`: images, or prompts, to unit vectors in an .npz file."""

import argparse
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.cli.command import EXIT_DONE, Command, finish, put, say
from nameplate.cli.options import (
    NOTHING_ENCODED,
    add_model_options,
    open_cache,
    open_model,
    positive,
    some_path,
)
from nameplate.cli.progress import ProgressBar
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageState
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import lines_of
from nameplate.services.collection import embed_all, find_images, refuse_to_overwrite
from nameplate.storage.atomic import check_writable, write_atomically
from nameplate.storage.scan import common_folder, relative_name
from nameplate.storage.text_files import read_text

LONGEST_PROMPT: Final = 1000
"""Letters; the text encoders read 64 to 77 tokens."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `embed`."""
    parser.add_argument(
        "paths", nargs="*", type=some_path, metavar="PATH", help="images and folders"
    )
    parser.add_argument(
        "--text",
        type=some_path,
        metavar="FILE",
        help="encode prompts instead: one a line, as it stands",
    )
    parser.add_argument(
        "--npz", type=some_path, required=True, metavar="FILE", help="where to write"
    )
    parser.add_argument("--limit", type=positive, metavar="N", help="only the first N images")
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Write `path` (str) or `text` (str), and `embedding` (float32, N x D, unit length)."""
    if bool(args.paths) == bool(args.text):
        raise UsageError("give images, or --text with a file of prompts: one of the two")
    check_writable(args.npz)
    return _embed_text(args, cancel) if args.text else _embed_images(args, cancel)


def _embed_text(args: argparse.Namespace, cancel: CancelToken) -> int:
    refuse_to_overwrite(args.npz, [args.text])
    prompts = _prompts(args.text)
    vectors = open_model(args).text.encode(prompts, cancel)
    _write(args.npz, {"text": np.array(prompts, dtype=np.str_), "embedding": vectors})
    put(f"{args.npz}: {len(prompts):,} prompts x {vectors.shape[1]}")
    return EXIT_DONE


def _prompts(file: Path) -> list[str]:
    prompts = list[str]()
    for number, line in enumerate(lines_of(read_text(file)), 1):
        if len(line) > LONGEST_PROMPT:
            what = f"{len(line):,} letters, and {LONGEST_PROMPT:,} is the most"
            raise UsageError(
                what, where=f"{file}, line {number}", remedy="Write one prompt a line."
            )
        if line.strip():
            prompts.append(line)
    if not prompts:
        raise UsageError("no prompt in it", where=str(file), remedy="Write one a line.")
    return prompts


def _embed_images(args: argparse.Namespace, cancel: CancelToken) -> int:
    found = find_images(args.paths, cancel=cancel, limit=args.limit)
    refuse_to_overwrite(args.npz, found.images)
    model = open_model(args)
    with open_cache(args, model) as cache:
        table = embed_all(
            found.images,
            model,
            cache=cache,
            cancel=cancel,
            on_progress=ProgressBar("Embedding"),
            on_note=say,
        )
        if cache and cache.problem:
            say(cache.problem)
    folder = common_folder(table.paths)
    names = [relative_name(path, folder) for path in table.paths]
    ready = table.states == ImageState.READY
    rows = sorted(np.flatnonzero(ready).tolist(), key=names.__getitem__)
    vectors = table.embeddings[rows]
    paths = np.array([names[r] for r in rows], dtype=np.str_)
    _write(args.npz, {"path": paths, "embedding": vectors})
    ran = f", on {used.device}" if (used := model.device_used) else f"; {NOTHING_ENCODED}"
    put(f"{args.npz}: {len(rows):,} images x {vectors.shape[1]}{ran}")
    return finish(table, found.problems, cancel)


def _write(file: Path, arrays: dict[str, NDArray[Any]]) -> None:
    write_atomically(file, lambda stream: np.savez(stream, allow_pickle=False, **arrays))


COMMAND = Command("embed", "Turn images or prompts into vectors (.npz).", add_options, run)
