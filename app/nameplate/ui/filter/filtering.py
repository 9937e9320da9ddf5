"""The filter line, the menu of conditions and saved views, and the order of the pictures."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import Effects, SetFact, Title
from nameplate.domain.concepts import by_any_name
from nameplate.domain.filtering.chosen import LONGEST_TEXT, MOST_LIKE, ImageIds, Like
from nameplate.domain.filtering.columns import found_images
from nameplate.domain.filtering.condition import Condition
from nameplate.domain.filtering.conditions import HasConcept, HasFinding, InFolder, PathHas
from nameplate.domain.filtering.filters import EVERYTHING, Filter, Term
from nameplate.domain.filtering.states import InState, State
from nameplate.domain.filtering.typed import Parsed, line_of, parse
from nameplate.domain.filtering.views import MOST_VIEWS, SavedView, Sort, View
from nameplate.domain.messages import Message
from nameplate.plug_ins.registry import findings
from nameplate.project.facts import VIEWS
from nameplate.project.project import Project
from nameplate.ui.filter.chips import FilterChips
from nameplate.ui.filter.folder_popup import FolderPopup
from nameplate.ui.filter.line import FilterLine, has_picture
from nameplate.ui.filter.menu import FilterMenu, MenuActs
from nameplate.ui.filter.nothing_shown import MOST_OFFERS, NothingShown
from nameplate.ui.filter.order import OrderButton
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.modes.view_modes import ViewModes
from nameplate.ui.services import Services
from nameplate.ui.widgets.boxes import row
from nameplate.ui.widgets.painting import one_line
from nameplate.wording.filters import term_text
from nameplate.wording.texts import part_of_pictures, text_of, tr, what_of

_WIDEST: Final = 480
"""The line: more is room for nothing."""

_MOST_FILES: Final = 10
"""Pictures from elsewhere that are given at once."""


class Filtering(QWidget):
    """The controls for filtering and sorting; line, chips, menu and pictures agree with one view.

    While a word of the line is wrong, the filter of before applies: pictures that were not asked
    for could be labelled by mistake. The chips show the active filter.

    Signals:
        picture_given: Pictures like one from elsewhere are to be shown; a `QMimeData`.
    """

    picture_given = Signal(object)

    def __init__(
        self, services: Services, arrangement: Arrangement, modes: ViewModes, nothing: NothingShown
    ) -> None:
        super().__init__()
        self._owner, self._messages = services.owner, services.messages
        self._arrangement, self._modes, self._nothing = arrangement, modes, nothing
        self.chips = FilterChips(self.remove, self.save)
        self._is_folder_wanted = False
        self.line = FilterLine(services.owner, arrangement.arranging, services.actions)
        self.order = OrderButton(self._choose_order)
        self.order.show_view(View())
        self.setLayout(row(self.line))
        self.setMaximumWidth(_WIDEST)
        acts = MenuActs(self.line.begin, self.choose, self.show_saved, self.delete_saved)
        self.menu = FilterMenu(self, services, arrangement, acts)
        self.setAcceptDrops(True)
        self._follow_line()
        for button in (self.chips.clear_button, nothing.show_all):
            button.clicked.connect(self.clear)
        self._arrangement.view_changed.connect(self._show)
        self._arrangement.arranged.connect(self._count)
        self._arrangement.arranged.connect(self._explain)
        self._arrangement.arranging.folders_known.connect(self._open_folders)
        self._owner.changed.connect(self._on_project_changed)

    def _follow_line(self) -> None:
        self.line.textEdited.connect(self._on_typed)
        self.line.menu_asked.connect(self.open_menu)
        self.line.entered.connect(self.enter_line)
        self.line.paused.connect(self.apply_line)
        self.line.left.connect(self.leave_line)
        self.line.picture_given.connect(self.picture_given)

    @cached_property
    def folders(self) -> FolderPopup:
        """The tree of folders."""
        return FolderPopup(self, self._show_folder)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and pictures, the window's own too."""
        if has_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Search with the dropped picture; nothing is added."""
        event.acceptProposedAction()
        self.picture_given.emit(event.mimeData())

    # ---- what a person does

    def focus_line(self) -> None:
        """Focus the filter line."""
        self.line.setFocus()
        self.line.selectAll()

    def open_menu(self) -> None:
        """Open the menu of conditions and saved views."""
        self.menu.popup(self.line.mapToGlobal(QPoint(0, self.line.height() + 2)))

    def clear(self) -> None:
        """Show all pictures, in the same order."""
        self._set(EVERYTHING)
        self._modes.focus()

    def show_only(self, condition: Condition) -> None:
        """Show the pictures that meet a condition, replacing the filter."""
        self._set(Filter.of(condition))

    def show_concept(self, key: int) -> None:
        """Show only the pictures of one concept."""
        self.show_only(HasConcept(key))

    def show_skipped(self) -> None:
        """Show the pictures that a person skipped."""
        self.show_only(InState(State.SKIPPED))
        self._modes.focus()

    def only_selected(self) -> None:
        """Show only the selected pictures."""
        rows = self._arrangement.selected
        if len(rows):
            self.show_only(ImageIds.of(self.project.images.ids[rows]))
            self._modes.focus()

    def like_selected(self, *, is_not: bool) -> None:
        """Show those first that are most like the selected pictures, or like them last."""
        rows = self._arrangement.selected
        if not len(rows):
            return
        if len(rows) > MOST_LIKE:
            most = tr(
                "Select at most {count:,} pictures to find others like them.", count=MOST_LIKE
            )
            self._say(most)
            return
        images = ImageIds.of(self.project.images.ids[rows])
        self._add(Term(Like(images), is_not))

    def like_files(self, paths: Sequence[Path]) -> None:
        """Show those first that are most like pictures from elsewhere."""
        self._add(*(Term(Like(path)) for path in paths[:_MOST_FILES]))
        if len(paths) > _MOST_FILES:
            count, among = _MOST_FILES, len(paths)
            text = tr(
                "Searching with the first {count} of {total:,} files.", count=count, total=among
            )
            self._say(text)

    def choose(self, condition: Condition) -> None:
        """Apply a condition, or take it away where it applies."""
        self._set(self.filter.toggled(condition))

    def _say(self, text: str) -> None:
        self._messages.tell(text, is_reply=True)

    def _add(self, *terms: Term) -> None:
        """Add terms to the filter, each in place of its opposite."""
        conditions = [term.condition for term in terms]
        kept = (one for one in self.filter.terms if one.condition not in conditions)
        self._set(Filter((*kept, *dict.fromkeys(terms))))
        self._modes.focus()

    def choose_folder(self) -> None:
        """Open the tree of folders as soon as they are known."""
        self._is_folder_wanted = True
        self._arrangement.arranging.read_folders()

    def ask_name(self) -> None:
        """Ask for a name to save the current view."""
        names = {saved.view: saved.name for saved in self.project.views}
        self.chips.ask_name(names.get(self._arrangement.view, ""))

    # ---- the line

    @property
    def project(self) -> Project:
        """The open project."""
        return self._owner.project

    @property
    def filter(self) -> Filter:
        """The current filter."""
        return self._arrangement.view.filter

    def enter_line(self, text: str) -> None:
        """Apply the line, which keeps the focus: the next words may be for it, too."""
        if self.apply_line(text):
            self._show(self._arrangement.view, is_typed=False)

    def apply_line(self, text: str, typed_at: int = -1) -> bool:
        """Apply the line; return whether every word is a valid condition.

        Nothing is said of a wrong word that ends at `typed_at`, while it may become right.
        """
        parsed, never = self._parse(text), "filter-unknown-key"
        said = [one for one in parsed.wrong if one.word.end != typed_at or one.reason.code == never]
        self.line.problem.say(_problem(replace(parsed, wrong=tuple(said))))
        if parsed.wrong:
            return False
        chosen = tuple(term for term in self.filter.terms if not term.condition.is_in_line)
        wanted = Filter(tuple(dict.fromkeys((*chosen, *parsed.filter.terms))))
        if wanted != self.filter:
            self._arrangement.set_filter(wanted)
        return True

    def _parse(self, text: str) -> Parsed:
        return parse(text, self.project.concepts, findings())

    def _on_typed(self, text: str) -> None:
        """Hide the problem of a word that is gone."""
        problem = self.line.problem
        if problem.text and problem.text != _problem(self._parse(text)):
            problem.say("")

    def leave_line(self) -> None:
        """Focus the pictures, and discard typed text that was not applied."""
        self._show(self._arrangement.view, is_typed=False)
        self._modes.focus()

    def _set(self, of: Filter) -> None:
        if of != self.filter:
            self._arrangement.set_filter(of)
        self._show(self._arrangement.view, is_typed=False)

    def remove(self, term: Term) -> None:
        """Take a condition away."""
        self._set(self.filter.without(term))
        self._modes.focus()

    def _choose_order(self, sort: Sort | str, is_falling: bool) -> None:
        view = replace(self._arrangement.view, sort=sort, is_falling=is_falling)
        self._arrangement.set_view(view)

    def _show(self, view: View, *, is_typed: bool | None = None) -> None:
        """Show a view in line, chips and box, without touching text that is being typed."""
        concepts, line = self.project.concepts, self.line
        self.chips.set_terms(view.filter.terms, concepts)
        self.order.show_view(view)
        terms = (term for term in view.filter.terms if term.condition.is_in_line)
        of_line, parsed = Filter(tuple(terms)), self._parse(line.text())
        is_being_typed = line.hasFocus() if is_typed is None else is_typed
        if is_being_typed and (parsed.wrong or parsed.filter == of_line):
            return
        # What says the same stays as it was typed.
        is_same = parsed.filter == of_line and not parsed.wrong
        line.show_text(line.text() if is_same else line_of(of_line, concepts))
        line.problem.say("")

    # ---- saved views, folders

    def show_saved(self, saved: SavedView) -> None:
        """Show a saved view."""
        self._arrangement.set_view(saved.view)
        self._show(saved.view, is_typed=False)
        self._modes.focus()

    def save(self, name: str) -> None:
        """Save the current view; one with the same name is replaced at its position."""
        self._modes.focus()
        saved, views = SavedView(name, self._arrangement.view), self.project.views
        is_same = [one.name.casefold() == name.casefold() for one in views]
        if any(is_same):
            pairs = zip(views, is_same, strict=True)
            changed = tuple(saved if same else one for one, same in pairs)
        elif len(views) >= MOST_VIEWS:
            text = tr("A project keeps at most {count} views. Delete one first.", count=MOST_VIEWS)
            self._say(text)
            return
        else:
            changed = (*views, saved)
        if changed != views:
            self._owner.change(SetFact(VIEWS, changed), Title("save-view", {"name": name}))
            if any(is_same):
                self._say(tr("This replaced another view {name}. Undo brings it back.", name=name))

    def delete_saved(self, saved: SavedView) -> None:
        """Delete a saved view."""
        left = tuple(one for one in self.project.views if one != saved)
        self._owner.change(SetFact(VIEWS, left), Title("delete-view", {"name": saved.name}))
        self._say(tr("View {name} deleted. Undo brings it back.", name=saved.name))

    def _open_folders(self) -> None:
        if self._is_folder_wanted:
            self._is_folder_wanted = False
            self.folders.show_folders(self._arrangement.arranging.folders)
            self.folders.open_under(self.line)

    def _show_folder(self, path: str) -> None:
        others = [one for one in self.filter.terms if not isinstance(one.condition, InFolder)]
        chosen = (Term(InFolder(path)),) if path else ()
        self._set(Filter((*others, *chosen)))
        self._modes.focus()

    # ---- what happens meanwhile

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:  # what was typed is about the project before
            self._show(View(), is_typed=False)
        if not effects.concepts:
            return
        known = self.filter.of_known(one.key for one in self.project.concepts)
        if known != self.filter:
            self._arrangement.set_filter(known)
        self._show(self._arrangement.view)

    def _count(self) -> None:
        """Say how many pictures the filter leaves."""
        shown, total = len(self._arrangement.images), self.project.images.present
        self.chips.show_count(part_of_pictures(shown, total))

    def _explain(self) -> None:
        """Explain why nothing is shown."""
        if len(self._arrangement.model.order) or not self.filter.terms:
            return
        terms, concepts = self.filter.terms, self.project.concepts
        hiding = self._arrangement.hiding
        for condition in (term.condition for term in terms):
            if not condition.found_by:
                continue
            found = self._owner.derived[found_images(condition.found_by)]
            if found is None:
                self._nothing.tell(tr("Looking for these pictures…"))
                return
            if isinstance(condition, HasFinding) and condition.value in found.why_none:
                self._nothing.tell(found.why_none[condition.value])
                return
        if len(terms) == 1:
            condition = one_line(term_text(terms[0], concepts))
            text = tr("No picture matches {condition}.", condition=condition)
            self._nothing.tell(text, *self._offers())
            return
        texts = [tr("No picture matches all of these:")]
        for term in terms:
            text = one_line(term_text(term, concepts))
            is_hiding = term in hiding
            texts.append(tr("{condition} (matches none)", condition=text) if is_hiding else text)
        self._nothing.tell("\n".join(texts), *self._offers())

    def _offers(self) -> list[tuple[str, Callable[[], object]]]:
        """Return offers for an empty result: a search for the words, or one condition less."""
        concepts, terms = self.project.concepts, self.filter.terms
        offers = list[tuple[str, Callable[[], object]]]()
        others = [one for one in terms if not isinstance(one.condition, PathHas) or one.is_not]
        words = [one.condition.text for one in terms
                 if isinstance(one.condition, PathHas) and not one.is_not]  # fmt: skip
        if (named := by_any_name(concepts).get(" ".join(words).casefold())) is not None:
            by_name = partial(self._set, Filter((*others, Term(HasConcept(named.key)))))
            offers.append((tr("Show the name {name}", name=one_line(named.name)), by_name))
        if text := self._owner.vectors_key and " ".join(words).strip()[:LONGEST_TEXT]:
            like = Term(Like(text))
            what = one_line(what_of(Message("like-sentence", {"text": text})))
            search = partial(self._set, Filter((*others, like)))
            offers.append((tr("Search for pictures like {what}", what=what), search))
        if len(hiding := self._arrangement.hiding) == 1 < len(terms):
            without = partial(self._set, self.filter.without(hiding[0]))
            condition = one_line(term_text(hiding[0], concepts))
            offers.append((tr("Leave out “{condition}”", condition=condition), without))
        return offers[:MOST_OFFERS]


def _problem(parsed: Parsed) -> str:
    """Return the problem of the first wrong word; empty if there is none."""
    text = text_of(parsed.wrong[0].reason) if parsed.wrong else ""
    return text[:1].upper() + text[1:]
