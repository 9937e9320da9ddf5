"""An annotator who knows the truth and makes no mistake, and the actions that this takes.

An action is a key, a click or a drag; to point with the mouse is none, and to turn a page is a key.
- A page is accepted with one action.
- A wrong picture that is pointed at gets its right name with one key.
- A stretch of pictures, in reading order, is dragged over and named with one key: two actions. What
  is in it and should have another name is named on its own: one more for each. So a whole page that
  shows something else is two actions and one for each exception.
- A stack, which a page shows as one, takes what that one does. Where they are different things, an
  action opens them first.
- A picture that is looked at alone takes one action: Enter, or the key of its right name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Title
from nameplate.features.simulation.replay import Replay
from nameplate.pipeline.pages.deciding import PageStep, decide_page, mark_images
from nameplate.project.labelling import Rows, label

PAGE: Final = 56
"""Images of a full page, as in the window."""
PACE: Final = 12
"""It learns after so many decisions, where pictures are looked at alone."""


@dataclass(frozen=True, slots=True)
class Point:
    """How far the annotator is.

    Attributes:
        actions: So far.
        looked: At how many images.
        accuracy: Share of all images that are decided or rightly suggested.
    """

    actions: int
    looked: int
    accuracy: float


Strategy = Callable[[Replay, np.random.Generator], Iterator[Point]]
"""Decides all images of a replay, and yields a point at the start and after each decision."""


def _pages(replay: Replay, *, learns: bool) -> Iterator[Point]:
    """Turn page after page."""
    actions, looked = 0, 0
    yield Point(actions, looked, replay.accuracy)
    while page := replay.candidates.next_page(PAGE, standing=replay.standing):
        mixed = [row for row in page.behind if _differ(replay, (row, *page.behind[row]))]
        page = page.opened(mixed)
        right = replay.truth[page.rows]
        wrong = np.flatnonzero(right != page.suggested)
        for name in np.unique(right[wrong]).tolist():
            mine = page.only(page.rows[wrong[right[wrong] == name]].tolist())
            mine = mine.opened(mine.behind)
            said = mark_images(replay.project, mine.rows, mine.suggested, name, replay.now)
            _take(replay, said)
        _take(replay, decide_page(replay.project, page, replay.now))
        if learns:
            replay.learn()
        actions += len(mixed) + page_actions(right, page.suggested)
        looked += len(right)
        yield Point(actions, looked, replay.accuracy)


def _take(replay: Replay, step: PageStep) -> None:
    if step.change is not None:
        replay.project.apply(step.change, step.title)


def _differ(replay: Replay, rows: tuple[int, ...]) -> bool:
    """Whether images of one stack have different right concepts."""
    return len(np.unique(replay.truth[list(rows)])) > 1


def page_actions(right: NDArray[np.int32], suggested: NDArray[np.int32]) -> int:
    """Return the fewest actions with which a page gets its right names and is turned.

    Args:
        right: The id of the right concept of each image, in the order of the page.
        suggested: What each is suggested as.
    """
    names = np.unique(right)
    alone, dragged = 0.0, np.full(len(names), np.inf)  # fewest so far, in a stretch named so or not
    for one, said in zip(right.tolist(), suggested.tolist(), strict=True):
        before = min(alone, float(dragged.min()))
        dragged = np.minimum(dragged, before + 2) + (names != one)
        alone = before + (one != said)
    return 1 + int(min(alone, float(dragged.min())))


def _one_by_one(replay: Replay, order: Callable[[Rows], Rows]) -> Iterator[Point]:
    """Look at pictures alone, some in the order of `order`, then learn, and so on."""
    looked = 0
    yield Point(looked, looked, replay.accuracy)
    while len(rows := replay.open_rows):
        for row in order(rows)[:PACE].tolist():
            right = int(replay.truth[row])
            change = label(replay.project, np.array([row]), right, replay.now)
            replay.project.apply(change, Title("label", {"name": ""}))
            looked += 1
            yield Point(looked, looked, replay.accuracy)
        replay.learn()
        yield Point(looked, looked, replay.accuracy)


def _least_sure(replay: Replay) -> Iterator[Point]:
    def order(rows: Rows) -> Rows:
        return rows[np.argsort(replay.suggestions.probability[rows], kind="stable")]

    return _one_by_one(replay, order)


STRATEGIES: Final[Mapping[str, Strategy]] = {
    "sheets": lambda replay, _rng: _pages(replay, learns=True),
    "least_sure": lambda replay, _rng: _least_sure(replay),
    "random": lambda replay, rng: _one_by_one(replay, rng.permutation),
    "names_only": lambda replay, _rng: _pages(replay, learns=False),
}
