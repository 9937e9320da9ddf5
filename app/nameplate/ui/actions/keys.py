"""Key maps: the keys of actions, which can be changed, and those of names."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from PySide6.QtGui import QKeySequence

from nameplate.ui.actions.table import ACTIONS, KEPT_KEYS
from nameplate.wording.texts import listed, tr

MOST_KEYS: Final = 4
"""Keys of one action."""

NAME_KEYS: Final = "1234567890"
"""The keys of the first ten names, in the order of the list."""

_LOG = logging.getLogger(__name__)


_TEXTS: Final = {spec.id: spec.text for spec in ACTIONS}


class KeysError(ValueError):
    """Keys that cannot be used; the text explains why."""


@dataclass(frozen=True, slots=True)
class KeyMap:
    """The keys of all actions.

    Attributes:
        changed: The keys of the actions whose keys are not the usual ones, by action.
    """

    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def of(self, action_id: str) -> tuple[str, ...]:
        """Return the keys of an action in Qt's spelling; menus show the first."""
        usual = _USUAL[action_id]
        return self.changed.get(action_id, usual)

    def owner_of(self, key: str) -> str:
        """Return the action with `key`, also one that is not there now; empty for none."""
        kept = (i for i, keys in self.changed.items() if i not in _USUAL and key in keys)
        return next((spec.id for spec in ACTIONS if key in self.of(spec.id)), next(kept, ""))

    def with_keys(self, action_id: str, keys: Iterable[str]) -> "KeyMap":
        """Return a map where an action has exactly these keys.

        Raises:
            KeysError: One is no key, may not be changed, or is that of another action.
        """
        spelled = tuple(dict.fromkeys(filter(None, map(as_key, keys))))
        if len(spelled) > MOST_KEYS:
            text = tr(
                "“{action}” can have at most {count} keys.",
                action=_text_of(action_id),
                count=MOST_KEYS,
            )
            raise KeysError(text)
        for key in spelled:
            owner = self.owner_of(key)
            if key in KEPT_KEYS:
                raise KeysError(
                    tr("{key} can't be changed: it labels, or moves around the window.", key=key)
                )
            if owner not in ("", action_id):
                text = tr(
                    "{key} belongs to “{action}”. Remove it there first.",
                    key=key,
                    action=_text_of(owner),
                )
                raise KeysError(text)
        changed = {**self.changed, action_id: spelled}
        return KeyMap({i: keys for i, keys in changed.items() if keys != _USUAL.get(i)})

    @classmethod
    def from_keys(cls, wanted: Mapping[str, Sequence[str]]) -> "KeyMap":
        """Return the key map in which actions have these keys.

        Actions that are not named, such as those of a newer version, keep those of their usual
        keys that no other has. Keys of actions that are not there, since their feature is not, are
        kept for when it is.

        Raises:
            KeysError: One is no key, or two actions have the same one.
        """
        if not wanted:  # nothing was changed, which each start of the program reads
            return cls()
        taken = {as_key(key) for keys in wanted.values() for key in keys}
        # First without any of their usual keys: two actions may have changed places.
        keys = cls(dict.fromkeys(_USUAL, ()))
        for action_id, usual in _USUAL.items():
            left = [key for key in usual if key not in taken]
            keys = keys.with_keys(action_id, wanted.get(action_id, left))
        kept = {i: tuple(theirs) for i, theirs in wanted.items() if i not in _USUAL}
        return replace(keys, changed={**keys.changed, **kept})


def as_key(text: str) -> str:
    """Return a key in Qt's spelling, such as `Ctrl+Shift+P`; empty for nothing.

    Raises:
        KeysError: It is none, or several one after the other.
    """
    if not text.strip():
        return ""
    sequence = QKeySequence.fromString(text, QKeySequence.SequenceFormat.PortableText)
    key = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1 or not key or not key.isprintable():
        raise KeysError(tr("“{text}” isn't a key.", text=text[:30]))
    return key


def _text_of(action_id: str) -> str:
    """Return what an action is called; its id where it is not there."""
    return tr(_TEXTS.get(action_id, action_id)).rstrip("…")


def shown_key(key: str) -> str:
    """Return a key as printed on keyboards: Enter instead of Qt's Return."""
    enter = key.replace("Return", "Enter")
    sequence = QKeySequence.fromString(enter, QKeySequence.SequenceFormat.PortableText)
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)


def shown_keys(keys: Iterable[str]) -> str:
    """Return all keys of an action; the two Enter keys count as one."""
    return listed(list(dict.fromkeys(map(shown_key, keys))))


def _usual() -> dict[str, tuple[str, ...]]:
    """Return the usual keys of each action; one that an action before it has is left out."""
    usual, taken = dict[str, tuple[str, ...]](), set[str]()
    for action in ACTIONS:
        theirs = list[str]()
        for key in action.keys:
            try:
                theirs.append(as_key(key))
            except KeysError:  # of a package of others
                _LOG.warning("%s is no key of %s", key, action.id)
        usual[action.id] = tuple(key for key in theirs if key not in taken | KEPT_KEYS)
        for key in {*theirs} - {*usual[action.id]}:
            _LOG.warning("%s is no key of %s: it is taken", key, action.id)
        taken.update(usual[action.id])
    return usual


_USUAL: Final[Mapping[str, tuple[str, ...]]] = _usual()
