"""The panel that writes keywords into pictures, and puts them back or keeps them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QCheckBox, QPushButton

from nameplate.domain.changes import Effects, Several, Title
from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelToken
from nameplate.features.keywords.backup import Backup, backups_of, keep
from nameplate.features.keywords.exiftool import find_exiftool
from nameplate.features.keywords.putting_back import paths_of, put_back
from nameplate.features.keywords.words import as_before, not_jpeg, written
from nameplate.features.keywords.writing import Done, Plan, Writer
from nameplate.formats.exported_image import Which
from nameplate.pipeline.export_content import snapshot_of
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.export.sentences import problems_sentence
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.table import Table
from nameplate.ui.widgets.work_panel import WorkPanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import error_text, sentences, tr, trn, what_of

_LOOK, _WORK, _OFFER = "look", "work", "offer"
"""What the jobs are called."""

RESULT, UNDONE = "result", "undone"
"""What messages are about."""

_MOST_NAMES: Final = 12


def ask(workbench: Workbench) -> None:
    """Show the panel, or close it where it is shown."""
    panel = workbench.part(KeywordsPanel)
    if panel.is_open:
        panel.close_panel()
    else:
        panel.show_plan()


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is to do.

    Attributes:
        plan: What would be written.
        program: ExifTool, or why nothing can be written.
        backups: What was written and neither put back nor kept, the oldest first.
        count: The number of pictures in the last one.
    """

    plan: Plan
    program: str | NameplateError
    backups: list[Backup]
    count: int


