"""What pages say of how far a person is, and at the end."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.tally import tally_of, undecided_of
from nameplate.domain.labels import ReviewState
from nameplate.features.pages.source import Heading, NoPage
from nameplate.project.pages import Candidates, Rows
from nameplate.project.project import Project
from nameplate.wording.numbers import counted
from nameplate.wording.progress import NextStep, remaining_of


@dataclass(frozen=True, slots=True)
class PageCounts:
    """The number of a page, how many pictures it has, and how many a full one has."""

    number: int
    pictures: int
    size: int


def heading_of(
    concept: Concept | None, key: str, rest: Candidates, counts: PageCounts, *, is_learned: bool
) -> Heading:
    """Return what stands above a page.

    Args:
        concept: Of the page; None for one of several names: a few of each, or the last pictures.
        key: What names a picture so; empty for none.
        rest: What is left without the page.
        counts: Of the page.
        is_learned: Whether the percentages were set right by decisions, so that “sure” says
            something.
    """
    left, count = rest.pages(counts.size), len(rest.rows)
    progress = f"Page {counts.number:,}, {f'about {left:,} left' if left else 'the last one'}"
    if concept is None:
        title = "A few pictures of each name" if left else "The last pictures, by name"
        return Heading(title, progress, counted(counts.pictures, "picture"), tab="one name alone")
    none, surely = " (none of these)" if concept.is_reject else "", ""
    if is_learned and count:
        surely = f"Of the {count:,} left after this page {rest.surely_right:,} are surely right."
    return Heading(
        f"{f'{key}  ' if key else ''}{concept.name}{none}",
        progress,
        f"{rest.counts().get(concept.key, 0) + counts.pictures:,} suggested",
        concept.colour,
        tab="another name",
        surely=surely,
    )


_STEPS: Final = {
    NextStep.SHOW_ALL: "Show all pictures",
    NextStep.FIND_MISSING: "Find missing",
    NextStep.SHOW_UNREADABLE: "Show them",
}


def end_of(
    project: Project,
    shown: Rows,
    candidates: Candidates,
    unseen: int,
    trigger: Callable[[str], object],
) -> NoPage:
    """Return what there is to know when no page is left.

    Args:
        project: The open one.
        shown: Rows of the images that the view shows.
        candidates: Those that are left among them.
        unseen: How many could not be shown on their pages.
        trigger: Does what comes next, an action.
    """
    tally = tally_of(project.images, project.labels)
    is_open = undecided_of(project.images, project.labels)
    left = remaining_of(tally, tally.undecided - int(np.count_nonzero(is_open[shown])))
    skipped = int(np.count_nonzero(project.labels.states[shown] == ReviewState.SKIPPED))
    is_end = left.step is NextStep.EXPORT
    if not (is_end or tally.undecided):
        skipped = 0  # what is left says so already
    lines = list[str]()
    for count, words in (
        (candidates.unread, "not read by the model yet; their page comes with them"),
        (len(candidates.nameless), "set aside, since no name is right; label them in the grid"),
        (unseen, "left undecided, since they could not be shown"),
        (skipped, "skipped"),
    ):
        if count:
            lines.append(f"{counted(count, 'picture')} {words}.")
    if not is_end:
        lines.insert(0, left.text)
    if not candidates.unread:
        lines.append("Export writes the labels.")
    title = "That was the last page." if is_end else "No more pages for now."
    return NoPage(
        title,
        " ".join(filter(None, lines)),
        leads_to_export=not candidates.unread,
        next_step=_STEPS.get(left.step, ""),
        go_on=partial(trigger, left.step.value),
    )
