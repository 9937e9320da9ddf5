"""The history of steps, for undo and redo."""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.domain.arrays import grown
from nameplate.domain.changes import AddImages, Change, Ids, RemoveImages, Title
from nameplate.domain.images import Contents
from nameplate.domain.paths import PathList

MOST_STEPS: Final = 1000
"""Steps that can be undone; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Step:
    """An undoable step.

    Attributes:
        number: Rises with each step of a project; none is used twice.
        change: What takes it back; of an undone step, what does it again.
    """

    number: int
    title: Title
    change: Change


@dataclass(frozen=True, slots=True)
class StepEvent:
    """Event: a step was done, undone or redone.

    Attributes:
        change: What was done to the project just now.
        step: As the history has it after that.
        is_undone: Whether the step was undone by that.
        is_new: Whether it was not there before; undone steps are forgotten then.
    """

    change: Change
    step: Step
    is_undone: bool = False
    is_new: bool = False

    def joined_to(self, before: "StepEvent") -> "StepEvent | None":
        """Return both as one event if they add images as one step; else None."""
        one, other = before.change, self.change
        is_one = before.step.number == self.step.number and not self.is_new
        if not (is_one and isinstance(one, AddImages) and isinstance(other, AddImages)):
            return None
        if len(one.ids) and len(other.ids) and one.ids[-1] >= other.ids[0]:
            return None
        ids = np.concatenate([one.ids, other.ids])
        paths = PathList.of_texts([*one.paths.texts, *other.paths.texts])
        return StepEvent(AddImages(ids, paths), self.step, is_new=before.is_new)


@dataclass(frozen=True, slots=True)
class ReadContents:
    """Event: contents of files were read; kept with the project, but not a step.

    Attributes:
        ids: Of n images.
        contents: n CONTENT records.
    """

    ids: Ids
    contents: Contents


class History:
    """The steps that can be undone, and those that can be redone.

    Attributes:
        done: The last one is the next to be undone.
        undone: The last one is the next to be done again.
        next_number: Of the next step.
    """

    def __init__(self, most: int = MOST_STEPS) -> None:
        self.done = deque[Step](maxlen=most)
        self.undone = list[Step]()
        self.next_number = 1
        self._buffer = np.empty(0, dtype=np.int64)

    def copy(self) -> "History":
        """Return a history of the same steps."""
        copy = History(self.done.maxlen or MOST_STEPS)
        copy.done.extend(self.done)
        copy.undone.extend(self.undone)
        copy.next_number = self.next_number
        return copy

    @property
    def last_number(self) -> int:
        """The number of the step that is the next to be undone; 0 where there is none."""
        return self.done[-1].number if self.done else 0

    def push(self, title: Title, inverse: Change) -> Step:
        """Add a step that was just done, and return it; forgets undone ones."""
        step = Step(self.next_number, title, inverse)
        self.next_number += 1
        self.undone.clear()
        self.done.append(step)
        return step

    def forget_undone(self, first: int) -> None:
        """Let undone steps from a number on not be done again; the file has them up to the next."""
        self.undone[:] = [step for step in self.undone if step.number < first]

    def extend(self, number: int, ids: Ids) -> Step | None:
        """Let the step that added images also take back these; None if it was undone.

        A folder's images arrive in batches, between which a person may do other things.
        """
        for place, step in enumerate(self.done):
            if step.number == number and isinstance(step.change, RemoveImages):
                before = step.change.ids
                is_later = not len(before) or not len(ids) or ids[0] > before[-1]
                all_ids = self._appended(before, ids) if is_later else np.union1d(before, ids)
                title = Title(step.title.code, {"count": len(all_ids)})
                self.done[place] = Step(number, title, RemoveImages(all_ids))
                return self.done[place]
        return None

    def _appended(self, before: Ids, ids: Ids) -> Ids:
        """Return both, one after the other; a million in small batches are copied once or twice."""
        start, end = len(before), len(before) + len(ids)
        self._buffer = grown(self._buffer if before.base is self._buffer else before, end)
        self._buffer[start:end] = ids
        return self._buffer[:end]
