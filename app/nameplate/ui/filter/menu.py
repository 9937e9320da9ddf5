"""The menu beside the filter line: common conditions, and saved views."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.filters import (
    Condition,
    DecidedIs,
    Filter,
    HasConcept,
    InState,
    LooksOdd,
    NumberWithin,
    Oddity,
    Quantity,
    State,
    Term,
)
from nameplate.domain.filtering.views import SavedView
from nameplate.domain.labels import DecidedBy
from nameplate.ui.commands.actions import Actions
from nameplate.ui.widgets.painting import entry_text
from nameplate.wording.filters import condition_text

_MOST_NAMES: Final = 60
"""Names in the menu; more are found by typing."""

_P, _MARGIN = Quantity.PROBABILITY, Quantity.MARGIN
_NUMBERS: Final = (
    NumberWithin(_P, most=0.5, is_strict=True),
    NumberWithin(_P, 0.5, 0.8),
    NumberWithin(_P, 0.8, 0.95),
    NumberWithin(_P, least=0.95, is_strict=True),
    NumberWithin(_MARGIN, most=0.1, is_strict=True),
)
_TYPED: Final = (
    ("Date…", "date:"),
    ("Size…", "size>"),
    ("Without a certain name…", "-name:"),
)
"""What is begun in the line by the menu, for a person to go on with."""


@dataclass(frozen=True, slots=True)
class MenuState:
    """The data of the menu: the active filter, the names, the saved views."""

    filter: Filter
    concepts: tuple[Concept, ...]
    views: tuple[SavedView, ...]


class FilterMenu(QMenu):
    """Offers conditions and saved views; filled each time it opens.

    Signals:
        condition_chosen: A condition was chosen, or chosen again, which takes it away.
        typing_requested: The text that the line should begin with.
        view_chosen: A `SavedView`.
        view_deleted: A `SavedView` should be deleted.
    """

    condition_chosen = Signal(object)
    typing_requested = Signal(str)
    view_chosen = Signal(object)
    view_deleted = Signal(object)

    def __init__(self, state: Callable[[], MenuState], parent: QWidget | None = None) -> None:
        """Call `state` for its data each time it opens."""
        super().__init__(parent)
        self._state = state
        # PySide lets go of submenus and entries that nobody holds.
        self._held: list[QObject] = []
        self._submenus: dict[str, QMenu] = {}
        self._actions: Actions | None = None
        self.aboutToShow.connect(self.refresh)

    def set_actions(self, actions: Actions) -> None:
        """Include the window's actions for filters, with their keys."""
        self._actions = actions

    def refresh(self) -> None:
        """Fill the menu."""
        self.clear()  # and with it its own entries; the submenus go with theirs
        for submenu in self._submenus.values():
            submenu.deleteLater()
        self._submenus.clear()
        self._held.clear()
        state = self._state()
        terms = frozenset(state.filter.terms)
        names = [HasConcept(concept.key) for concept in state.concepts[:_MOST_NAMES]]
        self._conditions("State", map(InState, State), terms, state.concepts)
        if names:
            self._conditions("Name", names, terms, state.concepts)
        self._conditions("Another look", map(LooksOdd, Oddity), terms, state.concepts)
        self._conditions("Decided by", map(DecidedIs, DecidedBy), terms, state.concepts)
        self._conditions("How sure", _NUMBERS, terms, state.concepts)
        self._add("Like a sentence…", partial(self.typing_requested.emit, "like:"))
        self._of_window("more_like_this", "less_like_this", "choose_folder")
        for text, typed in _TYPED:
            self._add(text, partial(self.typing_requested.emit, typed))
        self.addSeparator()
        for view in state.views:
            self._add(entry_text(view.name), partial(self.view_chosen.emit, view))
        self._of_window("save_view")
        if state.views:
            deleting = self._submenu("Delete a view")
            for view in state.views:
                self._add(entry_text(view.name), partial(self.view_deleted.emit, view), deleting)
        self.addSeparator()
        self._of_window("only_these", "clear_filter")

    def _of_window(self, *ids: str) -> None:
        if self._actions is not None:
            self._actions.fill(self, ids)

    def choose(self, text: str, submenu: str = "") -> None:
        """Choose an entry, or one of a submenu."""
        self.refresh()
        menu = self._submenus[submenu] if submenu else self
        entries = {action.text().replace("&&", "&"): action for action in menu.actions()}
        entries[text].trigger()

    def entries(self) -> list[str]:
        """Return the top-level entries."""
        self.refresh()
        return [one.text().replace("&&", "&") for one in self.actions() if not one.isSeparator()]

    def _conditions(
        self,
        title: str,
        conditions: Iterable[Condition],
        terms: frozenset[Term],
        concepts: Sequence[Concept],
    ) -> None:
        menu = self._submenu(title)
        for condition in conditions:
            text = condition_text(condition, concepts).removeprefix(f"{title}: ")
            choose = partial(self.condition_chosen.emit, condition)
            action = self._add(entry_text(text), choose, menu)
            action.setCheckable(True)
            action.setChecked(Term(condition) in terms)

    def _submenu(self, title: str) -> QMenu:
        menu, action = QMenu(title, self), QAction(title, self)
        action.setMenu(menu)
        self.addAction(action)
        self._held.append(action)
        self._submenus[title] = menu
        return menu

    def _add(self, text: str, act: Callable[[], object], menu: QMenu | None = None) -> QAction:
        action = QAction(text, menu or self)
        action.triggered.connect(lambda _checked=False: act())
        (menu or self).addAction(action)
        self._held.append(action)
        return action


_OTHERS: Final = frozenset((State.PROBLEM, State.COPY, State.CHANGED, State.UNREAD))
"""States that an image may be in beside another; choosing one of the rest leaves the one before."""


def with_chosen(of: Filter, condition: Condition) -> Filter:
    """Return the filter after a condition was chosen in the menu.

    One that applies is taken away; another of its kind is replaced, and so is its opposite.
    """
    term = Term(condition)
    if term in of.terms:
        return of.without(term)
    kept = tuple(
        one
        for one in of.terms
        if one.condition != condition and (one.is_not or not _excludes(one.condition, condition))
    )
    return Filter((*kept, term))


def _excludes(one: Condition, other: Condition) -> bool:
    match one, other:
        case InState(), InState():
            return one.state not in _OTHERS and other.state not in _OTHERS
        case NumberWithin(), NumberWithin():
            return one.quantity is other.quantity
        case _:
            return type(one) is type(other)
