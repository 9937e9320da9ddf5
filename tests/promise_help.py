"""A folder whose labels can be promised, and a person who knows the truth."""

from nameplate.domain.changes import SetConcepts, Settings
from nameplate.domain.concepts import add
from nameplate.project.project import Project
from nameplate.project.promising.auditing import next_page, record_page
from nameplate.project.promising.beginning import begin
from nameplate.project.promising.state import PromiseStage, state_of
from nameplate.scoring.suggestions import Suggestions
from project_help import PLAIN, Opened

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
