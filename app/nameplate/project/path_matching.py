"""Matches files with images by their paths: the images of another project, or files that moved."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Final

_NEARLY_ALL: Final = 0.9

PathEnd = tuple[str, ...]
"""Parts of a path as comparison keys, the last one first."""

Matches = dict[int, int]
"""Index of a missing image -> index of a file."""


def match_names(missing: Sequence[str], files: Sequence[str]) -> tuple[Matches, Matches]:
    """Match files to missing images by common ends of their paths, the longest first.

    Images and files that their names do not tell apart are left out.

    Returns:
        Those that have a folder's name in common too, and those that have the file's alone.
    """
    ends, ends_of_files = list(map(path_end, missing)), list(map(path_end, files))
    left, free = set(range(len(ends))), set(range(len(ends_of_files)))
    found, by_file_alone = Matches(), Matches()
    longest = max(map(len, ends), default=0)
    for length in range(longest, 0, -1):
        of_images, of_files = _by_end(ends, left, length), _by_end(ends_of_files, free, length)
        for end, places in of_images.items():
            same = of_files.get(end, [])
            if len(places) == len(same) == 1:
                (place,), (file,) = places, same
                (found if length > 1 else by_file_alone)[place] = file
                left.remove(place)
                free.remove(file)
    return found, by_file_alone


def whole_folders(matches: Matches, missing: Sequence[str], files: Sequence[str]) -> Matches:
    """Return the matches by which nearly all images of a folder are in one other folder.

    A folder that was renamed is told by that from a picture that happens to be called like another.
    """
    there = Counter[tuple[str, str]]()
    of_folder = Counter(map(os.path.dirname, missing))
    for place, file in matches.items():
        there[os.path.dirname(missing[place]), os.path.dirname(files[file])] += 1  # noqa: PTH120
    return {
        place: file
        for place, file in matches.items()
        if (old := os.path.dirname(missing[place]))  # noqa: PTH120
        and there[old, os.path.dirname(files[file])]  # noqa: PTH120
        > max(1, _NEARLY_ALL * of_folder[old])
    }


def path_end(text: str) -> PathEnd:
    """Return the parts of a path as comparison keys, the last one first."""
    return PurePath(os.path.normcase(text)).parts[::-1]


def _by_end(
    ends: Sequence[PathEnd], places: Iterable[int], length: int
) -> dict[PathEnd, list[int]]:
    """Return the indices by the last `length` parts of their paths, without shorter paths."""
    found = defaultdict[PathEnd, list[int]](list)
    for place in places:
        if len(ends[place]) >= length:
            found[ends[place][:length]].append(place)
    return found
