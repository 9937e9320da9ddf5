"""Makes a project of a random sample of the images of a run, with the vectors of the run.

Each image of the run has the same chance, and none is drawn twice: the sample is those with the
lowest keys of the generator SplitMix64, started at a seed (`scoring.random_order`). The same seed
gives the same images, and a larger sample has all of a smaller one.
"""

import os
import secrets
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import SetConcepts, Settings, Title
from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.images import contents_of
from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.runs.labelling import Rules, read_rules
from nameplate.features.runs.places import Places, places_of
from nameplate.formats.arrow import require_pyarrow
from nameplate.formats.shards.image_list import LIST_NAME, ListedImage, file_below, read_list
from nameplate.formats.shards.manifest import Manifest, read_manifest
from nameplate.formats.shards.vectors import (
    Shard,
    embeddings_file,
    joined,
    read_shard,
    shards_there,
)
from nameplate.project.digests import rules_digest
from nameplate.project.project import Project
from nameplate.project.samples import MOST_SAMPLED, Origin, Sample, vectors_of
from nameplate.project.sampling import take_sample
from nameplate.scoring.random_order import random_keys
from nameplate.storage.folders import fetched_path
from nameplate.system.elsewhere import is_url, may_contact
from nameplate.system.failures import printable

DEFAULT_SAMPLE: Final = 2000
"""Images: enough for a promise of 98% about labels that a third of them have, and soon opened."""

LARGEST_SEED: Final = 2**53
_BLOCK: Final = 1 << 20


def sampled_project(
    run: Path,
    cancel: CancelToken,
    count: int = DEFAULT_SAMPLE,
    seed: int | None = None,
    rules: Rules | None = None,
) -> Generator[Progress, None, Project]:
    """Make a project of a sample of a run; yield how many of its images were read.

    No picture is read, and nobody is asked for one. The run may go on meanwhile: what it has not
    embedded yet is not drawn from. A seed, from 0 to below `LARGEST_SEED`, is drawn where none is
    given; `rules` are names and settings instead of those that the labels are made from.

    Raises:
        UsageError: It is no folder of shards, a damaged one, or one that leads to what it is not
            said to be made of; nothing is embedded yet; or too many images are wanted.
    """
    folder = run.absolute()
    where = printable(str(folder))
    require_pyarrow(folder)
    if count > MOST_SAMPLED:
        raise UsageError("sample-too-large", most=MOST_SAMPLED)
    manifest = read_manifest(folder)
    if manifest is None:
        raise UsageError("no-shards", where=where)
    yield Progress(0, min(count, manifest.images), 0.0)
    images_of = read_list(folder, manifest)  # a manifest could say any number
    shards = shards_there(folder, manifest)
    images = sum(map(manifest.length, shards))
    if not images:
        raise UsageError("nothing-embedded-yet", where=where)
    seed = secrets.randbelow(LARGEST_SEED) if seed is None else seed
    drawn = draw(manifest, shards, count, seed, cancel)
    listed, sample = yield from _read(folder, manifest, drawn, images_of, cancel)
    files = _files(folder, manifest, listed)
    first = _first_of_each(files)
    sample, files = sample.taken(first), [files[place] for place in first]
    concepts, settings = rules or read_rules(folder) or ((), Settings(learns=False))
    project = _project(concepts, settings, [file for file, _ in files])
    project.sample = Sample(
        folder=str(folder),
        run=manifest.list_digest,
        images=images,
        listed=manifest.images,
        seed=seed,
        model=manifest.model,
        fingerprint=manifest.fingerprint,
        reading=manifest.reading,
        rules=rules_digest(project) if concepts else "",
        embeddings=sample.embeddings,
        vectors=vectors_of(sample.embeddings),
        contents=contents_of(sample.contents),
        problems={place: text for place, text in enumerate(sample.problems) if text},
        origins={place: origin for place, (_, origin) in enumerate(files) if origin},
        repeated=len(drawn) - len(files),
    )
    project.images.contents[: len(files)] = project.sample.contents
    project.images.forget_embeddings(manifest.dimension)
    take_sample(project, project.sample.vectors_key)
    return project


