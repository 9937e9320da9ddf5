"""Labels from the names of folders, offered where the names look like labels."""

import os.path
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelToken
from nameplate.features.exchange.import_panel import take_import
from nameplate.features.exchange.import_plan import labels_of_folders
from nameplate.features.exchange.importing import Import, copy_of, import_change
from nameplate.project.project import Project
from nameplate.ui.widgets.message_bar import Answer
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, tr, trn

_CALM_MS: Final = 300
"""After pictures were added, before their folders are looked at."""
_ABOUT: Final = "folders"
_FEWEST, _FEWEST_OF_EACH, _MOST_HOMES = 20, 4, 3
"""Pictures, pictures in a folder on average, and folders that these folders lie in."""
_PARTS: Final = frozenset(("train", "training", "test", "val", "valid", "validation"))
"""Names of folders that say what pictures are for, not what they show."""


def attach(workbench: Workbench) -> None:
    """Offer the names of folders when pictures come into a project that has nothing else yet.

    Once: later there is the action *Use folder names as labels*.
    """
    soon = workbench.later(_CALM_MS, partial(_look, workbench))

    def on_changed(effects: Effects) -> None:
        if effects.of_project:
            soon.stop()
            workbench.unsay(_ABOUT)
        if len(effects.added) and not effects.concepts:  # and not all that there is, at opening
            soon.start()

    workbench.follow(on_changed)


def use_folders(workbench: Workbench, *answers: Answer) -> None:
    """Give each picture the name of its folder, as one step; say so, with `answers`."""
    copy = copy_of(workbench.project)

    def job(_cancel: CancelToken) -> Iterator[Import]:
        yield import_change(copy, labels_of_folders(copy), at=round(1000 * time.time()))

    def take(found: Import) -> None:
        if copy.revision == workbench.project.revision:
            take_import(workbench, copy, found, *answers)
        else:
            use_folders(workbench, *answers)

    workbench.run("folders", job, take, lambda error: workbench.warn(error_text(error)))


def folders_like_names(paths: Sequence[str]) -> int:
    """Return the number of folders whose names look like labels; 0 for none.

    Such folders lie beside one another, have some pictures each, and names without a digit.
    """
    folders = set(map(os.path.dirname, paths))
    names = {Path(folder).name.casefold() for folder in folders}
    is_full = len(paths) >= max(_FEWEST, _FEWEST_OF_EACH * len(folders))
    is_beside = len(set(map(os.path.dirname, folders))) <= _MOST_HOMES
    has_digit = any(letter.isdigit() for name in names for letter in name)
    is_like = len(names) > 1 and is_full and is_beside and not has_digit and not names & _PARTS
    return len(names) if is_like else 0


def _look(workbench: Workbench) -> None:
    if not _has_only_pictures(workbench.project):
        return
    paths = list(workbench.project.images.paths.texts)

    def job(_cancel: CancelToken) -> Iterator[int]:
        yield folders_like_names(paths)

    def offer(folders: int) -> None:
        if folders and _has_only_pictures(workbench.project):
            text = trn(
                "{count:,} picture in {folders:,} folders. Are the folders' names its label?",
                "{count:,} pictures in {folders:,} folders. Are the folders' names their labels?",
                len(paths),
                folders=folders,
            )
            find = tr("Find wrong ones…"), partial(workbench.trigger, "audit")
            finds = [find] * workbench.has("audit")
            answer = tr("Use folder names"), partial(use_folders, workbench, *finds)
            workbench.ask(text, answer, waits=True, about=_ABOUT)

    workbench.run("look", job, offer, lambda error: workbench.warn(error_text(error)))


def _has_only_pictures(project: Project) -> bool:
    codes = {step.title.code for step in project.history.done}
    return codes == {"add-images"}
