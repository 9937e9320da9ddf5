"""Matches the images of a project whose files were moved or renamed with files that are there."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from nameplate.domain.changes import Ids, Relink
from nameplate.domain.contents import Contents
from nameplate.domain.paths import PathList
from nameplate.project.project import Project

_End = tuple[str, ...]

Matches = dict[int, int]
"""Index of a missing image -> index of a file."""


@dataclass(frozen=True, slots=True)
class MissingImages:
    """Images of a project whose files are not where they were.

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
        """Return the change that gives images the paths of the files that match them."""
        places = sorted(matches)
        texts = (files[matches[place]] for place in places)
        return Relink(self.ids[places], PathList.of_texts(texts))


def match_names(missing: Sequence[str], files: Sequence[str]) -> Matches:
    """Match files to missing images by the ends of their paths, the longest common end first.

    Images and files that their names do not tell apart are left out.

    Args:
        missing: Where the images were.
        files: Where files are now.
    """
    ends, ends_of_files = list(map(_parts, missing)), list(map(_parts, files))
    left, free = set(range(len(ends))), set(range(len(ends_of_files)))
    found = Matches()
    longest = max(map(len, ends), default=0)
    for length in range(longest, 0, -1):
        of_images, of_files = _by_end(ends, left, length), _by_end(ends_of_files, free, length)
        for end, places in of_images.items():
            same = of_files.get(end, [])
            if len(places) == len(same) == 1:
                (place,), (file,) = places, same
                found[place] = file
                left.remove(place)
                free.remove(file)
    return found


def match_contents(
    missing: Mapping[int, tuple[bytes, str]], files: Iterable[tuple[int, bytes, str]]
) -> Matches:
    """Match files to missing images by what they hold; among copies, one of the same name first.

    Args:
        missing: Index of an image -> the digest of its content, and the name of its file.
        files: Index, digest and name of each file.
    """
    waiting = defaultdict[bytes, list[int]](list)
    for place, (digest, _) in missing.items():
        waiting[digest].append(place)
    found = Matches()
    for file, digest, name in files:
        if places := waiting.get(digest):
            place = next((one for one in places if missing[one][1] == name), places[0])
            places.remove(place)
            found[place] = file
    return found


def _parts(text: str) -> _End:
    """Return the parts of a path as this system compares names, the last one first."""
    return PurePath(os.path.normcase(text)).parts[::-1]


def _by_end(ends: Sequence[_End], places: Iterable[int], length: int) -> dict[_End, list[int]]:
    """Return the places by the last `length` parts of their paths; shorter ones are left out."""
    found = defaultdict[_End, list[int]](list)
    for place in places:
        if len(ends[place]) >= length:
            found[ends[place][:length]].append(place)
    return found
