"""How right the labels of an open project would be: by whom each picture is judged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.changes import SetConcepts, SetFact, SetLabels, Settings, Title
from nameplate.domain.concepts import add_all
from nameplate.domain.embeddings import Head
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.domain.stacks import StackKind, Stacks, joined
from nameplate.features.quality.figures import held_out
from nameplate.features.quality.figures.held_out import Question
from nameplate.features.quality.figures.judging import delivered_by, judge
from nameplate.features.quality.figures.truth import (
    DECISIONS,
    FOLDERS,
    truth_of_decisions,
    truth_of_folders,
)
from nameplate.features.quality.snapshot import Snapshot
from nameplate.pipeline.learning.probe import Probe
from nameplate.project.facts import SETTINGS
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot

TEST = Title("label", {"name": "test"})
NONE = np.empty((0, 0), np.float32)
IMAGES, SIZE = 120, 256


def by_folders(project: Project) -> Question:
    return Question(FOLDERS, truth_of_folders(project.images.paths.texts))


def by_decisions(project: Project) -> Question:
    return Question(DECISIONS, truth_of_decisions(project))


@dataclass
class Chance:
    """A project whose pictures say nothing about their names, and one that knows them by heart."""

    project: Project
    truth: np.ndarray
    names: ZeroShot
    by_heart: Probe
    stacks: Stacks | None = None

    def judged_with(self, classifier: Classifier, question: Callable[[Project], Question]):
        suggestions = Suggestions()
        images = self.project.images
        suggestions.replace(score_images(classifier, images.vectors()), images)
        of = Snapshot.of(self.project, suggestions, self.stacks)
        return judge(of, question(self.project), CancelToken())

    def decide(self, rows: np.ndarray) -> None:
        sets = self.project.labels.sets
        keys = [concept.key for concept in self.project.concepts]
        codes = np.array([sets.code_of([keys[number]]) for number in self.truth[rows]], np.int32)
        labels = labels_of(codes, DecidedBy.PERSON, ReviewState.CORRECTED, decided_at=1)
        self.project.apply(SetLabels(self.project.images.ids[rows], labels), TEST)


@pytest.fixture
def chance() -> Chance:
    rng = np.random.default_rng(0)
    project = Project(Settings())
    concepts, _ = add_all((), ["ape", "bee"])
    project.apply(SetConcepts(concepts), TEST)
    truth = rng.integers(0, 2, IMAGES)
    paths = [Path(f"/all/{('ape', 'bee')[t]}/{i}.png") for i, t in enumerate(truth)]
    project.add_images(project.to_add(paths))
    unit = rng.standard_normal((IMAGES + 2, SIZE)).astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    embeddings, vectors = unit[:IMAGES], unit[IMAGES:]
    project.images.forget_embeddings(SIZE)
    project.images.set_embeddings(np.arange(IMAGES), embeddings)
    names = ZeroShot(concepts, vectors, TemplateSet("t", "T", ("{}",)), Head("softmax", 10.0, None))
    wanted = 50 * (np.eye(2)[truth] - 0.5)
    weights = (np.linalg.pinv(embeddings.astype(np.float64)) @ wanted).T.astype(np.float32)
    by_heart = Probe(names, weights, NONE, np.zeros(2, np.float32), 0.0, "by heart")
    return Chance(project, truth, names, by_heart)


def test_a_picture_is_not_judged_by_what_was_learned_from_it(chance):
    chance.decide(np.arange(IMAGES))
    figures = chance.judged_with(chance.by_heart, by_decisions)
    assert len(figures.unseen) == len(figures.judged.records) == IMAGES
    assert figures.judged.records.share.value < 0.7
    assert figures.names_only is not None
    assert figures.names_only.mean() < 0.7


def test_whoever_fits_is_given_no_decision_that_is_judged(chance, monkeypatch):
    decided = []

    class Fitter:
        def training_data(self, project, _names, _stacks):
            decided.append(np.flatnonzero(project.labels.decided_by == DecidedBy.PERSON))

    monkeypatch.setattr(held_out, "fitters", lambda: [Fitter()])
    chance.decide(np.arange(IMAGES))
    chance.judged_with(chance.by_heart, by_decisions)
    assert len(decided) == 5
    assert (np.bincount(np.concatenate(decided), minlength=IMAGES) == 4).all()


def test_other_pictures_are_judged_by_the_classifier_in_force(chance):
    chance.decide(np.arange(30))
    figures = chance.judged_with(chance.by_heart, by_folders)
    assert len(figures.unseen) == 30
    assert figures.judged.records.is_right[30:].all()
    assert not figures.judged.records.is_right[:30].all()


def test_images_of_a_stack_with_a_decided_one_are_not_judged(chance):
    chance.decide(np.arange(30))
    chance.stacks = joined({StackKind.BURST: np.array([[3, 40], [50, 51]])}, IMAGES)
    figures = chance.judged_with(chance.by_heart, by_folders)
    assert figures.known.copies_of_learned.tolist() == [40]
    ids = set(chance.project.images.ids.tolist())
    assert ids - set(figures.ids.tolist()) <= set(chance.project.images.ids[[40, 51]].tolist())
    assert 40 not in chance.project.images.rows_of(figures.ids)
    assert len(figures.unseen) == 30


def test_with_names_only_there_is_no_other_run(chance):
    chance.decide(np.arange(IMAGES))
    figures = chance.judged_with(chance.names, by_decisions)
    assert (len(figures.unseen), figures.names_only) == (0, None)


def test_without_decisions_there_is_nothing_to_judge(chance):
    figures = chance.judged_with(chance.names, by_decisions)
    assert (len(figures.judged.records), figures.missing) == (0, 20)
    assert len(figures.left_out) == IMAGES
    assert figures.judged.records.share.value is None
    assert not len(figures.judged.worst)


def test_without_a_classifier_and_after_a_cancel_there_are_no_figures(chance):
    of = Snapshot.of(chance.project, Suggestions())
    with pytest.raises(UsageError):
        judge(of, by_folders(chance.project), CancelToken())
    suggestions, cancel = Suggestions(), CancelToken()
    images = chance.project.images
    suggestions.replace(score_images(chance.names, images.vectors()), images)
    cancel.cancel()
    with pytest.raises(CancelledError):
        judge(Snapshot.of(chance.project, suggestions), by_folders(chance.project), cancel)


def test_the_surest_mistakes_come_first_and_what_is_right_never(chance):
    judged = chance.judged_with(chance.names, by_folders).judged
    wrong = np.flatnonzero(~judged.records.is_right)
    assert set(judged.worst) <= set(wrong)
    assert len(judged.worst) == min(24, len(wrong))
    assert np.all(np.diff(judged.sure[judged.worst]) <= 0)
    assert judged.sure[judged.worst].min() >= np.median(judged.sure[wrong])


def test_with_several_labels_the_mistake_that_is_farthest_off_comes_first(chance):
    chance.project.apply(SetFact(SETTINGS, Settings(minimum=0.5, is_multi=True)), TEST)
    sigmoid = replace(chance.names, head=Head("sigmoid", 10.0, 0.0), multi=True)
    judged = chance.judged_with(sigmoid, by_folders).judged
    assert judged.is_several
    assert judged.coverage is None
    assert 0 < judged.records.share.count < IMAGES
    assert not judged.records.is_right[judged.worst].any()
    assert (judged.reliability.images, judged.reliability.right.of) == (IMAGES, 2 * IMAGES)
    assert all(0 < one < 1 for one in judged.average_precisions.values())


def test_labels_are_counted_by_their_source(chance):
    chance.decide(np.arange(30))
    project = chance.project
    label = labels_of(
        np.array([project.labels.sets.code_of([0])] * 20, np.int32),
        np.array([DecidedBy.GIVEN] * 15 + [DecidedBy.AUTO] * 5, np.uint8),
        ReviewState.ACCEPTED,
        decided_at=1,
    )
    project.apply(SetLabels(project.images.ids[30:50], label), TEST)
    found = delivered_by(project)
    assert (found["checked"], found["given"], found["automatic"]) == (30, 15, 5)
    assert found["images"] == IMAGES
    assert found["suggested"] + found["waiting"] == IMAGES - 50
