"""`nameplate search`: the images that are most like a text or a picture."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.cli.command import (
    EXIT_DONE,
    EXIT_SOME_UNREADABLE,
    finish,
    put,
    put_json,
    say,
)
from nameplate.cli.hits import HITS, write_hits
from nameplate.cli.labelling import read_images
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
from nameplate.cli.progress import ProgressBar
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageTable
from nameplate.domain.progress import CancelToken
from nameplate.formats.shards.manifest import Manifest, read_manifest
from nameplate.imaging.scan import relative_names
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.collection import find_images
from nameplate.pipeline.search.rules import query_of, search
from nameplate.pipeline.search.scoring import vectors_of_pictures
from nameplate.pipeline.search.shards import Search, sample_of_shards, search_shards
from nameplate.system.failures import printable

_TOP: Final = 20

Found = list[tuple[str, float]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `search`."""
    add_paths(parser, metavar="PATH|DIR")
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
    """Print the pictures that are most like what is asked for, the best first."""
    if not args.sentences and not args.image:
        raise UsageError("nothing-to-search-for")
    output = output_of(args, args.csv, HITS) if args.csv else None
    if output:
        output.check()
    manifest, listed = _shards_in(args.paths), None
    if manifest is None:
        listed = find_images(args.paths, cancel=cancel, limit=args.limit, find_all=bool(output))
    if output:
        read = (*listed.images, *listed.beyond) if listed else _files_of_shards(args.paths[0])
        output = output.apart_from((*read, *args.image))
    model = open_model(args, cancel)
    _refuse_other_model(args.paths[0], manifest, model)
    asked, table, missing = _asked(args, model, cancel), ImageTable(), 0
    if manifest:
        found, missing = _in_shards(args, manifest, asked, cancel)
    else:
        table = read_images(args, listed.images if listed else (), model, cancel)
        found = _in_table(args, table, asked)
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
    code = finish(table, listed.problems if listed else (), cancel)
    return code or (EXIT_SOME_UNREADABLE if missing else EXIT_DONE)


def _asked(args: argparse.Namespace, model: LoadedModel, cancel: CancelToken) -> Vectors:
    """Return the vectors of what is asked for, n x D."""
    parts = list[Vectors]()
    if args.sentences:
        parts.append(loaded_text(model, cancel).encode(args.sentences, cancel))
    if args.image:
        parts.append(vectors_of_pictures(args.image, model, cancel))
    return np.concatenate(parts)


def _shards_in(paths: Sequence[Path]) -> Manifest | None:
    """Return the manifest of the folder of shards that is searched; None for pictures.

    Raises:
        UsageError: It is not alone, or damaged.
    """
    for path in paths:
        if manifest := read_manifest(path) if path.is_dir() else None:
            if len(paths) > 1:
                raise UsageError("shards-alone", where=str(path))
            return manifest
    return None


def _refuse_other_model(folder: Path, manifest: Manifest | None, model: LoadedModel) -> None:
    wanted = (model.fingerprint, model.manifest.embedding_size)
    if manifest and (manifest.fingerprint, manifest.dimension) != wanted:
        where, now = printable(str(folder)), model.manifest.id
        raise UsageError("shards-of-other-model", where=where, model=manifest.model, now=now)


def _files_of_shards(folder: Path) -> tuple[Path, ...]:
    return tuple(path for path in folder.rglob("*") if path.is_file())


def _in_table(args: argparse.Namespace, table: ImageTable, asked: Vectors) -> Found:
    blocks, names = table.blocks(), relative_names(table.paths.texts)
    hits = search(blocks, query_of(asked, blocks=blocks), args.top)
    rows: list[int] = hits.rows.tolist()
    return [(names[row], score) for row, score in zip(rows, hits.scores.tolist(), strict=True)]


def _in_shards(
    args: argparse.Namespace, manifest: Manifest, asked: Vectors, cancel: CancelToken
) -> tuple[Found, int]:
    """Return what is found in a folder of shards, and how many images are missing there."""
    folder: Path = args.paths[0]
    sample = [sample_of_shards(folder, manifest)] if len(asked) > 1 else []
    wanted = Search(query_of(asked, blocks=sample), args.top, args.limit)
    found, searched, total = search_shards(
        folder, manifest, wanted, cancel, ProgressBar("Searching")
    )
    if searched < total:
        say(
            f"{folder}: {searched:,} of {total:,} images are searched; the others are missing or "
            "damaged, and nameplate label --out makes them"
        )
    return found, total - searched
