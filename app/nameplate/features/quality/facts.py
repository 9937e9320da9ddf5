"""Facts of a project for random checks and doubtful labels, also those of earlier versions."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from nameplate.domain.concepts import ConceptId
from nameplate.domain.facts import Fact
from nameplate.domain.labels import LATEST, LabelTable
from nameplate.domain.messages import Message
from nameplate.pipeline.pages.rules import SKIPPED, WRONG
from nameplate.project.file.random_checks import MOST_ATTEMPTS, digest_of
from nameplate.project.file.values import LARGEST_CONCEPT_ID, whole_number
from nameplate.project.project import Project

Marks = Mapping[int, int]
"""By id of an image: its concept, or what else `Mark` of the pages says."""

Attempts = Mapping[str, int]
"""Attempts of a project, from 1, by the digest of the labels; the same labels are no new attempt,
since they have the same checks."""

MARKS: Final = Fact[Marks](
    "check marks",
    {},
    "facts:marks_json",
    "facts:marks_of",
    with_project=True,
    is_on_pages=True,
)
"""The marks on the page of checks that was not turned yet."""

ATTEMPTS: Final = Fact[Attempts]("check attempts", {}, "", "facts:attempts_of", join="facts:joined")
"""Undo does not lower their number: repeated attempts would else succeed by luck."""

CALLED_RIGHT: Final = Fact[frozenset[ConceptId]](
    "called right",
    frozenset(),
    "nameplate.project.file.values:ids_json",
    "nameplate.project.file.values:concept_ids",
    by_image=True,
)
"""The label that a person confirmed although it was doubtful; void once the image has another."""

# Of certificates of earlier versions: shown as text, counted as attempts.
_PROMISE: Final = Fact[Any]("promise", None)
_CHECKS: Final = Fact[Any]("checks", ())
_TRIES: Final = Fact[Any]("tries", ())
_WRONG_DATA: Final = (ArithmeticError, ValueError, LookupError, TypeError, OSError)


def marks_json(marks: Marks, _labels: LabelTable) -> list[list[int]]:
    """Serialise marks to JSON types."""
    return [[image, mark] for image, mark in marks.items()]


def marks_of(values: Any, project: Project) -> Marks:
    """Return the marks that `marks_json` serialised; none where they are none of this project.

    A project opens without them: they decided nothing yet.
    """
    with suppress(ArithmeticError, ValueError, LookupError, TypeError):
        marks = {whole_number(image, 2**53): int(mark) for image, mark in values}
        project.images.rows_of(np.array(sorted(marks), np.int64))
        if all(min(WRONG, SKIPPED) <= mark <= LARGEST_CONCEPT_ID for mark in marks.values()):
            return marks
    return {}


def attempts_of(values: Any) -> Attempts:
    """Return the attempts of a file.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: They are none.
    """
    pairs: list[tuple[Any, Any]] = list(values.items())
    return {digest_of(drawn): whole_number(one, MOST_ATTEMPTS) for drawn, one in pairs}


def joined(first: Attempts, second: Attempts) -> Attempts:
    """Return the attempts of two copies of a project that become one, as JSON types."""
    return {drawn: max(first.get(drawn, 0), second.get(drawn, 0)) for drawn in {**first, **second}}


def earlier_attempts(project: Project) -> int:
    """Return the number of attempts that an earlier version counted in a project."""
    counts = [0]
    with suppress(*_WRONG_DATA):
        before = project.fact(_TRIES)
        counts += [len(before), *(whole_number(one, MOST_ATTEMPTS) for _, one in before)]
    with suppress(*_WRONG_DATA):
        counts.append(whole_number(project.fact(_PROMISE)["tries"], MOST_ATTEMPTS))
    return max(counts)


def earlier_certificate(project: Project) -> Message | None:
    """Return the claim of an earlier version's certificate; None where there is none."""
    with suppress(*_WRONG_DATA):
        values, checks = project.fact(_PROMISE), project.fact(_CHECKS)
        given = whole_number(values["given_at"], LATEST)
        if not given or values["is_ended"]:
            return None
        outcomes = [int(outcome) for _, outcome, *_ in checks]
        return Message(
            "certificate-earlier",
            {
                "percent": round(100 * float(values["target"]), 1),
                "count": whole_number(values["count"], 2**53) - outcomes.count(2),
                "day": datetime.fromtimestamp(given / 1000, UTC).date().isoformat(),
                "checks": len(outcomes),
                "wrong": len(outcomes) - outcomes.count(0),
            },
        )
    return None
