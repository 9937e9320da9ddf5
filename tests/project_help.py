"""A small project whose suggestions are known, for tests that need no model."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from nameplate.domain.changes import (
    Change,
    Relink,
    RemoveImages,
    SetConcepts,
    SetFact,
    SetFactOfImages,
    Settings,
    Title,
)
from nameplate.domain.concepts import add, moved
from nameplate.domain.embeddings import Head
from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.chosen import ImageIds
from nameplate.domain.filtering.conditions import PathHas
from nameplate.domain.filtering.filters import Filter
from nameplate.domain.filtering.views import SavedView, Sort, View
from nameplate.domain.paths import PathList
from nameplate.domain.prompts import TemplateSet
from nameplate.formats.label_export import LabelExport
from nameplate.pipeline.reading.batch_encoder import Embedded
from nameplate.pipeline.reading.rescore import record
from nameplate.project.facts import REJECTED, SETTINGS, VIEWS
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.file.store import close, create
from nameplate.project.label_changes import (
    DecisionContext,
    auto_label,
    change_concepts,
    clear,
    label,
    merge,
    skip,
    split,
)
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot
from nameplate.wording.texts import what_of

PLAIN = TemplateSet("none", "None", ("{}",))
AXES = np.eye(3, dtype=np.float32)
FIRST_STEP = 1
TEST = Title("label", {"name": "test"})


@dataclass
class Opened:
    """A project and what is suggested for its images.

    Attributes:
        project: The project.
        suggestions: Of its images.
        axes: The axis that is the vector of each concept, in their order.
    """

    project: Project
    suggestions: Suggestions
    axes: Sequence[int] = (0, 1, 2)

    @property
    def now(self) -> DecisionContext:
        return DecisionContext(1_700_000_000_000, "model@1", self.suggestions)

    @property
    def ids(self) -> list[int]:
        """Of the concepts."""
        return [concept.key for concept in self.project.concepts]

    @property
    def label_ids(self) -> list[int]:
        """By row, the first concept of each label; NO_CONCEPT where there is none."""
        labels = self.project.labels
        return labels.sets.first_concepts()[labels.concepts].tolist()

    def do(self, change: Change) -> None:
        self.project.apply(change, TEST)
        self.suggestions.grow(len(self.project.images))

    def add_images(self, *names: str) -> None:
        self.project.add_images(self.project.to_add(map(Path, names)))
        self.suggestions.grow(len(self.project.images))

    def set(self, **settings: object) -> None:
        self.do(SetFact(SETTINGS, replace(self.project.settings, **settings)))

    def embed(self, row: int, axis: int) -> None:
        """Let an image be one that lies on an axis, which is that of the concept `axis`."""
        embedded = Embedded(np.array([row]), AXES[axis : axis + 1])
        record(embedded, self.project, self.suggestions)

    def score(self) -> None:
        classifier = ZeroShot(
            self.project.concepts,
            AXES[[self.axes[place] for place in range(len(self.project.concepts))]],
            PLAIN,
            Head("softmax", 10.0),
            multi=self.project.settings.is_multi,
        )
        result = score_images(classifier, self.project.images.vectors())
        self.suggestions.replace(result, self.project.images)

    def export(self) -> LabelExport:
        project = self.project
        return replace(
            LabelExport.of(
                project.images, project.labels, project.concepts, self.suggestions, what_of
            ),
            model="m",
            templates="t",
            first_images=project.first_images,
        )


def opened_project() -> Opened:
    """Four images, concepts x, y and the reject concept z along the axes; nothing is read."""
    opened = Opened(Project(Settings(PLAIN)), Suggestions())
    opened.project.images.forget_embeddings(3)
    opened.do(SetConcepts(add(add(add((), "x"), "y"), "!z")))
    opened.add_images(*(f"{i}.jpg" for i in range(4)))
    return opened


def around_axes(count: int, *, is_scored: bool = True) -> Opened:
    """Return a project of images near the axes of its three concepts, in turns."""
    opened = opened_project()
    opened.add_images(*(f"more{i}.jpg" for i in range(count - 4)))
    if is_scored:
        opened.score()
    noise = np.random.default_rng(0).normal(0, 0.05, (count, 3))
    vectors = (np.eye(3)[np.arange(count) % 3] + noise).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    record(Embedded(np.arange(count), vectors), opened.project, opened.suggestions)
    return opened


def state_of(project):
    """Return all that a person could see of a project."""
    images, labels = project.images, project.labels
    there = ~images.is_removed
    return (
        [text for text, is_there in zip(images.paths.texts, there, strict=True) if is_there],
        [labels.members(row) for row in np.flatnonzero(there)],
        labels.all[there][["decided_by", "state", "decided_at"]].tolist(),
        project.concepts,
        project.settings,
        project.views,
        {name: dict(values) for name, values in project.image_facts.items() if values},
    )


ROWS = st.lists(st.integers(0, 3), unique=True, min_size=1)
STEPS = st.one_of(
    st.tuples(st.just("label"), ROWS, st.integers(0, 2)),
    st.tuples(st.sampled_from(["auto", "clear", "skip", "remove", "undo", "redo"]), ROWS),
    st.tuples(st.just("add"), st.lists(st.sampled_from("0123456789"), min_size=1)),
    st.tuples(st.just("name"), st.sampled_from(["u", "v", "w"])),
    st.tuples(st.sampled_from(["delete", "reject", "rename"]), st.integers(0, 2)),
    st.tuples(st.just("more"), st.lists(st.sampled_from("abcdefgh"), min_size=1)),
    st.tuples(st.just("move"), ROWS, st.sampled_from(["there", "/else\nwhere", ""])),
    st.tuples(st.just("set"), st.booleans(), st.sampled_from([0.0, 0.5]), st.booleans()),
    st.tuples(st.just("reject on a page"), st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.just("save view"), st.sampled_from(["all", 'my "best"']), st.sampled_from(Sort)),
    st.tuples(st.just("details"), st.integers(0, 2), st.sampled_from([None, 0.0, 0.9])),
    st.tuples(st.just("merge"), st.integers(0, 2), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("split"), st.integers(0, 2), ROWS, st.sampled_from(["s", "!t", "s | u"])),
    st.tuples(st.just("order"), st.integers(0, 2), st.integers(0, 3)),
)


def take(opened, step):  # noqa: C901, PLR0912, PLR0915 - a case each
    """Take a step, if it can be taken."""
    project, now = opened.project, opened.now
    match step:
        case "label", rows, place if place < len(project.concepts):
            opened.do(label(project, np.array(rows), project.concepts[place].key, now))
        case "auto", rows:
            opened.do(auto_label(project, np.array(rows), now))
        case "clear", rows:
            opened.do(clear(project, np.array(rows)))
        case "skip", rows:
            opened.do(skip(project, np.array(rows), now))
        case "remove", rows:
            left = [row for row in sorted(rows) if not project.images.is_removed[row]]
            opened.do(RemoveImages(project.images.ids[left]))
        case "undo", _:
            project.undo()
        case "redo", _:
            project.redo()
        case "add", names:
            opened.add_images(*(f"{name}.jpg" for name in names))
        case "name", name if name not in [c.name for c in project.concepts]:
            least = project.next_concept_id
            opened.do(change_concepts(project, add(project.concepts, name, least_key=least)))
        case "delete", place if place < len(project.concepts):
            left = (*project.concepts[:place], *project.concepts[place + 1 :])
            opened.do(change_concepts(project, left))
        case "reject" | "rename" as what, place if place < len(project.concepts):
            one = project.concepts[place]
            is_reject = one.is_reject != (what == "reject")
            changed = replace(one, is_reject=is_reject, name=f"{one.name}'")
            before, after = project.concepts[:place], project.concepts[place + 1 :]
            opened.do(change_concepts(project, (*before, changed, *after)))
        case "details", place, threshold if place < len(project.concepts):
            prompts = (f"a photo of {threshold}",) if threshold else ()
            one = replace(project.concepts[place], threshold=threshold, prompts=prompts)
            before, after = project.concepts[:place], project.concepts[place + 1 :]
            opened.do(change_concepts(project, (*before, one, *after)))
        case "order", place, to if max(place, to) < len(project.concepts):
            keys = [project.concepts[place].key]
            opened.do(change_concepts(project, moved(project.concepts, keys, to)))
        case "merge", kept, other, as_synonyms if max(kept, other) < len(project.concepts):
            keys = [c.key for c in project.concepts]
            opened.do(merge(project, keys[kept], [keys[other]], as_synonyms=as_synonyms))
        case "split", place, rows, line if place < len(project.concepts):
            with suppress(UsageError):
                key = project.concepts[place].key
                opened.do(split(project, key, np.array(rows), line, now)[0])
        case "more", names:  # of the folder that the first images are of
            paths = [Path(f"{name}.jpg") for name in names]
            project.add_images(project.to_add(paths), FIRST_STEP + 1)
            opened.suggestions.grow(len(project.images))
        case "move", rows, folder:
            rows = np.array(sorted(rows))
            names = [Path(folder, f"{row} {len(project.history.done)}.jpg") for row in rows]
            opened.do(Relink(project.images.ids[rows], PathList(names)))
        case "set", is_multi, minimum, learns:
            opened.set(is_multi=is_multi, minimum=minimum, learns=learns)
        case "save view", name, sort:
            shown = Filter.of(PathHas(name), ImageIds.of(project.images.ids))
            saved = SavedView(name, View(sort, is_falling=True, filter=shown))
            opened.do(SetFact(VIEWS, (*project.views, saved)))
        case "reject on a page", row, concept:
            opened.do(SetFactOfImages(REJECTED, {row: frozenset([concept])}))


def try_undo(steps, take=take, state_of=state_of):
    """Take steps; all of them can be undone and done again."""
    opened = opened_project()
    for row, axis in ((0, 0), (1, 2), (2, 1)):
        opened.embed(row, axis)
    opened.score()
    project = opened.project
    for step in steps:
        take(opened, step)
        usable = {concept.key for concept in project.concepts if not concept.is_reject}
        rows = range(len(project.images))
        assert all(set(project.labels.members(row)) <= usable for row in rows)
    states = [state_of(project)]
    while project.history.done:
        project.undo()
        states.append(state_of(project))
    assert states[-1] == state_of(Project(Settings(PLAIN)))
    for state in reversed(states[:-1]):
        project.redo()
        assert state_of(project) == state


def try_reopening(path, steps, take=take, state_of=state_of):
    """Take steps; all of them are in the file, and undo goes on there."""
    opened = opened_project()
    for row, axis in ((0, 0), (1, 2), (2, 1)):
        opened.embed(row, axis)
    opened.score()
    opened, file = kept(path, opened)
    for step in steps:
        take(opened, step)
    assert file.close()

    project = opened.project
    again = reopened(path)
    assert state_of(again) == state_of(project)
    anew = path.with_name("anew.nameplate")
    close(create(anew, again))
    assert state_of(reopened(anew)) == state_of(project)
    assert again.images.ids.tolist() == project.images.ids.tolist()
    assert again.next_concept_id == project.next_concept_id
    for moves in ("undo", "redo"):
        while getattr(project.history, "done" if moves == "undo" else "undone"):
            titles = [[s.title for s in p.history.done] for p in (project, again)]
            assert titles[0] == titles[1]
            for one in (project, again):
                getattr(one, moves)()
            assert state_of(again) == state_of(project)
            assert again.first_images == project.first_images
    assert not again.history.undone


def kept(path, opened=None):
    """Return a project that is kept in the new file `path`, and its file."""
    opened = opened or opened_project()
    return opened, ProjectFile.create(path, opened.project)


def reopened(path):
    """Return the project in a file."""
    file = ProjectFile.open(path)
    assert file.close()
    return file.project
