"""Puts into words how far two people agree."""

from nameplate.domain.text import escaped
from nameplate.features.agreement.comparison import Category
from nameplate.features.agreement.kappa import LEAST_IMAGES, Agreement, strength_of
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


def kappa_numbers(agreement: Agreement, *, is_short: bool = False) -> str:
    """Return Cohen's kappa, with its interval where there is one; a dash where it is undefined."""
    kappa, interval = agreement.kappa, agreement.interval
    if kappa is None:
        return "–"
    if interval is None or is_short:
        return f"{kappa:.2f}"
    return f"{kappa:.2f}, 95%: {interval[0]:.2f} to {interval[1]:.2f}"


def kappa_text(agreement: Agreement) -> str:
    """Return Cohen's kappa with its interval, and how much more than chance that is."""
    words = what_of(strength_of(agreement.kappa))
    return words if agreement.kappa is None else f"{kappa_numbers(agreement)}; {words}"


def rough_text(agreement: Agreement) -> str:
    """Return a warning where the range of kappa is too narrow; empty where it is not."""
    if agreement.kappa is None or not agreement.is_rough:
        return ""
    few = "pictures" if agreement.images < LEAST_IMAGES else "differences"
    return f"With so few {few} this is a rough figure."
