"""Looks for missing pictures when a project is opened, and when a person asks."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from nameplate.domain.changes import Effects, Ids
from nameplate.domain.progress import CancelToken
from nameplate.features.relink.dialog import RelinkDialog
from nameplate.features.relink.rules import MissingImages
from nameplate.features.relink.search import missing_ids
from nameplate.ui.workbench import Workbench
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

_MISSING: Final = "missing"
"""What the message of missing pictures is about."""


def attach(workbench: Workbench) -> None:
    """Say which pictures of an opened project are missing."""

    def on_changed(effects: Effects) -> None:
        if len(effects.relinked):
            workbench.unsay(_MISSING)

    workbench.follow(on_changed)
    _look(workbench, is_asked=False)


def ask(workbench: Workbench) -> None:
    """Look for missing pictures, and show the dialog if there are any."""
    if not workbench.want("pictures_elsewhere"):
        workbench.unsay(_MISSING)
        _look(workbench, is_asked=True)


def _look(workbench: Workbench, *, is_asked: bool) -> None:
    images, sample = workbench.project.images, workbench.project.sample
    fetched = np.array(list(sample.origins) if sample else [], np.int64) + 1
    rows = np.flatnonzero(~np.isin(images.ids, fetched))
    ids, paths = images.ids[rows], images.paths.select(rows.tolist())

    def job(cancel: CancelToken) -> Iterator[Ids]:
        yield missing_ids(ids, paths, cancel)

    def tell(missing_now: Ids) -> None:
        missing = MissingImages.of(workbench.project, missing_now)
        if is_asked and not len(missing):
            workbench.say("All pictures are where they were.", is_reply=True)
        elif is_asked:
            workbench.part(RelinkDialog).begin(missing)
        elif len(missing):
            _tell_missing(workbench, missing)

    def warn(error: Exception) -> None:
        workbench.warn(f"Missing pictures were not looked for. {error_text(error)}")

    workbench.run("look", job, tell, warn)


def _tell_missing(workbench: Workbench, missing: MissingImages) -> None:
    total = workbench.project.images.present
    are = "is" if len(missing) == 1 else "are"
    workbench.warn(
        f"{len(missing):,} of {counted(total, 'picture')} {are} not where they were: "
        "moved, renamed or deleted, or on a drive that is not there.",
        answer="Find them…",
        on_answer=lambda: workbench.part(RelinkDialog).begin(missing),
        about=_MISSING,
    )
