"""The labels read from a file, matched with the images of a project."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.domain.changes import Ids
from nameplate.domain.concepts import MOST_CONCEPTS, Concept, by_any_name, clean_name
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import LABEL, LATEST, DecidedBy, Labels, ReviewState
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, ReadAs, RecordProblem
from nameplate.project.project import Project
from nameplate.system.failures import printable

MOST_LISTED: Final = 1000
"""Problems and unknown images that are listed; all are counted."""

_LONGEST_MODEL: Final = 200
"""Letters of a model's name."""

_MOST_MODELS: Final = 200
"""Models that are kept of a file; further ones are none."""

_MOST_KNOWN: Final = 1 << 16
"""Different decisions that are remembered while a file is read."""

_BY: Final = {one.name.lower(): one for one in DecidedBy if one}
_STATES: Final = {one.name.lower(): one for one in ReviewState if one}
_BY_PERSON: Final = (ReviewState.ACCEPTED, ReviewState.CORRECTED, ReviewState.SKIPPED)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The labels read from a file, shown before anything changes.

    Attributes:
        read_as: How the file was read.
        rows: How many records it has.
        without: How many of them say nothing: no label, and nobody decided.
        ids: The ids of n images that it says something about, ascending.
        labels: What it says about each, n of LABEL, but `concepts` is a place in `sets`, `model`
            one in `models`, and a time of 0 is that of the import.
        sets: Labels that an image has: clean names without repetitions, empty where a person
            decided for none.
        models: Names of models; the first one is empty, for no model.
        by_content: How many images were found by their content alone.
        unknown: How many records are about no image of the project, or it is not clear which.
        problems: The first ones, unknown images among them, in the order of the file.
        problem_count: How many problems there are in all.
    """

    read_as: ReadAs
    rows: int
    without: int
    ids: Ids
    labels: Labels
    sets: Sequence[tuple[str, ...]]
    models: Sequence[str]
    by_content: int
    unknown: int
    problems: tuple[RecordProblem, ...]
    problem_count: int

    @property
    def names(self) -> dict[str, int]:
        """The number of images that each name labels."""
        found = dict[str, int]()
        counts = np.bincount(self.labels["concepts"], minlength=len(self.sets))
        for names, count in zip(self.sets, counts.tolist(), strict=True):
            for name in names:
                found[name] = found.get(name, 0) + count
        return found

    def new_names(self, concepts: Iterable[Concept]) -> dict[str, int]:
        """Return the names that would become concepts, with the number of their images."""
        known = by_any_name(concepts)
        return {name: n for name, n in self.names.items() if name.casefold() not in known}


class TooManyNamesError(Exception):
    """A file has more names than a project can have."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Decision:
    """The content that equal records share, apart from time and probability."""

    labels: tuple[str, ...]
    by: DecidedBy
    state: ReviewState
    model: int


_CONFLICT: Final = _Decision((), DecidedBy.NOBODY, ReviewState.UNLABELLED, 0)
"""Stands for an image that has two labels in the file."""


