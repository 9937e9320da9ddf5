"""The status line: a job with rate, time left and Cancel; how much is checked; problems; model."""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QProgressBar,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from nameplate.domain.changes import Effects
from nameplate.domain.messages import Message
from nameplate.domain.progress import Progress
from nameplate.pipeline.models.loading import Loaded
from nameplate.ui.actions.actions import Actions
from nameplate.ui.actions.table import actions_of
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.size_slider import SizeSlider
from nameplate.ui.jobs.model_in_use import format_device
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.services import Services
from nameplate.ui.widgets.boxes import row
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.ui.widgets.painting import capitalised, entry_text, one_line, shortened
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.widgets.theme import icon, scaled
from nameplate.wording.numbers import about_left
from nameplate.wording.texts import (
    error_text,
    listed,
    remedy_of,
    sentences,
    text_of,
    tr,
    trn,
    what_of,
)

_LONGEST_TITLE: Final = 44

_ESTIMATE_S: Final = 2.0
"""Between two estimates of rate and time left, and before the first: else nobody can read them."""

_LEAST_TEXT: Final = 40
_LEAST_BUTTON: Final = 50
_AROUND_TEXT: Final = 12
_BESIDE_ICON: Final = 4

_Work = tuple[str, Progress | None, Callable[[], object]]
"""What takes long, how far it is, and what cancels it."""

_MODEL: Final = "model"
_READING: Final = "reading"


