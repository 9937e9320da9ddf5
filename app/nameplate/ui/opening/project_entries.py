"""The words for recent projects, in the start page and in lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.project.file.recent import RecentProject
from nameplate.project.file.store import ENDING
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.wording.numbers import time_or_date
from nameplate.wording.texts import after_colon, listed, pictures_text, tr, trn

_LONGEST: Final = 40
"""Letters of a project's name in a list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A project to go on with, in words.

    Attributes:
        name: Its file's, or that of the folder of its pictures; may be empty.
        folder: The one above, which tells it from another of the same name; else empty.
        names: Its first names, where the folder does not.
        place: Where its pictures are, or its file.
        how_far: How much of it is checked.
        when: It was changed last.
    """

    name: str
    folder: str
    names: str
    place: str
    how_far: str
    when: str

    @property
    def title(self) -> str:
        """Its name with a distinguishing part, or its progress if it has no name."""
        return self.called(shortened(self.name, _LONGEST)) if self.name else self.how_far

    @property
    def state(self) -> str:
        """Its progress, unless that is the title, and the time of its last change."""
        return listed((self.how_far, self.when)) if self.name else self.when

    @property
    def text(self) -> str:
        """Title and state in one line."""
        return (
            after_colon(self.title, self.state) if self.name else listed((self.title, self.state))
        )

    def called(self, name: str) -> str:
        """Return a name with a distinguishing part."""
        if self.folder:
            return tr("{project} in {folder}", project=name, folder=self.folder)
        return tr("{project} with {names}", project=name, names=self.names) if self.names else name


NO_ENTRY: Final = Entry("", "", "", "", "", "")


def entries_of(projects: Sequence[RecentProject]) -> list[Entry]:
    """Return the entry of each project.

    One that has the name of another is told apart by the folder above, or by its names.
    """
    names = [_name_of(project) for project in projects]
    above = [_place_of(project).parent.name for project in projects]
    found = list[Entry]()
    for project, name, folder in zip(projects, names, above, strict=True):
        twins = [other for other, same in zip(above, names, strict=True) if same == name]
        is_twin, by_folder = bool(name) and len(twins) > 1, twins.count(folder) == 1
        place = project.path.parent if project.is_named else _place_of(project)
        found.append(
            Entry(
                name=one_line(name),
                folder=one_line(shortened(folder, _LONGEST)) if is_twin and by_folder else "",
                names=one_line(_names_of(project)) if is_twin and not by_folder else "",
                place=str(place) if name else "",
                how_far=_how_far(project),
                when=time_or_date(project.changed_at),
            )
        )
    return found


def _place_of(project: RecentProject) -> Path:
    """Return the name of a project, from its file or the folder of its pictures."""
    is_file = project.is_named or project.summary is None
    return project.path if is_file else Path(project.summary.folder if project.summary else "")


def _name_of(project: RecentProject) -> str:
    place = _place_of(project)
    if place == project.path:  # one that nobody named is called after the time it was begun
        return place.name.removesuffix(ENDING) if project.is_named else ""
    return "" if place == Path() else place.name or str(place)


def _names_of(project: RecentProject) -> str:
    """Return the first names of a project."""
    if project.summary is None or not project.summary.concepts:
        return ""
    names = listed([shortened(name, _LONGEST // 2) for name in project.summary.names])
    more = project.summary.concepts - len(project.summary.names)
    return tr("{names} and {count:,} more", names=names, count=more) if more else names


def _how_far(project: RecentProject) -> str:
    summary = project.summary
    if summary is None:
        return tr("its file is damaged")
    if not summary.images:
        return trn(
            "{count:,} name without pictures", "{count:,} names without pictures", summary.concepts
        )
    if not summary.decided:
        return pictures_text(summary.images)
    count, total = summary.decided, summary.images
    return tr("{count:,} of {total:,} checked", count=count, total=total)
