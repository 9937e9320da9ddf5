"""Labels that come from a file: what they would change, and the one change that takes them over."""

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from nameplate.domain.changes import Change, SetConcepts, SetLabels, SetSettings, Settings, Several
from nameplate.domain.concepts import (
    DEEPEST,
    MOST_CONCEPTS,
    Concept,
    ConceptId,
    by_any_name,
    clean_name,
    parents_of,
)
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageTable
from nameplate.domain.label_sets import NO_LABEL
from nameplate.domain.labels import LABEL, LATEST, DecidedBy, Labels, LabelTable, ReviewState
from nameplate.domain.messages import Message
from nameplate.domain.naming.edits import joined
from nameplate.domain.records import LabelRecord, ReadAs, RecordProblem
from nameplate.project.project import Project
from nameplate.system.failures import printable

MOST_LISTED: Final = 1000
"""Problems and unknown images that are listed; all are counted."""

_LONGEST_MODEL: Final = 200
"""Letters of a model's name."""

_MOST_MODELS: Final = 200
"""Models that are kept of a file; further ones are none."""

_BY: Final = {one.name.lower(): one for one in DecidedBy if one}
_STATES: Final = {one.name.lower(): one for one in ReviewState if one}
_BY_PERSON: Final = (ReviewState.ACCEPTED, ReviewState.CORRECTED, ReviewState.SKIPPED)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a file says about an image that the project has.

    Attributes:
        labels: Clean names, without repetitions; empty where a person decided for none.
        by: Who decided.
        state: The review state.
        at: Milliseconds since 1970, UTC; 0 for the time of the import.
        probability: Of the first label; NaN where it is not known.
        model: Its name; empty for none.
    """

    labels: tuple[str, ...]
    by: DecidedBy
    state: ReviewState
    at: int = 0
    probability: float = float("nan")
    model: str = ""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What was read of a file: shown before anything changes.

    Attributes:
        read_as: How the file was read.
        rows: How many records it has.
        without: How many of them say nothing: no label, and nobody decided.
        decisions: By the id of the image.
        paths: The parents of names, the topmost first and the name last, by the name in one case.
        by_content: How many images were found by their content alone.
        unknown: How many records are about no image of the project, or it is not clear which.
        problems: The first ones, unknown images among them, in the order of the file.
        problem_count: How many problems there are in all.
    """

    read_as: ReadAs
    rows: int
    without: int
    decisions: Mapping[int, Decision]
    paths: Mapping[str, tuple[str, ...]]
    by_content: int
    unknown: int
    problems: tuple[RecordProblem, ...]
    problem_count: int

    @classmethod
    def nothing(cls) -> "ImportPlan":
        """Return the plan of an empty file."""
        return PlanBuilder().finished()

    @property
    def names(self) -> Counter[str]:
        """How many images each name labels."""
        return Counter(name for one in self.decisions.values() for name in one.labels)

    def new_names(self, concepts: Iterable[Concept]) -> dict[str, int]:
        """Return the names that would become concepts, with the number of their images."""
        known = by_any_name(concepts)
        return {name: n for name, n in self.names.items() if name.casefold() not in known}


@dataclass(frozen=True, slots=True)
class Import:
    """The change that takes over what was read, and what it is about.

    Attributes:
        change: One step.
        changed: How many images get another label.
        same: How many have this label already.
        kept: How many stay as they are, since a person decided.
        new_names: Those that are added.
        makes_multi: Whether the project has to allow several labels an image.
    """

    change: Change
    changed: int
    same: int
    kept: int
    new_names: tuple[str, ...]
    makes_multi: bool