def draw(
    manifest: Manifest, shards: Sequence[int], count: int, seed: int, cancel: CancelToken
) -> NDArray[np.int64]:
    """Return which images of some shards are drawn, in the random order of their keys."""
    is_there = np.zeros(manifest.shards, np.bool_)
    is_there[list(shards)] = True
    best, keys = np.empty(0, np.int64), np.empty(0, np.uint64)
    for start in range(0, manifest.images, _BLOCK):
        cancel.raise_if_cancelled()
        images = np.arange(start, min(start + _BLOCK, manifest.images))
        images = images[is_there[images // manifest.shard_size]]
        best = np.concatenate([best, images])
        keys = np.concatenate([keys, random_keys(images, seed)])
        order = np.argsort(keys, kind="stable")[:count]
        best, keys = best[order], keys[order]
    return best


def _read(
    folder: Path,
    manifest: Manifest,
    drawn: NDArray[np.int64],
    images_of: Callable[[int], list[ListedImage]],
    cancel: CancelToken,
) -> Generator[Progress, None, tuple[list[ListedImage], Shard]]:
    """Return the images that are drawn, and their shard; yield how many of them were read."""
    listed, parts, order = list[ListedImage](), list[Shard](), list[int]()
    started = time.monotonic()
    numbers, within = np.divmod(drawn, manifest.shard_size)
    for number in np.unique(numbers).tolist():
        cancel.raise_if_cancelled()
        places = np.flatnonzero(numbers == number)
        shard, images = read_shard(folder, manifest, number), images_of(number)
        if list(shard.paths) != [image.name for image in images]:
            raise UsageError("shard-damaged", where=printable(str(embeddings_file(folder, number))))
        rows: list[int] = within[places].tolist()
        listed += [images[row] for row in rows]
        parts.append(shard.taken(rows))
        order += places.tolist()
        yield Progress(len(order), len(drawn), time.monotonic() - started)
    by_place: list[int] = np.argsort(order).tolist()
    return [listed[row] for row in by_place], joined(parts).taken(by_place)


def _first_of_each(files: Sequence[tuple[Path, Origin | None]]) -> list[int]:
    """Return the places of the files that are new there: a run may list one several times."""
    first = dict[str, int]()
    for place, (path, _) in enumerate(files):
        first.setdefault(os.path.normcase(path), place)
    return list(first.values())


def _project(concepts: tuple[Concept, ...], settings: Settings, files: Sequence[Path]) -> Project:
    """Return a project of images and names, of which there is nothing to undo."""
    # What is learned from decisions could not be given back to the run.
    project = Project(replace(settings, learns=False))
    project.add_images(project.to_add(files))
    if concepts:
        title = Title("add-names", {"count": len(concepts), "name": concepts[-1].name})
        project.apply(SetConcepts(concepts), title)
    project.history.done.clear()
    return project


def _files(
    folder: Path, manifest: Manifest, listed: Sequence[ListedImage]
) -> list[tuple[Path, Origin | None]]:
    """Return where each image lies, or will lie once it is fetched, and where it comes from."""
    may_lead_to, found = _places(manifest), list[tuple[Path, Origin | None]]()
    for image in listed:
        file = file_below(manifest.root, image.file)
        is_place = is_url(file) or os.path.isabs(file)  # noqa: PTH117 - text, not a Path
        if not is_place or "\0" in file or not may_lead_to.hold(file):
            where = printable(str(folder / LIST_NAME))
            raise UsageError("image-list-leads-elsewhere", where=where, name=image.name)
        if image.member or may_contact(file):
            member = printable(image.member.replace("\0", ""))
            origin = Origin(image.name, file, member, image.offset, image.size)
            found.append((fetched_path(manifest.list_digest, image.name), origin))
        else:
            found.append((Path(file), None))
    return found


def _places(manifest: Manifest) -> Places:
    """Return where the images of a run may lie: in what it was made of.

    Of very many inputs only a hash is kept: then in the folder that holds all of them, or anywhere
    if there is none. Nobody is asked for a picture on another machine before a person agrees.
    """
    inputs = manifest.inputs
    if not any(is_url(one) or os.path.isabs(one) for one in inputs):  # noqa: PTH117
        inputs = (manifest.root,) if manifest.root else ()
    return places_of(inputs) if inputs else Places(starts=("",))
