"""Random checks as JSON types; read from files that anybody may have made."""

import re
from typing import Any, Final

import numpy as np

from nameplate.domain.labels import LATEST, LabelTable
from nameplate.project.file.values import Json, whole_number
from nameplate.project.project import Project
from nameplate.project.random_check import Check, CheckResult, RandomCheck

_DIGEST: Final = re.compile(r"[0-9a-f]{32}")

_LARGEST_ID: Final = 2**53
MOST_ATTEMPTS: Final = 10**6


def check_json(check: RandomCheck | None, _labels: LabelTable) -> Json | None:
    """Serialise random checks to JSON types."""
    if check is None:
        return None
    return {
        "attempt": check.attempt,
        "labels": check.labels,
        "drawn": check.drawn,
        "now": check.now,
        "pictures": check.pictures,
        "begun_at": check.begun_at,
        "checks": [[one.image, int(one.outcome), int(one.is_hidden)] for one in check.checks],
    }


def check_of(values: Any, project: Project) -> RandomCheck | None:
    """Return the random checks that `check_json` serialised.

    Raises:
        ValueError, LookupError, TypeError: They are none, or not of this project.
    """
    if values is None:
        return None
    labels = whole_number(values["labels"], len(project.images))
    if len(values["checks"]) > labels:
        raise ValueError("more checks than labels")
    checks = tuple(
        Check(whole_number(image, _LARGEST_ID), CheckResult(outcome), bool(is_hidden))
        for image, outcome, is_hidden in values["checks"]
    )
    ids = np.unique(np.array([check.image for check in checks], np.int64))
    project.images.rows_of(ids)
    if len(ids) < len(checks):
        raise ValueError("an image that was checked twice")
    attempt = whole_number(values["attempt"], MOST_ATTEMPTS)
    if attempt < 1:
        raise ValueError("no attempt")
    drawn, now = digest_of(values["drawn"]), digest_of(values["now"])
    pictures = digest_of(values["pictures"]) if values["pictures"] else ""
    begun_at = whole_number(values["begun_at"], LATEST)
    return RandomCheck(attempt, labels, drawn, now, pictures, begun_at, checks)


def digest_of(value: Any) -> str:
    """Return a digest after checking its form.

    Raises:
        ValueError, TypeError: It is none.
    """
    if not _DIGEST.fullmatch(value):
        raise ValueError("no digest")
    return str(value)