@dataclass(slots=True)
class PlanBuilder:
    """Gathers what is read of a file, record by record."""

    read_as: ReadAs = field(default_factory=ReadAs)
    rows: int = 0
    _without: int = 0
    _by_content: int = 0
    _unknown: int = 0
    _problem_count: int = 0
    _decisions: dict[int, Decision] = field(default_factory=dict[int, Decision])
    _rows_of: dict[int, int] = field(default_factory=dict[int, int])
    _conflicts: set[int] = field(default_factory=set[int])
    _problems: list[RecordProblem] = field(default_factory=list[RecordProblem])
    _names: dict[str, str] = field(default_factory=dict[str, str])
    _paths: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def add_problem(self, problem: RecordProblem) -> None:
        """Note a part of the file that could not be used."""
        self._problem_count += 1
        if len(self._problems) < MOST_LISTED:
            self._problems.append(problem)

    def add_unknown(self, record: LabelRecord, reason: Message) -> None:
        """Note a record whose image was not found."""
        self._unknown += 1
        self.add_problem(RecordProblem(record.row, reason, record.path))

    def add(self, image: int, record: LabelRecord, *, by_content: bool) -> None:
        """Note what a record says of the image with this id.

        Raises:
            TooManyNamesError: It is the wrong column.
        """
        try:
            labels = tuple(dict.fromkeys(map(self._clean, record.labels)))
            for path in record.paths[: len(labels)]:
                names = tuple(clean_name(printable(name)) for name in path[-DEEPEST - 1 :])
                if len(names) > 1 and names[-1] in labels:
                    self._paths.setdefault(names[-1].casefold(), names)
        except UsageError as error:
            self.add_problem(RecordProblem(record.row, error.reason, record.path))
            return
        decision = _decision(labels, record)
        if decision is None:
            self._without += 1
            return
        before = self._decisions.get(image)
        if image in self._conflicts or (before and set(before.labels) != set(labels)):
            self._conflict(image, record)
            return
        self._by_content += by_content and before is None
        self._decisions[image] = decision
        self._rows_of[image] = record.row

    def finished(self) -> ImportPlan:
        """Return what was gathered."""
        return ImportPlan(
            self.read_as,
            self.rows,
            self._without,
            self._decisions,
            self._paths,
            self._by_content,
            self._unknown,
            tuple(self._problems),
            self._problem_count,
        )

    def _conflict(self, image: int, record: LabelRecord) -> None:
        """Leave an image out that has two labels in the file."""
        self._conflicts.add(image)
        self._decisions.pop(image, None)
        reason = Message("import-two-labels", {"row": self._rows_of.get(image, 0)})
        self.add_problem(RecordProblem(record.row, reason, record.path))

    def _clean(self, label: str) -> str:
        """Return a label as a name; spellings that differ in case are the first one."""
        name = clean_name(printable(label))
        if len(self._names) >= MOST_CONCEPTS and name.casefold() not in self._names:
            raise TooManyNamesError(Message("import-too-many-names", {"most": MOST_CONCEPTS}))
        return self._names.setdefault(name.casefold(), name)


