"""Puts into words how far two people agree."""

from nameplate.domain.text import escaped
from nameplate.project.comparison import Category
from nameplate.scoring.agreement import Agreement, strength_of
from nameplate.wording.texts import what_of


def category_text(category: Category) -> str:
    """Return what a person decided about an image, in words."""
    if category.is_skipped:
        return "(skipped)"
    return escaped(" | ".join(category.names)) or "(none of the names)"


def agreement_text(agreement: Agreement) -> str:
    """Return the share that two people decided alike; empty where there is nothing to compare.

    Whole percent, and 100% only where they agree on all.
    """
    if agreement.observed is None:
        return ""
    share = f"{100 * agreement.observed:.0f}%"
    return ">99%" if share == "100%" and agreement.agreed < agreement.images else share


def kappa_text(agreement: Agreement) -> str:
    """Return Cohen's kappa with its interval, and how much more than chance that is."""
    kappa, interval = agreement.kappa, agreement.interval
    words = what_of(strength_of(kappa))
    if kappa is None:
        return words
    within = f" (95%: {interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
    return f"{kappa:.2f}{within}, {words}"
