"""What a person marked on a page, step by step, so that Undo takes back the last one first."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from nameplate.project.history import History
from nameplate.project.sheets import Mark

_UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class MarkStep:
    """A step on a page.

    Attributes:
        before: By row, the mark that the step replaced, None for none; of an undone step, the one
            that it made.
        after: The number of the project's step that it came after.
    """

    before: Mapping[int, Mark | None]
    after: int


@dataclass(eq=False)
class MarkHistory:
    """The steps by which the marks of a page were made, among the steps of the project.

    Attributes:
        done: The last one is the next to be undone.
        undone: The last one is the next to be done again.
    """

    done: list[MarkStep] = field(default_factory=list[MarkStep])
    undone: list[MarkStep] = field(default_factory=list[MarkStep])

    @classmethod
    def of(cls, marks: Mapping[int, Mark]) -> "MarkHistory":
        """Return one in which each of `marks` was made alone, in their order; see `settle`."""
        return cls([MarkStep({row: None}, _UNKNOWN) for row in marks])

    def settle(self, steps: History) -> None:
        """Let what was marked at an unknown time have been marked just now."""
        now = steps.last_number
        self.done = [replace(s, after=now) if s.after == _UNKNOWN else s for s in self.done]

    def note(
        self,
        before: Mapping[int, Mark],
        marks: Mapping[int, Mark],
        steps: History,
        *,
        goes_on: bool,
    ) -> None:
        """Note a step that made `marks` of `before`; part of the last one if that `goes_on`."""
        rows = {*before, *marks}
        step = {row: before.get(row) for row in rows if before.get(row) != marks.get(row)}
        if not step:
            return
        if goes_on and self.done:
            last = self.done[-1]
            self.done[-1] = replace(last, before={**step, **last.before})
        else:
            self.done.append(MarkStep(step, steps.last_number))
        self.undone.clear()

    def spread(self, behind: Mapping[int, tuple[int, ...]]) -> "MarkHistory":
        """Return the same steps where images `behind` others were marked as these."""

        def also(step: MarkStep) -> MarkStep:
            rest = {row: mark for top, mark in step.before.items() for row in behind.get(top, ())}
            return replace(step, before={**step.before, **rest})

        return MarkHistory([also(step) for step in self.done], [also(step) for step in self.undone])

    def can_undo(self, steps: History) -> bool:
        """Whether there is a step, and none of the project came after the last one."""
        return bool(self.done) and steps.last_number <= self.done[-1].after

    def can_redo(self, steps: History) -> bool:
        """Whether a step was undone, and none of the project that came before it."""
        before = bool(self.undone and steps.undone)
        is_next = before and steps.undone[-1].number <= self.undone[-1].after
        return bool(self.undone) and not is_next

    def move(self, marks: dict[int, Mark], steps: History, *, is_undo: bool) -> bool:
        """Undo or redo the last step on `marks`; False if there is none."""
        come_from, go_to = (self.done, self.undone) if is_undo else (self.undone, self.done)
        while self.can_undo(steps) if is_undo else self.can_redo(steps):
            step = come_from.pop()
            before = {row: marks.get(row) for row in step.before}
            if before == step.before:
                continue  # it made no difference, or another change took it back already
            go_to.append(MarkStep(before, step.after if is_undo else steps.last_number))
            for row, mark in step.before.items():
                if mark is None:
                    marks.pop(row, None)
                else:
                    marks[row] = mark
            return True
        return False
