"""A promise about labels: what is frozen, which labels are checked, when it passes, what voids it."""

import numpy as np
from tests.project_help import PLAIN, Opened

from nameplate.domain.changes import SetConcepts, Settings
from nameplate.domain.concepts import add
from nameplate.domain.labels import DecidedBy
from nameplate.project.project import Project
from nameplate.project.promising.auditing import next_page, record_page
from nameplate.project.promising.beginning import begin
from nameplate.project.promising.giving import give
from nameplate.project.promising.state import PromiseStage, problem_of, state_of
from nameplate.scoring.suggestions import Suggestions

MODEL = "model@1"


class Folder:
    """A folder whose labels are suggested, and a person who checks them and knows the truth."""

    def __init__(self, images, wrong=(), probability=0.999):
        self.opened = Opened(Project(Settings(PLAIN)), Suggestions())
        self.project = self.opened.project
        self.project.images.forget_embeddings(3)
        self.opened.do(SetConcepts(add(add(add((), "x"), "y"), "!z")))
        self.opened.add_images(*(f"{i:05}.jpg" for i in range(images)))
        for row in range(images):
            self.opened.embed(row, row % 2)
        self.opened.score()
        self.opened.suggestions.probability[:] = probability
        self.wrong = set(wrong)

    @property
    def now(self):
        return self.opened.now

    @property
    def state(self):
        return state_of(self.project, MODEL)

    def truth(self, row):
        return self.opened.ids[(row % 2) ^ (row in self.wrong)]

    def begin(self, target=0.98, confidence=0.95, **options):
        self.take(begin(self.project, self.now, target, confidence, **{"seed": 7, **options}))

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


def test_a_promise_is_kept_by_checks_and_then_its_labels_are_given():
    folder = Folder(1000)
    folder.begin()
    promise = folder.project.promise
    assert len(promise.labels) == 1000
    assert folder.state.at_least == promise.plan.looks[0]
    assert folder.check_all() is PromiseStage.PASSED
    assert len(promise.plan.looks) > 1
    assert folder.state.checks == promise.plan.looks[0]
    folder.take(give(folder.project, folder.now))
    assert folder.state.stage is PromiseStage.GIVEN
    by = folder.project.labels.decided_by
    assert np.count_nonzero(by == DecidedBy.PERSON) == folder.state.checks
    assert np.count_nonzero(by == DecidedBy.AUTO) == 1000 - folder.state.checks
    folder.project.undo()
    assert folder.state.stage is PromiseStage.PASSED
    assert problem_of(folder.project) is None
