"""Knows what was written into pictures, tells of a run that was killed, and asks after an undo."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from nameplate.domain.changes import Effects
from nameplate.domain.images import Contents
from nameplate.domain.progress import CancelToken
from nameplate.features.keywords.backup import same_pictures, was_interrupted
from nameplate.features.keywords.panel import RESULT, UNDONE, KeywordsPanel
from nameplate.ui.jobs.jobs import ignore
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import tr


def attach(workbench: Workbench) -> None:
    """Know what was written into pictures of an opened project; tell of a kill, and of an undo."""
    known = set[tuple[str, str]]()
    identity = workbench.project.identity

    def job(_cancel: CancelToken) -> Iterator[frozenset[tuple[str, str]] | bool]:
        yield same_pictures(identity)
        yield was_interrupted(identity)

    def accept() -> None:
        """Take what was written for what was labelled: the program may have been killed since."""
        images = workbench.project.images
        own = {
            row: now
            for row, now in images.changed.items()
            if (_key_in(images.contents[row]), _key_in(now)) in known
        }
        if own:
            contents = np.array(list(own.values()), images.contents.dtype)
            workbench.record_rewritten(np.array(list(own), np.int64), contents)

    def on_known(found: frozenset[tuple[str, str]] | bool) -> None:
        if isinstance(found, frozenset):
            known.update(found)
            accept()
        elif found:
            text = tr("Writing keywords was interrupted. What was written can be put back.")
            show = tr("Show"), workbench.part(KeywordsPanel).show_plan
            workbench.ask(text, show, about=RESULT)

    def on_changed(effects: Effects) -> None:
        if known and len(effects.read):
            accept()

    workbench.follow(on_changed)
    workbench.follow_undo(partial(_offer, workbench))
    workbench.run("known", job, on_known, ignore)


def _key_in(content: Contents) -> str:
    """Return the `content_key` of a content, a CONTENT record."""
    return f"{content['digest'].tobytes().hex()}-{content['size']}"


def _offer(workbench: Workbench, _effects: Effects, is_undo: bool) -> None:
    """Offer to put pictures back whose step was undone, as long as there is a backup."""
    workbench.unsay(UNDONE)
    undone = workbench.project.history.undone
    if is_undo and undone and undone[-1].title.code == "write-keywords":
        workbench.part(KeywordsPanel).offer_to_put_back(undone[-1].title)
