"""Finds out which files of a project's images are missing, and where they were moved."""

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nameplate.domain.changes import Ids, Relink
from nameplate.domain.images import Contents, contents_of
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelToken, Progress
from nameplate.imaging.scan import scan
from nameplate.project.path_matching import Matches, PathEnd, match_names, path_end, whole_folders
from nameplate.project.project import Project
from nameplate.system.file_status import content_key


@dataclass(frozen=True, slots=True)
class MissingImages:
    """Images of a project whose files are missing.

    Attributes:
        ids: Of n images.
        paths: Where the n files were.
        contents: What the n files held when they were read.
    """

    ids: Ids
    paths: PathList
    contents: Contents

    @classmethod
    def of(cls, project: Project, ids: Ids) -> "MissingImages":
        """Return the images of `ids`, without those that were removed from the project."""
        images = project.images
        rows = images.rows_of(ids)
        rows = rows[~images.is_removed[rows]]
        return cls(images.ids[rows], images.paths.select(rows.tolist()), images.contents[rows])

    def __len__(self) -> int:
        return len(self.paths)

    def relinked(self, matches: Matches, files: Sequence[str]) -> Relink:
        """Return the change that gives images the paths of their matches."""
        places = sorted(matches)
        texts = (files[matches[place]] for place in places)
        return Relink(self.ids[places], PathList.of_texts(texts))


def follow_folders(
    unread: Iterable[int], matches: Matches, missing: Sequence[str], files: Sequence[str]
) -> Matches:
    """Match images of unknown content to files of their name, where their folder is now.

    Args:
        unread: Indices of these images.
        matches: Of the others; by them nearly all of a folder must be in one other folder.
        missing: Where the images were.
        files: Where files are now.
    """
    there = defaultdict[str, Counter[str]](Counter)
    for place, file in matches.items():
        there[os.path.dirname(missing[place])][os.path.dirname(files[file])] += 1  # noqa: PTH120
    free = {os.path.normcase(text): file for file, text in enumerate(files)}
    for file in matches.values():
        free.pop(os.path.normcase(files[file]), None)
    followed = Matches()
    for place in unread:
        old, name = os.path.split(missing[place])
        for new, _ in there[old].most_common(1):
            file = free.pop(os.path.normcase(os.path.join(new, name)), None)  # noqa: PTH118
            if file is not None:
                followed[place] = file
    whole = whole_folders(matches | followed, missing, files)
    return {place: file for place, file in followed.items() if place in whole}


def without_taken(project: Project, change: Relink) -> Relink:
    """Return a change without paths that other images of the project have."""
    rows = project.images.rows_of(change.ids).tolist()
    free = [
        place
        for place, (row, text) in enumerate(zip(rows, change.paths.texts, strict=True))
        if project.row_of(text) in (None, row)
    ]
    return Relink(change.ids[free], change.paths.select(free))


def match_contents(
    missing: Mapping[int, tuple[bytes, str]], files: Sequence[tuple[int, bytes, str]]
) -> tuple[Matches, dict[int, list[int]]]:
    """Match files to missing images by content, the same name and then the same folder first.

    Of several files with an image's content, those that have its name count alone, if any does.
    Among them, the folder is taken in which most missing images are found so. Where two folders are
    equal in that, the image is left out.

    Args:
        missing: Index of an image -> the digest of its content, and where it was.
        files: Index and digest of each file, and where it is.

    Returns:
        The matches, and for each image that was left out the files that it may be.
    """
    there = defaultdict[bytes, _Copies](_Copies)
    for file, digest, text in reversed(files):
        there[digest].add(file, text)
    choices = dict[int, dict[_Move, list[int]]]()
    for place, (digest, text) in missing.items():
        if digest in there:
            choices[place] = there[digest].choices(text)
    votes = Counter(move for moves in choices.values() for move in moves)
    found, unsure, used = Matches(), dict[int, list[int]](), set[int]()
    # Those that a file has the name of come first: no other may take it.
    for place in sorted(choices, key=lambda place: min(move.is_renamed for move in choices[place])):
        moves = choices[place]
        for files_there in moves.values():
            while files_there and files_there[-1] in used:
                files_there.pop()
        free = [move for move, files_there in moves.items() if files_there]
        best = max((votes[move], move.kept) for move in free) if free else (0, 0)
        chosen = [move for move in free if (votes[move], move.kept) == best]
        if len(chosen) == 1:
            found[place] = moves[chosen[0]].pop()
            used.add(found[place])
        elif chosen:
            unsure[place] = [moves[move][-1] for move in chosen]
    return found, unsure


@dataclass(frozen=True, slots=True)
class _Move:
    """From which folder to which a picture went, without the end that both paths have in common.

    Attributes:
        before: The folder of before.
        after: The folder of now.
        kept: How many parts the paths have in common at their ends.
    """

    before: PathEnd
    after: PathEnd
    kept: int = field(compare=False)

    @property
    def is_renamed(self) -> bool:
        """Whether the file has another name."""
        return not self.kept


class _Copies:
    """The files that have one content."""

    def __init__(self) -> None:
        self._by_name = defaultdict[str, list[tuple[int, PathEnd]]](list)
        self._by_folder = defaultdict[PathEnd, list[int]](list)

    def add(self, file: int, text: str) -> None:
        parts = path_end(text)
        self._by_name[parts[0]].append((file, parts))
        self._by_folder[parts[1:]].append(file)

    def choices(self, text: str) -> dict[_Move, list[int]]:
        """Return which files an image that was at `text` may be, by the move; the first is last."""
        was = path_end(text)
        if same := self._by_name.get(was[0]):
            return {_move(was, parts): [file] for file, parts in same}
        return {
            _Move(was[1:], folder, 0): there for folder, there in self._by_folder.items() if there
        }


def _move(was: PathEnd, now: PathEnd) -> _Move:
    pairs = enumerate(zip(was, now, strict=False))
    kept = next((n for n, (one, other) in pairs if one != other), min(len(was), len(now)))
    return _Move(was[kept:], now[kept:], kept)


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