class _Button(QToolButton):
    """A flat button that elides its text, so that it never widens the window."""

    def __init__(self, text: str = "") -> None:
        super().__init__(autoRaise=True)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Return a size with room for some letters."""
        hint = self.sizeHint()
        return QSize(min(scaled(_LEAST_BUTTON), hint.width()), hint.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the button, with three dots where its text is cut."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        if self.width() < self.sizeHint().width():
            icon_width = 0 if self.icon().isNull() else self.iconSize().width() + _BESIDE_ICON
            room = self.width() - _AROUND_TEXT - icon_width
            right = Qt.TextElideMode.ElideRight
            option.text = self.fontMetrics().elidedText(self.text(), right, room)
        if not option.icon.isNull():
            option.text = f" {option.text}"  # Qt leaves hardly a gap after the icon
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)


def _bar(width: int, name: str) -> QProgressBar:
    bar = QProgressBar(textVisible=False)
    bar.setAccessibleName(name)
    bar.setFixedSize(width, 6)
    bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return bar


class StatusLine(QWidget):
    """The status line at the bottom of the window; it reports problems in the message bar."""

    def __init__(self, services: Services, reading: Reading, arrangement: Arrangement) -> None:
        super().__init__()
        self._counts, self.picture_size = arrangement.counts, SizeSlider(arrangement.grid)
        actions, in_use, messages = services.actions, services.model_in_use, services.messages
        self._owner, self._in_use = services.owner, in_use
        self._reading, self._messages = reading, messages
        self._work = dict[str, _Work]()  # by feature, what takes long; the last one is shown
        self._failure = ""
        self._estimate, self._estimate_of, self._estimated_at = "", "", 0.0
        self._reported = set[object]()
        # A feature chooses models; without one there is nothing to be pressed.
        chooses = [actions[action.id] for group in actions_of("Model") for action in group]
        self._choose_model = chooses[0].trigger if chooses else None
        self._make_widgets(actions)
        self.show_model(tr("Loading the model…"))
        self._show("")
        in_use.loaded.connect(self._on_loaded)
        in_use.load_failed.connect(self._on_load_failed)
        reading.scan_ended.connect(self._on_scan_ended)
        reading.started.connect(lambda: messages.withdraw(_READING))
        reading.progressed.connect(self._show_reading)
        reading.warned.connect(self._warn_of_reading)
        reading.cache_failed.connect(self.warn_of_cache)
        self._owner.changed.connect(self._on_project_changed)

    def _make_widgets(self, actions: Actions) -> None:
        role, self._bar = QPalette.ColorRole.WindowText, _bar(96, tr("Progress"))
        self._text = Paragraph(max_lines=1, role=role)
        rest = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        rest.setRetainSizeWhenHidden(True)  # it takes what the others leave, and is cut before them
        self._text.setSizePolicy(rest)
        self._text.setMinimumWidth(scaled(_LEAST_TEXT))
        # Like the others, so that the line stays as high; before the text, whose width changes.
        self._cancel, self._resume = _Button(tr("Cancel")), _Button(tr("Continue"))
        self._checked = Paragraph(max_lines=1, role=role, is_as_wide_as_text=True)
        self._checked_bar = _bar(56, tr("Share checked"))
        for whole in (self._checked, self._cancel, self._resume):
            whole.setSizePolicy(rest.Policy.Fixed, rest.Policy.Fixed)  # cut, a number is another
        self._checked_bar.setMaximum(1000)
        self._note, self._problems, self._model = _Button(), _Button(), _Button()
        self._on_note: Callable[[], object] = lambda: None
        left = (self._bar, self._cancel, self._resume, self._text)
        checked = row(self._checked_bar, self._checked, spacing=6)
        said = (checked, self.picture_size, self._note, self._problems, self._model)
        self.setLayout(row(*left, *said, margins=(12, 3, 4, 3), spacing=10))
        self._cancel.clicked.connect(self.stop)
        self._resume.clicked.connect(self._reading.resume)
        self._problems.clicked.connect(actions.trigger("problems"))
        if self._choose_model:
            self._model.clicked.connect(self._choose_model)
        self._note.clicked.connect(lambda: self._on_note())
        self._problems.setIcon(icon("warning"))
        self._problems.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for hidden in (self._checked_bar, self._note, self._problems):
            hidden.hide()

    # ---- what is shown

    @property
    def text(self) -> str:
        """The main text."""
        return self._text.text()

    @property
    def model_text(self) -> str:
        """The text about model and device."""
        return self._model_text

    def show_progress(self, progress: Progress, work: str = "") -> None:
        """Show the progress of reading or of a feature's work, with Cancel."""
        self._bar.setMaximum(max(1, progress.total))
        self._bar.setValue(progress.done)
        done, total = progress.done, progress.total
        text = tr("Reading {count:,} of {total:,}", count=done, total=total)
        if work:
            text = tr("{work}: {count:,} of {total:,}", work=work, count=done, total=total)
        self._show("   ".join(filter(None, (text, self._estimated(work, progress)))), bar=True)

    def _estimated(self, what: str, progress: Progress) -> str:
        """Return rate and time left, which stay for a while; nothing at the beginning."""
        now = time.monotonic()
        if what != self._estimate_of or progress.seconds < _ESTIMATE_S:
            self._estimate, self._estimate_of, self._estimated_at = "", what, 0.0
        if progress.seconds >= _ESTIMATE_S <= now - self._estimated_at and progress.rate:
            # translators: pictures a second
            rate = tr("{rate:,.0f}/s", rate=progress.rate) if progress.rate >= 1 else ""
            left = about_left(progress.seconds_left)
            self._estimate = f"{rate}   {left}" if rate else left
            self._estimated_at = now
        return self._estimate

    def _show_busy(self, text: str) -> None:
        """Show a task of unknown length, with Cancel."""
        self._bar.setMaximum(0)
        self._show(text, bar=True)

    def show_work(
        self, feature: str, what: str, progress: Progress | None, on_cancel: Callable[[], object]
    ) -> None:
        """Show a feature's work, with Cancel, while nothing is read; an empty `what` ends it."""
        if what:
            self._work[feature] = what, progress, on_cancel
        else:
            self._work.pop(feature, None)
        self.refresh()

    def _show(self, text: str, *, bar: bool = False, resume: bool = False) -> None:
        self._text.show_text(text)
        self._bar.setVisible(bar)
        self._cancel.setVisible(bar)
        self._resume.setVisible(resume)

    @property
    def checked_text(self) -> str:
        """The progress of checking."""
        return self._checked.text()

    def show_checked(self, text: str, share: float, details: str) -> None:
        """Show the progress of checking, 0 to 1, with details in the tool tip."""
        self._checked.show_text(text)
        # Qt would paint it at once, and the pictures with it, before the decision is written.
        self._checked_bar.setUpdatesEnabled(False)
        self._checked_bar.setValue(int(1000 * share))
        self._checked_bar.setUpdatesEnabled(True)
        self._checked_bar.setVisible(bool(text))
        for part in (self._checked, self._checked_bar):
            part.setToolTip(tip(details))
            part.setAccessibleName(details)

    @property
    def note_text(self) -> str:
        """How far something is; empty if nothing is said."""
        return "" if self._note.isHidden() else self._note.text()

    def show_note(self, text: str, on_pressed: Callable[[], object] = lambda: None) -> None:
        """Show how far something is that goes on when it is pressed; an empty `text` hides it."""
        self._on_note = on_pressed
        self._note.setText(entry_text(text))
        said = sentences(tr("{text}.", text=text), tr("Click to continue."))
        self._note.setToolTip(tip(said if text else ""))
        self._note.setAccessibleName(text)
        self._note.setVisible(bool(text))

    def show_problems(self, unreadable: int, missing: int, not_added: int) -> None:
        """Show the numbers of files that cannot be read; hidden if there are none.

        Args:
            unreadable: Pictures of the project whose files are there.
            missing: Pictures of the project whose files are not where they were.
            not_added: What was to be added, and is no picture that is there.
        """
        text = listed(
            (
                trn("{count:,} unreadable", "{count:,} unreadable", unreadable, zero=""),
                trn("{count:,} missing", "{count:,} missing", missing, zero=""),
                trn("{count:,} not added", "{count:,} not added", not_added, zero=""),
            )
        )
        self._problems.setText(text)
        self._problems.setToolTip(tr("Show these files and what is wrong with them"))
        self._problems.setVisible(bool(text))

    def show_model(self, title: str, device: str = "", why: str = "") -> None:
        """Show model and device; `why` explains why no better device is used."""
        names = [title, shortened(title, _LONGEST_TITLE)]
        if device:
            names = [tr("{model} on {device}", model=name, device=device) for name in names]
        whole, short = names
        self._model_text = one_line(short)
        self._model.setText(entry_text(self._model_text))
        choose = tr("Click to choose a model.") if self._choose_model else ""
        self._model.setToolTip(tip(sentences(tr("{text}.", text=whole), why, choose)))
        self._model.setAccessibleName(tr("Model: {model}", model=whole))

    # ---- how far reading is

    def stop(self) -> None:
        """Stop scanning and reading, and keep their results; or cancel a feature's work."""
        is_shown = not (self._reading.is_scanning or self._reading.is_reading)
        if self._work and is_shown:
            *_, (_what, _progress, cancel) = self._work.values()
            cancel()
        else:
            self._reading.pause()
        self.refresh()

    def refresh(self) -> None:
        """Update the text while no images are being read."""
        table, reading = self._owner.project.images, self._reading
        images, waiting = self._counts(), table.waiting
        if reading.is_scanning:
            self._show_busy(tr("Looking for pictures…"))
        elif reading.is_paused and reading.has_more_to_scan:
            self._show(tr("Cancelled: {pictures} so far", pictures=images), resume=True)
        elif reading.is_paused and waiting:
            text = trn(
                "Cancelled: {count:,} picture not read",
                "Cancelled: {count:,} pictures not read",
                waiting,
            )
            self._show(text, resume=True)
        elif self._work:
            *_, (what, progress, _cancel) = self._work.values()
            busy = tr("{work}…", work=what)
            self.show_progress(progress, what) if progress else self._show_busy(busy)
        elif self._failure:
            text = tr("No model: names can't be suggested")
            self._show(f"{images}   {text}")
        elif waiting and self._in_use.model is None:
            self._show(f"{images}   {tr('Waiting for the model')}")
        else:
            self._show(images if table.present else "")

    def _show_reading(self, progress: Progress | None) -> None:
        """Show how far reading is; None when nothing is being read."""
        if progress is not None and progress.done < progress.total:
            self.show_progress(progress)
        else:
            self.refresh()

    def _on_scan_ended(self, counts: tuple[int, int, int] | None) -> None:
        if counts is None:
            return
        (images, problems, known), messages = counts, self._messages
        if images:
            text = trn("{count:,} picture added.", "{count:,} pictures added.", images)
            messages.tell(text, about=LAST_STEP)
        elif problems:
            last = self._reading.problems[-1]
            text = tr("Nothing was added: {path}: {problem}.", path=last.path, problem=last.reason)
            messages.warn(text, (tr("Show"), self._problems.click), about=LAST_STEP)
        else:
            messages.warn(_nothing_new(known), about=LAST_STEP)
        if not self._reading.is_reading:
            self.refresh()

    def _warn_of_reading(self, text: str) -> None:
        """Report that reading stopped, or goes on otherwise."""
        self._messages.warn(text, about=_READING)
        self._show_model()  # another device may be in use

    def warn_of_cache(self, problem: Message) -> None:
        """Report a problem of the cache, once per reason.

        Images, prompts and thumbnails share its folder: a full disk affects all three, and
        every new job.
        """
        reason = problem.parameters.get("reason", problem.code)
        if reason not in self._reported:
            self._reported.add(reason)
            self._messages.warn(what_of(problem))

    def _on_project_changed(self, effects: Effects) -> None:
        ready = self._in_use.ready
        cache = ready.encoder.cache if effects.suggestions and ready else None
        if cache is not None and cache.problem:
            self.warn_of_cache(cache.problem)

    # ---- the model

    def _on_loaded(self, loaded: Loaded) -> None:
        self._failure = ""
        self._messages.withdraw(_MODEL)
        if loaded.remark:
            self._messages.warn(text_of(loaded.remark))
        self._show_model()

    def _show_model(self) -> None:
        """Show model and device, which may change if a GPU fails."""
        model = self._in_use.model
        if model is None:
            return
        device = model.device
        note = device.note
        what = tr("{text}.", text=capitalised(what_of(note))) if note else ""
        why = sentences(what, remedy_of(note)) if note else ""
        self.show_model(model.manifest.title, format_device(device.device), why)

    def _on_load_failed(self, error: Exception) -> None:
        if self._in_use.model is not None:  # the model in use stays
            return
        self._failure = error_text(error)
        self.show_model(tr("No model"), why=self._failure)
        self._messages.warn(
            sentences(tr("Can't use the model."), self._failure),
            (tr("Choose another"), self._choose_model),
            about=_MODEL,
        )
        self.refresh()


def _nothing_new(known: int) -> str:
    """Return why no picture was added, if so many were there already."""
    if not known:
        return tr("No pictures found. Nameplate reads JPEG, PNG, WebP, HEIC, TIFF, GIF and BMP.")
    return trn(
        "Nothing new: {count:,} picture already in the project.",
        "Nothing new: {count:,} pictures already in the project.",
        known,
    )
