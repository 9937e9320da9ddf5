"""Count what it takes to label a folder whose truth is known.

python tests/perf/simulate.py DIR [--seeds 20] [--no-stacks] [--json] [names and model as of label]

DIR has a folder for each name. An annotator who knows the truth and makes no mistake decides all
pictures, through the project, the pages and the learning of the program. An action is a key, a
click or a drag; to point with the mouse is none.
- A page is accepted with one action. A wrong picture gets its name with one key. A stretch, in
  reading order, is dragged over and named: two actions, and one for each exception in it.
- A page that one name does not fill has blocks of others; one action accepts them all.
- A stack is one picture on a page. Where it holds different things, an action opens it first.
- A picture that is looked at alone takes one action.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np

from nameplate.cli.command import put, put_json, say
from nameplate.cli.options import (
    add_concept_options,
    add_model_options,
    concepts_of,
    open_model,
    positive,
    templates_of,
)
from nameplate.cli.suggesting import new_project, settings_of, suggest
from nameplate.domain.changes import SetConcepts, Settings, Title
from nameplate.domain.concepts import Concept, by_any_name
from nameplate.domain.embeddings import ImageVectors
from nameplate.domain.errors import NameplateError
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import NEVER
from nameplate.domain.stacks import Stacks
from nameplate.domain.text import normalised
from nameplate.pipeline.fitting import choose, fit, fitters
from nameplate.pipeline.learning.decisions import Decisions
from nameplate.pipeline.learning.learning import Sample, learn
from nameplate.pipeline.pages.deciding import PageStep, decide_page, mark_images
from nameplate.pipeline.pages.rules import Candidates
from nameplate.pipeline.pages.selection import projections
from nameplate.pipeline.reading.batch_encoder import Embedded
from nameplate.pipeline.reading.collection import find_images
from nameplate.pipeline.reading.rescore import record
from nameplate.pipeline.stacks.finding import stacks_of
from nameplate.project.label_changes import DecisionContext, label
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot
from nameplate.wording.texts import text_of

PAGE = 56
"""Images of a full page, as in the window."""
PACE = 12
"""Decisions between two fits, where pictures are looked at alone."""
TARGETS = (0.9, 0.95, 0.98, 0.99)
"""Shares of right labels that are worked for."""
LOOKED_FOR = 0.98
"""The share for which pictures looked at are counted."""

PICTURE_S, PAGE_S, CORRECTION_S, ALONE_S = 0.25, 1.0, 1.5, 1.2
"""Guessed seconds for a picture on a page, a page, a further action there, and a picture alone."""

LEFT_OUT, FEWEST = 10, 50
"""One in so many images is left out of each replay; none where there are fewer than the second."""

SAID = (0.5, 0.7, 0.9, 0.95)
"""Probabilities that are compared with the share that is right, of undecided images."""
SAID_AT = (0, 40, 100, 160)
"""Decisions before which they are."""

BUDGETS = (0.02, 0.05, 0.1, 0.2)
"""Shares of the images that are decided before learning is compared with names alone."""
NEARLY = 0.003
"""A loss of accuracy that does not count."""
IMBALANCE = 10


@dataclass(frozen=True)
class KnownFolder:
    """Images whose truth is known.

    Attributes:
        names: The zero-shot classifier of K concepts.
        images: The vectors of N images, all finite.
        truth: N int64: the place of each image's right concept among the K.
        stacks: Of the N images.
    """

    names: ZeroShot
    images: ImageVectors
    truth: np.ndarray
    stacks: Stacks | None = None

    def __len__(self):
        return len(self.truth)

    def only(self, rows: np.ndarray) -> "KnownFolder":
        stacks = None if self.stacks is None else self.stacks.taken(rows)
        return KnownFolder(self.names, self.images.take(rows), self.truth[rows], stacks)

    def some(self, seed: int) -> "KnownFolder":
        """Leave out a tenth by chance, so that replays differ as those of several folders would."""
        if len(self) < FEWEST:
            return self
        order = np.random.default_rng(seed).permutation(len(self))
        return self.only(np.sort(order[: len(self) - len(self) // LEFT_OUT]))


class Replay:
    """A new project of a folder, and the suggestions for its images.

    Attributes:
        project: Row i is image i of the folder.
        truth: N int32, the id of each image's right concept.
        projections: See `WhitenedSpace.place`.
        learns: Whether suggestions come from decisions now.
        switched_off: How often that ended, though more was decided.
    """

    def __init__(self, folder: KnownFolder) -> None:
        names, (embeddings, descriptors) = folder.names, folder.images
        self.folder, self._fitters, self._time = folder, fitters(), 0
        self.learns, self.switched_off = False, 0
        self.project = Project(Settings(names.template_set))
        title = Title("add-names", {"count": len(names.concepts), "name": names.concepts[-1].name})
        self.project.apply(SetConcepts(names.concepts), title)
        paths = (Path(f"{row}.jpg") for row in range(len(folder)))
        self.project.add_images(self.project.to_add(paths))
        self.project.images.forget_embeddings(embeddings.shape[1], descriptors.shape[1])
        self.suggestions = Suggestions()
        self.suggestions.grow(len(folder))
        event = Embedded(np.arange(len(folder)), embeddings, descriptors=descriptors)
        record(event, self.project, self.suggestions)
        self._score(names)
        self.projections = next(projections(self.project.images.vectors(), NEVER))
        ids = np.array([concept.key for concept in names.concepts], np.int32)
        self.truth = ids[folder.truth]

    @property
    def now(self) -> DecisionContext:
        """The context of a decision, each a millisecond after the last."""
        self._time += 1
        return DecisionContext(self._time, "", self.suggestions)

    @property
    def open_rows(self) -> np.ndarray:
        return np.flatnonzero(self.project.labels.decided_by != DecidedBy.PERSON)

    def next_page(self):
        rows = np.arange(len(self.folder))
        self.suggestions.reject(rows, self.project.rejected_of(rows))
        left = Candidates.of(self.project, self.suggestions, rows, self.folder.stacks)
        return left.next_page(PAGE, projections=self.projections)

    @property
    def accuracy(self) -> float:
        """The share of all images that are decided or rightly suggested."""
        rows = self.open_rows
        wrong = self.suggestions.suggested[rows] != self.truth[rows]
        return 1 - float(np.count_nonzero(wrong)) / len(self.truth)

    def said(self) -> np.ndarray:
        """Return how many open images are as probable as each of `SAID`, and how many are right."""
        rows = self.open_rows
        is_said = self.suggestions.probability[rows] >= np.array(SAID)[:, None]
        is_right = self.suggestions.suggested[rows] == self.truth[rows]
        return np.stack([is_said.sum(axis=1), (is_said & is_right).sum(axis=1)])

    def take(self, step: PageStep) -> None:
        if step.change is not None:
            self.project.apply(step.change, step.title)

    def learn(self) -> None:
        """Learn from the decisions, as the window does after each page."""
        names, blocks = self.folder.names, self.project.images.vectors()
        choice = choose(self._fitters, self.project, names, lambda: self.folder.stacks)
        found = fit(choice, names, blocks, NEVER)
        classifier = found.classifier if found else names
        self.switched_off += self.learns and classifier is names
        self.learns = classifier is not names
        self._score(classifier)

    def _score(self, classifier) -> None:
        blocks = self.project.images.vectors()
        result = score_images(classifier, blocks, self.suggestions.scores)
        self.suggestions.replace(result, self.project.images)


@dataclass(frozen=True)
class Point:
    """The actions and seconds so far, the images looked at, and the share that is right.

    Attributes:
        blocks: How many the page had that was decided last; 0 for no page.
    """

    actions: int
    seconds: float
    looked: int
    accuracy: float
    blocks: int = 0


Strategy = Callable[[Replay, np.random.Generator], Iterator[Point]]
"""Decides all images of a replay; yields a point at the start and after each decision."""


def by_pages(replay: Replay, *, learns: bool) -> Iterator[Point]:
    actions, seconds, looked = 0, 0.0, 0
    yield Point(actions, seconds, looked, replay.accuracy)
    while page := replay.next_page():
        stacks = {row: replay.truth[[row, *behind]] for row, behind in page.behind.items()}
        mixed = [row for row, truth in stacks.items() if len(np.unique(truth)) > 1]
        blocks, page = len(page.blocks), page.opened(mixed)
        right = replay.truth[page.rows]
        decide_rightly(replay, page, right)
        if learns:
            replay.learn()
        taken = len(mixed) + page_actions(right, page.suggested)
        actions += taken
        seconds += PAGE_S + PICTURE_S * len(right) + CORRECTION_S * (taken - 1)
        looked += len(right)
        yield Point(actions, seconds, looked, replay.accuracy, blocks)


def decide_rightly(replay: Replay, page, right: np.ndarray) -> None:
    """Mark what is wrong on a page, name by name, and accept it."""
    wrong = np.flatnonzero(right != page.suggested)
    for name in np.unique(right[wrong]).tolist():
        mine = page.only(page.rows[wrong[right[wrong] == name]].tolist())
        mine = mine.opened(mine.behind)
        replay.take(mark_images(replay.project, mine.rows, mine.suggested, name, replay.now))
    replay.take(decide_page(replay.project, page, replay.now))


def page_actions(right: np.ndarray, suggested: np.ndarray) -> int:
    """Return the fewest actions that give a page its right names and accept it."""
    names = np.unique(right)
    alone, dragged = 0.0, np.full(len(names), np.inf)  # fewest so far, in a stretch named so or not
    for one, said in zip(right.tolist(), suggested.tolist(), strict=True):
        before = min(alone, float(dragged.min()))
        dragged = np.minimum(dragged, before + 2) + (names != one)
        alone = before + (one != said)
    return 1 + int(min(alone, float(dragged.min())))


def one_by_one(replay: Replay, order: Callable[[np.ndarray], np.ndarray]) -> Iterator[Point]:
    looked = 0
    yield Point(0, 0.0, 0, replay.accuracy)
    while len(rows := replay.open_rows):
        for row in order(rows)[:PACE].tolist():
            change = label(replay.project, np.array([row]), int(replay.truth[row]), replay.now)
            replay.project.apply(change, Title("label", {"name": ""}))
            looked += 1
            yield Point(looked, ALONE_S * looked, looked, replay.accuracy)
        replay.learn()
        yield Point(looked, ALONE_S * looked, looked, replay.accuracy)


def least_sure(replay: Replay) -> Iterator[Point]:
    def order(rows: np.ndarray) -> np.ndarray:
        return rows[np.argsort(replay.suggestions.probability[rows], kind="stable")]

    return one_by_one(replay, order)


STRATEGIES: Mapping[str, Strategy] = {
    "sheets": lambda replay, _rng: by_pages(replay, learns=True),
    "least_sure": lambda replay, _rng: least_sure(replay),
    "random": lambda replay, rng: one_by_one(replay, rng.permutation),
    "names_only": lambda replay, _rng: by_pages(replay, learns=False),
}


def simulate(folder: KnownFolder, seeds: int) -> dict:
    """Return the figures, means over `seeds` replays; the folder has at least one image."""
    strategies = {name: figures_of(one, folder, seeds) for name, one in STRATEGIES.items()}
    return {
        "images": len(folder),
        "zero_shot": round(Replay(folder).accuracy, 4),
        "learning": {"switched_off": sum(of.pop("switched_off") for of in strategies.values())},
        "strategies": strategies,
        "guard": guard_of(folder, seeds),
    }


def figures_of(strategy: Strategy, folder: KnownFolder, seeds: int) -> dict:
    runs, per, switched_off = list[list[Point]](), list[float](), 0
    said = {count: np.zeros((2, len(SAID)), np.int64) for count in SAID_AT}
    for seed in range(seeds):
        replay = Replay(folder.some(seed))
        runs.append([])
        per.append(1000 / len(replay.folder))
        counts = list(SAID_AT)
        for point in strategy(replay, np.random.default_rng(seed)):
            runs[-1].append(point)
            while counts and len(replay.folder) - len(replay.open_rows) >= counts[0]:
                said[counts.pop(0)] += replay.said()
            if point.accuracy >= TARGETS[-1]:
                break
        switched_off += replay.switched_off

    def mean(target: float, figure: Callable[[Point], float]) -> float:
        first = [next(p for p in points if p.accuracy >= target) for points in runs]
        each = (figure(point) * one for point, one in zip(first, per, strict=True))
        return round(fmean(round(value, 1) for value in each), 1)

    pages = Counter(point.blocks for points in runs for point in points if point.blocks)
    return {
        "pages_by_blocks": {str(count): pages[count] for count in sorted(pages)},
        "actions_per_1000": {str(one): mean(one, lambda p: p.actions) for one in TARGETS},
        "minutes_per_1000": {str(one): mean(one, lambda p: p.seconds / 60) for one in TARGETS},
        "looked_per_1000": mean(LOOKED_FOR, lambda p: p.looked),
        "switched_off": switched_off,
        "said": {str(count): said_and_right(found) for count, found in said.items()},
    }


def said_and_right(found: np.ndarray) -> dict:
    """Return the images as probable as each of `SAID`, and the share that is right."""
    return {
        str(said): {"images": count, "right": round(right / count, 3) if count else None}
        for said, count, right in zip(SAID, *found.tolist(), strict=True)
    }


def guard_of(folder: KnownFolder, seeds: int) -> dict:
    """Compare learning from random decisions with names alone, on the undecided images."""
    gains = list[float]()
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        for some in kinds_of(folder, rng):
            order = rng.permutation(len(some))
            counts = (int(budget * len(some)) for budget in BUDGETS)
            gains += [gain_of(some, order, count) for count in counts if 1 <= count < len(some)]
    kept = [gain >= -NEARLY - 1e-9 for gain in gains]
    return {
        "runs": len(gains),
        "worst_loss": round(max(0.0, -min(gains, default=0.0)), 4),
        "share_within_0.003": round(sum(kept) / len(kept), 4) if kept else 1.0,
    }


def kinds_of(folder: KnownFolder, rng: np.random.Generator) -> Iterator[KnownFolder]:
    """Yield the folder; with half of the names ten times rarer; without these names."""
    count = len(folder.names.concepts)
    rare = np.isin(folder.truth, rng.permutation(count)[: count // 2])
    some = rare & (rng.random(len(folder)) < 1 / IMBALANCE)
    for kept in (np.ones_like(rare), ~rare | some, ~rare):
        if kept.any():
            yield folder.only(np.flatnonzero(kept))


def gain_of(folder: KnownFolder, order: np.ndarray, count: int) -> float:
    """Return what deciding the first `count` images of `order` adds to the accuracy of the rest."""
    decided, rest = order[:count], order[count:]
    shown = np.eye(len(folder.names.concepts), dtype=np.bool_)[folder.truth[decided]]
    given = Decisions(folder.images.take(decided), shown, ~shown)
    undecided = folder.images.take(rest)
    found = learn(folder.names, given, Sample(folder.images), NEVER, undecided)

    def right(classifier) -> float:
        best = classifier.best(classifier.weights.scores(undecided))
        return float((best.columns == folder.truth[rest]).mean())

    return right(found.classifier) - right(folder.names)


def known_folder(args: argparse.Namespace) -> KnownFolder:
    """Read the images whose folder is one of the names; say how many are left out."""
    found = find_images([args.folder], cancel=NEVER, limit=args.limit)
    folders = [normalised(path.parent.name) for path in found.images]
    concepts = concepts_of(args) or concepts_named(folders)
    model = open_model(args, NEVER)
    project = new_project(found, concepts, settings_of(args, templates_of(args.templates, model)))
    names, images = suggest(args, project, model, NEVER, describes=True).classifier, project.images
    known, keys = by_any_name(concepts), [concept.key for concept in concepts]
    shown = [known.get(folder.casefold()) for folder in folders]
    place = np.array([-1 if one is None else keys.index(one.key) for one in shown], np.int64)
    if strangers := np.count_nonzero(place < 0):
        say(f"{strangers} images are left out: their folder isn't one of the names")
    rows = np.flatnonzero((place >= 0) & (images.states == ImageState.READY))
    if not isinstance(names, ZeroShot) or not names.is_exclusive or len(keys) < 2 or not len(rows):
        sys.exit("nothing to simulate: it needs two names, and pictures in folders of these names")
    stacks = None if args.no_stacks else stacks_of(images, NEVER).taken(rows)
    return KnownFolder(names, images.vectors_of(rows), place[rows], stacks)


def concepts_named(folders: Sequence[str]) -> tuple[Concept, ...]:
    """Return a concept for each name; spellings that differ in case are one, the first."""
    by_name = {name.casefold(): name for name in reversed(folders)}
    return tuple(Concept(key, by_name[name]) for key, name in enumerate(sorted(by_name)))


def table_of(found: dict) -> Iterator[str]:
    yield f"{found['images']} images, {found['zero_shot']:.1%} rightly suggested by names alone"
    yield "actions (minutes) per 1,000 images until so many labels are right:"
    yield " " * 12 + "".join(f"{target:>14.0%}" for target in TARGETS)
    for name, of in found["strategies"].items():
        both = zip(of["actions_per_1000"].values(), of["minutes_per_1000"].values(), strict=True)
        yield f"{name:12}" + "".join(f"{n:7.0f} {f'({m:.1f})':>6}" for n, m in both)
    by_blocks = found["strategies"]["sheets"]["pages_by_blocks"].items()
    yield "pages by their blocks: " + ", ".join(
        f"{count} of {blocks}" for blocks, count in by_blocks
    )
    yield "right, of undecided images that are said to be so probable at least:"
    yield " " * 24 + "".join(f"{said:>14.0%}" for said in SAID)
    for name, of in found["strategies"].items():
        for count, shares in of["said"].items():
            cells = (
                f"{'-' if one['right'] is None else format(one['right'], '.0%')} of {one['images']}"
                for one in shares.values()
            )
            yield f"{name:12}{count:>12}" + "".join(f"{cell:>14}" for cell in cells)
    guard, off = found["guard"], found["learning"]["switched_off"]
    yield f"learning was switched off {off} times by further decisions"
    yield (
        f"learning, {guard['runs']} runs: {guard['share_within_0.003']:.1%} at most 0.3 points "
        f"below names alone, the worst {100 * guard['worst_loss']:.1f}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR", help="has a folder for each name")
    parser.add_argument("--seeds", type=positive, default=20, help="replays (default: 20)")
    parser.add_argument("--no-stacks", action="store_true", help="decide copies one by one")
    parser.add_argument("--json", action="store_true")
    add_concept_options(parser)
    add_model_options(parser)
    args = parser.parse_args(arguments)
    try:
        found = simulate(known_folder(args), args.seeds)
    except NameplateError as error:
        sys.exit(text_of(error.message))
    if args.json:
        put_json(found)
    else:
        put("\n".join(table_of(found)))


if __name__ == "__main__":
    main()
