"""Make a project of a random sample of the images of a run."""

import os
import re
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import SetConcepts, Settings, Title
from nameplate.domain.errors import ImageError, UsageError
from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.runs.inputs import TAR, images_in
from nameplate.features.runs.labeller import Rules, read_rules
from nameplate.features.runs.parquet import require_pyarrow
from nameplate.features.runs.shards import (
    ShardState,
    embeddings_file,
    files_in,
    read_manifest,
    states_of,
)
from nameplate.formats.outputs.safe_names import FreeNames
from nameplate.pipeline.spool import ListedImage, in_shards
from nameplate.project.project import Project
from nameplate.storage.whole_folder import free_place, write_folder_atomically
from nameplate.system.elsewhere import host_of, is_elsewhere, is_url

DEFAULT_SAMPLE: Final = 2000
"""Images: enough to check the labels of a run at random, and soon opened."""

_IN_TAR: Final = re.compile(rf"(.*?{re.escape(TAR)})/(.+)", re.IGNORECASE | re.DOTALL)
_ODD_BYTE: Final = re.compile(r"\\udc([89a-f][0-9a-f])")
_LONGEST: Final = 100
"""Letters of the name of a copy: the end of the path."""


def sampled_project(
    run: Path,
    cancel: CancelToken,
    count: int = DEFAULT_SAMPLE,
    rules: Rules | None = None,
    beside: Path | None = None,
) -> Generator[Progress, None, Project]:
    """Make a project of a sample of a run; yield how many of its images were found.

    Images in tar files are copied; no picture is decoded. The run may go on at the same time: what
    it has not embedded yet is not drawn from.

    Args:
        run: The folder.
        cancel: Ends it.
        count: How many images; fewer where there are not so many, or some are listed twice.
        rules: Names and settings instead of those that the labels are made from.
        beside: The project's file, in whose folder copies are put; by default beside the run.

    Raises:
        UsageError: It is no folder of shards, a damaged one, or one with images on another machine;
            or nothing is embedded yet.
        OutputError: Copies cannot be written.
    """
    folder = run.absolute()
    require_pyarrow(folder)
    if (manifest := read_manifest(folder)) is None:
        raise UsageError("no-shards", where=folder)
    states = states_of(folder, manifest, cancel)
    images = sum(state.images for state in states.values())
    yield Progress(0, min(count, images), 0.0)
    if not images:
        raise UsageError("nothing-embedded-yet", where=folder)
    drawn = np.random.default_rng().choice(images, min(count, images), replace=False)
    names = yield from _names(folder, states, drawn, cancel)
    copies = (beside or folder).with_name(f"{(beside or folder).stem}-pictures")
    files = _files_of(names, manifest.root, copies, cancel)
    concepts, settings = rules or read_rules(folder) or ((), Settings())
    # What is learned from decisions could not be given back to the run.
    project = Project(replace(settings, learns=False))
    project.add_images(project.to_add(files))
    if concepts:
        title = Title("add-names", {"count": len(concepts), "name": concepts[-1].name})
        project.apply(SetConcepts(concepts), title)
    project.history.done.clear()
    return project


def _names(
    folder: Path,
    states: Mapping[int, ShardState],
    drawn: NDArray[np.int64],
    cancel: CancelToken,
) -> Generator[Progress, None, list[str]]:
    """Return the paths of the images that are drawn, in their order."""
    names, end, started = dict[int, str](), 0, time.monotonic()
    for number, state in states.items():
        begin, end = end, end + state.images
        places = drawn[(drawn >= begin) & (drawn < end)].tolist()
        if not places:
            continue
        cancel.raise_if_cancelled()
        paths = [path for path, _, _ in files_in(folder, number)]
        if len(paths) != state.images:
            raise UsageError("shard-damaged", where=embeddings_file(folder, number))
        names |= {place: paths[place - begin] for place in places}
        yield Progress(len(names), len(drawn), time.monotonic() - started)
    return [names[place] for place in drawn.tolist()]


def _files_of(names: Sequence[str], root: str, copies: Path, cancel: CancelToken) -> list[Path]:
    """Return the file of each image; those in tar files are copied into a new folder.

    A picture that is not in its tar file any more is missing there.

    Raises:
        UsageError: A path leads to another machine, or is none.
        OutputError: The folder cannot be written.
    """
    files, packed, copies = list[Path](), dict[str, dict[str, str]](), free_place(copies)
    free = FreeNames()
    for name in dict.fromkeys(names):
        file = _file_of(name, root)
        match = _IN_TAR.fullmatch(file)
        if match and os.path.isfile(match[1]):  # noqa: PTH113 - text, not a Path
            place = free.take(name[-_LONGEST:])
            packed.setdefault(match[1], {})[match[2]] = place
            files.append(copies / place)
        else:
            files.append(Path(file))

    def fill(folder: Path) -> None:
        for tar, members in packed.items():
            for image in images_in(tar, cancel):
                if isinstance(image, ListedImage) and in_shards(image.member) in members:
                    place = folder / members[in_shards(image.member)]
                    with suppress(ImageError):
                        place.write_bytes(image.content())

    if packed:
        write_folder_atomically(copies, fill, check=cancel.raise_if_cancelled)
    return files


def _file_of(name: str, root: str) -> str:
    """Return the absolute path of an image that a shard names."""
    file = name if is_url(name) else os.path.join(root, name)  # noqa: PTH118 - text, not a Path
    if is_url(file):
        raise UsageError("url-given", where=host_of(file))
    if is_elsewhere(name) or is_elsewhere(file) or "\0" in file or not os.path.isabs(file):  # noqa: PTH117
        raise UsageError("image-leads-elsewhere", where=name)
    # Bytes that are no UTF-8 are spelt out in shards.
    odd = _ODD_BYTE.sub(lambda found: chr(int(f"dc{found[1]}", 16)), file)
    return odd if odd != file and not os.path.lexists(file) else file
