"""A folder whose labels can be promised, and a person who knows the truth."""

import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nameplate.domain.changes import SetConcepts, Settings
from nameplate.domain.concepts import add
from nameplate.domain.errors import UsageError
from nameplate.domain.images import CONTENT, UNKNOWN
from nameplate.domain.labels import NO_CONCEPT, DecidedBy
from nameplate.features.promise.counting import begin_counted
from nameplate.features.promise.rules import stages
from nameplate.features.promise.rules.applying import apply_labels
from nameplate.features.promise.rules.beginning import begin, end, offer
from nameplate.features.promise.rules.checking import LabelsToCheck, next_page, record_page
from nameplate.features.promise.rules.counts import hypergeometric
from nameplate.features.promise.rules.of_run import promised_least
from nameplate.features.promise.rules.promises import Plan, promise_in
from nameplate.features.promise.rules.state import PromiseStage, kept_promise, state_of
from nameplate.project.digests import rules_digest
from nameplate.project.file import store
from nameplate.project.labelling import label
from nameplate.project.project import Project
from nameplate.project.samples import Sample, vectors_of
from nameplate.scoring.random_order import first_in_order, random_keys
from nameplate.scoring.suggestions import Suggestions
from project_help import PLAIN, Opened

MODEL = "model@1"


class Folder:
    """A folder whose labels are suggested, and a person who checks them and knows the truth."""

    def __init__(self, images, wrong=(), probability=0.999, seed=7, folder=""):
        self.opened = Opened(Project(Settings(PLAIN)), Suggestions())
        self.project = self.opened.project
        self.project.images.forget_embeddings(3)
        self.project.identity = f"{seed:032x}"
        self.opened.do(SetConcepts(add(add(add((), "x"), "y"), "!z")))
        self.opened.add_images(*(str(Path(folder, f"{i:05}.jpg")) for i in range(images)))
        for row in range(images):
            self.opened.embed(row, row % 2)
        self.opened.score()
        self.opened.suggestions.probability[:] = probability
        self.wrong = set(wrong)

    @property
    def now(self):
        return self.opened.now

    @property
    def promise(self):
        return promise_in(self.project)

    @property
    def state(self):
        return state_of(self.project, MODEL)

    def truth(self, row):
        return self.opened.ids[(row % 2) ^ (row in self.wrong)]

    def begin(self, target=0.98, confidence=0.95, **options):
        self.take(begin(self.project, self.now, target, confidence, **options))

    def take(self, step):
        self.project.apply(step.change, step.title)

    def check(self, page, said=None):
        marks = {
            row: self.truth(row) for row in page.rows.tolist() if page.is_blind or row in self.wrong
        }
        self.take(record_page(self.project, page, {**marks, **(said or {})}, self.now))

    def check_all(self):
        while self.state.stage is PromiseStage.OPEN and (page := next_page(self.project)):
            self.check(page)
        return self.state.stage

    def keep(self):
        """Check until the promise is kept, and give its labels."""
        assert self.check_all() is PromiseStage.PASSED
        self.take(apply_labels(self.project, self.now))

    def begin_checks(self):
        """Begin a promise, and check the first page."""
        self.begin()
        self.check(next_page(self.project))

    def go_on_with(self, path):
        """Go on with the project in a file."""
        with closing(store.open_file(path)) as db:
            self.project = self.opened.project = store.load(db, path)
        self.opened.suggestions.grow(len(self.project.images))


def decide_some(folder, count=1):
    """Decide about some images, so that a promise that begins now is about others."""
    rows = np.flatnonzero(folder.project.labels.decided_by != DecidedBy.PERSON)[:count]
    for row in rows.tolist():
        folder.opened.do(label(folder.project, np.array([row]), folder.truth(row), folder.now))


def sampled(images, **options):
    """Return a folder of images that are a sample of a run."""
    folder = Folder(images, **options)
    project = folder.project
    embeddings = np.ones((images, 3), np.float16)
    contents = np.full(images, UNKNOWN, CONTENT)
    model, _, fingerprint = MODEL.partition("@")
    project.sample = Sample(
        folder="/run",
        run="0" * 64,
        images=10**7,
        listed=10**7,
        seed=1,
        model=model,
        fingerprint=fingerprint,
        reading="2",
        rules=rules_digest(project),
        embeddings=embeddings,
        vectors=vectors_of(embeddings),
        contents=contents,
        problems={},
        origins={},
    )
    return folder


