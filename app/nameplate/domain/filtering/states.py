"""The states of an image that a filter can ask for."""
# ruff: noqa: D102 - `Condition` documents the methods

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.columns import Columns, Flags, flags_at
from nameplate.domain.filtering.condition import Condition, Key, Typed
from nameplate.domain.images import ImageState
from nameplate.domain.labels import NO_LABEL, DecidedBy, ReviewState
from nameplate.domain.messages import Message
from nameplate.domain.stacks import same_files


class State(Enum):
    """A state of an image; the value is its word in a typed filter."""

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
    """The content of the file differs from the one that a person labelled."""
    UNREAD = "unread"
    """It waits to be read."""
    COPY = "copy"
    """Another image of the project has the same content."""


@dataclass(frozen=True, slots=True)
class InState(Condition):
    """Matches images in a state."""

    state: State

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        return f"{'has' if self.state in _HAS else 'is'}:{self.state.value}"

    def matching(self, columns: Columns) -> Flags:
        return _STATES[self.state][1](columns)

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        return _STATES[self.state][0]

    def excludes(self, other: Condition) -> bool:
        return isinstance(other, InState) and _BESIDE.isdisjoint((self.state, other.state))


def _read(typed: Typed) -> InState:
    try:
        return InState(State(typed.value.casefold()))
    except ValueError:
        states = tuple(state.value for state in State)
        raise UsageError("filter-no-state", value=typed.value, states=states) from None


def _review(state: ReviewState) -> Callable[[Columns], Flags]:
    return lambda columns: columns.review_states == state


def _unreadable(columns: Columns) -> Flags:
    return columns.image_states == ImageState.UNREADABLE


def _checked(columns: Columns) -> Flags:
    return columns.decided_by == DecidedBy.PERSON


def _unlabelled(columns: Columns) -> Flags:
    is_open = (columns.codes == NO_LABEL) & (columns.review_states != ReviewState.SKIPPED)
    return is_open & ~_unreadable(columns)


_STATES: Final[Mapping[State, tuple[Message, Callable[[Columns], Flags]]]] = {
    State.UNDECIDED: (Message("state-undecided"), lambda c: ~_checked(c) & ~_unreadable(c)),
    State.UNLABELLED: (Message("state-unlabelled"), _unlabelled),
    State.TO_CHECK: (Message("state-to-check"), _review(ReviewState.SUGGESTED)),
    State.CHECKED: (Message("state-checked"), _checked),
    State.ACCEPTED: (Message("state-accepted"), _review(ReviewState.ACCEPTED)),
    State.CORRECTED: (Message("state-corrected"), _review(ReviewState.CORRECTED)),
    State.SKIPPED: (Message("state-skipped"), _review(ReviewState.SKIPPED)),
    State.UNREADABLE: (Message("state-unreadable"), _unreadable),
    State.PROBLEM: (Message("state-problem"), lambda c: _unreadable(c) | flags_at(c.noted, len(c))),
    State.CHANGED: (Message("state-changed"), lambda c: flags_at(c.changed, len(c))),
    State.UNREAD: (Message("state-unread"), lambda c: c.image_states == ImageState.WAITING),
    State.COPY: (
        Message("state-copy"),
        lambda c: flags_at(same_files(c.contents, ~c.is_removed).ravel(), len(c)),
    ),
}
"""The description of each state, and its test."""

_HAS: Final = {State.PROBLEM, State.COPY}
"""States that are typed as `has:copy`; the others are typed as `is:checked`."""

_BESIDE: Final = {State.PROBLEM, State.CHANGED, State.UNREAD, State.COPY}
"""States that an image can have besides another; choosing one replaces no other."""

_WORDS: Final = tuple(InState(state).word() for state in State)
STATE_KEYS: Final = {"is": Key(_read, _WORDS, is_found_bare=True), "has": Key(_read, _WORDS)}
