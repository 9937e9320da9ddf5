"""The panel of a promise: what is promised, how far its checks are, and what comes next."""

import re
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QComboBox, QLabel, QProgressBar, QPushButton, QWidget

from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageState
from nameplate.domain.labels import ReviewState
from nameplate.features.promise.certificate_view import CertificateView
from nameplate.features.promise.checks import Checks
from nameplate.features.promise.jobs import (
    JobResult,
    NewPromise,
    Offers,
    begin_job,
    offer_job,
    step_in,
)
from nameplate.features.promise.names_view import NamesView
from nameplate.features.promise.rules.applying import PartialPromise, apply_labels, make_smaller
from nameplate.features.promise.rules.beginning import PromiseStep, end
from nameplate.features.promise.rules.certificate import certificate_in
from nameplate.features.promise.rules.of_run import promised_least
from nameplate.features.promise.rules.state import PromiseStage
from nameplate.features.promise.steps import BEGIN, Next, PanelText, choice_text, stage_text
from nameplate.features.promise.words import (
    WHAT_FREEZES,
    WHAT_IT_IS,
    certainty_text,
    certificate_text,
    claim_text,
    given_up_text,
    share_text,
)
from nameplate.project.labelling import Circumstances
from nameplate.ui.jobs.jobs import Job
from nameplate.ui.widgets.boxes import choice, row
from nameplate.ui.widgets.painting import SMALL, font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.work_panel import WorkPanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.texts import error_text, sentences, text_of, tr

TARGETS: Final = (0.9, 0.95, 0.98, 0.99, 0.995)
CONFIDENCES: Final = (0.9, 0.95, 0.99)
USUAL: Final = (0.98, 0.95)
"""The share that is promised, and how surely, until a person chooses others."""

_MOST_OTHERS: Final = 4

_JOB: Final = "work out"
_PAGE: Final = "audit-page"
"""The code of the title of the step that a page of checks is; project files keep it."""


def attach(workbench: Workbench) -> None:
    """Say how far the promise of a project is, and come back to the panel from its checks."""
    checks = workbench.part(Checks)
    checks.on_turned = lambda: workbench.part(PromisePanel).come_back()
    checks.on_left = lambda: workbench.part(PromisePanel).show_promise()
    checks.hide_names()
    workbench.find_by("certificate", lambda: certificate_in(workbench.project))


def ask(workbench: Workbench) -> None:
    """Show the panel, or close it where it is shown."""
    panel = workbench.part(PromisePanel)
    if panel.is_open:
        panel.close_panel()
    else:
        panel.show_promise()


