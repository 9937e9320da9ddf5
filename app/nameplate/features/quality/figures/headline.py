"""Sentences about the labels that would be delivered now, estimated by what was decided."""

from nameplate.domain.messages import Message
from nameplate.domain.text import deferred
from nameplate.features.quality.figures.judging import Figures
from nameplate.features.quality.figures.remarks import delivered_sentence
from nameplate.wording.texts import sentence, sentences, tr, trn, what_of


def headline(figures: Figures) -> str:
    """Return the share of right labels among those that would be delivered now.

    Labels that a person checked count as right; automatic labels and suggestions as often as
    held-out suggestions for checked images are. Given labels are not estimated.
    """
    counts, share = figures.delivered, figures.judged.records.share
    own, rest = counts["checked"] - counts["skipped"], _estimated(figures)
    if not rest or share.value is None:
        if counts["checked"] == counts["images"]:
            return _said(Message("delivered-checked", {"count": counts["images"]}))
        return tr(
            "You checked {checked:,} of {count:,} pictures.",
            checked=counts["checked"],
            count=counts["images"],
        )
    about = deferred("About {share:.0%} of {count:,} labels are right.")
    if figures.judged.is_several:
        about = deferred("About {share:.0%} of {count:,} pictures have the right labels.")
    elif counts["suggested"]:
        about = deferred("About {share:.0%} of {count:,} labels and suggestions are right.")
    return tr(
        about,
        share=(own + rest * share.value) / (own + rest),
        count=own + rest,
    )


def explanation(figures: Figures) -> str:
    """Return the range of the headline, and its condition; empty where it is no estimate."""
    counts, share = figures.delivered, figures.judged.records.share
    own, rest = counts["checked"] - counts["skipped"], _estimated(figures)
    if share.interval is None or not rest:
        return ""
    low, high = ((own + rest * end) / (own + rest) for end in share.interval)
    return trn(
        "Likely {low:.0%} to {high:.0%}, if the {count:,} picture you checked is like the rest.",
        "Likely {low:.0%} to {high:.0%}, if the {count:,} pictures you checked are like the rest.",
        counts["checked"],
        low=low,
        high=high,
    )


def sources(figures: Figures) -> str:
    """Return how many labels have which source, and how many copies count as one."""
    copies = Message("copies-count-once", {"count": figures.copies})
    return sentences(
        _said(delivered_sentence(figures.delivered)), _said(copies) if figures.copies else ""
    )


def missing_sentence(figures: Figures) -> str:
    """Return how many more pictures have to be checked before there is an estimate."""
    checked, missing = len(figures.judged.records), figures.missing
    if not checked:
        return tr("Check {count:,} pictures and this shows how good the labels are.", count=missing)
    return trn(
        "Check {count:,} more picture and this shows how good the labels are.",
        "Check {count:,} more pictures and this shows how good the labels are.",
        missing,
    )


def _estimated(figures: Figures) -> int:
    """Return how many labels the share of right suggestions speaks of."""
    return figures.delivered["automatic"] + figures.delivered["suggested"]


def _said(message: Message) -> str:
    return sentence(what_of(message))
