"""Promises that labels are right: what the panel offers, what its buttons do, and what is told."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication

from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageState
from nameplate.domain.labels import ReviewState
from nameplate.domain.promises import Promise
from nameplate.formats.label_export import model_name
from nameplate.project.labelling import Circumstances
from nameplate.project.promising.beginning import PromiseStep, end
from nameplate.project.promising.giving import Smaller, give
from nameplate.project.promising.of_run import promised_least
from nameplate.project.promising.state import PromiseStage, PromiseState
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.promise.jobs import (
    Begun,
    Found,
    Offered,
    Wish,
    begin_job,
    offer_job,
    smaller_job,
    step_in,
)
from nameplate.ui.promise.pages import CheckPages
from nameplate.ui.promise.panel import TARGETS, PromisePanel
from nameplate.ui.promise.steps import CHOOSE_MODEL, Next, choice_text, stage_text
from nameplate.ui.promise.words import (
    certificate_text,
    claim_text,
    export_text,
    is_undone_by_model,
    status_text,
    void_text,
)
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import LAST_STEP, MessageBar
from nameplate.wording.texts import error_text, text_of

_SOON_MS: Final = 120
"""After a change, before it is found out what it means for the promise."""

_PAGE: Final = "audit-page"
"""The code of the title of the step that a page of checks is."""


class Promising(QObject):
    """Leads through a promise, from the choice of what to promise to its certificate.

    What there is of it is in the project, so that one can stop at any time, and undo each step.

    Attributes:
        pages: The labels to check.

    Signals:
        pages_requested: The labels are to be checked, on pages of `pages`.
        sheets_requested: More pictures are to be decided first, on the usual pages.
        export_requested: The labels are to be exported.
        models_requested: Another model is to be chosen: that of the promise.
        command_requested: What labels the run again that the pictures are a sample of is wanted.
        status_changed: How far the promise is, for the status line; empty for none.
        export_told: Whether a certificate goes along with an export, and why not.
    """

    pages_requested = Signal()
    sheets_requested = Signal()
    export_requested = Signal()
    models_requested = Signal()
    command_requested = Signal()
    status_changed = Signal(str)
    export_told = Signal(str)

    def __init__(
        self,
        owner: ProjectOwner,
        in_use: ModelInUse,
        scoring: Scoring,
        make_panel: Callable[[], PromisePanel],
        messages: MessageBar,
    ) -> None:
        super().__init__(owner)
        self._owner = owner
        self._in_use = in_use
        self._scoring = scoring
        self._make_panel = make_panel
        self._messages = messages
        self.pages = CheckPages(owner, self._model)
        self._found: Found | None = None  # by the last job, of what is shown
        self._stage: PromiseStage | None = None  # when it was looked at last
        self._is_choosing = False  # although there is a promise
        self._is_beginning = False
        self._next = Next.BEGIN  # what the main button of the panel is for
        self._runner = JobRunner(
            "promise", self, on_event=self._on_found, on_failed=self._on_failed
        )
        self._soon = Later(self, _SOON_MS, self._refresh)
        owner.opened.connect(self._on_opened)
        owner.changed.connect(self._soon.ask)
        owner.suggestions_changed.connect(self._soon.ask)
        in_use.loaded.connect(self._soon.ask)
        self.pages.turned.connect(self._on_page_turned)
        self.pages.left.connect(self.show)

    @cached_property
    def _panel(self) -> PromisePanel:
        """The panel, made when a promise is first asked for."""
        panel = self._make_panel()
        panel.chosen.connect(self._look_anew)
        panel.work_requested.connect(self._do_next)
        panel.other_requested.connect(self._do)
        return panel

    @property
    def _is_open(self) -> bool:
        return "_panel" in vars(self) and self._panel.is_open

    def shut_down(self) -> None:
        """Stop working out what can be promised."""
        self._soon.stop()
        self._runner.shut_down()

    def _model(self) -> str:
        model = self._in_use.model
        return model_name(model) if model else ""

    @property
    def _promise(self) -> Promise | None:
        return self._owner.project.promise

    @property
    def _state(self) -> PromiseState | None:
        return self.pages.state

    # ---- what is shown

    @Slot()
    def ask(self) -> None:
        """Show the panel, or close it where it is shown."""
        if self._is_open:
            self._panel.close_panel()
        else:
            self.show()

    @Slot()
    def show(self) -> None:
        """Show the panel, with how far the promise is."""
        self._is_choosing = False
        if (promise := self._promise) is not None:
            self._panel.choose(promise.target, promise.confidence)
        self._panel.open_panel()
        self._look_anew()
        self._panel.take_focus()

    @Slot()
    def _on_opened(self) -> None:
        """Close the panel: it was about the project before."""
        self._runner.drop()
        self._found, self._stage, self._is_beginning = None, None, False
        if self._is_open:
            self._panel.leave_panel()

    @Slot()
    def _look_anew(self) -> None:
        self._found = None
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        """Find out how far the promise is, and say so wherever it is said."""
        self.pages.look()
        promise, state = self._promise, self._state
        self._tell_if_void(state)
        self.status_changed.emit(status_text(promise, state))
        self.export_told.emit(self.export_note)
        if self._is_open:
            self._ask()
            self._show()

    @property
    def export_note(self) -> str:
        """Whether a certificate goes along with an export, and why not."""
        return export_text(self._promise, self._state)

    def _tell_if_void(self, state: PromiseState | None) -> None:
        """Say it once when a promise becomes void: it must not be lost unseen."""
        before, self._stage = self._stage, state.stage if state else None
        if state is None or state.stage is not PromiseStage.VOID:
            return
        if before not in (None, PromiseStage.VOID):
            text, undo = void_text(state), self._owner.undo
            if is_undone_by_model(state):  # which is no step: Undo would take a page of checks back
                self._messages.tell(text, answer=CHOOSE_MODEL, on_answer=self.models_requested.emit)
            else:
                self._messages.tell(text, answer="Undo", on_answer=undo, about=LAST_STEP)

    @property
    def _has_choice(self) -> bool:
        is_over = self._state is None or self._state.stage is PromiseStage.ENDED
        return self._is_choosing or is_over

    def _ask(self) -> None:
        """Have worked out what is to be shown and takes a moment."""
        project = self._owner.project
        if self._is_beginning:
            return  # it must not be dropped for what other suggestions could be promised
        if self._has_choice:
            if project.concepts and not self._scoring.is_current:
                self._scoring.when_current(self._soon.ask)
                return
            wish, copy, now = self._wish, project.snapshot(project.images), self._now()
            self._runner.start(lambda _cancel: offer_job(copy, now, wish, TARGETS))
        elif self._state is not None and self._state.stage is PromiseStage.FAILED:
            copy = project.snapshot(project.images)
            self._runner.start(lambda _cancel: smaller_job(copy))
        else:
            self._runner.drop()

    @property
    def _wish(self) -> Wish:
        return Wish(self._panel.target, self._panel.confidence)

    def _now(self) -> Circumstances:
        """Return what is suggested now, for a thread of its own."""
        now = self._scoring.circumstances
        return replace(now, suggestions=now.suggestions.copy())

    def _show(self) -> None:
        promise, state = self._promise, self._state
        if self._has_choice:
            shown, self._next = choice_text(promise, state, self._found)
        elif promise is not None and state is not None:
            is_last = self._is_page_last
            project = self._owner.project
            images, states = project.images, project.labels.states
            can_be_checked = ~images.is_removed & (images.states != ImageState.UNREADABLE)
            shown, self._next = stage_text(
                promise,
                state,
                self._found,
                has_page_before=is_last,
                without_label=int((can_be_checked & (states == ReviewState.UNLABELLED)).sum()),
                run=(promised_least(project),) if project.sample else None,
            )
        else:
            return
        self._panel.show_text(shown)

    @property
    def _is_page_last(self) -> bool:
        """Whether a page of checks is what Undo would take back."""
        done = self._owner.project.history.done
        return bool(done) and done[-1].title.code == _PAGE

    # ---- what a person does

    @Slot()
    def _do_next(self) -> None:
        self._do(self._next)

    @Slot(str)
    def _do(self, what: str) -> None:
        """Do what a button of the panel is for."""
        {
            Next.BEGIN: self._begin,
            Next.GO_ON: self._go_on,
            Next.GIVE: self._give,
            Next.SMALLER: self._make_smaller,
            Next.BACK: self._take_back,
            Next.GIVE_UP: lambda: self._change(end(self._owner.project)),
            Next.ANEW: self._choose_anew,
            Next.KEEP: self.show,
            Next.LESS: self._promise_less,
            Next.COPY: self._copy,
            Next.COMMAND: self.command_requested.emit,
            Next.SHEETS: self.sheets_requested.emit,
            Next.EXPORT: self.export_requested.emit,
            Next.MODELS: self.models_requested.emit,
        }[Next(what)]()

    def _go_on(self) -> None:
        self.pages.goes_on = True
        self.pages_requested.emit()

    def _take_back(self) -> None:
        """Take the last page of checks back, and show it."""
        self._owner.undo()
        self.pages_requested.emit()

    def _make_smaller(self) -> None:
        if isinstance(self._found, Smaller) and self._found.step is not None:
            self._change(self._found.step)

    def _choose_anew(self) -> None:
        self._is_choosing = True
        self._look_anew()
        self._panel.take_focus()

    def _promise_less(self) -> None:
        """Choose the smaller share that is worth its checks."""
        if isinstance(self._found, Offered) and self._found.less is not None:
            self._panel.choose(self._found.less.target, self._panel.confidence)
            self._look_anew()
            self._panel.take_focus()

    def _copy(self) -> None:
        if self._promise is not None:
            QGuiApplication.clipboard().setText(certificate_text(self._promise))
            self._messages.tell("The certificate is copied.", is_reply=True)

    def _begin(self) -> None:
        """Freeze what is offered, once the suggestions are those of the names."""
        project, wish = self._owner.project, self._wish

        def start() -> None:
            self._is_beginning = True
            copy, now = project.snapshot(project.images), self._now()
            self._runner.start(lambda _cancel: begin_job(copy, now, wish))

        self._scoring.when_current(start)

    def _give(self) -> None:
        promise = self._promise
        try:
            step = give(self._owner.project, self._scoring.circumstances)
        except UsageError as error:
            self._messages.warn(error_text(error))
            return
        self._change(step)
        if promise is not None:
            self._messages.tell(
                f"Given: {claim_text(promise)}.",
                answer="Undo",
                on_answer=self._owner.undo,
                about=LAST_STEP,
            )

    def _change(self, step: PromiseStep) -> None:
        self._is_choosing, self._found = False, None
        self._owner.change(step.change, step.title)
        self._refresh()
        self._panel.take_focus()

    # ---- what comes of it

    @Slot(object)
    def _on_found(self, found: Found) -> None:
        self._is_beginning = False
        if not isinstance(found, Begun):
            self._found = found
            self._show()
        elif found.revision != self._owner.project.revision:
            self._begin()  # something was changed meanwhile: what is frozen must be what is there
        else:
            step = step_in(self._owner.project, found)
            self.pages.forget()
            self._change(step)
            self.pages_requested.emit()
            if found.note is not None:
                self._messages.tell(text_of(found.note))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._is_beginning = False
        self._messages.warn(f"The promise was not worked out. {error_text(error)}")

    @Slot()
    def _on_page_turned(self) -> None:
        """Come back to the panel as soon as the checks are enough, or cannot be any more."""
        was_failed = self._state is not None and self._state.stage is PromiseStage.FAILED
        self._refresh()
        stage = self._state.stage if self._state else None
        if stage is PromiseStage.PASSED or (stage is PromiseStage.FAILED and not was_failed):
            self.show()
