"""Keeps the best picture of each stack, and skips the others."""

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Several, Title
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.paths import PathList
from nameplate.domain.progress import Progress
from nameplate.domain.stacks import Stacks, members, no_stacks
from nameplate.pipeline.stacks.best import find_best, keep_best
from nameplate.project import labelling
from nameplate.ui.tiles.model import shown_name
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.ui.widgets.painting import shortened
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, tr, trn

Rows = NDArray[np.int64]

_SLOW_S: Final = 1.0
_LONGEST_NAME: Final = 40
_COMPARING: Final = "best"
"""The job that compares pictures, and what a message is about that is told meanwhile."""


def keep(workbench: Workbench) -> None:
    """Keep the best picture of each chosen stack and skip the others, as one step.

    Where one picture of an open stack is selected, or looked at beside others, a person chose it;
    else the pictures are read on a thread to find the best. No file is changed.
    """
    workbench.pictures.decisions.when_seen(lambda: _keep_chosen(workbench))


def _keep_chosen(workbench: Workbench) -> None:
    images, states = workbench.project.images, workbench.project.labels.states
    groups = _groups(workbench)
    if not groups:
        key = workbench.actions.key_in_brackets("stacks")
        text = tr("Select a stack first: copies or a burst, shown as one{key}.", key=key)
        _reply(workbench, text)
        return
    # What was skipped as a whole stays so: it is a stack of its own beside the best.
    left = [rows[states[rows] != ReviewState.SKIPPED] for rows, _ in groups]
    wanted = [place for place, (_, best) in enumerate(groups) if best >= 0 or len(left[place])]
    if not wanted:
        key = workbench.actions.key_in_brackets("take_back")
        _reply(workbench, tr("This whole stack is skipped. Undo that first{key}.", key=key))
        return
    of_groups = _stacks_of([groups[place][0] for place in wanted], len(images))
    chosen = np.array([best for _, best in groups if best >= 0], np.int64)
    others = [left[place] for place in wanted if groups[place][1] < 0]
    if others:
        _compare(workbench, _stacks_of(others, len(images)), of_groups, chosen)
    else:
        _keep(workbench, of_groups, chosen)


def _compare(workbench: Workbench, among: Stacks, of_groups: Stacks, chosen: Rows) -> None:
    """Keep the best of stacks once their pictures were compared, beside those that are chosen."""
    project = workbench.project
    paths, revision = PathList.of_texts(project.images.paths.texts), project.revision

    def stop() -> None:
        workbench.drop(_COMPARING)
        workbench.unsay(_COMPARING)

    def on_event(event: Progress | Rows) -> None:
        if revision != project.revision:  # it was for what was seen then
            stop()
            text = tr("Something changed meanwhile, so nothing was kept or skipped.")
            _reply(workbench, text)
        elif not isinstance(event, Progress):
            stop()
            _keep(workbench, of_groups, np.concatenate([chosen, event]))
        elif event.seconds > _SLOW_S:
            text = trn(
                "Comparing {done:,} of {count:,} picture…",
                "Comparing {done:,} of {count:,} pictures…",
                event.total,
                done=event.done,
            )
            workbench.say(text, (tr("Cancel"), stop), about=_COMPARING)

    def on_failed(error: Exception) -> None:
        stop()
        workbench.warn(sentences(tr("Can't find the best picture."), error_text(error)))

    workbench.run(_COMPARING, partial(find_best, among, paths), on_event, on_failed)


def _reply(workbench: Workbench, text: str) -> None:
    workbench.messages.tell(text, is_reply=True, about=LAST_STEP)


def _groups(workbench: Workbench) -> list[tuple[Rows, int]]:
    """Return the images of each chosen stack, and the one that a person chose, or -1."""
    pictures, compared = workbench.pictures, workbench.pictures.compared
    if compared is not None:
        current, stacks = pictures.grid.current_image_row(), workbench.want_stacks() or no_stacks()
        number = stacks.of(np.array([current]))[0]
        rows = compared[stacks.of(compared) == number]
        return [(rows, current)] if number >= 0 and len(rows) > 1 else []
    cells, rows = pictures.arrangement.cells, pictures.grid.chosen_image_rows()
    if cells is None:
        return []
    groups, numbers = list[tuple[Rows, int]](), cells.stacks.of(rows)
    for number in np.unique(numbers[numbers >= 0]).tolist():
        chosen = rows[numbers == number]
        is_one = len(chosen) == 1
        group = cells.members_of(number) if is_one else chosen
        groups.append((group, int(chosen[0]) if is_one else -1))
    return groups


def _keep(workbench: Workbench, of_groups: Stacks, best: Rows) -> None:
    """Skip the others, as one step, and say so."""
    if not len(best):
        _reply(workbench, tr("None of these pictures can be read."))
        return
    project = workbench.project
    is_skipped = project.labels.states == ReviewState.SKIPPED
    others = np.setdiff1d(members(of_groups, best), best)
    is_lost = (project.labels.decided_by[others] == DecidedBy.PERSON) & ~is_skipped[others]
    lost = int(np.count_nonzero(is_lost))
    again = labelling.clear(project, best[is_skipped[best]])
    change = keep_best(project, of_groups, best, workbench.circumstances)
    title = Title("keep-best", {"count": len(best)})
    workbench.do(Several((*change.changes, again)), title)
    workbench.pictures.arrangement.stack_again()
    workbench.pictures.grid.set_current_image(int(best[0]))
    # translators: {what} of “Kept: {what}.”, as is the name of a file
    what = trn("the best of {count:,} stack", "the best of {count:,} stacks", len(best))
    if len(best) == 1:
        name = shown_name(project.images.paths[int(best[0])])
        what = shortened(name, _LONGEST_NAME)
    workbench.say_done(_kept_text(what, len(others), lost))


def _kept_text(kept: str, skipped: int, lost: int) -> str:
    """Return what was kept and skipped, and how many of these had a label of yours."""
    labelled = trn(
        "You had labelled {count:,} of them.", "You had labelled {count:,} of them.", lost, zero=""
    )
    return sentences(
        tr("Kept: {what}.", what=kept),
        trn("{count:,} other skipped.", "{count:,} others skipped.", skipped),
        labelled,
        tr("No file is deleted."),
    )


def _stacks_of(groups: list[Rows], count: int) -> Stacks:
    """Return the stacks of these groups of images, and no others."""
    numbers = np.full(count, -1, np.int64)
    for number, rows in enumerate(groups):
        numbers[rows] = number
    return Stacks(numbers, np.zeros(count, np.uint8))
