"""Handles the keys of the window: digits of names, letters, Esc, lists of actions."""

from functools import cached_property, partial
from itertools import chain, repeat
from operator import call
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import Effects
from nameplate.domain.concepts import Concept
from nameplate.plug_ins.feature import Action
from nameplate.ui.actions.cheat_sheet import CheatSheet
from nameplate.ui.actions.keys import NAME_KEYS, KeyMap, KeysError
from nameplate.ui.actions.table import ACTIONS, group_of, words_of
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.keyboard.key_dialog import KeyDialog
from nameplate.ui.keyboard.keys_anywhere import KeysAnywhere
from nameplate.ui.keyboard.typed_words import TypedWords
from nameplate.ui.keyboard.window_keys import HeldKeys, MenuKeys
from nameplate.ui.modes.view_modes import ViewMode, ViewModes
from nameplate.ui.opening.project_entries import Entry as ProjectEntry
from nameplate.ui.opening.project_entries import entries_of
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.review.decisions import Decisions
from nameplate.ui.services import Services
from nameplate.ui.widgets.file_dialogs import ask_for_project
from nameplate.ui.widgets.keys import digit_of, is_of_action, letter_of, sequence_of
from nameplate.ui.widgets.overlays.search_list import Entry, SearchList
from nameplate.ui.widgets.work_panel import SidePanel
from nameplate.wording.texts import tr

_RECENT: Final = "commands/recent"
_MOST_RECENT: Final = 6


