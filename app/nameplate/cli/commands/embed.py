"""`nameplate embed`: write embeddings of images or prompts to an .npz file."""

import argparse
from pathlib import Path
from typing import Any, Final

import numpy as np

from nameplate.cli.command import EXIT_DONE, counted, finish, put
from nameplate.cli.options import (
    NOTHING_ENCODED,
    add_limit_option,
    add_model_options,
    add_paths,
    loaded_text,
    open_model,
    some_path,
)
from nameplate.cli.outputs import add_output_options, keeps_earlier, output_of, stdout_redirected
from nameplate.cli.suggesting import read_images
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageState
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import lines_of
from nameplate.formats.outputs.output import VECTORS, Output
from nameplate.imaging.scan import relative_names
from nameplate.pipeline.reading.collection import find_images
from nameplate.storage.text_files import read_text
from nameplate.wording.texts import pictures_text

LONGEST_PROMPT: Final = 1000
"""In characters; the text encoders read 64 to 77 tokens."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `embed`."""
    add_paths(parser, "*")
    parser.add_argument(
        "--text",
        type=some_path,
        metavar="FILE",
        help="encode prompts instead, one a line, unchanged",
    )
    add_output_options(parser, "--npz")
    add_limit_option(parser)
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Write `path` (str) or `text` (str), and `embedding` (float32, N x D, unit length)."""
    if bool(args.paths) == bool(args.text):
        raise UsageError("images-or-text")
    output = output_of(args, args.npz, VECTORS)
    output.check()
    embed = _embed_text if args.text else _embed_images
    return embed(args, output, cancel)


def _embed_text(args: argparse.Namespace, output: Output, cancel: CancelToken) -> int:
    prompts = _prompts(args.text)
    vectors = loaded_text(open_model(args, cancel), cancel).encode(prompts, cancel)
    _write(output, text=np.array(prompts, dtype=np.str_), embedding=vectors)
    with stdout_redirected(output):
        said = counted(len(prompts), "prompt")
        put(f"{args.npz}: {said} x {vectors.shape[1]}")
    return EXIT_DONE


def _prompts(file: Path) -> list[str]:
    prompts = list[str]()
    for number, line in enumerate(lines_of(read_text(file)), 1):
        if len(line) > LONGEST_PROMPT:
            where = Message("line", {"file": str(file), "line": number})
            raise UsageError("long-prompt", where=where, letters=len(line), most=LONGEST_PROMPT)
        if line.strip():
            prompts.append(line)
    if not prompts:
        raise UsageError("no-prompts-in-it", where=str(file))
    return prompts


def _embed_images(args: argparse.Namespace, output: Output, cancel: CancelToken) -> int:
    found = find_images(args.paths, cancel=cancel, limit=args.limit, find_all=output.exists)
    output = output.apart_from(found.images + found.beyond)
    model = open_model(args, cancel)
    table = read_images(args, found.images, model, cancel, "Embedding")
    names = relative_names(table.paths.texts)
    ready = table.states == ImageState.READY
    rows = sorted(np.flatnonzero(ready).tolist(), key=names.__getitem__)
    vectors = table.embeddings[rows]
    paths = np.array([names[r] for r in rows], dtype=np.str_)
    cancel.acknowledge()
    if keeps_earlier(output, cancel):
        return finish(table, found.problems, cancel)
    _write(output, path=paths, embedding=vectors)
    pictures = pictures_text(len(rows))
    made = f"{args.npz}: {pictures} x {vectors.shape[1]}"
    used = model.device_used
    with stdout_redirected(output):
        put(f"{made}, on {used.device}" if used else f"{made}; {NOTHING_ENCODED}")
    return finish(table, found.problems, cancel)


def _write(output: Output, **arrays: Any) -> None:
    # No `allow_pickle=False`, which numpy before 2.2 would write as one more array.
    output.write(lambda stream: np.savez(stream, **arrays))
