"""Finds out which files of a project's images are missing, and searches for them."""

import os
import time
from collections import defaultdict
from collections.abc import Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nameplate.domain.changes import Ids, Relink
from nameplate.domain.images import contents_of
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.relink.rules import MissingImages, follow_folders, match_contents
from nameplate.imaging.scan import scan
from nameplate.project.path_matching import match_names, whole_folders
from nameplate.system.file_status import content_key


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """The new paths of missing images.

    Attributes:
        change: The change to their new paths.
        moved: Where each of them was, and where it is now.
        unsure: Where each image was that is left out, and the files that it may be: its content
            lies in several folders, and nothing tells which one took the place of its own.
    """

    change: Relink
    moved: list[tuple[str, str]]
    unsure: list[tuple[str, list[str]]]


def missing_ids(ids: Ids, paths: PathList, cancel: CancelToken) -> Ids:
    """Return the ids of images whose files are missing, as far as checked until a cancel.

    Each folder is listed once: on a network drive that is far quicker than a look at each file.
    """
    by_folder = defaultdict[str, list[tuple[int, str]]](list)
    for place, text in enumerate(paths.texts):
        folder, name = os.path.split(text)
        by_folder[folder].append((place, name))
    missing = list[int]()
    for folder, files in by_folder.items():
        if cancel.is_cancelled:
            break
        listed = _names_in(folder)
        # What a listing lacks may be there all the same: some systems have several spellings.
        missing += [
            place
            for place, name in files
            if name not in listed and not (listed and os.path.exists(paths.texts[place]))  # noqa: PTH110
        ]
    return ids[np.sort(np.array(missing, dtype=np.int64))]


def search(
    missing: MissingImages, folder: Path, taken: Set[str], cancel: CancelToken
) -> Iterator[Progress | FoundFiles]:
    """Search a folder tree for missing images; `FoundFiles` is yielded last.

    Where nearly all images of a folder are in one other folder, with the name of that folder, of
    the file, and the same size, they are not read. The others are read and compared by content;
    `match_contents` says which of several copies is taken. Where the content of an image is not
    known, nearly all images of its folder must lie in one folder, where a file has its name.

    Args:
        missing: The images to search for.
        folder: Where.
        taken: Paths of the project's other images, as `os.path.normcase` makes them.
        cancel: Stops the search; nothing more is yielded.
    """
    started = time.monotonic()
    files = list[str]()
    for batch in scan([folder], cancel=cancel):
        texts = map(str, batch.images)
        files += [text for text in texts if os.path.normcase(text) not in taken]
        yield Progress(len(files), 0, time.monotonic() - started)
    sizes = [_size_of(text) for text in files]
    known, were = missing.contents["size"].tolist(), missing.paths.texts
    sure, unsure = match_names(were, files)
    same_size = {p: file for p, file in sure.items() if 0 <= known[p] == sizes[file]}
    unread = {p: file for p, file in (sure | unsure).items() if known[p] < 0}
    matches = whole_folders(same_size, were, files) | whole_folders(unread, were, files)
    wanted = {
        place: (missing.contents["digest"][place].tobytes(), text)
        for place, text in enumerate(were)
        if place not in matches and known[place] >= 0
    }
    wanted_sizes, used = {known[place] for place in wanted}, set(matches.values())
    to_read = [n for n, size in enumerate(sizes) if size in wanted_sizes and n not in used]
    digests = list[tuple[int, bytes, str]]()
    for count, file in enumerate(to_read):
        yield Progress(count, len(to_read), time.monotonic() - started)
        with suppress(OSError):
            (content,) = contents_of([content_key(Path(files[file]), cancel)])
            digests.append((file, content["digest"].tobytes(), files[file]))
    if cancel.is_cancelled:
        return
    by_content, several = match_contents(wanted, digests)
    matches |= by_content
    left = (place for place, size in enumerate(known) if size < 0 and place not in matches)
    matches |= follow_folders(left, matches, were, files)
    yield FoundFiles(
        missing.relinked(matches, files),
        [(were[place], files[matches[place]]) for place in sorted(matches)],
        [(were[place], [files[file] for file in several[place]]) for place in sorted(several)],
    )


def _names_in(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder or os.curdir))  # noqa: PTH208 - names are all that is needed
    except (OSError, ValueError):  # ValueError: a NUL in it
        return set()


def _size_of(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - many thousands
    except OSError:
        return -1
