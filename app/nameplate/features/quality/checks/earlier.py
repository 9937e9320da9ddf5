"""Certificates of projects of earlier versions: shown as text, counted as attempts."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from nameplate.domain.feature import Fact
from nameplate.domain.labels import LATEST
from nameplate.domain.messages import Message
from nameplate.project.file.random_checks import MOST_ATTEMPTS
from nameplate.project.file.values import whole_number
from nameplate.project.project import Project

_PROMISE: Final = Fact[Any]("promise", None)
_CHECKS: Final = Fact[Any]("checks", ())
_TRIES: Final = Fact[Any]("tries", ())
_WRONG_DATA: Final = (ArithmeticError, ValueError, LookupError, TypeError, OSError)


def earlier_attempts(project: Project) -> int:
    """Return the number of attempts that an earlier version counted in a project."""
    counts = [0]
    with suppress(*_WRONG_DATA):
        tries = project.fact(_TRIES)
        counts += [len(tries), *(whole_number(one, MOST_ATTEMPTS) for _, one in tries)]
    with suppress(*_WRONG_DATA):
        counts.append(whole_number(project.fact(_PROMISE)["tries"], MOST_ATTEMPTS))
    return max(counts)


def earlier_certificate(project: Project) -> Message | None:
    """Return what the certificate of an earlier version said; None where there is none."""
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
