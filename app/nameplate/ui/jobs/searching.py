"""Searches: keeps the likeness of all images up to date with what the filter asks for."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import NameplateError
from nameplate.domain.filtering.chosen import Like, OneOf
from nameplate.domain.filtering.filters import Term
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.models.loading import Loaded
from nameplate.pipeline.searching import likeness_of, vectors_of_pictures
from nameplate.scoring.likeness import Likeness
from nameplate.storage.chosen_files import chosen_files, remember_chosen
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later
from nameplate.wording.texts import error_text, what_of

_AGAIN_MS: Final = 500
"""After a picture was read that others are to be like, before the search is done again."""

_UNCHOSEN: Final = Message("search-file-unchosen")

Known = dict[PurePath, Vectors | Message]


class Searching(QObject):
    """Works out `owner.likeness`: pictures from elsewhere on a thread of its own, then all images.

    No path that only a project names is opened, or looked at: it may be a stranger's, and the path
    that of a device or of another machine.

    Signals:
        told: A sentence for the message bar.
        untold: What was told is about no search of now.
        unchosen: Pictures that are to be searched with were never chosen on this machine; their
            paths. They are left out until they are, with `choose`.
    """

    told = Signal(str)
    untold = Signal()
    unchosen = Signal(object)

    def __init__(
        self,
        owner: ProjectOwner,
        in_use: ModelInUse,
        scoring: Scoring,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._owner = owner
        self._in_use = in_use
        self._scoring = scoring
        self._asked: tuple[Term, ...] = ()
        self._told: tuple[Term, ...] = ()  # whose problems were told
        self._is_coming = False
        self._pictures: Known = {}
        self._chosen = frozenset[PurePath]()
        self._runner = JobRunner(
            "like", self, on_event=self._on_read_pictures, on_failed=self._on_failed
        )
        self._again = Later(self, _AGAIN_MS, self._begin)
        scoring.found.connect(self._on_found)
        owner.opened.connect(self._on_opened)
        owner.read.connect(self._on_read)
        in_use.loaded.connect(self._on_loaded)

    def shut_down(self) -> None:
        """Stop and wait for the thread."""
        self._again.stop()
        self._runner.shut_down()

    @Slot(object)
    def ask(self, asked: tuple[Term, ...]) -> None:
        """Search for what terms of a filter ask for; a search for other terms ends.

        Where there is nothing to work out (no terms, or no model yet) `owner.likeness` is that when
        this returns; else `found` follows.
        """
        if asked == self._asked and self._is_coming:
            return
        files = _wanted(asked, PurePath)
        self._pictures = {path: self._pictures[path] for path in files if path in self._pictures}
        if asked != self._asked:
            self._told = ()
            self.untold.emit()
        self._asked, self._is_coming = asked, False
        if not asked or self._in_use.ready is None:
            self._stop()
            if asked:
                self._owner.likeness = Likeness(asked)  # whoever asked goes on with it
            else:
                self._owner.provide("likeness", Likeness())
            if asked and not self._in_use.is_loading:
                self.told.emit("There is no model to search with: choose one (Ctrl+M).")
        else:
            self._begin()

    def choose(self, files: Iterable[PurePath]) -> None:
        """Let files be read: the person chose them."""
        self._chosen |= frozenset(files)
        if again := self._chosen.intersection(_unchosen(self._pictures)):
            for file in again:
                del self._pictures[file]
            self._begin()

    def _stop(self) -> None:
        self._again.stop()
        self._scoring.search(None)
        if self._runner.is_running:
            self._runner.drop()

    @Slot()
    def _begin(self) -> None:
        ready, asked = self._in_use.ready, self._asked
        if ready is None or not asked:
            return
        self._is_coming = True
        missing = [path for path in _wanted(asked, PurePath) if path not in self._pictures]
        if missing:
            self._scoring.search(None)
            chosen = self._chosen
            self._runner.start(lambda cancel: _read(missing, chosen, ready.model, cancel))
            return
        ids, pictures = self._owner.project.images.ids, dict(self._pictures)

        def search(ready: Loaded, blocks: Sequence[Vectors], cancel: CancelToken) -> Likeness:
            return likeness_of(asked, ids, blocks, pictures, ready, cancel)

        self._scoring.search(search)

    @Slot(object)
    def _on_read_pictures(self, found: Known) -> None:
        self._pictures.update(found)
        if unchosen := _unchosen(found):
            self.unchosen.emit(unchosen)
        self._begin()

    @Slot(object)
    def _on_found(self, found: Likeness | Exception) -> None:
        if isinstance(found, Exception):
            self._on_failed(found)
        elif found.asked == self._asked:
            self._is_coming = False
            self._owner.provide("likeness", found)
            self._tell(found)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        """Go on without an order."""
        self._is_coming = False
        self._owner.provide("likeness", Likeness(self._asked))
        self.told.emit(f"The search failed. {error_text(error)}")

    def _tell(self, found: Likeness) -> None:
        """Tell once what cannot be searched for."""
        if found.asked == self._told:
            return
        self._told = found.asked
        problems = [problem for problem in found.problems if problem != _UNCHOSEN]  # asked about
        if problems:
            texts = dict.fromkeys(map(what_of, problems))
            said = ". ".join(f"{text[:1].upper()}{text[1:]}" for text in texts)
            self.told.emit(f"{said}.")

    # ---- what happens meanwhile

    @Slot()
    def _on_opened(self) -> None:
        """Forget what was searched for in the project before."""
        self._stop()
        self._asked, self._told, self._is_coming = (), (), False
        self.untold.emit()

    @Slot()
    def _on_loaded(self) -> None:
        """Search with another model."""
        self._pictures.clear()
        self._begin()

    @Slot(object)
    def _on_read(self, rows: NDArray[np.int64]) -> None:
        """Search again where pictures that others are to be like were read, and at the end.

        How much each of several terms counts is found among all pictures.
        """
        if len(self._asked) > 1 and not self._owner.project.images.waiting:
            self._again.ask()
        if self._owner.likeness.is_partial and not self._is_coming:
            ids = self._owner.project.images.ids[rows]
            if any(images.has(ids).any() for images in _wanted(self._asked, OneOf)):
                self._again.ask()


T = TypeVar("T")


def _wanted(asked: Sequence[Term], kind: type[T]) -> list[T]:
    """Return what is searched for of one kind, each once."""
    found = (one.condition.what for one in asked if isinstance(one.condition, Like))
    return list(dict.fromkeys(what for what in found if isinstance(what, kind)))


def _unchosen(pictures: Known) -> list[PurePath]:
    return [file for file, what in pictures.items() if what is _UNCHOSEN]


def _read(
    files: Sequence[PurePath], chosen: frozenset[PurePath], model: LoadedModel, cancel: CancelToken
) -> Iterator[Known]:
    """Yield the embeddings of pictures, or why there are none, together.

    Only of those that were chosen on this machine: now, or at any time before.
    """
    remember_chosen(file for file in files if file in chosen)
    found, allowed = Known(), chosen | chosen_files()
    for file in files:
        if file not in allowed:
            found[file] = _UNCHOSEN
            continue
        try:
            found[file] = vectors_of_pictures([Path(file)], model, cancel)[0]
        except NameplateError as error:
            found[file] = error.message
    yield found
