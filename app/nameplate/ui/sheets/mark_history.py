"""What a person marked on a page, step by step, so that Undo takes back the last one first."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nameplate.project.sheets import Mark

_Before = dict[int, Mark | None]
"""By row, the mark that it had before a step; None for none."""


@dataclass(eq=False)
class MarkHistory:
    """The steps by which the marks of a page were made.

    Attributes:
        done: What takes each back; the last one is the next to be undone.
        undone: What does each again.
        steps_undone: How many steps of the project were undone when a mark was undone last: of
            more of them now, the last one comes before the marks.
    """

    done: list[_Before] = field(default_factory=list[_Before])
    undone: list[_Before] = field(default_factory=list[_Before])
    steps_undone: int = 0

    @classmethod
    def of(cls, marks: Mapping[int, Mark]) -> "MarkHistory":
        """Return one in which each of `marks` was made alone, in their order."""
        return cls([{row: None} for row in marks])

    def note(self, before: Mapping[int, Mark], now: Mapping[int, Mark], *, goes_on: bool) -> None:
        """Note a step that made `now` of `before`; it is part of the last one if that `goes_on`."""
        rows = {*before, *now}
        step = {row: before.get(row) for row in rows if before.get(row) != now.get(row)}
        if not step:
            return
        if goes_on and self.done:
            self.done[-1] = step | self.done[-1]
        else:
            self.done.append(step)
        self.undone.clear()

    def move(self, marks: dict[int, Mark], *, is_undo: bool) -> bool:
        """Undo or redo the last step on `marks`; False if there is none."""
        come_from, go_to = (self.done, self.undone) if is_undo else (self.undone, self.done)
        while come_from:
            step = come_from.pop()
            before = {row: marks.get(row) for row in step}
            if before == step:
                continue  # it made no difference, or another change took it back already
            go_to.append(before)
            for row, mark in step.items():
                if mark is None:
                    marks.pop(row, None)
                else:
                    marks[row] = mark
            return True
        return False