class Keyboard(QObject):
    """Keeps the keys of actions and names, and opens the lists of them.

    Attributes:
        dialog: Where keys are changed; None before it was asked for.
    """

    def __init__(
        self,
        services: Services,
        modes: ViewModes,
        decisions: Decisions,
        panel: ConceptPanel,
        chart: QWidget,
        files: ProjectFiles,
    ) -> None:
        """Make the keys for pictures work in each mode, on the names of `panel` and on `chart`."""
        super().__init__(services.owner)
        self._services, self._window = services, services.window
        self._owner, self._actions = services.owner, services.actions
        self._settings, self._preferences = services.settings, services.preferences
        self._modes, self._decisions, self._panel = modes, decisions, panel
        self._files = files
        self._words = TypedWords(services, modes)
        self._picking_for = self._decisions.chosen_rows()
        self._came_from: QWidget | None = None  # to a list of actions
        self.dialog: KeyDialog | None = None
        self._actions.keys_changed.connect(self._on_keys_changed)
        self.watch(*modes.widgets, panel.names, chart)
        HeldKeys(self)
        MenuKeys(self)
        KeysAnywhere(modes.stack, self._actions, self.take)
        self._owner.changed.connect(self._on_project_changed)

    @cached_property
    def finder(self) -> SearchList:
        """The list of all actions."""
        hint = tr("What do you want to do?")
        return SearchList(self._window, tr("Find a command"), hint, call, self._go_back)

    @property
    def _recent(self) -> list[str]:
        """The actions that were chosen in the list of actions, the last one first."""
        return str(self._settings.value(_RECENT) or "").split()

    @cached_property
    def picker(self) -> SearchList:
        """The list of the names, to pick one."""
        return SearchList(
            self._window, tr("Pick a name"), tr("Type a name"), self._on_picked, self._go_back
        )

    @cached_property
    def projects(self) -> SearchList:
        """The list of the recent projects, to open one."""
        hint = tr("Type a name or a folder")
        return SearchList(self._window, tr("Open project"), hint, call, self._go_back)

    @cached_property
    def sheet(self) -> CheatSheet:
        """All keys at a glance."""
        return CheatSheet(
            self._window,
            self._go_back,
            {tr("Change keys…"): self.change_keys, tr("Guide"): self._actions["guide"].trigger},
        )

    # ---- where keys work

    def watch(self, *widgets: QWidget) -> None:
        """Make the keys for pictures work in `widgets`."""
        self._actions.put_on_pictures(*widgets)
        for widget in widgets:
            (widget.focusProxy() or widget).installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take letters and digits before the actions that have them as keys."""
        if isinstance(event, QKeyEvent) and self._words.hold_back(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._letter_of(event) or digit_of(event):
                event.accept()
                return True
            if event.key() != Qt.Key.Key_Shift:  # of a capital letter within a word
                self._words.end()
        return super().eventFilter(watched, event)

    def take(self, event: QKeyEvent) -> bool:
        """Handle a key that no widget has handled; return whether it did anything."""
        if self._words.hold_back(event):
            return True
        if (letter := self._letter_of(event)) and self._modes.stack.isVisible():
            return self._take_letter(event, letter)
        self._words.end()
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
            return True
        if is_of_action(event) and (why := self._actions.why_not(sequence_of(event))):
            self._services.messages.tell(why, is_reply=True)
            return True
        # A panel may cover the pictures that would be labelled.
        return self._modes.stack.isVisible() and self._take_key_of_name(event, digit_of(event))

    def _letter_of(self, event: QKeyEvent) -> str:
        """Return the letter that a key types, or the sign within a word; empty for others."""
        sign = event.text()
        return letter_of(event) or sign * self._words.goes_on(sign, event.timestamp())

    def _leave(self) -> None:
        """Leave the focused part, else the view mode, else a panel beside the grid."""
        modes = self._modes
        panels = [one for one in self._window.findChildren(SidePanel) if one.isVisible()]
        if not modes.has_focus:
            panels = [one for one in panels if one.isAncestorOf(self._window.focusWidget())]
        elif modes.current is not ViewMode.GRID:
            modes.leave()
            return
        if panels:
            panels[-1].close_panel()
        if not panels or modes.stack.isVisible():  # else it led back to a panel over the pictures
            modes.focus()

    def _take_letter(self, event: QKeyEvent, letter: str) -> bool:
        """Run the action of a letter; in the list of names, or without names, begin a name."""
        is_first = not event.isAutoRepeat()
        declared = self._action_of(sequence_of(event))
        is_nameless = not self._owner.project.concepts
        is_first_name = is_nameless and not (declared and declared.leads_to_names)
        panel = self._panel
        if is_first_name or panel.names.hasFocus():
            panel.begin_name(letter)
            return True
        action = declared.id if declared else ""
        if is_first and self._words.add(letter, action, event.timestamp()):
            return True
        if action and (is_first or self._actions[action].autoRepeat()):
            self._actions[action].trigger()
        self._words.tell()
        return bool(action)

    def _action_of(self, key: QKeySequence) -> Action[Any] | None:
        return next((one for one in ACTIONS if key in self._actions[one.id].shortcuts()), None)

    def _take_key_of_name(self, event: QKeyEvent, key: str) -> bool:
        concepts = self._owner.project.concepts
        place = NAME_KEYS.index(key) if key else len(concepts)
        if place >= len(concepts):
            return False
        if not event.isAutoRepeat():  # the next picture was not seen yet
            self._decisions.label(concepts[place].key)
        return True

    # ---- picking a name

    def pick(self) -> None:
        """Open the list to pick a name for the selected pictures by some letters.

        Others may be selected before one is picked: the view hides some, or the mouse moves.
        """
        self._picking_for = self._decisions.chosen_rows()
        entries = [
            Entry(concept.name, concept.key, key, concept.colour) for concept, key in self.names()
        ]
        self.picker.ask(self._modes.stack, entries, self._to_add, self._current_place())

    def _current_place(self) -> QRect:
        """Return where the current picture is; empty for none."""
        grid = self._modes.stack.currentWidget()
        return grid.visualRect(grid.currentIndex()) if isinstance(grid, ImageGrid) else QRect()

    def _to_add(self, text: str) -> Entry | None:
        is_known = any(c.name.casefold() == text.casefold() for c in self._owner.project.concepts)
        return (
            None
            if is_known or not text
            else Entry(tr("Add “{name}”", name=text), text, tr("new name"))
        )

    def _on_picked(self, value: object) -> None:
        if isinstance(value, str):
            self._decisions.label_as_new(value, self._picking_for)
        elif isinstance(value, int):
            self._decisions.label(value, self._picking_for)

    # ---- lists of actions

    def find_action(self) -> None:
        """Open the list to find an action, name or project by some letters, and run it.

        What was chosen here last stands first.
        """
        last = {action_id: place for place, action_id in enumerate(self._recent)}
        specs = sorted(ACTIONS, key=lambda spec: last.get(spec.id, len(last)))
        entries = [self._entry(spec) for spec in specs if spec.id != "find_command"]
        entries += [
            Entry(tr("Label with {name}", name=concept.name),
                  partial(self._decisions.label, concept.key), key, concept.colour)
            for concept, key in (self.names() if self._modes.stack.isVisible() else ())
        ]  # fmt: skip
        for path, entry in self._recent_projects():
            text = tr("Open {project}", project=entry.text)
            entries.append(Entry(text, partial(self._files.open, path), tr("project")))
        self._came_from = self._window.focusWidget()
        self.finder.ask(self._modes.stack, [entry for entry in entries if entry.text])

    def find_project(self) -> None:
        """Open the list to find a recent project by some letters, or else to choose a file."""
        ask_for_file = partial(ask_for_project, self._window, self._files.open)
        entries = list[Entry]()
        for path, one in self._recent_projects():
            words = " ".join(Path(one.place).parts)
            entries.append(
                Entry(one.title, partial(self._files.open, path), one.state, words=words)
            )
        if not entries:
            ask_for_file()
            return
        other = Entry(tr("Choose a file…"), ask_for_file)
        self._came_from = self._window.focusWidget()
        self.projects.ask(self._modes.stack, entries, lambda _typed: other)

    def _recent_projects(self) -> list[tuple[Path, ProjectEntry]]:
        projects = self._files.recent
        entries = entries_of(projects)
        return [(project.path, one) for project, one in zip(projects, entries, strict=True)]

    def _entry(self, spec: Action[Any]) -> Entry:
        action = self._actions[spec.id]
        if action.menu():
            return Entry("", None)
        group = tr(group_of(spec.id), "menu")
        detail = " · ".join(filter(None, (group, self._actions.key_of(spec.id))))
        text = action.text().replace("&&", "&").rstrip("…")
        if action.isCheckable() and action.isChecked():
            text = tr("{action} (on)", action=text)
        return Entry(
            text,
            partial(self._run, spec.id),
            detail,
            is_enabled=action.isEnabled(),
            words=words_of(spec),
        )

    def _run(self, action_id: str) -> None:
        recent = dict.fromkeys((action_id, *self._recent))
        self._settings.setValue(_RECENT, " ".join(list(recent)[:_MOST_RECENT]))
        self._actions[action_id].trigger()

    def show_sheet(self) -> None:
        """Show the most used keys of the view mode, and all."""
        self._came_from = self._window.focusWidget()
        keys = self._modes.current.keys
        if self._modes.is_from_page:
            keys = [one for one in keys if one[0] != "accept"]  # Enter only leads to the next one
        self.sheet.show_keys(self._actions.keys, keys)

    def _go_back(self) -> None:
        """Focus the pictures, or the panel that covers them."""
        if self._modes.stack.isVisible() or self._came_from is None:
            self._modes.focus()
        else:
            self._came_from.setFocus()

    def change_keys(self) -> None:
        """Open the dialog in which keys are changed."""
        if self.dialog is None:
            self.dialog = KeyDialog(self._actions)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    # ---- kept and shown

    def names(self) -> list[tuple[Concept, str]]:
        """Return the names, each with its key; empty if it has none."""
        concepts = self._owner.project.concepts
        return list(zip(concepts, chain(NAME_KEYS, repeat("")), strict=False))

    def _on_keys_changed(self) -> None:
        self._preferences.choose("keys", dict(self._actions.keys.changed))

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.concepts and "picker" in vars(self) and self.picker.isVisible():
            self.picker.dismiss()  # its names are of before

    def restore(self) -> None:
        """Use the keys that were chosen; ones that cannot be used stay kept until they change."""
        chosen = self._preferences.values.keys
        try:
            if chosen != self._actions.keys.changed:
                self._actions.set_keys(KeyMap.from_keys(chosen))
        except KeysError as error:
            text = tr(
                "The usual keys are used. {problem} Open Settings to change keys.", problem=error
            )
            self._preferences.problem_occurred.emit(text)
