"""The menu beside the filter line: common conditions, and saved views."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import repeat
from typing import Final, NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from nameplate.domain.filtering.condition import Condition
from nameplate.domain.filtering.conditions import DecidedIs, HasConcept, HasFinding
from nameplate.domain.filtering.filters import Term
from nameplate.domain.filtering.numbers import NumberWithin, Quantity
from nameplate.domain.filtering.states import InState, State
from nameplate.domain.filtering.views import SavedView
from nameplate.domain.labels import DecidedBy
from nameplate.domain.text import deferred
from nameplate.plug_ins.registry import findings
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.services import Services
from nameplate.ui.widgets.painting import entry_text, shortened
from nameplate.wording.filters import term_text
from nameplate.wording.texts import tr

_MOST_NAMES: Final = 60
"""Names in the menu; more are found by typing."""

_LONGEST_NAME: Final = 32
"""As on a chip."""

_P, _MARGIN = Quantity.PROBABILITY, Quantity.MARGIN
_NUMBERS: Final = (
    NumberWithin(_P, most=0.5, is_strict=True),
    NumberWithin(_P, 0.5, 0.8),
    NumberWithin(_P, 0.8, 0.95),
    NumberWithin(_P, least=0.95, is_strict=True),
    NumberWithin(_MARGIN, most=0.1, is_strict=True),
)
_TYPED: Final = (
    (deferred("Date modified…"), "date:"),
    (deferred("Size…"), "size>"),
    (deferred("Exclude a name…"), "-name:"),
)
"""What is begun in the line by the menu, for a person to go on with."""


class MenuActs(NamedTuple):
    """Actions of the menu entries."""

    begin: Callable[[str], object]
    choose: Callable[[Condition], object]
    show_saved: Callable[[SavedView], object]
    delete_saved: Callable[[SavedView], object]


class FilterMenu(QMenu):
    """Offers conditions and saved views; filled each time it opens."""

    def __init__(
        self, parent: QWidget, services: Services, arrangement: Arrangement, acts: MenuActs
    ) -> None:
        super().__init__(parent)
        self._owner, self._actions = services.owner, services.actions
        self._arrangement, self._acts = arrangement, acts
        # PySide lets go of submenus and entries that nobody holds.
        self._held: list[QObject] = []
        self._submenus: list[QMenu] = []
        self.aboutToShow.connect(self.refresh)

    def refresh(self) -> None:
        """Fill the menu."""
        self.clear()  # and with it its own entries; the submenus go with theirs
        for submenu in self._submenus:
            submenu.deleteLater()
        self._submenus.clear()
        self._held.clear()
        project, begin = self._owner.project, self._acts.begin
        names = project.concepts[:_MOST_NAMES]
        self._conditions(tr("State"), map(InState, State))
        if names:
            texts = [shortened(one.name, _LONGEST_NAME) for one in names]
            self._conditions(tr("Name"), [HasConcept(one.key) for one in names], texts)
        for finding in (one for one in findings() if not one.values):
            self._conditions(
                tr(finding.title), [HasFinding(finding, word) for word, _ in finding.words]
            )
        self._conditions(tr("Decided by"), map(DecidedIs, DecidedBy))
        self._conditions(tr("Probability"), _NUMBERS)
        self._add(tr("Find by description…"), partial(begin, "like:"))
        self._of_window("more_like_this", "less_like_this", "choose_folder")
        of_findings = ((f"{tr(f.title)}…", f"{f.key}:") for f in findings() if f.values)
        for text, typed in (*((tr(text), typed) for text, typed in _TYPED), *of_findings):
            self._add(text, partial(begin, typed))
        self.addSeparator()
        for view in project.views:
            self._add(entry_text(view.name), partial(self._acts.show_saved, view))
        self._of_window("save_view")
        if project.views:
            deleting = self._submenu(tr("Delete a view"))
            for view in project.views:
                self._add(entry_text(view.name), partial(self._acts.delete_saved, view), deleting)
        self.addSeparator()
        self._of_window("only_these", "clear_filter")

    def _of_window(self, *ids: str) -> None:
        self.addActions(self._actions.some(*ids))

    def _conditions(
        self, title: str, conditions: Iterable[Condition], texts: Iterable[str] = repeat("")
    ) -> None:
        """Add a submenu of conditions, with `texts` or the conditions' own words."""
        menu, concepts = self._submenu(title), self._owner.project.concepts
        for term, name in zip(map(Term, conditions), texts, strict=False):
            text = name or term_text(term, concepts)
            choose = partial(self._acts.choose, term.condition)
            action = self._add(entry_text(text), choose, menu)
            action.setCheckable(True)
            action.setChecked(term in self._arrangement.view.filter.terms)

    def _submenu(self, title: str) -> QMenu:
        menu, action = QMenu(title, self), QAction(title, self)
        action.setMenu(menu)
        self.addAction(action)
        self._held.append(action)
        self._submenus.append(menu)
        return menu

    def _add(self, text: str, act: Callable[[], object], menu: QMenu | None = None) -> QAction:
        action = QAction(text, menu or self)
        action.triggered.connect(lambda _checked=False: act())
        (menu or self).addAction(action)
        self._held.append(action)
        return action
