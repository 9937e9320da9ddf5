"""A feature's access to the window: one workbench for each feature and open project."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import partial, wraps
from pathlib import Path, PurePath
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

from PySide6.QtCore import QMetaObject, QObject, SignalInstance
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import Change, Effects, Title
from nameplate.domain.filtering.filters import Term
from nameplate.domain.progress import Progress
from nameplate.inference.model import LoadedModel
from nameplate.project.label_changes import DecisionContext
from nameplate.project.project import Project
from nameplate.scoring.similarity import Similarity
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.inspector.panel import Inspector
from nameplate.ui.jobs.jobs import Job, Task, ignore
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.jobs.scoring import Scoring, Search
from nameplate.ui.keyboard.keyboard import Keyboard
from nameplate.ui.modes.view_modes import ViewMode, ViewModes
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.review.decisions import Decisions
from nameplate.ui.services import Services
from nameplate.ui.shell.status_line import StatusLine
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import Answer
from nameplate.ui.widgets.work_panel import MiddlePanel
from nameplate.ui.workbench_pictures import Pictures

_Part = TypeVar("_Part")
_Arguments = ParamSpec("_Arguments")


def _while_open(
    method: Callable[Concatenate["Workbench", _Arguments], None],
) -> Callable[Concatenate["Workbench", _Arguments], None]:
    """Let a method of a workbench do nothing once its project was closed."""

    @wraps(method)
    def call(workbench: "Workbench", *args: _Arguments.args, **named: _Arguments.kwargs) -> None:
        if not workbench.is_ended:
            method(workbench, *args, **named)

    return call


class Area(Enum):
    """Where a panel of a feature can stand."""

    MIDDLE = "in the place of the pictures"
    ABOVE = "above the pictures"
    BELOW = "below the pictures"
    NAMES = "below the names"


@dataclass(frozen=True)
class Frame:
    """The parts of the window that a workbench works with.

    Attributes:
        services: What every part may use.
        scoring: Scores the pictures.
        reading: Reads them.
        files: Keeps the project in its file.
        modes: The ways to look at the pictures.
        decisions: What keys do to the images that they are for.
        inspector: The current picture and its bars.
        keyboard: Makes keys for pictures work.
        status: The status line.
        place_panel: Puts a panel into an area of the window, after those of lower ranks.
        check_pages: Shows the pages of a `PageSource`.
    """

    services: Services
    scoring: Scoring
    reading: Reading
    files: ProjectFiles
    modes: ViewModes
    decisions: Decisions
    inspector: Inspector
    keyboard: Keyboard
    status: StatusLine
    place_panel: Callable[[QWidget, Area, int], object]
    check_pages: Callable[[Any], object]


class Workbench(QObject):
    """A feature's access to the window while a project is open; inert once that is closed.

    What a feature asks for through it ends with the project: jobs, panels, and everything that
    would be called later. So no feature has to forget anything.

    Attributes:
        name: The id of the feature, or the part of the main job, that it is for.
        project: The open project; changed by `do` alone.
        derived: Values that are computed from it, by keys such as `STACKS`.
        is_ended: Whether the project was closed.
        pictures: The pictures that are shown.
        window: The parent of dialogs.
        settings: What outlives the project.
        messages: The bar of the window, for messages that outlive the project, or are about the
            last step.
        model_in_use: Loads models, and has what was loaded beside the one in use.
        fitting: What is fitted to decisions.
        actions: All actions, to ask for their keys.
    """

    def __init__(self, name: str, frame: Frame, lasting: dict[type, Any] | None = None) -> None:
        services = frame.services
        super().__init__(services.window)
        self.name: Final = name
        self.project: Final[Project] = services.owner.project
        self.derived: Final = services.owner.derived
        self._frame, self._owner, self._all_jobs = frame, services.owner, services.jobs
        self.is_ended = self._shows_work = False
        self._parts = dict[type, Any]()
        self._lasting = lasting if lasting is not None else {}
        self._placed = list[QWidget]()
        self._modes = list[ViewMode]()
        self._followers = list[Callable[[Effects], object]]()
        self._jobs = set[str]()
        self._connections = list[QMetaObject.Connection]()
        self.pictures: Final = Pictures(
            services.preferences, frame.modes, frame.decisions, frame.inspector, self.connect_to
        )
        self.window: Final[QWidget] = services.window
        self.settings: Final = services.settings
        self.messages: Final = services.messages
        self.model_in_use: Final = services.model_in_use
        self.fitting: Final = frame.scoring.fitting
        self.actions: Final = services.actions

    @property
    def suggestions(self) -> Suggestions:
        """The suggestions of the model."""
        return self._owner.suggestions

    @property
    def model(self) -> LoadedModel | None:
        """The model in use; None while there is none."""
        return self.model_in_use.model

    @property
    def decision_context(self) -> DecisionContext:
        """The time, model and suggestions recorded with a label decided now."""
        return self._frame.scoring.decision_context

    @property
    def is_scored(self) -> bool:
        """Whether the suggestions are those of the current names."""
        return self._frame.scoring.is_current

    @property
    def suggested_path(self) -> Path:
        """The project's file, or its suggested path: exports are named after it."""
        return self._frame.files.suggested_path

    # ---- parts of the feature

    def part(self, kind: Callable[["Workbench"], _Part]) -> _Part:
        """Return the one part of a kind, such as a panel; made when first asked for."""
        key = cast("type", kind)
        if key not in self._parts:
            self._parts[key] = kind(self)
        return self._parts[key]

    def lasting_part(self, kind: Callable[["Workbench"], _Part]) -> _Part:
        """Return the one part of a kind that outlives projects.

        Its `begin` is given the workbench of each project that is opened later.
        """
        key = cast("type", kind)
        if key not in self._lasting:
            self._lasting[key] = kind(self)
        return self._lasting[key]

    @_while_open
    def place(self, panel: QWidget, area: Area, rank: int = 0) -> None:
        """Put a panel into an area of the window, not shown yet; after those of lower ranks."""
        self._placed.append(panel)
        self._frame.place_panel(panel, area, rank)

    @_while_open
    def place_mode(
        self,
        panel: QWidget,
        mode: ViewMode,
        zoom: Callable[[int], object] = ignore,
        select_all: Callable[[], object] = ignore,
        pictures: Callable[[], QWidget] | None = None,
    ) -> None:
        """Let the pictures be looked at in another way, in which keys for pictures work.

        See `ViewModes.register`.
        """
        self._placed.append(panel)
        self._modes.append(mode)
        self._frame.modes.register(mode, panel, zoom, select_all, pictures)
        self._frame.keyboard.watch(panel)

    def end(self) -> None:
        """End everything: the project is closed."""
        if self.is_ended:
            return
        if self._shows_work:
            self.show_work("")
        self.is_ended = True
        for name in self._jobs:
            self._all_jobs.drop(name)
        for connection in self._connections:
            QObject.disconnect(connection)
        for mode in self._modes:
            self._frame.modes.forget(mode)
        self.messages.withdraw_all(self._name(""))
        parts = (part for part in self._parts.values() if isinstance(part, QWidget))
        for widget in dict.fromkeys([*parts, *self._placed]):
            if isinstance(widget, MiddlePanel):
                widget.leave_panel()
            widget.close()
            widget.deleteLater()
        self.deleteLater()

    @_while_open
    def connect_to(self, signal: SignalInstance, act: Callable[..., object]) -> None:
        """Call `act` when something of the window emits a signal, until the project is closed."""
        self._connections.append(signal.connect(act))

    def guarded(self, act: Callable[_Arguments, object]) -> Callable[_Arguments, None]:
        """Return a function that calls `act` unless the project has been closed.

        For what may answer late, such as a file dialog.
        """

        def call(*args: _Arguments.args, **named: _Arguments.kwargs) -> None:
            if not self.is_ended:
                act(*args, **named)

        return call

    # ---- the project

    @_while_open
    def do(self, change: Change, title: Title) -> None:
        """Apply a change as one undoable step."""
        self._owner.change(change, title)

    @_while_open
    def open(self, project: Project) -> None:
        """Open a project that was just made in place of this one, which is kept."""
        self._frame.files.open_made(project)

    @_while_open
    def undo(self) -> None:
        """Undo the last step."""
        self._owner.undo()

    def follow(self, act: Callable[[Effects], object]) -> None:
        """Call `act` with the effects of each change of the project."""
        self._followers.append(act)

    @_while_open
    def tell(self, effects: Effects) -> None:
        """Notify followers of a change."""
        for act in tuple(self._followers):
            act(effects)

    @_while_open
    def search_by(
        self,
        search: Callable[[tuple[Term, ...]], Similarity | None],
        let_read: Callable[[Iterable[PurePath]], object],
    ) -> None:
        """Set the functions that search and that permit files to be read; see `ProjectOwner`."""
        self._owner.search, self._owner.let_read = search, let_read

    # ---- when something happens

    @_while_open
    def run(  # noqa: PLR0913
        self,
        name: str,
        job: Job,
        on_event: Callable[[Any], object],
        on_failed: Callable[[Exception], object],
        on_done: Callable[[], object] = ignore,
        *,
        low_priority: bool = False,
        outlives_project: bool = False,
    ) -> None:
        """Run a generator on a thread, in place of the feature's job of the same name.

        Args:
            name: Of the work.
            job: Makes the generator.
            on_event: Called with each event; none arrives once the project was closed.
            on_failed: Called with the exception that it raised.
            on_done: Called when it finished or was cancelled.
            low_priority: See `Jobs.run`.
            outlives_project: Whether it goes on, and tells of it, when the project is closed.
        """
        task = Task(job, on_event, on_failed, on_done)
        if not outlives_project:
            self._jobs.add(self._name(name))
        self._all_jobs.run(self._name(name), task, low_priority=low_priority)

    def drop(self, name: str) -> None:
        """Stop a job; nothing of it arrives any more."""
        self._all_jobs.drop(self._name(name))

    def queue(self, name: str, task: Task) -> None:
        """Run a job after the others of the same name; it outlives the project."""
        self._all_jobs.queue(self._name(name), task)

    def cancel(self, task: Task) -> None:
        """Ask a job of `queue` to stop; see `Jobs.cancel_task`."""
        self._all_jobs.cancel_task(task)

    def is_running(self, name: str) -> bool:
        """Return whether a job is queued, running, or about to report its end."""
        return self._all_jobs.is_running(self._name(name))

    def _name(self, name: str) -> str:
        return f"{self.name}/{name}"

    @_while_open
    def when_scored(
        self, act: Callable[[], object], on_failed: Callable[[], object] = ignore
    ) -> None:
        """Call `act` once the suggestions are those of the current names.

        Where these could not be read, which the message bar says, `on_failed` is called.
        """
        self._frame.scoring.when_current(self.guarded(act), self.guarded(on_failed))

    def follow_reading(self, act: Callable[[], object]) -> None:
        """Call `act` when no image waits to be read any more, or reading was paused."""
        self.connect_to(self._frame.reading.ended, act)

    def follow_undo(self, act: Callable[[Effects, bool], object]) -> None:
        """Call `act` with the effects of undo (True) or redo (False), after all other followers."""
        self.connect_to(self._owner.restored, act)

    def follow_model(self, act: Callable[[], object]) -> None:
        """Call `act` when another model is in use."""
        self.connect_to(self.model_in_use.loaded, lambda _loaded: act())

    @_while_open
    def search(
        self,
        search: Search | None,
        on_found: Callable[[Similarity | Exception], object] = ignore,
    ) -> None:
        """Score all images on the thread that reads the names; see `Scoring.search`."""
        self._frame.scoring.search(search, self.guarded(on_found))

    def later(self, milliseconds: int, act: Callable[[], object]) -> Later:
        """Return a timer that calls `act` once, some time after it was started."""
        return Later(self, milliseconds, self.guarded(act))

    # ---- messages and actions

    @_while_open
    def say(
        self,
        text: str,
        *answers: Answer,
        is_reply: bool = False,
        about: str = "",
    ) -> None:
        """Show information for a few seconds; see `MessageBar.tell`."""
        answers, about = self._guarded(answers), self._name(about or text)
        self.messages.tell(text, *answers, is_reply=is_reply, about=about)

    @_while_open
    def say_done(self, text: str) -> None:
        """Show a message about the last step, with Undo, until the project changes again."""
        self.messages.tell_done(text, self.undo)

    @_while_open
    def warn(self, text: str, *answers: Answer, about: str = "") -> None:
        """Show a problem until it is closed, or its topic `about` is withdrawn."""
        self.messages.warn(text, *self._guarded(answers), about=self._name(about or text))

    @_while_open
    def ask(self, text: str, *answers: Answer, waits: bool = False, about: str) -> None:
        """Show a question until it is answered, or its topic is withdrawn; see `MessageBar.ask`."""
        answers = self._guarded(answers)
        self.messages.ask(text, *answers, waits=waits, about=self._name(about))

    def _guarded(self, answers: Iterable[Answer]) -> tuple[Answer, ...]:
        return tuple((text, self.guarded(act) if act else None) for text, act in answers)

    @_while_open
    def show_status(self, text: str, action_id: str) -> None:
        """Show progress in the status line as a button that triggers an action."""
        self._frame.status.show_note(text, partial(self.trigger, action_id))

    @_while_open
    def show_work(
        self,
        text: str,
        progress: Progress | None = None,
        on_cancel: Callable[[], object] = ignore,
    ) -> None:
        """Show work in the status line, with Cancel; an empty text ends it."""
        self._shows_work = bool(text)
        self._frame.status.show_work(self.name, text, progress, self.guarded(on_cancel))

    @_while_open
    def set_checked(self, action_id: str, *, is_on: bool) -> None:
        """Show whether an action is on."""
        self.actions[action_id].setChecked(is_on)

    @_while_open
    def name_button(self, action_id: str, text: str) -> None:
        """Name the button of an action in the tool row, such as *Check 3 pages*."""
        self.actions[action_id].setIconText(text)

    def has(self, action_id: str) -> bool:
        """Return whether there is an action: its feature may have been taken away."""
        return action_id in self.actions

    @_while_open
    def trigger(self, action_id: str) -> None:
        """Do an action as its menu entry does, if there is one."""
        self.actions.trigger(action_id)()

    @_while_open
    def check_pages(self, source: Any) -> None:
        """Show the pages of a `PageSource`."""
        self._frame.check_pages(source)

    def follow_keys(self, act: Callable[[], object]) -> None:
        """Call `act` now, and when actions have other keys."""
        act()
        self.connect_to(self.actions.keys_changed, act)

    def unsay(self, about: str) -> None:
        """Withdraw messages about something that has ended."""
        self.messages.withdraw(self._name(about))
