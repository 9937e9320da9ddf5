"""Sentences about random checks and their certificate."""

from nameplate.domain.messages import Message
from nameplate.project.certificates import claim_of, paragraphs_of
from nameplate.project.project import Project
from nameplate.project.random_check import RandomCheck, checks_until
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import sentence, sentences, text_of, tr, trn, what_of

_SHARES = (0.9, 0.95, 0.98, 0.99, 0.995)

_MISTAKES = 1.5
"""Where more mistakes than this are to be expected, checks without one are not spoken of."""


def share_text(share: float) -> str:
    """Return a share in percent.

    >>> share_text(0.98), share_text(0.995)
    ('98%', '99.5%')
    """
    return tr("{percent}%", percent=format_number(round(100 * share, 1), "g"))


def before_text(labels: int, attempt: int, *, has_own: bool) -> str:
    """Return the number of checks that show 95% and 98%, before the first one is drawn.

    With `has_own` a person decided some of the labels.
    """
    if not labels:
        return tr("No picture has a label yet. Suggestions don't count until you accept them.")
    what = trn(
        "Check {count:,} label again to learn whether it is right.",
        "Check some of the {count:,} labels at random to learn how many are right.",
        labels,
    )
    if has_own:
        what = sentences(what, tr("Labels that you gave are drawn, too."))
    few, more = (checks_until(share, labels, 0, 0, attempt) for share in (0.95, 0.98))
    if few is None or more is None or few == labels:
        return sentences(what, tr("These are so few that you would look at all of them."))
    takes = tr(
        "If {few:,} are all right, at least 95% of the labels are; if {more:,} are, at least 98%.",
        few=few,
        more=more,
    )
    return sentences(what, takes)


def claim_text(check: RandomCheck | None) -> str:
    """Return the claim of the checks; empty before there are any."""
    if check is None or not check.share:
        return ""
    return capitalised(what_of(claim_of(check)))


def basis_text(project: Project, check: RandomCheck) -> str:
    """Return the checks that were made, and how many more show a greater share."""
    _, found, _, assumed, *_ = paragraphs_of(project, check)
    said = (capitalised(sentence(what_of(one))) for one in (found, assumed))
    return sentences(*said, _next_share(check))


def _next_share(check: RandomCheck) -> str:
    done, numbers = len(check.checks), (check.labels, len(check.checks), check.wrong, check.attempt)
    for share in _SHARES:
        needed = checks_until(share, *numbers) if share > check.share else None
        if needed is None or needed <= done:
            continue
        if (needed - done) * check.wrong > _MISTAKES * done:
            return ""  # with as many mistakes as before it takes far more
        return trn(
            "{count:,} more without a mistake shows {share}.",
            "{count:,} more without a mistake show {share}.",
            needed - done,
            share=share_text(share),
        )
    return ""


def progress_text(check: RandomCheck) -> str:
    """Return how far the checks are, above a page."""
    done, labels = len(check.checks), check.labels
    if not done:
        return trn("{count:,} label to draw from", "{count:,} labels to draw from", labels)
    return tr(
        "{checks:,} checked, {wrong:,} wrong: at least {share} right",
        checks=done,
        wrong=check.wrong,
        share=share_text(check.share),
    )


def capitalised(text: str) -> str:
    """Return a text with its first letter in upper case."""
    return f"{text[:1].upper()}{text[1:]}"


def ended_text(why: Message) -> str:
    """Return why checks say nothing any more."""
    return tr("The certificate has ended: {why}", why=sentence(text_of(why)))
