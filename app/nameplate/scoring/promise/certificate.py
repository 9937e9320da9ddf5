"""What a promise that was kept says, in messages that a stranger can check."""

from datetime import UTC, datetime

from nameplate.domain.messages import Message
from nameplate.domain.promises import Outcome, Promise
from nameplate.scoring.promise.counts import most_wrong


def percent_of(share: float) -> float:
    """Return a share in percent, as people write it: 98, 99.5."""
    return round(100 * share, 4)


def certificate_of(promise: Promise) -> tuple[Message, ...]:
    """Return the certificate of a promise whose labels were given, a message a paragraph."""
    plan, labels, wrong = promise.plan, len(promise.labels), promise.wrong
    checks, is_part = len(promise.checks), promise.population > labels
    bound = most_wrong(labels, checks, wrong, plan.risk)
    corrected = sum(check.outcome == Outcome.CORRECTED for check in promise.checks)
    return (
        Message(
            "certificate-claim",
            {
                "percent": percent_of(promise.target),
                "sure": percent_of(promise.confidence),
                "labels": labels,
                "allowed": plan.allowed,
            },
        ),
        Message("certificate-labels", {"labels": labels, "model": promise.basis.model}),
        Message(
            "certificate-checks",
            {
                "checks": checks,
                "wrong": wrong,
                "corrected": corrected,
                "nameless": wrong - corrected,
            },
        ),
        *(_of_part(promise) if is_part else _of_whole(promise)),
        Message(
            "certificate-formula",
            {
                "labels": labels,
                "checks": checks,
                "wrong": wrong,
                "risk": plan.risk,
                "bound": bound,
                "left": max(0, bound - wrong),
            },
        ),
        *_blind(promise),
        Message("certificate-order", {"seed": promise.seed}),
        Message(
            "certificate-dates",
            {
                "begun": _date(promise.begun_at),
                "given": _date(promise.given_at),
                "classifier": promise.basis.classifier,
                "names": promise.basis.names,
            },
        ),
        Message("certificate-limits"),
    )


def _of_whole(promise: Promise) -> tuple[Message, ...]:
    plan = promise.plan
    return (
        Message(
            "certificate-plan",
            {
                "looks": _looks(promise),
                "everything": plan.everything,
                "risk": plan.risk,
                "tries": promise.tries,
            },
        ),
    )


def _of_part(promise: Promise) -> tuple[Message, ...]:
    before, less = promise.population, promise.population - len(promise.labels)
    return (
        Message("certificate-part", {"before": before, "less": less}),
        Message(
            "certificate-part-plan",
            {
                "looks": _looks(promise),
                "risk": promise.plan.risk,
                "tries": promise.tries,
            },
        ),
    )


def _blind(promise: Promise) -> tuple[Message, ...]:
    blind = [check for check in promise.checks if check.is_blind]
    wrong = sum(check.outcome != Outcome.RIGHT for check in blind)
    if not blind:
        return ()
    return (Message("certificate-blind", {"checks": len(blind), "wrong": wrong}),)


def _looks(promise: Promise) -> str:
    return ", ".join(f"{wrong}: {look}" for wrong, look in enumerate(promise.plan.looks))


def _date(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()