class PlanBuilder:
    """Collects the records of a file in a few bytes per image.

    Attributes:
        read_as: How the file is read.
        rows: How many records there were, and problems in place of one.
        matched: How many images there is a decision for, also where it is taken back later.
    """

    def __init__(self, ids: Ids) -> None:
        """Begin with nothing for the images with these ids, ascending."""
        self.read_as = ReadAs()
        self.rows = self.matched = 0
        self._ids = ids
        self._without = self._by_content = self._unknown = self._problem_count = 0
        self._problems = list[RecordProblem]()
        self._of: list[_Decision | None] = [None] * len(ids)
        self._lines = array("q", bytes(8 * len(ids)))
        self._times = array("q", bytes(8 * len(ids)))
        self._probabilities = array("f", bytes(4 * len(ids)))
        self._known = dict[tuple[tuple[str, ...], str, str, str], _Decision | None]()
        self._names = dict[str, str]()
        self._models = {"": 0}

    def add_problem(self, problem: RecordProblem) -> None:
        """Note a part of the file that could not be used."""
        self._problem_count += 1
        if len(self._problems) < MOST_LISTED:
            self._problems.append(problem)

    def add_unknown(self, record: LabelRecord, reason: Message) -> None:
        """Note a record whose image was not found."""
        self._unknown += 1
        self.add_problem(RecordProblem(record.row, reason, record.path))

    def add(self, row: int, record: LabelRecord, *, by_content: bool) -> None:
        """Add a record of the image in a row.

        Raises:
            TooManyNamesError: It is the wrong column.
        """
        key = record.labels, record.decided_by, record.state, record.model
        try:
            decision = self._known[key] if key in self._known else self._learn(key)
        except UsageError as error:
            self.add_problem(RecordProblem(record.row, error.reason, record.path))
            return
        if decision is None:
            self._without += 1
            return
        before = self._of[row]
        if before is None:
            self.matched += 1
            self._by_content += by_content
        elif before is not decision and (
            before is _CONFLICT or set(before.labels) != set(decision.labels)
        ):
            # The row of the first one is no longer of use once it was named.
            self._of[row] = _CONFLICT
            reason = Message("import-two-labels", {"row": self._lines[row]})
            self._lines[row] = 0
            self.add_problem(RecordProblem(record.row, reason, record.path))
            return
        elif before.by is DecidedBy.PERSON is not decision.by:
            return  # the same label, and a person's says more
        self._of[row] = decision
        self._lines[row] = record.row
        self._times[row] = record.decided_at if 0 <= record.decided_at <= LATEST else 0
        number = record.probability
        self._probabilities[row] = number if number is not None and 0 <= number <= 1 else np.nan

    def finished(self) -> ImportPlan:
        """Return the plan."""
        places = dict[int, int]()
        codes = np.array(
            [
                -1 if one is None or one is _CONFLICT else places.setdefault(id(one), len(places))
                for one in self._of
            ],
            np.int64,
        )
        rows = np.flatnonzero(codes >= 0)
        kinds, sets = np.zeros(len(places), LABEL), dict[tuple[str, ...], int]()
        by_place = {id(one): one for one in self._of if one is not None}
        for place, key in enumerate(places):
            one = by_place[key]
            code = sets.setdefault(one.labels, len(sets))
            kinds[place] = (0, code, 0, one.model, one.by, one.state)
        labels = kinds[codes[rows]]
        labels["decided_at"] = np.frombuffer(self._times, np.int64)[rows]
        labels["probability"] = np.frombuffer(self._probabilities, np.float32)[rows]
        return ImportPlan(
            self.read_as,
            self.rows,
            self._without,
            self._ids[rows],
            labels,
            tuple(sets),
            tuple(self._models),
            self._by_content,
            self._unknown,
            tuple(self._problems),
            self._problem_count,
        )

    def _learn(self, key: tuple[tuple[str, ...], str, str, str]) -> _Decision | None:
        """Return the decision in a record, and remember it; None if there is none."""
        names, decided_by, stated, model = key
        labels = tuple(dict.fromkeys(map(self._clean, names)))
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        found = self._known[key] = self._decision(labels, decided_by, stated, model)
        return found

    def _decision(
        self, labels: tuple[str, ...], decided_by: str, stated: str, model: str
    ) -> _Decision | None:
        by, state = _BY.get(decided_by), _STATES.get(stated)
        is_automatic = by in (DecidedBy.AUTO, DecidedBy.PROBE) and state not in _BY_PERSON
        if not labels and (is_automatic or state not in _BY_PERSON):
            return None
        if is_automatic and by is not None:
            state = ReviewState.SUGGESTED
        elif by is not DecidedBy.PERSON and state not in _BY_PERSON:
            by, state = DecidedBy.GIVEN, ReviewState.SUGGESTED
        else:
            by = DecidedBy.PERSON
            is_odd = state not in _BY_PERSON or (labels and state == ReviewState.SKIPPED)
            state = ReviewState.CORRECTED if is_odd or state is None else state
        model = model[:_LONGEST_MODEL]
        if len(self._models) < _MOST_MODELS:
            self._models.setdefault(model, len(self._models))
        return _Decision(labels, by, state, self._models.get(model, 0))

    def _clean(self, label: str) -> str:
        """Return a label as a name; of spellings that differ only in case, the first one."""
        name = clean_name(printable(label))
        if len(self._names) >= MOST_CONCEPTS and name.casefold() not in self._names:
            raise TooManyNamesError(Message("import-too-many-names", {"most": MOST_CONCEPTS}))
        return self._names.setdefault(name.casefold(), name)


def labels_of_folders(project: Project) -> ImportPlan:
    """Return the names of the folders that pictures lie in as their labels.

    Raises:
        UsageError: There are too many folders.
    """
    builder = PlanBuilder(project.images.ids)
    for row, path in enumerate(project.images.paths):
        if project.images.is_removed[row]:
            continue
        record = LabelRecord(row + 1, str(path), (path.parent.name,))
        try:
            builder.add(row, record, by_content=False)
        except TooManyNamesError as error:
            raise UsageError(error.reason, where=path.parent) from error
    return builder.finished()