# ---- how surely


def most_wrong(population: int, drawn: int, found: int, risk: float) -> int:
    """Return how many of a set are wrong at most, with probability 1 - `risk`.

    The largest number that would not make so few too rare, as Clopper and Pearson (1934) do for
    a set without an end.

    Args:
        population: How many there are.
        drawn: How many of them were checked, chosen at random; their number was chosen beforehand.
        found: How many of these are wrong.
        risk: How often the number that is returned may be too low, in (0, 1).
    """
    low, high = found, population - drawn + found
    counts = np.arange(found + 1)
    while low < high:  # the largest number under which so few are found with more than `risk`
        middle = (low + high + 1) // 2
        if hypergeometric(counts, drawn, population, middle).sum() > risk:
            low = middle
        else:
            high = middle - 1
    return low


def false_pass(plan: Plan, wrong: int) -> float:
    """Return how probable it is that a plan lets a set with `wrong` wrong labels pass wrongly.

    Wrongly: more than may be are left after those that were found are corrected.

    Args:
        plan: The plan.
        wrong: How many the person would find if all were checked.
    """
    return float(stages._false_passes(plan, np.array([wrong]))[0])


def passes(plan: Plan, wrong: int) -> float:
    """Return how probable it is that a set with `wrong` wrong labels passes, by its looks."""
    return float(stages._passes(plan, np.array([wrong])).sum())


# ---- samples of generated runs


LABELS, SAMPLE = 20_000, 2000
"""Of a generated run, and of the sample of it."""

Run = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]
"""Returns for each label of a run how probable it is said to be, and whether it is wrong."""