class PromisePanel(WorkPanel):
    """Leads through a promise, from the choice of what to promise to its certificate.

    What there is of it is in the project, so that one can stop at any time, and undo each step.

    Attributes:
        names: What the checks say by name.
    """

    guide_page = "accuracy"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(tr("Certify accuracy"), tr("Start checking"))
        self._workbench = workbench
        self._checks = workbench.part(Checks)
        self._found: JobResult | None = None  # by the last job, of what is shown
        self._is_choosing = False  # although there is a promise
        self._is_beginning = False
        self._shown = PanelText("")
        self._target = _shares(tr("Accuracy, at least"), TARGETS, USUAL[0])
        self._confidence = _shares(tr("Certainty"), CONFIDENCES, USUAL[1])
        role = QPalette.ColorRole.WindowText
        self._heading = Paragraph(max_lines=3, role=role)
        self._heading.setFont(font_of(self.font(), weight=QFont.Weight.DemiBold))
        self._text = Paragraph(max_lines=8, role=role)
        self._note = Paragraph(max_lines=5, role=role)
        self._certificate = CertificateView()
        self.names = NamesView(workbench)
        self._what = [Paragraph(max_lines=6) for _ in range(3)]
        for part in self._what:
            part.setFont(font_of(self.font(), SMALL))
        self._progress = QProgressBar(textVisible=False)
        self._progress.setFixedHeight(8)
        self._progress.setAccessibleName(tr("Checks done"))
        self._others = [QPushButton() for _ in range(_MOST_OTHERS)]
        self._figures = QPushButton(tr("Accuracy"))
        self._figures.setToolTip(tr("How right the suggestions are, measured by your own labels"))
        self._lay_out()  # before anything is shown: a part without a window is one itself
        self._figures.clicked.connect(partial(workbench.trigger, "how_right"))
        self._figures.setVisible(workbench.has("how_right"))
        for box in (self._target, self._confidence):
            box.currentIndexChanged.connect(self._look_anew)
        for button in (self._figures, *self._others):
            button.setAutoDefault(True)  # Enter on it must not press the main button
        for number, button in enumerate(self._others):
            button.clicked.connect(lambda _=False, n=number: self._do(self._shown.others[n][0]))
        self.do_work = self._do_next
        workbench.place(self, Area.MIDDLE)
        self._checks.on_looked = self._refresh

    def _lay_out(self) -> None:
        self._form = QWidget()
        # translators: {share} and {certainty} are boxes to choose a percentage in
        form = tr("At least {share} of the labels are right, with {certainty} certainty.")
        boxes = {"{share}": self._target, "{certainty}": self._confidence}
        parts = [part.strip() for part in re.split(r"(\{\w+\})", form)]
        words = [boxes.get(part) or QLabel(part) for part in parts if part]
        self._form.setLayout(row(*words, None, spacing=6))
        self.add_to_head(self._figures)
        said = (self._heading, self._progress, self._text, self._note, self.names)
        parts = (self._form, *said, *self._what)
        self.lay_out(*parts, others=self._others, below=self._certificate)

    # ---- what is chosen

    @property
    def _asked(self) -> tuple[float, float]:
        """The share that is to be right, and how surely."""
        return self._target.currentData(), self._confidence.currentData()

    def choose(self, target: float, confidence: float) -> None:
        """Choose what is to be promised; without a signal, and only what there is to choose."""
        for box, share in ((self._target, target), (self._confidence, confidence)):
            with QSignalBlocker(box):
                box.setCurrentIndex(max(0, box.findData(share)))

    # ---- how it is shown

    @property
    def text(self) -> str:
        """All that is said of the promise."""
        parts = (self._heading, self._text, self._note, *self._certificate.paragraphs)
        return "\n".join(part.text() for part in parts if not part.isHidden())

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being worked out that it waits for."""
        return not self._shown.title.endswith("…") and not self._shown.text.endswith("…")

    def show_text(self, shown: PanelText) -> None:
        """Show how far the promise is, and what can be done next."""
        if self.is_open and self.begin_button.hasFocus():
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # not where Qt goes from a hidden button
        self._shown = shown
        self._form.setVisible(shown.has_choice)
        self._heading.show_text(shown.title)
        self._text.show_text(shown.text)
        self._note.show_text(shown.note, "info")
        self._certificate.show_text(shown.certificate, shown.method)
        self._explain()
        self._progress.setVisible(shown.done is not None)
        done, total = shown.done or (0, 1)
        self._progress.setRange(0, max(1, total))
        self._progress.setValue(done)
        self._progress.setAccessibleName(tr("{done:,} of {total:,} checks", done=done, total=total))
        for place, button in enumerate(self._others):
            is_there = place < len(shown.others)
            button.setText(shown.others[place][1] if is_there else "")
            button.setVisible(is_there)
        self.begin_button.setText(shown.main[1] if shown.main else tr("Start checking"))
        self.show_work(is_busy=False, is_possible=shown.main is not None and shown.is_ready)
        self.begin_button.setVisible(shown.main is not None)
        if self.is_open and self.hasFocus():  # it waited for the button
            self.take_focus()

    def _explain(self) -> None:
        """Explain what is asked for at this step, and no more."""
        can_begin = self._shown.has_choice and self._shown.main == BEGIN()
        is_asked = self._shown.has_choice, can_begin, can_begin or self._shown.done is not None
        what = tr(WHAT_IT_IS), certainty_text(self._asked[1]), tr(WHAT_FREEZES)
        for part, words, is_said in zip(self._what, what, is_asked, strict=True):
            part.show_text(words if is_said else "")

    def take_focus(self) -> None:
        """Give the focus to what is chosen first, or to the button for what comes next."""
        first = self._target if self._shown.has_choice else self.begin_button
        is_there = first.isEnabled() and not first.isHidden()
        (first if is_there else self).setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- what is shown of the promise

    def show_promise(self) -> None:
        """Show the panel, with how far the promise is."""
        self._is_choosing = False
        if (promise := self._checks.promise) is not None:
            self.choose(promise.target, promise.confidence)
        self.open_panel()
        self._look_anew()
        self.take_focus()

    def come_back(self) -> None:
        """Show the panel as soon as the checks are enough, or cannot be any more."""
        was_failed = self._stage is PromiseStage.FAILED
        self._checks.tell()
        if self._stage in (PromiseStage.PASSED, PromiseStage.APPLIED) or (
            self._stage is PromiseStage.FAILED and not was_failed
        ):
            self.show_promise()

    def _look_anew(self) -> None:
        self._found = None
        self._checks.tell()

    def _refresh(self) -> None:
        if self.is_open:
            self._work_out()
            self._show()

    @property
    def _stage(self) -> PromiseStage | None:
        return self._checks.state.stage if self._checks.state else None

    @property
    def _has_choice(self) -> bool:
        return self._is_choosing or self._stage in (None, PromiseStage.ENDED)

    def _work_out(self) -> None:
        """Have worked out what is to be shown and takes a moment."""
        workbench, project = self._workbench, self._workbench.project
        if self._is_beginning:
            return  # it must not be dropped for what other suggestions could be promised
        if self._has_choice:
            if project.concepts and workbench.model is not None and not workbench.is_scored:
                workbench.when_scored(self._checks.soon.ask)
                return
            asked, now = self._asked, self._now()
            copy = project.snapshot(project.images)
            self._run(lambda _cancel: offer_job(copy, now, *asked, TARGETS))
        elif self._stage is PromiseStage.FAILED:
            copy = project.snapshot(project.images)
            self._run(lambda _cancel: iter([make_smaller(copy)]))
        else:
            workbench.drop(_JOB)

    def _run(self, job: Job) -> None:
        self._workbench.run(_JOB, job, self._on_found, self._on_failed)

    def _now(self) -> Circumstances:
        """Return what is suggested now, for a thread of its own."""
        now = self._workbench.circumstances
        return replace(now, suggestions=now.suggestions.copy())

    def _show(self) -> None:
        promise, state, project = self._checks.promise, self._checks.state, self._workbench.project
        self.names.show_checks(None if self._has_choice else promise)
        if self._has_choice:
            self.show_text(choice_text(promise, state, self._found, self._asked[1]))
        elif promise is not None and state is not None:
            images, states, done = project.images, project.labels.states, project.history.done
            can_be_checked = ~images.is_removed & (images.states != ImageState.UNREADABLE)
            shown = stage_text(
                promise,
                state,
                self._found,
                has_page_before=bool(done) and done[-1].title.code == _PAGE,
                without_label=int((can_be_checked & (states == ReviewState.UNLABELLED)).sum()),
                run=(promised_least(project),) if project.sample else None,
            )
            self.show_text(shown)

    # ---- what a person does

    def _do_next(self) -> None:
        if self._shown.main is not None:
            self._do(self._shown.main[0])

    def _do(self, what: Next) -> None:
        """Do what a button is for."""
        workbench = self._workbench
        {
            Next.BEGIN: self._begin,
            Next.GO_ON: self._go_on,
            Next.APPLY: self._apply,
            Next.SMALLER: self._make_smaller,
            Next.BACK: self._take_back,
            Next.GIVE_UP: self._give_up,
            Next.ANEW: self._choose_anew,
            Next.KEEP: self.show_promise,
            Next.LESS: self._promise_less,
            Next.COPY: self._copy,
            Next.COMMAND: partial(workbench.want, "run_command"),
            Next.PAGES: lambda: workbench.check_pages(()),
            Next.EXPORT: lambda: workbench.trigger("export"),
            Next.MODELS: lambda: workbench.trigger("models"),
        }[what]()

    def _show_pages(self) -> None:
        self._workbench.check_pages(self._checks)

    def _go_on(self) -> None:
        self._checks.goes_on = True
        self._show_pages()

    def _take_back(self) -> None:
        """Take the last page of checks back, and show it."""
        self._workbench.undo()
        self._show_pages()

    def _make_smaller(self) -> None:
        if isinstance(self._found, PartialPromise) and self._found.step is not None:
            self._change(self._found.step)

    def _choose_anew(self) -> None:
        self._is_choosing = True
        self._look_anew()
        self.take_focus()

    def _promise_less(self) -> None:
        """Choose the smaller share that is worth its checks."""
        if isinstance(self._found, Offers) and self._found.less is not None:
            self.choose(self._found.less.target, self._asked[1])
            self._look_anew()
            self.take_focus()

    def _copy(self) -> None:
        if (promise := self._checks.promise) is not None:
            QGuiApplication.clipboard().setText(certificate_text(promise))
            self._workbench.say(tr("Certificate copied."), is_reply=True)

    def _begin(self) -> None:
        """Freeze what is offered, once the suggestions are those of the names."""
        project, asked = self._workbench.project, self._asked

        def start() -> None:
            self._is_beginning = True
            copy, now = project.snapshot(project.images), self._now()
            self._run(lambda _cancel: begin_job(copy, now, *asked))

        if self._workbench.model is None:  # labels that came with the pictures take none
            start()
        else:
            self._workbench.when_scored(start)

    def _apply(self) -> None:
        try:
            step = apply_labels(self._workbench.project, self._workbench.circumstances)
        except UsageError as error:
            self._workbench.warn(error_text(error))
            return
        self._change(step)
        if (promise := self._checks.promise) is not None:
            self._workbench.say_done(tr("Certified: {claim}.", claim=claim_text(promise)))

    def _give_up(self) -> None:
        said = given_up_text(self._checks.promise, self._stage)
        self._change(end(self._workbench.project))
        self._workbench.say_done(said)

    def _change(self, step: PromiseStep) -> None:
        self._is_choosing, self._found = False, None
        self._workbench.do(step.change, step.title)
        self._checks.tell()
        self.take_focus()

    # ---- what comes of it

    def _on_found(self, found: JobResult) -> None:
        self._is_beginning = False
        if not isinstance(found, NewPromise):
            self._found = found
            self._show()
        elif found.copy.revision != self._workbench.project.revision:
            self._begin()  # something was changed meanwhile: what is frozen must be what is there
        else:
            step = step_in(self._workbench.project, found)
            self._checks.forget()
            self._change(step)
            self._show_pages()
            if found.note is not None:
                self._workbench.say(text_of(found.note))

    def _on_failed(self, error: Exception) -> None:
        self._is_beginning = False
        self._workbench.warn(sentences(tr("Can't certify."), error_text(error)))


def _shares(what: str, shares: tuple[float, ...], usual: float) -> QComboBox:
    box = choice(what)
    box.setMinimumContentsLength(5)
    for share in shares:
        box.addItem(share_text(share), share)
    box.setCurrentIndex(shares.index(usual))
    return box
