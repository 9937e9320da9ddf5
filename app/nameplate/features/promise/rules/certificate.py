"""What a promise that was kept says, in messages that a stranger can check."""

from datetime import UTC, datetime

from nameplate.domain.messages import Message
from nameplate.features.promise.rules.of_run import holds_for_run
from nameplate.features.promise.rules.promises import Promise, anchoring_of
from nameplate.features.promise.rules.state import kept_promise
from nameplate.project.project import Project


def percent_of(share: float) -> float:
    """Return a share in percent, as people write it: 98, 99.5."""
    return round(100 * share, 4)


def certificate_of(promise: Promise) -> tuple[Message, ...]:
    """Return the certificate of a promise whose labels were applied, a message a paragraph.

    First what it says, for everybody, then what it takes to check it.
    """
    plan, labels, wrong = promise.plan, promise.labelled, promise.wrong
    checks, nameless, corrected = len(promise.checks), promise.nameless, wrong - promise.nameless
    before, less = promise.population, promise.population - len(promise.labels)
    looks = ", ".join(f"{wrong}: {look}" for wrong, look in enumerate(plan.looks))
    return (
        Message(
            "certificate-claim",
            {
                "percent": percent_of(promise.target),
                "sure": percent_of(promise.confidence),
                "count": labels,
                "allowed": plan.allowed_of(labels),
            },
        ),
        Message("certificate-overlooked", {"percent": percent_of(plan.overlooked)})
        if plan.overlooked
        else Message("certificate-none-overlooked"),
        _origin(promise),
        Message("certificate-checks", {"checks": checks, "count": wrong, "corrected": corrected})
        if wrong
        else Message("certificate-checks-right", {"checks": checks}),
        *((Message("certificate-nameless", {"count": nameless}),) if nameless else ()),
        *([Message("certificate-part", {"before": before, "less": less})] if less else ()),
        *_of_run(promise),
        Message(
            "certificate-dates",
            {"begun": _date(promise.begun_at), "given": _date(promise.applied_at)},
        ),
        Message("certificate-limits"),
        Message("certificate-to-check"),
        Message("certificate-certainty", {"sure": percent_of(promise.confidence)}),
        *_blind(promise),
        Message(
            "certificate-part-plan" if less else "certificate-plan",
            {"looks": looks, "risk": plan.risk, "tries": promise.tries},
        ),
        Message(
            "certificate-formula",
            {
                "labels": plan.population,
                "checks": checks,
                "wrong": wrong,
                "risk": plan.risk,
                "percent": percent_of(plan.overlooked),
            },
        ),
        Message("certificate-order", {"seed": promise.seed}),
        Message("certificate-names", {"names": promise.basis.names})
        if promise.is_of_given
        else Message(
            "certificate-digests",
            {"classifier": promise.basis.classifier, "names": promise.basis.names},
        ),
    )


def certificate_in(project: Project) -> tuple[Message, ...]:
    """Return the certificate of the promise that a project keeps; empty for none."""
    promise = kept_promise(project)
    return certificate_of(promise) if promise is not None else ()


def _origin(promise: Promise) -> Message:
    """Return where the labels come from."""
    count, model = len(promise.labels), promise.basis.model
    if promise.is_of_given:
        return Message("certificate-given-labels", {"count": count})
    return Message("certificate-labels", {"count": count, "model": model})


def _of_run(promise: Promise) -> tuple[Message, ...]:
    if promise.run_least is None or not holds_for_run(promise):
        return ()
    percent, sure = percent_of(promise.target), percent_of(promise.confidence)
    least = promise.run_least
    return (Message("certificate-run", {"percent": percent, "sure": sure, "least": least}),)


def _blind(promise: Promise) -> tuple[Message, ...]:
    found = anchoring_of(promise)
    if not found.blind:
        return ()
    if not found.shown:
        return (Message("certificate-all-blind"),)
    checks, wrong, most = found.blind, found.blind_wrong, found.most_overlooked
    if most > promise.plan.overlooked and not found.is_believed_too_easily:
        return (Message("certificate-blind-few", {"checks": checks, "right": checks - wrong}),)
    percent = round(100 * most)
    return (Message("certificate-blind", {"checks": checks, "wrong": wrong, "most": percent}),)


def _date(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()
