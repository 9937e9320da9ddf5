"""The open project in memory: everything that a person would miss, and all changes to it."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import keys_among
from nameplate.domain.changes import (
    AddImages,
    Change,
    Effects,
    GrowFact,
    Ids,
    Relink,
    RemoveImages,
    SetConcepts,
    SetFact,
    SetFactOfImages,
    SetLabels,
    Settings,
    Several,
    Title,
)
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.facts import Fact, Value
from nameplate.domain.filtering.tally import Counts
from nameplate.domain.filtering.views import Place
from nameplate.domain.images import CONTENT, Contents, ImageTable, is_other_content
from nameplate.domain.labels import DecidedBy, LabelSets, LabelTable
from nameplate.domain.paths import PathList
from nameplate.project.facts import (
    FIRST_IMAGES,
    IDENTITY,
    NEXT_CONCEPT,
    PLACE,
    REJECTED,
    SETTINGS,
    VIEWS,
    from_json,
    joined,
    to_json,
)
from nameplate.project.history import History, ReadContents, Step, StepEvent

Done = tuple[Effects, Change]
"""What a change made different, and the change that takes it back."""

ProjectEvent = StepEvent | ReadContents | SetFact[Any]
"""What whoever writes the project to its file is told; a fact set by itself is no step."""

OnStep = Callable[[ProjectEvent], None]


def _parts_of(change: Change) -> Iterator[Change]:
    """Yield a change, or those that it consists of."""
    if isinstance(change, Several):
        for one in change.changes:
            yield from _parts_of(one)
    else:
        yield change


class _FactAttribute(Generic[Value]):
    """A fact of a project as an attribute of it."""

    def __init__(self, fact: Fact[Value]) -> None:
        self._fact = fact

    def __get__(self, project: "Project", _owner: type) -> Value:
        return project.fact(self._fact)

    def __set__(self, project: "Project", value: Value) -> None:
        project.facts[self._fact.name] = value


class Project:
    """Images, concepts, labels and settings; changed only by `apply`, `undo` and `redo`.

    Lives on one thread. Jobs read copies of what it holds; what they find is derived from it and
    kept elsewhere.

    Attributes:
        images: The images; a row is an index into its arrays, an id is never used again.
        counts: How many are checked, and have each name.
        facts: By name, what it has one of, of the engine and of features.
        image_facts: By name and id of the image, what is known of some images.
        sample: Of which run its first images are a sample; None for none. It never changes.
        identity: 32 hexadecimal digits, drawn when it was made: copies of its file have the same.
        revision: Rises with each change.
        next_concept_id: Above every id that was ever used.
        place: Where the person is; no step, but kept.
        first_images: The highest id of the images that the project began with; 0 while it has no
            others. Exported paths are relative to the folder of these, whatever is added later.
        on_step: Called after each change, to save it.
    """

    settings = _FactAttribute(SETTINGS)
    views = _FactAttribute(VIEWS)
    identity = _FactAttribute(IDENTITY)
    next_concept_id = _FactAttribute(NEXT_CONCEPT)
    place = _FactAttribute(PLACE)
    first_images = _FactAttribute(FIRST_IMAGES)

    def __init__(self, settings: Settings, on_step: OnStep = lambda _taken: None) -> None:
        self.images = ImageTable()
        self.labels = LabelTable()
        self.counts = Counts(self.images, self.labels)
        self.concepts: tuple[Concept, ...] = ()
        self.facts = dict[str, Any]()
        self.image_facts = dict[str, dict[int, Any]]()
        self.settings = settings
        self.identity = token_hex(16)
        self.history = History()
        self.revision = 0
        self.on_step = on_step
        self._rows: dict[str, int] = {}

    def snapshot(self, images: ImageTable) -> "Project":
        """Return a copy for a job on another thread, without history.

        It takes a few milliseconds for 100,000 images.

        Args:
            images: Those of the project where the job reads of them only what never changes, such
                as ids; else a copy.
        """
        copy = Project(self.settings)
        copy.images, copy.labels = images, self.labels.copy()
        sets = copy.labels.sets = LabelSets()  # codes that a job makes must not come into these
        for code in range(len(self.labels.sets)):
            sets.code_of(self.labels.sets.members(code))
        copy.counts = Counts(copy.images, copy.labels)
        copy.concepts, copy.revision = self.concepts, self.revision
        copy.copy_facts(self)
        return copy

    def restore(
        self,
        ids: Ids,
        paths: PathList,
        is_removed: NDArray[np.bool_],
        contents: Contents,
        concepts: tuple[Concept, ...],
    ) -> None:
        """Fill a new project with the content of a saved one.

        Raises:
            ValueError: The ids of images do not rise, or two concepts share an id.
        """
        keys = [concept.key for concept in concepts]
        if np.any(np.diff(ids, prepend=0) <= 0) or len(set(keys)) < len(keys):
            raise ValueError("ids that are no ids")
        self.images.add(paths, ids)
        self.images.set_removed(np.flatnonzero(is_removed), is_removed=True)
        self.images.contents[:] = contents
        self.labels.grow(len(self.images))
        names = list(map(os.path.normcase, paths.texts))
        for rows in (np.flatnonzero(is_removed), np.flatnonzero(~is_removed)):  # these win
            self._rows.update((names[row], row) for row in rows.tolist())
        self.concepts = concepts
        self.next_concept_id = max([0, *(key + 1 for key in keys)])

    # ---- changes

    def apply(self, change: Change, title: Title) -> Effects:
        """Apply `change` as one undoable step called `title`; return its effects.

        Raises:
            ValueError: It gives labels of concepts that aren't there; nothing is changed.
        """
        self._refuse_unknown(change)
        decided_at = self.labels.all["decided_at"].copy() if self.images.changed else None
        effects, inverse = self._do(change)
        if decided_at is not None:
            self._settle_contents(decided_at)
        step = self.history.push(title, inverse)
        self._tell(StepEvent(change, step, is_new=True))
        return effects

    def _refuse_unknown(self, change: Change) -> None:
        parts = tuple(_parts_of(change))
        after = [one.concepts for one in parts if isinstance(one, SetConcepts)]
        known = {concept.key for concept in (after or [self.concepts])[-1]}
        for one in parts:
            if isinstance(one, SetLabels) and len(one.ids):
                for code in np.flatnonzero(np.bincount(one.labels["concepts"])).tolist():
                    if not known.issuperset(self.labels.sets.members(code)):
                        raise ValueError("a label of no concept")

    def add_images(self, change: AddImages, step: int = 0) -> tuple[Effects, int]:
        """Add images, as one step with those that step number `step` added before.

        Returns:
            What is different now, and the number of the step.
        """
        highest = self.images.highest_id
        effects, inverse = self._do(change)
        extended = self.history.extend(step, change.ids)
        if extended is None:
            self.first_images = self.first_images or highest
        title = Title("add-images", {"count": len(change.ids)})
        done = extended or self.history.push(title, inverse)
        self._tell(StepEvent(change, done, is_new=extended is None))
        return effects, done.number

    def undo(self) -> Effects:
        """Undo the last step, if there is one."""
        done, undone = self.history.done, self.history.undone
        return self._move(done.pop(), undone.append, is_undone=True) if done else Effects()

    def redo(self) -> Effects:
        """Redo the step that was undone last, if there is one."""
        done, undone = self.history.done, self.history.undone
        return self._move(undone.pop(), done.append, is_undone=False) if undone else Effects()

    def _move(self, step: Step, put: Callable[[Step], None], *, is_undone: bool) -> Effects:
        effects, inverse = self._do(step.change)
        moved = replace(step, change=inverse)
        put(moved)
        self._tell(StepEvent(step.change, moved, is_undone=is_undone))
        return effects

    def _tell(self, event: StepEvent) -> None:
        self.revision += 1
        self.on_step(event)

    def _do(self, change: Change) -> Done:  # noqa: C901, PLR0911 - a case each
        match change:
            case AddImages():
                return self._add_images(change)
            case RemoveImages():
                rows = self.images.rows_of(change.ids)
                self.images.set_removed(rows, is_removed=True)
                paths = self.images.paths.select(rows.tolist())
                return Effects(images=True), AddImages(change.ids, paths)
            case Relink():
                rows = self.images.rows_of(change.ids)
                old = self.images.paths.select(rows.tolist())
                self.set_paths(rows, change.paths)
                return Effects(relinked=rows, images=True), Relink(change.ids, old)
            case SetLabels():
                rows = self.images.rows_of(change.ids)
                before = self.counts.replace(rows, change.labels)
                return Effects(labelled=rows), SetLabels(change.ids, before)
            case SetConcepts():
                before, self.concepts = self.concepts, change.concepts
                ids = [concept.key + 1 for concept in change.concepts]
                self.next_concept_id = max(self.next_concept_id, *ids, 0)
                return Effects(concepts=True), SetConcepts(before)
            case Several():
                effects, inverses = Effects(), list[Change]()
                for one in change.changes:
                    more, inverse = self._do(one)
                    effects |= more
                    inverses.insert(0, inverse)
                return effects, Several(tuple(inverses))
            case SetFact(fact, value):
                before = self.fact(fact)
                self.facts[fact.name] = value
                return Effects(facts=frozenset([fact.name])), SetFact(fact, before)
            case SetFactOfImages(fact):
                before = self._set_fact_of_images(change)
                is_known = np.isin(self.images.ids, list(before.values if fact == REJECTED else ()))
                names = frozenset([fact.name])
                return Effects(labelled=np.flatnonzero(is_known), facts=names), before
            case GrowFact(fact, value):
                if fact.join:  # else nobody knows how: what stands there is not less
                    write, read = to_json(fact, self.labels), from_json(fact, self)
                    both = joined(fact, write(self.fact(fact)), write(value))
                    self.facts[fact.name] = read(both)
                return Effects(facts=frozenset([fact.name])), change

    # ---- facts

    def fact(self, fact: Fact[Value]) -> Value:
        """Return the value of a fact."""
        return self.facts.get(fact.name, fact.empty)

    def fact_of_images(self, fact: Fact[Value]) -> Mapping[int, Value]:
        """Return the values of a fact that is kept by image, by id of the image."""
        return self.image_facts.get(fact.name, {})

    def _set_fact_of_images(self, change: SetFactOfImages[Any]) -> SetFactOfImages[Any]:
        values = self.image_facts.setdefault(change.fact.name, {})
        before = {image: values.get(image) for image in change.values}
        for image, value in change.values.items():
            if value is not None:
                values[image] = value
            else:
                values.pop(image, None)
        return SetFactOfImages(change.fact, before)

    def copy_facts(self, other: "Project") -> None:
        """Take over all facts of another project, which may go on changing."""
        self.facts = dict(other.facts)
        self.image_facts = {name: dict(values) for name, values in other.image_facts.items()}

    @property
    def rejected(self) -> Mapping[int, frozenset[ConceptId]]:
        """By id of the image, the concepts that a person said it is not."""
        return self.fact_of_images(REJECTED)

    def rejected_of(self, rows: NDArray[np.int64]) -> dict[int, frozenset[ConceptId]]:
        """Return the rejected concepts of those of `rows` that have any, by row."""
        rejected = self.rejected
        known = keys_among(rejected, self.images.ids[rows]) if rejected and len(rows) else []
        known_rows = self.images.rows_of(np.array(known, np.int64))
        return dict(zip(known_rows.tolist(), map(rejected.__getitem__, known), strict=True))

    def is_rejected(
        self, rows: NDArray[np.int64], concepts: NDArray[np.int32]
    ) -> NDArray[np.bool_]:
        """Return whether a person said of each of n images that it is not its concept of n."""
        found = np.zeros(len(rows), np.bool_)
        known = self.rejected_of(np.unique(rows))
        for place in np.flatnonzero(np.isin(rows, list(known))).tolist():
            found[place] = int(concepts[place]) in known[int(rows[place])]
        return found

    def _add_images(self, change: AddImages) -> Done:
        is_new = change.ids > self.images.highest_id
        back = self.images.rows_of(change.ids[~is_new])
        self.images.set_removed(back, is_removed=False)
        new = change.paths.select(np.flatnonzero(is_new).tolist())
        added = self.images.add(new, change.ids[is_new])
        self.labels.grow(len(self.images))
        self._rows.update(zip(map(os.path.normcase, new.texts), added, strict=True))
        rows = np.concatenate([back, np.arange(added.start, added.stop)])
        return Effects(added=rows, images=True), RemoveImages(change.ids)

    def set_paths(self, rows: NDArray[np.int64], paths: PathList) -> None:
        """Give images other paths; this is not a step."""
        for row, text in zip(
            rows.tolist(), self.images.paths.select(rows.tolist()).texts, strict=True
        ):
            if self._rows.get(name := os.path.normcase(text)) == row:
                del self._rows[name]
        self.images.set_paths(rows, paths)
        self._rows.update(zip(map(os.path.normcase, paths.texts), rows.tolist(), strict=True))

    def move_to(self, place: Place) -> None:
        """Remember where the person is; this is not a step."""
        if place != self.place:
            self.place = place
            self.on_step(SetFact(PLACE, place))

    # ---- contents

    def record_contents(self, rows: NDArray[np.int64], contents: Contents) -> None:
        """Record the contents of the files of `rows`; this is not a step.

        Where a person decided about another content, that is kept until they decide again;
        `images.changed` has the new one.
        """
        images, before = self.images, self.images.contents[rows]
        is_by_person = self.labels.decided_by[rows] == DecidedBy.PERSON
        is_changed = is_by_person & is_other_content(before, contents)
        for place in np.flatnonzero(is_changed).tolist():
            images.changed[int(rows[place])] = contents[place]
        for row in rows[~is_changed].tolist() if images.changed else ():
            images.changed.pop(row, None)
        is_new = ~is_changed & (contents["size"] >= 0) & (contents != before)
        self._set_contents(rows[is_new], contents[is_new])

    def row_of(self, path: str) -> int | None:
        """Return the row of the image with this path; None if there is none or it was removed."""
        row = self._rows.get(os.path.normcase(path))
        return None if row is None or self.images.is_removed[row] else row

    def _settle_contents(self, decided_at: NDArray[np.int64]) -> None:
        """Accept the new contents of changed files where a person decided again.

        `decided_at` is that of all labels before.
        """
        changed, labels = self.images.changed, self.labels.all
        settled = [
            row
            for row in sorted(changed)
            if labels["decided_by"][row] == DecidedBy.PERSON
            and labels["decided_at"][row] != decided_at[row]
        ]
        if settled:
            contents = np.array([changed.pop(row) for row in settled], CONTENT)
            self._set_contents(np.array(settled, np.int64), contents)

    def _set_contents(self, rows: NDArray[np.int64], contents: Contents) -> None:
        self.images.contents[rows] = contents
        self.images.revision += 1
        if len(rows):
            order = np.argsort(rows, kind="stable")
            self.on_step(ReadContents(self.images.ids[rows[order]], contents[order]))

    def concept(self, key: ConceptId) -> Concept | None:
        """Return the concept with this key; None where there is none."""
        return next((c for c in self.concepts if c.key == key), None)

    def to_add(self, paths: Iterable[Path]) -> AddImages:
        """Return the change that adds those of `paths` that are new, and restores removed ones."""
        named = {os.path.normcase(path): path for path in paths}
        known = {name: self._rows.get(name) for name in named}
        back = [row for row in known.values() if row is not None and self.images.is_removed[row]]
        new = [named[name] for name, row in known.items() if row is None]
        first = self.images.highest_id + 1
        ids = np.concatenate([self.images.ids[back], np.arange(first, first + len(new))])
        texts = self.images.paths.select(back)
        texts.extend(new)
        order = np.argsort(ids, kind="stable")
        return AddImages(ids[order], texts.select(order.tolist()))
