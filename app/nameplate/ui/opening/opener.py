"""Opening of dropped, pasted or chosen projects, tables, models, pictures and folders."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QStandardPaths, Signal

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelToken
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.model_hub.installed import looks_like_a_model
from nameplate.plug_ins.feature import Drop
from nameplate.project.file.integrity import is_project
from nameplate.project.file.recent import KnownFolder
from nameplate.project.file.store import ENDING
from nameplate.ui.jobs.jobs import Task
from nameplate.ui.jobs.reading import Reading, Recognised
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.services import Services
from nameplate.ui.widgets.message_bar import CANCEL, OTHER_PROJECT, Answer
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.wording.numbers import day_of
from nameplate.wording.texts import sentences, tr, trn

Drops = list[tuple[Drop, Callable[..., None]]]
"""Drops that features accept, each with the function that takes the path."""

_TABLES: Final = frozenset((".csv", ".tsv"))
_LONGEST: Final = 60

_ASKED: Final = "dropped"
"""The subject of questions about dropped files."""

_START: Final = "open/start"
"""Key of the setting of the folder in which dialogs for pictures begin."""


class Opener(QObject):
    """Opener of projects, tables, models and pictures, which it tells apart.

    What is chosen or named on the command line is opened at once; where a person drops or pastes
    something that may be meant otherwise, a bar asks.

    Signals:
        began: Something is being opened.
    """

    began = Signal()

    def __init__(
        self,
        services: Services,
        files: ProjectFiles,
        reading: Reading,
        drops: Callable[[str], Drops],
        take_names: Callable[[Path], object],
    ) -> None:
        """Open nothing yet."""
        super().__init__(services.owner)
        self._owner, self._jobs, self._messages = services.owner, services.jobs, services.messages
        self._settings = services.settings
        self._files, self._reading = files, reading
        self._drops, self._take_names = drops, take_names
        self._owner.changed.connect(self._on_project_changed)

    def _on_project_changed(self, effects: Effects) -> None:
        """Drop questions about the previous project, or about a project without decisions."""
        if effects.opened:
            self._jobs.drop("known")
            self._messages.withdraw(_ASKED)
        if effects.opened or len(effects.labelled):
            self._messages.withdraw(OTHER_PROJECT)

    # ---- what is chosen

    @property
    def start(self) -> str:
        """The folder in which dialogs for pictures begin: the last one, or the system's own."""
        pictures = QStandardPaths.StandardLocation.PicturesLocation
        return str(self._settings.value(_START) or QStandardPaths.writableLocation(pictures))

    def open_chosen(self, paths: Sequence[Path]) -> None:
        """Open the files chosen in a dialog, and begin the next dialog in their folder."""
        self._settings.setValue(_START, str(paths[0].parent))
        self.open(paths)

    def open(self, paths: Sequence[Path]) -> None:
        """Open a project's file or a sample of a run, or add the images of files and folders."""
        if not paths:
            return
        if len(paths) == 1 and paths[0].suffix.lower() == ENDING:
            self._files.open(paths[0])
        else:
            self._reading.open_paths(paths, self._recognise_chosen)
        self.began.emit()

    def _recognise_chosen(self, paths: Sequence[Path]) -> Recognised:
        """Tell a run and a project from pictures, on a job's thread: the drive may be slow."""
        if len(paths) != 1 or paths[0].suffix.lower() in IMAGE_EXTENSIONS:
            return Recognised(paths)
        path = paths[0]
        if self._drops("run") and _is_run(path):
            return Recognised((), [partial(self._take_shards, path)])
        with suppress(OSError):  # what cannot be read is a problem of the scan
            if is_project(path):
                return Recognised((), [partial(self._files.open, path)])
        return Recognised(paths, [partial(self._look_for_known, path)])

    def _look_for_known(self, path: Path) -> None:
        """Search other projects for decisions about the pictures of a folder."""
        if not self._is_untouched:
            return
        look = self._files.look_for_folder(path)

        def job(_cancel: CancelToken) -> Iterator[KnownFolder]:
            if os.path.isdir(path) and (known := look()):  # noqa: PTH112 - never raises
                yield known

        self._jobs.run("known", Task(job, self._offer_known))

    def _offer_known(self, known: KnownFolder) -> None:
        """Offer to go on with a project in which these pictures were decided about."""
        count, day = known.decided, day_of(known.changed_at)
        self._messages.tell(
            # translators: {day} is "today", "yesterday" or "on 4 May"
            tr("You checked {count:,} of these {day}. Go on?", count=count, day=day),
            (tr("&Go on"), partial(self._files.open, known.path, drops=True)),
            stays=True,
            about=OTHER_PROJECT,
        )

    # ---- what is dropped or pasted

    def take(self, paths: Sequence[Path]) -> None:
        """Open dropped or pasted files, or ask for their purpose."""
        special = [path for path in paths if path.suffix.lower() in {ENDING, *_TABLES}]
        rest = [path for path in paths if path not in special]
        if rest:
            self._reading.open_paths(rest, self._recognise_dropped)
            self.began.emit()
        if len(paths) == len(special) == 1:
            is_project = special[0].suffix.lower() == ENDING
            (self._take_project if is_project else self._take_table)(special[0])
        elif special:
            more, file = len(special) - 1, _quoted(special[0])
            text = tr("{file} wasn't opened.", file=file)
            if more:
                text = tr("{file} and {count:,} more weren't opened.", file=file, count=more)
            self._messages.warn(sentences(text, tr("Drop a project or a table alone.")))

    def _recognise_dropped(self, paths: Sequence[Path]) -> Recognised:
        """Tell folders of models and of features, which are asked about, from the rest."""
        add, others = self._drops("model"), self._drops("folder")
        held = [(path, *one) for path in paths for one in others if _holds(path, one[0].holds)]
        asked = {path for path, *_ in held}
        models = [path for path in paths if add and path not in asked and looks_like_a_model(path)]
        asked.update(models)
        rest, acts = self._recognise_chosen([path for path in paths if path not in asked])
        # The question that is asked last is answered first.
        folders = [partial(self._take_folder, *one) for one in reversed(held)]
        asks = [partial(self._take_models, models, *add[0])] if models else []
        return Recognised(rest, [*acts, *asks, *folders])

    def _take_models(self, folders: list[Path], drop: Drop, add: Callable[[Path], None]) -> None:
        text = trn(
            "“{name}” is a model.",
            "{count:,} folders are models.",
            len(folders),
            name=folders[0].name[:_LONGEST],
        )
        self._messages.ask(
            sentences(text, tr(drop.ask)),
            (tr(drop.answer), lambda: [add(folder) for folder in folders]),
            (tr("Add its pictures"), partial(self.open, folders)),
            about=_ASKED,
        )

    def _take_folder(self, path: Path, drop: Drop, act: Callable[[Path], None]) -> None:
        self._messages.ask(
            tr(drop.ask, name=path.name[:_LONGEST]),
            (tr(drop.answer), partial(act, path)),
            (tr("Add its pictures"), partial(self.open, [path])),
            about=_ASKED,
        )

    @property
    def _is_untouched(self) -> bool:
        """Whether nothing was done in the open project, so that another can just replace it."""
        project = self._owner.project
        return not project.revision and not project.images.present

    def _take_project(self, path: Path) -> None:
        if self._is_untouched:
            self._files.open(path)
            return
        others = self._drops("project")
        asked, other = tr("Open it?"), CANCEL
        if others:
            drop, act = others[0]
            asked = tr(drop.ask)
            other = (tr(drop.answer), partial(act, path))
        is_one = tr("{file} is a project.", file=_quoted(path))
        text = sentences(is_one, asked, tr("This one stays saved."))
        opens = tr("Open it"), partial(self._files.open, path)
        self._messages.ask(text, opens, other, about=_ASKED)

    def _take_shards(self, path: Path) -> None:
        """Open a sample of a run; where something was done already, ask first."""
        drop, open_some = self._drops("run")[0]
        if self._is_untouched:
            open_some(path)
            return
        text = sentences(
            tr("{folder} is the folder of a run.", folder=_quoted(path)),
            tr("Open a random sample of its pictures?"),
            tr("This project stays saved."),
        )
        self._messages.ask(
            text,
            (tr(drop.answer), partial(open_some, path)),
            CANCEL,
            about=_ASKED,
        )

    def _take_table(self, path: Path) -> None:
        others, take_names = self._drops("table"), self._take_names
        text = tr("{file} is a table. What do you want from it?", file=_quoted(path))
        answers: list[Answer] = [(tr(drop.answer), partial(act, path)) for drop, act in others[:1]]
        answers += [(tr("Names"), partial(take_names, path)), CANCEL]
        self._messages.ask(text, *answers[:2], about=_ASKED)


def _holds(folder: Path, name: str) -> bool:
    return os.path.isfile(folder / name)  # noqa: PTH113 - never raises


def _is_run(folder: Path) -> bool:
    return _holds(folder, "manifest.json") and os.path.isdir(folder / "embeddings")  # noqa: PTH112


def _quoted(path: Path) -> str:
    return tr("“{name}”", name=shortened(one_line(path.name), _LONGEST))
