"""The states of an image that a filter can ask for."""
# ruff: noqa: D102 - what each method is, `Condition` says

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.columns import Columns, Flags, flags_at
from nameplate.domain.filtering.condition import Condition, Key, Typed
from nameplate.domain.images import ImageState, same_contents
from nameplate.domain.labels import NO_LABEL, DecidedBy, ReviewState
from nameplate.domain.messages import Message


class State(Enum):
    """What can be true of an image; the value is its word in a typed filter."""

    UNDECIDED = "undecided"
    """No person decided about it, and it can be read."""
    UNLABELLED = "unlabelled"
    """Without a label, and not skipped."""
    TO_CHECK = "to-check"
    """Labelled, and not checked by a person."""
    CHECKED = "checked"
    """A person decided about it; skipping decides, too."""
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"
    PROBLEM = "problem"
    """It cannot be read, or something about its file is odd."""
    CHANGED = "changed"
    """The file is another than a person decided about."""
    UNREAD = "unread"
    """It waits to be read."""
    COPY = "copy"
    """Another image of the project has the same content."""


@dataclass(frozen=True, slots=True)
class _Test:
    """How a state is said, and tested."""

    said: Message
    matching: Callable[[Columns], Flags]
    key: str = "is"
    is_beside: bool = False
    """Whether an image may be in it beside another; choosing it leaves the one before."""


@dataclass(frozen=True, slots=True)
class InState(Condition):
    """Matches images in a state."""

    state: State

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        return f"{_STATES[self.state].key}:{self.state.value}"

    def matching(self, columns: Columns) -> Flags:
        return _STATES[self.state].matching(columns)

    def said(self, _concepts: Sequence[Concept], /) -> Message:
        return _STATES[self.state].said

    def excludes(self, other: Condition) -> bool:
        both = isinstance(other, InState) and (_STATES[self.state], _STATES[other.state])
        return bool(both) and not any(state.is_beside for state in both)


def _read(typed: Typed) -> InState:
    try:
        return InState(State(typed.value.casefold()))
    except ValueError:
        states = tuple(state.value for state in State)
        raise UsageError("filter-no-state", value=typed.value, states=states) from None


def _copies(columns: Columns) -> Flags:
    """Return whether each image has the same content as another present one."""
    rows = np.flatnonzero(~columns.is_removed)
    found = np.zeros(len(columns), dtype=np.bool_)
    found[rows[same_contents(columns.contents[rows])]] = True
    return found


def _review(said: Message, state: ReviewState) -> _Test:
    return _Test(said, lambda columns: columns.review_states == state)


def _unreadable(columns: Columns) -> Flags:
    return columns.image_states == ImageState.UNREADABLE


def _checked(columns: Columns) -> Flags:
    return columns.decided_by == DecidedBy.PERSON


def _unlabelled(columns: Columns) -> Flags:
    is_open = (columns.codes == NO_LABEL) & (columns.review_states != ReviewState.SKIPPED)
    return is_open & ~_unreadable(columns)


_STATES: Final[Mapping[State, _Test]] = {
    State.UNDECIDED: _Test(
        Message("state-undecided"),
        lambda columns: ~_checked(columns) & ~_unreadable(columns),
    ),
    State.UNLABELLED: _Test(Message("state-unlabelled"), _unlabelled),
    State.TO_CHECK: _review(Message("state-to-check"), ReviewState.SUGGESTED),
    State.CHECKED: _Test(Message("state-checked"), _checked),
    State.ACCEPTED: _review(Message("state-accepted"), ReviewState.ACCEPTED),
    State.CORRECTED: _review(Message("state-corrected"), ReviewState.CORRECTED),
    State.SKIPPED: _review(Message("state-skipped"), ReviewState.SKIPPED),
    State.UNREADABLE: _Test(Message("state-unreadable"), _unreadable),
    State.PROBLEM: _Test(
        Message("state-problem"),
        lambda columns: _unreadable(columns) | flags_at(columns.noted, len(columns)),
        "has",
        is_beside=True,
    ),
    State.CHANGED: _Test(
        Message("state-changed"),
        lambda columns: flags_at(columns.changed, len(columns)),
        is_beside=True,
    ),
    State.UNREAD: _Test(
        Message("state-unread"),
        lambda columns: columns.image_states == ImageState.WAITING,
        is_beside=True,
    ),
    State.COPY: _Test(Message("state-copy"), _copies, "has", is_beside=True),
}

_WORDS: Final = tuple(InState(state).word() for state in State)
STATE_KEYS: Final = {"is": Key(_read, _WORDS, is_loose=True), "has": Key(_read, _WORDS)}
