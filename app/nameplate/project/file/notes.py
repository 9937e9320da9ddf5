"""Facts and results of reading that wait to be written to a project's file."""

import time
from collections.abc import Collection
from typing import Any, Final

from nameplate.domain.changes import SetFact
from nameplate.project.history import ReadContents

Note = ReadContents | SetFact[Any]

_LATER: Final = 1.0
_LATEST: Final = 10.0
"""Seconds that notes wait after the last one, and after the first: writing them must not compete
with the reading that most of them come from."""


class Notes:
    """Notes that wait; of each fact only the last one counts.

    Attributes:
        due: When they are to be written, as `time.monotonic`.
    """

    def __init__(self) -> None:
        self._notes = list[Note]()
        self.due = self._latest = 0.0

    def __bool__(self) -> bool:
        return bool(self._notes)

    def put(self, note: Note) -> None:
        """Add one."""
        now = time.monotonic()
        if not self._notes:
            self._latest = now + _LATEST
        self.due = min(now + _LATER, self._latest)
        if isinstance(note, SetFact):
            self._notes = [
                one for one in self._notes if isinstance(one, ReadContents) or one.fact != note.fact
            ]
        self._notes.append(note)

    def all(self) -> list[Note]:
        """Return them, in the order in which they came."""
        return list(self._notes)

    def take_out(self, written: Collection[Note]) -> None:
        """Remove the notes that were written; newer ones stay."""
        gone = set(map(id, written))
        self._notes = [note for note in self._notes if id(note) not in gone]
