"""Prints and checks the certificate of a project in `project info` and `project check`."""

from collections.abc import Iterator
from pathlib import Path

from nameplate.domain.messages import Message
from nameplate.features.quality.facts import earlier_certificate
from nameplate.project.certificates import certificate_of, paragraphs_of
from nameplate.project.facts import RANDOM_CHECK
from nameplate.project.project import Project
from nameplate.project.random_check import RandomCheck
from nameplate.wording.texts import what_in_english


def facts(project: Project) -> dict[str, object]:
    """Return the certificate for `project info --json`."""
    check, found = project.fact(RANDOM_CHECK), certificate_of(project)
    if check is None or found is None:
        return {"certificate": None}
    certificate = {
        "holds": isinstance(found, RandomCheck),
        "why": what_in_english(found) if isinstance(found, Message) else "",
        "right_at_least": check.share,
        "labels": check.labelled,
        "checks": len(check.checks),
        "wrong": check.wrong,
        "hidden": check.hidden,
        "attempt": check.attempt,
    }
    return {"certificate": certificate}


def lines(project: Project) -> Iterator[str]:
    """Yield the lines of `project info`."""
    found = certificate_of(project)
    if isinstance(found, Message):
        yield f"the certificate has ended: {what_in_english(found)}"
    elif found is not None:
        claim, *others = map(what_in_english, paragraphs_of(project, found))
        yield f"certificate: {claim}"
        yield from (f"  {text}" for text in others)
    elif earlier := earlier_certificate(project):
        yield what_in_english(earlier)


def check(project: Project, _file: Path) -> Message | None:
    """Return why the certificate does not hold any more; None where it does or there is none."""
    found = certificate_of(project)
    return found if isinstance(found, Message) else None