def calibrated(chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Of five labels four are nearly sure; each is wrong as often as is said."""
    doubt = np.where(chance.random(LABELS) < 0.8, 0.004, 0.4) * chance.random(LABELS)
    return 1 - doubt, chance.random(LABELS) < doubt


def too_sure(chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """As calibrated, but wrong six times as often as is said."""
    said, _ = calibrated(chance)
    return said, chance.random(LABELS) < 6 * (1 - said)


def near(share: float) -> Run:
    """Return a run of which a share of the labels is right, whatever is said of them."""

    def make(chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        wrong = np.zeros(LABELS, np.bool_)
        wrong[chance.permutation(LABELS)[: round(LABELS * (1 - share)) + 1]] = True
        return 1 - 0.002 * chance.random(LABELS), wrong

    return make


def steep(chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The surest are right, and just below them six of a hundred are wrong: the cut-off decides."""
    said = 1 - 0.006 * chance.random(LABELS)
    return said, chance.random(LABELS) < np.where(said < 0.9965, 0.06, 0.001)


RUNS: dict[str, Run] = {
    "calibrated": calibrated,
    "too sure": too_sure,
    "all right but 2%": near(0.98),
    "all right but 1%": near(0.99),
    "all right but 5%": near(0.95),
    "steep": steep,
}


@dataclass(frozen=True)
class Replay:
    """What became of a promise about a sample of a run.

    Attributes:
        is_begun: Whether it was about the run when it began.
        is_given: Whether it was kept for the run.
        checks: How many labels were checked.
        share_right: Of the labels of the run at or above the least probability, in truth.
    """

    is_begun: bool
    is_given: bool = False
    checks: int = 0
    share_right: float = 1.0


def replayed(run: Run, target: float, seed: int) -> Replay:
    """Draw a sample of a generated run, promise its labels and check them as a person does."""
    said, wrong = run(np.random.default_rng(seed))
    drawn = np.argsort(random_keys(np.arange(LABELS), seed))[:SAMPLE]
    folder = sampled(SAMPLE, wrong=np.flatnonzero(wrong[drawn]).tolist(), seed=seed)
    folder.opened.suggestions.probability[:] = said[drawn]
    least = offer(folder.project, folder.now, target, 0.95).run_least
    if least is None:
        return Replay(is_begun=False)
    folder.begin(target)
    if folder.check_all() is PromiseStage.PASSED:
        folder.take(apply_labels(folder.project, folder.now))
    is_given = promised_least(folder.project) is not None
    share = 1 - float(wrong[said.astype(np.float32) >= least].mean())
    return Replay(True, is_given, len(folder.promise.checks), share)


# ---- ways to try until luck decides


Way = Callable[["Cheater"], bool]
"""Tries once more to get a certificate; returns whether it was given."""


class Cheater:
    """Somebody who tries to certify labels of which too many are wrong, again and again.

    They check honestly; what they do between is up to them.
    """

    def __init__(self, folder: Folder, place: Path):
        self.folder = folder
        self.place = place
        self.spent = 0.0
        self.tries = []
        self.checks = 0

    def begin(self, target=0.98):
        folder = self.folder
        folder.take(begin_counted(folder.project, folder.now, target)[0])
        promise = folder.promise
        if promise.seed not in [seed for seed, _ in self.tries]:
            self.spent += promise.plan.risk
            self.tries.append((promise.seed, promise.tries))

    def check_all(self):
        """Check until it is enough, or too many are wrong for a pass soon.

        All is one page, which takes less time than many.
        """
        project = self.folder.project
        labels, looks = promise_in(project).labels, promise_in(project).plan.looks[:4]
        rows = project.images.rows_of(labels.ids)
        order = first_in_order(labels.ids, promise_in(project).seed, looks[-1])
        wrong = np.cumsum(np.isin(rows[order], list(self.folder.wrong)))
        enough = (look for found, look in enumerate(looks) if wrong[look - 1] <= found)
        chosen = order[: next(enough, looks[-1])]
        self.folder.check(LabelsToCheck(rows[chosen], labels.concepts[chosen], is_blind=False))
        is_passed = self.folder.state.stage is PromiseStage.PASSED
        self.checks += len(self.folder.promise.checks)
        if is_passed:
            self.folder.take(apply_labels(self.folder.project, self.folder.now))
        return is_passed and kept_promise(self.folder.project) is not None

    def is_false(self):
        """Whether the promise that was given is not true."""
        project, promise = self.folder.project, self.folder.promise
        rows = project.images.rows_of(promise.labels.ids)
        given = self.folder.opened.label_ids
        named = [row for row in rows.tolist() if given[row] != NO_CONCEPT]
        right = sum(given[row] == self.folder.truth(row) for row in named)
        return right < promise.target * len(named)

    def undo_to(self, steps):
        while len(self.folder.project.history.done) > steps:
            self.folder.project.undo()


def with_an_easy_promise_between(cheater):
    cheater.begin(0.5)
    cheater.check_all()
    cheater.begin()
    return cheater.check_all()


def peeking_at_the_first_page(cheater):
    """Begin again, about a picture less, until the first page is a good one."""
    for _ in range(8):
        cheater.begin()
        page = next_page(cheater.folder.project)
        if not cheater.folder.wrong.intersection(page.rows.tolist()):
            return cheater.check_all()
        cheater.folder.project.undo()
        decide_some(cheater.folder)
    return False


def undoing(cheater):
    steps = len(cheater.folder.project.history.done)
    cheater.begin()
    if cheater.check_all():
        return True
    cheater.undo_to(steps)
    decide_some(cheater.folder)
    return False


def in_a_copy(cheater):
    """Go back to a copy of the file from before the first try, about other pictures."""
    original = cheater.place / "original.nameplate"
    if not original.exists():
        store.close(store.create(original, cheater.folder.project))
    copy = cheater.place / f"{len(cheater.tries)}.nameplate"
    shutil.copyfile(original, copy)
    cheater.folder.go_on_with(copy)
    decide_some(cheater.folder, len(cheater.tries) + 1)
    cheater.begin()
    return cheater.check_all()


def relabelling_between(cheater):
    cheater.begin()
    if cheater.check_all():
        return True
    cheater.folder.take(end(cheater.folder.project))
    decide_some(cheater.folder, 10)
    return False


WAYS: tuple[Way, ...] = (
    with_an_easy_promise_between,
    peeking_at_the_first_page,
    undoing,
    in_a_copy,
    relabelling_between,
)


def cheated(way: Way, cheater: Cheater, most: int) -> bool:
    """Try up to so many times in one way; return whether a false certificate came of it."""
    with suppress(UsageError):  # nothing is left to be promised
        for _ in range(most):
            if way(cheater):
                return cheater.is_false()
    return False
