"""The panel that writes keywords into pictures, and puts them back or keeps them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QCheckBox, QPushButton

from nameplate.domain.changes import Effects, Several
from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelToken
from nameplate.features.keywords.backup import Backup, backups_of, keep
from nameplate.features.keywords.exiftool import ExifTool, find_exiftool
from nameplate.features.keywords.putting_back import paths_of, put_back
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

_LOOK, _WORK, _KEEP, _OFFER = "look", "work", "keep", "offer"
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
        tool: What writes it, or why nothing can.
        backups: What was written and neither put back nor kept, the oldest first.
        count: The number of pictures in the last one.
    """

    plan: Plan
    tool: ExifTool | NameplateError
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
        self._workbench = workbench
        self._found: _Found | None = None
        self._token = CancelToken()
        self._heading = Paragraph(max_lines=2, role=QPalette.ColorRole.WindowText)
        self._heading.setFont(font_of(self.font(), weight=QFont.Weight.DemiBold))
        self._text = Paragraph(max_lines=6, role=QPalette.ColorRole.WindowText)
        self._problem, self._earlier = Paragraph(max_lines=4), Paragraph(max_lines=3)
        self._unchecked = QCheckBox(tr("Also labels you haven't checked"))
        self._put_back, self._keep = QPushButton(tr("Put back")), QPushButton(tr("Keep"))
        self._put_back.setToolTip(tr("Make the files what they were before, byte by byte"))
        self._keep.setToolTip(tr("Delete the backup: they can't be put back any more"))
        self.table = Table(tr("Keywords"), (tr("Keyword"), tr("Pictures")), (0,))
        others = (self._put_back, self._keep)
        for button in others:
            button.setAutoDefault(True)  # Enter on it must not press the main button
        parts = (self._heading, self._text, self._unchecked, self._problem, self._earlier)
        self.lay_out(*parts, others=others, below=self.table)
        self._unchecked.toggled.connect(self._look)
        self._put_back.clicked.connect(lambda: self._put_last_back())
        self._keep.clicked.connect(self.keep)
        self.do_work, self.cancel_work = self._write, self._stop
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
        return not any(map(self._workbench.is_running, (_LOOK, _WORK, _KEEP, _OFFER)))

    def show_plan(self) -> None:
        """Show the panel, and look what there is to do."""
        self.open_panel()
        self._look()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- what there is to do

    def _on_changed(self, effects: Effects) -> None:
        if effects.of_project and self.is_open and not self.is_busy:
            self._look()

    def _look(self) -> None:
        project = self._workbench.project
        export = snapshot_of(project, Suggestions(), what_of)
        which = Which.LABELS if self._unchecked.isChecked() else Which.DECIDED
        identity = project.identity

        def job(cancel: CancelToken) -> Iterator[_Found]:
            try:
                tool: ExifTool | NameplateError = find_exiftool(cancel)
            except NameplateError as error:
                tool = error
            backups = backups_of(identity)
            count = backups[-1].count if backups else 0
            yield _Found(Plan.of(export, which), tool, backups, count)

        self._workbench.run(_LOOK, job, self._on_found, self._on_failed)

    def _on_found(self, found: _Found) -> None:
        self._found = found
        self._show()

    def _show(self) -> None:
        found = self._found
        if found is None:
            return
        count, plan = found.plan.labelled, found.plan
        self._heading.show_text(
            trn(
                "Your labels become keywords in {count:,} JPEG file.",
                "Your labels become keywords in {count:,} JPEG files.",
                count,
                zero=tr("No JPEG file has a label that you checked."),
            )
        )
        others = trn(
            "{count:,} labelled picture isn't a JPEG: export an XMP sidecar for it.",
            "{count:,} labelled pictures aren't JPEGs: export XMP sidecars for them.",
            plan.others,
            zero="",
        )
        safe = tr(
            "These files are changed; their pixels and other metadata stay the same. Until you "
            "choose Keep, you can put them back."
        )
        self._text.show_text(sentences(safe if plan.wanted else "", others))
        problem = found.tool if isinstance(found.tool, NameplateError) else None
        self._problem.show_text(error_text(problem) if problem else "", "warning")
        self._show_names(plan)
        self.begin_button.setText(
            trn("Write into {count:,} picture", "Write into {count:,} pictures", count)
        )
        self._show_state()

    def _show_names(self, plan: Plan) -> None:
        names = Counter(name for one in plan.wanted for name in one.shown.labels)
        self.table.clear()
        rows = [(name, format_number(count)) for name, count in names.most_common(_MOST_NAMES)]
        self.table.add_rows(rows, tips=(0,), right=1)
        self.table.fit_rows()
        self.table.setVisible(bool(names))

    def _show_state(self) -> None:
        """Enable what can be done now."""
        found = self._found
        can_write = found is not None and isinstance(found.tool, ExifTool)
        is_fit = can_write and bool(found and found.plan.wanted)
        self.show_work(is_busy=self.is_busy, is_possible=is_fit)
        count = found.count if found else 0
        said = trn(
            "Keywords were written into {count:,} picture and can be put back.",
            "Keywords were written into {count:,} pictures and can be put back.",
            count,
        )
        has_backup = found is not None and bool(found.backups)
        self._earlier.show_text(said if has_backup else "", "info")
        for button in (self._put_back, self._keep):
            button.setVisible(has_backup)
            button.setEnabled(not self.is_busy)
        self._unchecked.setEnabled(not self.is_busy)

    # ---- writing

    def _write(self) -> None:
        found, project = self._found, self._workbench.project
        if self.is_busy or found is None or not isinstance(found.tool, ExifTool):
            return
        wanted, token = found.plan.wanted, CancelToken()
        writer = Writer(found.tool, project.identity, token)

        def tell(done: Done) -> None:
            count = done.count
            text = sentences(
                tr("Cancelled.") if token.is_cancelled else "",
                trn(
                    "Keywords written into {count:,} picture.",
                    "Keywords written into {count:,} pictures.",
                    count,
                    zero=tr("All pictures have their keywords already.")
                    if done.known and not done.problems
                    else tr("No keywords were written."),
                ),
                problems_sentence(done.problems),
            )
            if not count:
                self._say(text, done)
                return
            self._workbench.do(Several(()), writer.backup.title(count))
            self.leave_panel()
            answers = (tr("Put back"), self._put_last_back), (tr("Keep"), self.keep)
            self._workbench.ask(text, *answers, about=RESULT)

        self._run(lambda: writer.write(wanted), tell, token)

    # ---- what was written

    def offer_to_put_back(self, name: str) -> None:
        """Offer to put back what a step wrote, if that can be done."""

        def job(_cancel: CancelToken) -> Iterator[None]:
            if any(backup.name == name for backup in backups_of(identity)):
                yield None

        def on_event(_there: None) -> None:
            text = tr("Undone in the project. Put the pictures back, too?")
            answer = tr("Put back"), partial(self._put_last_back, name)
            self._workbench.ask(text, answer, about=UNDONE)

        identity = self._workbench.project.identity
        self._workbench.run(_OFFER, job, on_event, self._on_failed)

    def _put_last_back(self, name: str = "") -> None:
        """Put back what was written last, or what a step wrote."""
        if self.is_busy:
            return
        project, chosen, token = self._workbench.project, list[Backup](), CancelToken()
        identity, paths = project.identity, paths_of(project)

        def job() -> Iterator[Done]:
            chosen.extend(one for one in backups_of(identity) if name in ("", one.name))
            for backup in chosen[-1:]:
                yield from put_back(backup, paths, token)

        def tell(done: Done) -> None:
            is_whole = not done.problems and not token.is_cancelled
            if is_whole and chosen and chosen[-1].is_of_last_step(self._workbench.project):
                self._workbench.undo()  # or the step would stay, and undo nothing
            text = trn(
                "{count:,} picture is as it was before.",
                "{count:,} pictures are as they were before.",
                done.count,
            )
            self._say(sentences(text, problems_sentence(done.problems)), done)

        self._run(job, tell, token)

    def keep(self) -> None:
        """Forget what was replaced: nothing can be put back any more."""
        if self.is_busy:
            return
        identity = self._workbench.project.identity

        def job(_cancel: CancelToken) -> Iterator[None]:
            keep(backups_of(identity)[-1:])  # which is what the panel speaks of
            yield None

        def on_event(_done: None) -> None:
            self._workbench.unsay(RESULT)
            self._workbench.say(tr("The pictures stay as they are now."), is_reply=True)
            self._look()

        self._workbench.run(_KEEP, job, on_event, self._on_failed)

    # ---- how far it is

    def _run(
        self,
        work: Callable[[], Iterator[Done]],
        tell: Callable[[Done], object],
        token: CancelToken,
    ) -> None:
        """Run what changes files; the project learns what they hold, and `tell` is called then."""
        all_done, self._token = Done(), token
        project = self._workbench.project

        def job(cancel: CancelToken) -> Iterator[Done]:
            with cancel.calling(token.cancel):
                yield from work()

        def on_event(done: Done) -> None:
            ids, contents = done.contents
            self._workbench.record_rewritten(project.images.rows_of(ids), contents)
            all_done.add(done)
            self.show_progress(done.progress)

        def end() -> None:
            self.is_busy = False
            self.state.show_text("")
            tell(all_done)
            self._look()

        def on_failed(error: Exception) -> None:
            self.is_busy = False
            self.state.show_text("")
            self._on_failed(error)
            self._look()

        self._workbench.unsay(RESULT)  # with its buttons
        self.is_busy = True
        self.bar.setRange(0, 0)
        self._show_state()
        self.focus_cancel()
        self._workbench.run(_WORK, job, on_event, on_failed, end)

    def _stop(self) -> None:
        self._token.cancel()
        self.state.show_text(tr("Cancelling…"))

    def _say(self, text: str, done: Done) -> None:
        if done.problems:
            self._workbench.warn(text, about=RESULT)
        else:
            self._workbench.say(text, is_reply=True, about=RESULT)

    def _on_failed(self, error: Exception) -> None:
        self._workbench.warn(error_text(error), about=RESULT)
