"""A folder of labelled images, and a person who checks them and knows the truth."""

from contextlib import closing

import numpy as np

from nameplate.domain.changes import SetConcepts, SetLabels, Settings
from nameplate.domain.concepts import add
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.features.quality.checks.checking import begin, next_page, record_page
from nameplate.project.certificates import why_ended
from nameplate.project.facts import RANDOM_CHECK
from nameplate.project.file import store
from nameplate.project.label_changes import label
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from project_help import PLAIN, Opened


class Folder:
    """Images labelled x and y in turns, some of them wrongly.

    Attributes:
        wrong: Rows of the images whose labels are wrong at first.
    """

    def __init__(self, images, wrong=(), *, seed=7, by=DecidedBy.GIVEN, folder=""):
        self.opened = Opened(Project(Settings(PLAIN)), Suggestions())
        self.project = self.opened.project
        self.project.images.forget_embeddings(3)
        self.project.identity = f"{seed:032x}"
        self.opened.do(SetConcepts(add(add(add((), "x"), "y"), "!z")))
        self.opened.add_images(*(f"{folder}{i:05}.jpg" for i in range(images)))
        self.wrong = set(wrong)
        keys = np.array(self.opened.ids[:2], np.int32)[np.arange(images) % 2]
        codes = self.project.labels.sets.codes_of(keys)
        labels = labels_of(codes, by, ReviewState.SUGGESTED, decided_at=1)
        self.opened.do(SetLabels(self.project.images.ids, labels))

    @property
    def now(self):
        return self.opened.now

    @property
    def check(self):
        return self.project.fact(RANDOM_CHECK)

    @property
    def why(self):
        """The code of the reason why the checks have ended."""
        found = why_ended(self.project, self.check)
        return found and found.code

    def truth(self, row):
        return self.opened.ids[(row % 2) ^ (row in self.wrong)]

    @property
    def share_right(self):
        """The share of the labels that is right in truth."""
        labels = self.opened.label_ids
        is_right = [
            labels[row] == self.truth(row) for row in range(len(labels)) if labels[row] > -1
        ]
        return sum(is_right) / len(is_right)

    def take(self, step):
        self.project.apply(step.change, step.title)

    def begin(self):
        self.take(begin(self.project, self.now.at))

    def check_page(self, page=None, said=None, **options):
        """Check a page by the truth, but for what is said of some rows."""
        page = page or next_page(self.project, **options)
        asked = [row for row in page.rows.tolist() if page.is_hidden or row in self.wrong]
        marks = {row: self.truth(row) for row in asked}
        self.take(record_page(self.project, page, {**marks, **(said or {})}, self.now))

    def check_until(self, share=0.98):
        """Check until so many are shown to be right, or all are checked."""
        self.begin()
        while self.check.share < share and len(self.check.checks) < self.check.labels:
            self.check_page()

    def relabel(self, row, concept=None):
        """Label an image as its truth, or as another concept."""
        key = self.truth(row) if concept is None else concept
        self.opened.do(label(self.project, np.array([row]), key, self.now))

    def save(self, path):
        store.close(store.create(path, self.project))

    def go_on_with(self, path):
        """Go on with the project in a file."""
        with closing(store.open_file(path)) as db:
            self.project = self.opened.project = store.load(db, path)
        self.opened.suggestions.grow(len(self.project.images))
