"""The pictures left to check, as sentences and a next step."""

from dataclasses import dataclass
from enum import Enum

from nameplate.domain.filtering.tally import Tally
from nameplate.wording.texts import listed, sentences, tr, trn


class NextStep(Enum):
    """The next step of a person; the value is the id of its action."""

    NONE = ""
    SHOW_ALL = "clear_filter"
    FIND_MISSING = "find_missing"
    SHOW_UNREADABLE = "problems"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Remaining:
    """The pictures left to check.

    Attributes:
        text: Sentences; empty where all that is undecided is shown.
    """

    text: str = ""
    step: NextStep = NextStep.NONE


def remaining_of(tally: Tally, hidden: int = 0) -> Remaining:
    """Describe the pictures left to check.

    That all is checked is said only where nothing is left, be it hidden, missing or unreadable.
    """
    if not tally.present or (tally.undecided and not hidden):
        return Remaining()
    if tally.undecided:
        text = trn(
            "{count:,} undecided picture isn't shown.",
            "{count:,} undecided pictures aren't shown.",
            hidden,
        )
        return Remaining(text, NextStep.SHOW_ALL)
    skipped = trn(
        "{count:,} picture skipped.", "{count:,} pictures skipped.", tally.skipped, zero=""
    )
    text = sentences(_readable_text(tally), skipped)
    step = NextStep.EXPORT
    if tally.missing:
        step = NextStep.FIND_MISSING
    elif tally.unreadable:
        step = NextStep.SHOW_UNREADABLE
    return Remaining(text, step)


def _readable_text(tally: Tally) -> str:
    """Return the sentence that all readable pictures are checked, with counts of the others."""
    missing, bad = tally.missing, tally.unreadable
    left = listed(
        (
            trn("{count:,} is missing", "{count:,} are missing", missing, zero=""),
            trn("{count:,} can't be read", "{count:,} can't be read", bad, zero=""),
        )
    )
    if not tally.readable:
        return tr("No picture can be checked: {reasons}.", reasons=left)
    if not left:
        return trn("The picture is checked.", "All {count:,} pictures are checked.", tally.readable)
    return trn(
        "The readable picture is checked; {others}.",
        "All {count:,} readable pictures are checked; {others}.",
        tally.readable,
        others=left,
    )


def checked_text(tally: Tally) -> str:
    """Return "12 of 30 checked", the same everywhere; empty without pictures."""
    if not tally.present:
        return ""
    return tr("{count:,} of {total:,} checked", count=tally.checked, total=tally.present)


def others_text(unread: int, aside: int, unseen: int, skipped: int) -> str:
    """Return the counts of undecided pictures that are on no page, by reason, as sentences."""
    return sentences(
        trn(
            "{count:,} picture still being read.",
            "{count:,} pictures still being read.",
            unread,
            zero="",
        ),
        trn(
            "{count:,} picture set aside: no name fits.",
            "{count:,} pictures set aside: no name fits.",
            aside,
            zero="",
        ),
        trn(
            "{count:,} picture undecided: can't be shown.",
            "{count:,} pictures undecided: can't be shown.",
            unseen,
            zero="",
        ),
        trn("{count:,} picture skipped.", "{count:,} pictures skipped.", skipped, zero=""),
    )


def surely_right_text(count: int, total: int, *, is_learned: bool) -> str:
    """Return the count of surely right pictures; empty before learning calibrates percentages."""
    if not is_learned or not total:
        return ""
    return tr(
        "{count:,} of the {total:,} left after this page are surely right.",
        count=count,
        total=total,
    )


def primary_of(
    *,
    has_images: bool = True,
    has_names: bool = True,
    is_checked: bool = False,
    is_exported: bool = False,
    has_own: bool = False,
) -> str:
    """Return the button of the tool row that is the next step, as in `LISTS`; empty for none.

    Without images the start page has it, without names the box for the first one.
    """
    if has_own or not has_images:
        return ""
    if is_checked:
        return "" if is_exported else "Export"
    return "Next" if has_names else ""