class KeywordsPanel(WorkPanel):
    """Says what would be written into how many pictures; writes it, puts it back, or keeps it.

    Attributes:
        table: The names and how many pictures get each.
    """

    guide_page = "keywords"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(tr("Write keywords into pictures"), tr("Write"))
        self._workbench, self._token = workbench, CancelToken()
        self._found: _Found | None = None
        self._program: str | NameplateError | None = None
        self._heading = Paragraph(max_lines=2, role=QPalette.ColorRole.WindowText)
        self._heading.setFont(font_of(self.font(), weight=QFont.Weight.DemiBold))
        self._text = Paragraph(max_lines=6, role=QPalette.ColorRole.WindowText)
        self._problem, self._earlier = Paragraph(max_lines=4), Paragraph(max_lines=3)
        self._unchecked = QCheckBox(tr("Also labels you haven't checked"))
        self._others = QPushButton(tr("Put back")), QPushButton(tr("Keep"))
        tips = (
            tr("Make the files what they were before, byte by byte"),
            tr("Delete the backup: they can't be put back any more"),
        )
        for button, tip, act in zip(self._others, tips, (self._put_back, self.keep), strict=True):
            button.setToolTip(tip)
            button.setAutoDefault(True)  # Enter on it must not press the main button
            button.clicked.connect(partial(self._do_with_last, act))
        self.table = Table(tr("Keywords"), (tr("Keyword"), tr("Pictures")), (0,))
        parts = (self._heading, self._text, self._unchecked, self._problem, self._earlier)
        self.lay_out(*parts, others=self._others, below=self.table)
        self._unchecked.toggled.connect(self._look)
        self.do_work, self.cancel_work = self._write, self._stop
        self._forget()
        workbench.place(self, Area.MIDDLE)
        workbench.follow(self._on_changed)

    @property
    def text(self) -> str:
        """All that is said."""
        parts = (self._heading, self._text, self._problem, self._earlier)
        return "\n".join(one.text() for one in parts if not one.isHidden())

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being looked for or written."""
        return not any(map(self._workbench.is_running, (_LOOK, _WORK, _OFFER)))

    # ---- what there is to do

    def show_plan(self) -> None:
        """Show the panel, and look what there is to do."""
        self.open_panel()
        if not isinstance(self._program, str):  # it may have been installed meanwhile
            self._program = None
        if not self.is_busy:
            self._forget()
            self.state.show_text(tr("Looking…"))
            self._look()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _forget(self) -> None:
        """Show nothing of what there was to do."""
        self._found = None
        for part in (self._heading, self._text, self._problem, self._earlier):
            part.show_text("")
        self.table.hide()
        self._show_state()

    def _on_changed(self, effects: Effects) -> None:
        if effects.of_project and self.is_open and not self.is_busy:
            self._look()

    def _look(self) -> None:
        project = self._workbench.project
        export = snapshot_of(project, Suggestions(), what_of)
        which = Which.LABELS if self._unchecked.isChecked() else Which.DECIDED
        identity, known = project.identity, self._program

        def job(cancel: CancelToken) -> Iterator[_Found]:
            program = known
            if program is None:
                try:
                    program = find_exiftool(cancel)
                except NameplateError as error:
                    program = error
            backups = backups_of(identity)
            count = backups[-1].count if backups else 0
            yield _Found(Plan.of(export, which), program, backups, count)

        self._workbench.run(_LOOK, job, self._on_found, self._on_failed)

    def _on_found(self, found: _Found) -> None:
        self._found, self._program = found, found.program
        plan, count = found.plan, found.plan.labelled
        self._heading.show_text(
            trn(
                "Your labels become keywords in {count:,} JPEG file.",
                "Your labels become keywords in {count:,} JPEG files.",
                count,
                zero=tr("No JPEG file has a label that you checked."),
            )
        )
        safe = tr(
            "These files are changed; their pixels and other metadata stay the same. Until you "
            "choose Keep, you can put them back."
        )
        self._text.show_text(sentences(safe if plan.wanted else "", not_jpeg(plan.others)))
        problem = error_text(found.program) if isinstance(found.program, NameplateError) else ""
        self._problem.show_text(problem, "warning")
        earlier = trn(
            "Keywords were written into {count:,} picture and can be put back.",
            "Keywords were written into {count:,} pictures and can be put back.",
            found.count,
        )
        self._earlier.show_text(earlier if found.backups else "", "info")
        self.begin_button.setText(
            trn("Write into {count:,} picture", "Write into {count:,} pictures", count)
        )
        self.table.clear()
        names = Counter(name for one in plan.wanted.values() for name in one.labels)
        rows = [(name, format_number(count)) for name, count in names.most_common(_MOST_NAMES)]
        self.table.add_rows(rows, tips=(0,), right=1)
        self.table.fit_rows()
        self.table.setVisible(bool(names))
        self.state.show_text("")
        self._show_state()

    def _show_state(self) -> None:
        """Show what is known to be possible, and enable what can be done now."""
        found = self._found
        can_write = bool(found and found.plan.wanted and isinstance(found.program, str))
        self.show_work(is_busy=self.is_busy, is_possible=can_write)
        for button in self._others:
            button.setVisible(bool(found and found.backups))
            button.setEnabled(not self.is_busy)
        for part in (self.begin_button, self._unchecked):
            part.setVisible(found is not None)
        self._unchecked.setEnabled(not self.is_busy)

    # ---- writing

    def _write(self) -> None:
        found, project = self._found, self._workbench.project
        is_old = self._workbench.is_running(_LOOK)  # labels were changed since
        if found is None or is_old or not isinstance(found.program, str):
            return
        token, backup = CancelToken(), Backup.new(project.identity)
        uses_cache = self._workbench.model_in_use.uses_cache
        writer = Writer(found.program, backup, token, uses_cache=uses_cache)

        def tell(done: Done) -> None:
            cancelled = tr("Cancelled.") if token.is_cancelled else ""
            text = sentences(cancelled, written(done), problems_sentence(done.problems))
            if not done.count:
                self._say(text, done)
                return
            self._workbench.do(Several(()), backup.title(done.count))
            self.leave_panel()
            acts = (tr("Put back"), self._put_back), (tr("Keep"), self.keep)
            answers = ((name, partial(act, backup)) for name, act in acts)
            self._workbench.ask(text, *answers, about=RESULT)

        self._run(lambda: writer.write(found.plan.wanted), tell, token)

    # ---- what was written

    def offer_to_put_back(self, step: Title) -> None:
        """Offer to put back what a step wrote, if that can be done."""

        def job(_cancel: CancelToken) -> Iterator[Backup]:
            yield from (backup for backup in backups_of(identity) if backup.is_of(step))

        def on_event(backup: Backup) -> None:
            text = tr("Undone in the project. Put the pictures back, too?")
            answer = tr("Put back"), partial(self._put_back, backup)
            self._workbench.ask(text, answer, about=UNDONE)

        identity = self._workbench.project.identity
        self._workbench.run(_OFFER, job, on_event, self._on_failed)

    def _do_with_last(self, act: Callable[[Backup], object]) -> None:
        """Do what a button says with what was written last."""
        if self._found and self._found.backups:
            act(self._found.backups[-1])

    def _put_back(self, backup: Backup) -> None:
        """Put pictures back as they were."""
        project, token = self._workbench.project, CancelToken()
        paths = paths_of(project.images)

        def tell(done: Done) -> None:
            is_whole = not done.problems and not token.is_cancelled
            steps = project.history.done
            if is_whole and steps and backup.is_of(steps[-1].title):
                self._workbench.undo()  # or the step would stay, and undo nothing
            self._say(sentences(as_before(done), problems_sentence(done.problems)), done)

        self._run(lambda: put_back(backup, paths, token), tell, token)

    def keep(self, backup: Backup) -> None:
        """Forget what was replaced: nothing can be put back any more."""

        def work() -> Iterator[Done]:
            keep([backup])
            yield from ()

        def tell(done: Done) -> None:
            self._say(tr("The pictures stay as they are now."), done)

        self._run(work, tell, CancelToken())

    # ---- how far it is

    def _run(
        self, work: Callable[[], Iterator[Done]], tell: Callable[[Done], object], token: CancelToken
    ) -> None:
        """Run what changes files; the project learns what they hold, and `tell` is called then."""
        if self.is_busy:
            return
        all_done, self._token = Done(), token
        images = self._workbench.project.images

        def job(cancel: CancelToken) -> Iterator[Done]:
            with cancel.calling(token.cancel):
                yield from work()

        def on_event(done: Done) -> None:
            self._workbench.record_rewritten(*done.rows_in(images))
            all_done.add(done)
            self.show_progress(done.progress)

        def end(error: Exception | None = None) -> None:
            self.is_busy = False
            self.state.show_text("")
            if error is None:
                tell(all_done)
            else:
                self._on_failed(error)
            self._look()

        self._workbench.unsay(RESULT)  # with its buttons
        self.is_busy = True
        self.bar.setRange(0, 0)
        self._show_state()
        self.focus_cancel()
        self._workbench.run(_WORK, job, on_event, end, end)

    def _stop(self) -> None:
        self._token.cancel()
        self.state.show_text(tr("Cancelling…"))

    def _say(self, text: str, done: Done) -> None:
        if done.problems:
            self._workbench.warn(text, about=RESULT)
        else:
            self._workbench.say(text, is_reply=True, about=RESULT)

    def _on_failed(self, error: Exception) -> None:
        self.state.show_text("")
        self._workbench.warn(error_text(error), about=RESULT)
