"""`nameplate search`: find the images that are most similar to a text or a picture."""

import argparse
from itertools import chain
from typing import BinaryIO, Final

import numpy as np

from nameplate.cli.command import finish, put, put_json
from nameplate.cli.options import (
    add_json_option,
    add_limit_option,
    add_model_options,
    add_paths,
    loaded_text,
    open_model,
    positive,
    some_path,
    some_text,
)
from nameplate.cli.outputs import add_overwrite_option, output_file, output_of
from nameplate.cli.suggesting import read_images
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageTable
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.csv import has_header, neutral, number, write_rows
from nameplate.formats.outputs.output import Kind
from nameplate.imaging.scan import relative_names
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.collection import find_images
from nameplate.pipeline.search.rules import query_of, search
from nameplate.pipeline.search.scoring import vectors_of_pictures

_TOP: Final = 20

_HEADER: Final = ("rank", "path", "score")

Hits = list[tuple[str, float]]
"""Paths and cosines, the best first."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `search`."""
    add_paths(parser)
    parser.add_argument(
        "--text",
        dest="sentences",
        type=some_text,
        action="append",
        default=[],
        metavar="T",
        help="what the pictures show, as a sentence; repeatable",
    )
    parser.add_argument(
        "--image",
        type=some_path,
        action="append",
        default=[],
        metavar="FILE",
        help="a picture to compare with; repeatable",
    )
    help_text = f"how many to find (default: {_TOP})"
    parser.add_argument("--top", type=positive, default=_TOP, metavar="N", help=help_text)
    help_text = "write them too"
    parser.add_argument("--csv", type=output_file, metavar="FILE", help=help_text)
    add_overwrite_option(parser)
    add_json_option(parser)
    add_limit_option(parser)
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Print the pictures that are most similar to the query, the best first."""
    if not args.sentences and not args.image:
        raise UsageError("nothing-to-search-for")
    output = output_of(args, args.csv, HITS) if args.csv else None
    if output:
        output.check()
    listed = find_images(args.paths, cancel=cancel, limit=args.limit, find_all=bool(output))
    if output:
        output = output.apart_from((*listed.images, *listed.beyond, *args.image))
    model = open_model(args, cancel)
    queries = _queries(args, model, cancel)
    table = read_images(args, listed.images, model, cancel)
    found = _search(table, queries, args.top)
    cancel.acknowledge()
    if output:
        output.write(lambda stream: write_hits(stream, found))
    if args.json:
        put_json(
            {
                "found": [{"path": path, "score": round(score, 6)} for path, score in found],
                "model": model.manifest.id,
            }
        )
    elif not output or not output.is_stdout:
        for path, score in found:
            put(f"{score:.3f}  {path}")
    return finish(table, listed.problems, cancel)


def _queries(args: argparse.Namespace, model: LoadedModel, cancel: CancelToken) -> Vectors:
    """Return the vectors of the given sentences and pictures, n x D."""
    parts = list[Vectors]()
    if args.sentences:
        parts.append(loaded_text(model, cancel).encode(args.sentences, cancel))
    if args.image:
        parts.append(vectors_of_pictures(args.image, model, cancel))
    return np.concatenate(parts)


def _search(table: ImageTable, queries: Vectors, count: int) -> Hits:
    blocks, names = table.blocks(), relative_names(table.paths.texts)
    hits = search(blocks, query_of(queries, blocks=blocks), count)
    rows: list[int] = hits.rows.tolist()
    return [(names[row], score) for row, score in zip(rows, hits.scores.tolist(), strict=True)]


def write_hits(stream: BinaryIO, hits: Hits) -> None:
    """Write the hits of a search as CSV."""
    rows = ([str(rank), neutral(path), number(score)] for rank, (path, score) in enumerate(hits, 1))
    write_rows(stream, chain([list(_HEADER)], rows))


HITS: Final = Kind(Message("hits-csv"), lambda path: has_header(path, _HEADER))