class TooManyNamesError(Exception):
    """A file has more names than a project can have."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """What an import needs of a project, as a copy that another thread may use.

    Attributes:
        images: Without embeddings.
        labels: Of the images, with sets and models of its own.
        concepts: All of them.
        settings: Those of the project.
        next_concept_id: The least id that no concept has had.
    """

    images: ImageTable
    labels: LabelTable
    concepts: tuple[Concept, ...]
    settings: Settings
    next_concept_id: int

    @classmethod
    def of(cls, project: Project) -> "ImportTarget":
        """Return what is needed of a project as it is now."""
        images, labels = project.images.without_embeddings(), project.labels.copy()
        # Else both threads would add to these.
        labels.sets, labels.models = deepcopy(labels.sets), list(labels.models)
        return cls(images, labels, project.concepts, project.settings, project.next_concept_id)


_Target = Project | ImportTarget


def import_change(project: _Target, plan: ImportPlan, *, replaces: bool, at: int) -> Import:
    """Return the change that takes over what was read; images gone meanwhile are left out.

    Args:
        project: As it is now. Of an `ImportTarget` the change only says what would change.
        plan: What was read.
        replaces: Whether what a person decided in the project gives way to what a person decided in
            the file; to automatic labels it never does.
        at: Milliseconds since 1970, UTC: when labels are decided of which the file does not say it.
    """
    concepts = _with_new(project, plan)
    known = by_any_name(concepts)
    ids = np.array(sorted(plan.decisions), dtype=np.int64)
    ids = ids[np.isin(ids, project.images.ids[~project.images.is_removed])]
    rows = project.images.rows_of(ids)
    before = project.labels.all[rows]
    labels = _labels(project, [plan.decisions[i] for i in ids.tolist()], known, at)
    is_same = np.ones(len(ids), np.bool_)
    for column in ("concepts", "decided_by", "state"):
        is_same &= before[column] == labels[column]
    gives_way = replaces & (labels["decided_by"] == DecidedBy.PERSON)
    is_kept = ~is_same & (before["decided_by"] == DecidedBy.PERSON) & ~gives_way
    is_new = ~is_same & ~is_kept
    makes_multi = not project.settings.is_multi and _has_several(project, labels[is_new])
    concepts = _used(project, concepts, labels[is_new])
    changes = list[Change]()
    if len(concepts) > len(project.concepts):
        changes.append(SetConcepts(concepts))
    if makes_multi:
        changes.append(SetSettings(replace(project.settings, is_multi=True)))
    changes.append(SetLabels(ids[is_new], labels[is_new]))
    changed, same, kept = (int(np.count_nonzero(one)) for one in (is_new, is_same, is_kept))
    there = {one.key for one in project.concepts}
    added = tuple(one.name for one in concepts if one.key not in there)
    return Import(Several(tuple(changes)), changed, same, kept, added, makes_multi)


def _decision(labels: tuple[str, ...], record: LabelRecord) -> Decision | None:
    """Return what a record decides; None where it says nothing."""
    by, state = _BY.get(record.decided_by), _STATES.get(record.state)
    is_automatic = by in (DecidedBy.AUTO, DecidedBy.PROBE) and state not in _BY_PERSON
    if not labels and (is_automatic or state not in _BY_PERSON):
        return None
    if is_automatic and by is not None:
        state = ReviewState.SUGGESTED
    else:
        by = DecidedBy.PERSON
        is_odd = state not in _BY_PERSON or (labels and state == ReviewState.SKIPPED)
        state = ReviewState.CORRECTED if is_odd or state is None else state
    probability = float("nan") if record.probability is None else record.probability
    if not 0 <= probability <= 1:
        probability = float("nan")
    at = record.decided_at if 0 <= record.decided_at <= LATEST else 0
    return Decision(labels, by, state, at, probability, record.model[:_LONGEST_MODEL])


def _with_new(project: _Target, plan: ImportPlan) -> tuple[Concept, ...]:
    """Return the concepts with one more for each name that the project has not, and its parents."""
    known, found = by_any_name(project.concepts), dict[str, Concept]()
    for name in plan.new_names(project.concepts):
        parent = None
        for one in plan.paths.get(name.casefold(), (name,)):
            there = known.get(one.casefold())
            called = there.name if there else one
            concept = Concept(len(found), called, parent=parent)
            parent = found.setdefault(called.casefold(), concept).key
    new = tuple(found.values())
    try:
        return joined(project.concepts, new, least_key=project.next_concept_id)
    except UsageError:  # below parents of the project they would lie too deep
        plain = tuple(replace(one, parent=None) for one in new)
        return joined(project.concepts, plain, least_key=project.next_concept_id)


def _labels(
    project: _Target, decisions: list[Decision], known: Mapping[str, Concept], at: int
) -> Labels:
    """Return the labels that decisions stand for; a reject concept gives none."""
    labels = np.zeros(len(decisions), LABEL)
    codes = dict[tuple[str, ...], int]()
    names = list(dict.fromkeys(one.model for one in decisions))[:_MOST_MODELS]
    models = {name: project.labels.model_index(name) for name in names}
    for place, one in enumerate(decisions):
        if one.labels not in codes:
            codes[one.labels] = project.labels.sets.code_of(_usable(one.labels, known))
        code = codes[one.labels]
        if code == NO_LABEL and one.by != DecidedBy.PERSON:  # suggested: none of these
            labels[place] = (0, NO_LABEL, np.nan, 0, DecidedBy.NOBODY, ReviewState.UNLABELLED)
            continue
        model = models.get(one.model, 0)
        labels[place] = (one.at or at, code, one.probability, model, one.by, one.state)
    return labels


def _usable(names: tuple[str, ...], known: Mapping[str, Concept]) -> list[ConceptId]:
    concepts = (known[name.casefold()] for name in names)
    return [concept.key for concept in concepts if not concept.is_reject]


def _used(project: _Target, concepts: tuple[Concept, ...], labels: Labels) -> tuple[Concept, ...]:
    """Return `concepts` without new ones that neither a label nor one of their children needs."""
    codes = np.unique(labels["concepts"]).tolist()
    used = {key for code in codes for key in project.labels.sets.members(code)}
    above = parents_of(concepts)
    used |= {key for one in used for key in above.get(one, ())}
    used |= {one.key for one in project.concepts}
    return tuple(one for one in concepts if one.key in used)


def _has_several(project: _Target, labels: Labels) -> bool:
    codes = np.unique(labels["concepts"]).tolist()
    return any(len(project.labels.sets.members(code)) > 1 for code in codes)
