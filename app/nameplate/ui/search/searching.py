"""Keeps the similarity of all images up to date with the filter's query."""

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Final, TypeVar

import numpy as np
import platformdirs
from numpy.typing import NDArray

from nameplate.domain.changes import Effects
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import NameplateError
from nameplate.domain.filtering.chosen import ImageIds, Like
from nameplate.domain.filtering.filters import Term
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.models.loading import Loaded
from nameplate.pipeline.search.scoring import similarity_of, vectors_of_pictures
from nameplate.scoring.similarity import SIMILARITY, Similarity
from nameplate.storage.folders import own_folder
from nameplate.storage.kept_json import keep, read_kept
from nameplate.system.failures import printable
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, listed, sentences, tr, what_of

_AGAIN_MS: Final = 500
"""After a picture was read that others are to be like, before the search is done again."""

_UNCHOSEN: Final = Message("search-file-unchosen")
_TO_READ: Final = "file-to-search-with"
_LONGEST_SHOWN: Final = 120

Known = dict[PurePath, Vectors | Message]


class Searching:
    """Finds the similarity of all images: pictures from elsewhere on a thread, then all images.

    No path that only a project names is opened, or looked at: it may be a stranger's, and the path
    that of a device or of another machine. Pictures that were never chosen on this machine are left
    out until the person agrees.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._asked: tuple[Term, ...] = ()
        self._told: tuple[Term, ...] = ()  # whose problems were told
        self._is_coming = False
        self._pictures: Known = {}
        self._chosen = frozenset[PurePath]()
        self._again = workbench.later(_AGAIN_MS, self._begin)
        workbench.search_by(self.ask, self.let_read)
        workbench.follow(self._on_changed)
        workbench.follow_model(self._on_loaded)

    def ask(self, asked: tuple[Term, ...]) -> Similarity | None:
        """Search for terms of a filter; a search for other terms ends.

        Where there is nothing to work out (no terms, or no model yet) the similarity is returned;
        else it is provided later.
        """
        if asked == self._asked and self._is_coming:
            return None
        workbench, files = self._workbench, _wanted(asked, PurePath)
        self._pictures = {path: self._pictures[path] for path in files if path in self._pictures}
        if asked != self._asked:
            self._told = ()
            workbench.unsay("search")
        self._asked, self._is_coming = asked, False
        if asked and workbench.model_in_use.ready is not None:
            self._begin()
            return None
        self._again.stop()
        workbench.search(None)
        workbench.drop("read")
        if not asked:
            workbench.derived.publish(SIMILARITY, Similarity())
        elif not workbench.model_in_use.is_loading:
            key = workbench.actions.key_in_brackets("models")
            self._say(tr("There is no model to search with. Choose one{key}.", key=key))
        return Similarity(asked)

    def _say(self, text: str) -> None:
        self._workbench.warn(text, about="search")

    def let_read(self, files: Iterable[PurePath]) -> None:
        """Let files be read: the person chose them."""
        self._chosen |= frozenset(files)
        if again := self._chosen.intersection(_unchosen(self._pictures)):
            for file in again:
                del self._pictures[file]
            self._begin()

    def _begin(self) -> None:
        asked, workbench = self._asked, self._workbench
        ready = workbench.model_in_use.ready
        if ready is None or not asked:
            return
        self._is_coming = True
        missing = [path for path in _wanted(asked, PurePath) if path not in self._pictures]
        if missing:
            workbench.search(None)
            chosen = self._chosen
            workbench.run(
                "read",
                lambda cancel: _read(missing, chosen, ready.model, cancel),
                self._on_read_pictures,
                self._on_failed,
            )
            return
        ids, pictures = workbench.project.images.ids, dict(self._pictures)

        def search(ready: Loaded, blocks: Sequence[Vectors], cancel: CancelToken) -> Similarity:
            return similarity_of(asked, ids, blocks, pictures, ready, cancel)

        workbench.search(search, self._on_found)

    def _on_read_pictures(self, found: Known) -> None:
        self._pictures.update(found)
        if unchosen := _unchosen(found):
            self._ask_to_read(unchosen)
        self._begin()

    def _on_found(self, found: Similarity | Exception) -> None:
        if isinstance(found, Exception):
            self._on_failed(found)
        elif found.asked == self._asked:
            self._is_coming = False
            found.add_late(self._workbench.project.images)
            self._workbench.derived.publish(SIMILARITY, found)
            self._tell(found)

    def _on_failed(self, error: Exception) -> None:
        """Go on without an order."""
        self._is_coming = False
        self._workbench.derived.publish(SIMILARITY, Similarity(self._asked))
        self._say(tr("The search failed. {reason}", reason=error_text(error)))

    def _tell(self, found: Similarity) -> None:
        """Report the problems of a search once."""
        if found.asked == self._told:
            return
        self._told = found.asked
        problems = [problem for problem in found.problems if problem != _UNCHOSEN]  # asked about
        if problems:
            texts = dict.fromkeys(map(what_of, problems))
            self._say(sentences(*(f"{text[:1].upper()}{text[1:]}." for text in texts)))

    # ---- what happens meanwhile

    def _on_loaded(self) -> None:
        """Search with another model."""
        self._pictures.clear()
        self._begin()

    def _on_changed(self, effects: Effects) -> None:
        if len(effects.read):
            self._on_read(effects.read)

    def _on_read(self, rows: NDArray[np.int64]) -> None:
        """Search again where pictures that others are to be like were read, and at the end.

        How much each of several terms counts is found among all pictures.
        """
        images = self._workbench.project.images
        if len(self._asked) > 1 and not images.waiting:
            self._again.ask()
        if self._workbench.derived[SIMILARITY].is_partial and not self._is_coming:
            ids = images.ids[rows]
            if any(chosen.has(ids).any() for chosen in _wanted(self._asked, ImageIds)):
                self._again.ask()

    def _ask_to_read(self, files: list[PurePath]) -> None:
        """Ask before pictures are read that only the project names."""
        name = shortened(one_line(printable(str(files[0]))), _LONGEST_SHOWN)
        text = tr(
            "This search reads a file that was never used on this computer: {files}. "
            "Read it only if you trust the project.",
            files=listed([name, *map(str, files[1:])], 1),
        )
        read = tr("Read it") if len(files) == 1 else tr("Read them")
        self._workbench.ask(
            text, (read, lambda: self.let_read(files)), (tr("Leave out"), None), about=_TO_READ
        )


T = TypeVar("T")


def _wanted(asked: Sequence[Term], kind: type[T]) -> list[T]:
    """Return the distinct targets of one kind."""
    found = (one.condition.target for one in asked if isinstance(one.condition, Like))
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


MOST: Final = 1000
_LONGEST: Final = 4096
_LARGEST: Final = 32_000_000
"""Bytes; each of the longest paths, with every character escaped."""

_lock = threading.Lock()


def chosen_path() -> Path:
    """Return the file with their paths, in the platform's data folder."""
    return own_folder(platformdirs.user_data_path) / "searched-with.json"


def chosen_files() -> frozenset[PurePath]:
    """Return the files that were chosen on this machine, also in earlier sessions."""
    return frozenset(map(PurePath, _kept()))


def remember_chosen(files: Iterable[PurePath]) -> None:
    """Remember files as chosen, in place of those that were chosen first where there are many."""
    texts = [text for text in map(os.fspath, files) if len(text) <= _LONGEST]
    with _lock:
        kept = _kept()
        if not set(texts) <= set(kept):
            keep(chosen_path(), list(dict.fromkeys([*kept, *texts]))[-MOST:])


def _kept() -> list[str]:
    found = read_kept(chosen_path(), _LARGEST, list[object]())
    return [one for one in found if isinstance(one, str)]
