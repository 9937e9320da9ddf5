"""Puts into words how far two people agree."""

from nameplate.domain.text import escaped
from nameplate.features.agreement.comparison import Category
from nameplate.features.agreement.kappa import LEAST_IMAGES, Agreement, strength_of
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import tr, what_of


def category_text(category: Category) -> str:
    """Return what a person decided about an image, in words."""
    if category.is_skipped:
        return tr("(skipped)")
    return escaped(" | ".join(category.names)) or tr("(none of the names)")


def agreement_text(agreement: Agreement) -> str:
    """Return the share that two people decided alike; empty where there is nothing to compare.

    Whole percent, and 100% only where they agree on all.
    """
    if agreement.observed is None:
        return ""
    is_nearly_all = f"{agreement.observed:.0%}" == "100%" and agreement.agreed < agreement.images
    if is_nearly_all:
        return tr(">{percent}%", percent=99)
    return format_number(agreement.observed, ".0%")


def kappa_numbers(agreement: Agreement, *, is_short: bool = False) -> str:
    """Return Cohen's kappa, with its interval where there is one; a dash where it is undefined."""
    kappa, interval = agreement.kappa, agreement.interval
    if kappa is None:
        return "–"
    if interval is None or is_short:
        return format_number(kappa, ".2f")
    low, high = interval
    return tr("{kappa:.2f}, 95%: {low:.2f} to {high:.2f}", kappa=kappa, low=low, high=high)


def kappa_text(agreement: Agreement) -> str:
    """Return Cohen's kappa with its interval, and how much more than chance that is."""
    words = what_of(strength_of(agreement.kappa))
    if agreement.kappa is None:
        return words
    return tr("{kappa}; {words}", kappa=kappa_numbers(agreement), words=words)


def rough_text(agreement: Agreement) -> str:
    """Return a warning where the range of kappa is too narrow; empty where it is not."""
    if agreement.kappa is None or not agreement.is_rough:
        return ""
    if agreement.images < LEAST_IMAGES:
        return tr("With so few pictures this is a rough figure.")
    return tr("With so few differences this is a rough figure.")
