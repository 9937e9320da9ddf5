"""What is left to check, in words: for the status line, the bar at the end, and the pages."""

from dataclasses import dataclass
from enum import Enum

from nameplate.domain.filtering.tally import Tally
from nameplate.wording.numbers import counted


class NextStep(Enum):
    """What a person can do about what is left; the id of its action."""

    NONE = ""
    SHOW_ALL = "clear_filter"
    FIND_MISSING = "find_missing"
    SHOW_UNREADABLE = "problems"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left to check.

    Attributes:
        short: After how many are checked: "5 to go"; empty where there are no pictures.
        text: Sentences; empty where all that is undecided is shown.
        step: What comes next.
    """

    short: str = ""
    text: str = ""
    step: NextStep = NextStep.NONE


def remaining_of(tally: Tally, hidden: int = 0) -> Remaining:
    """Return what is left to check.

    That all is checked is said only where nothing is left, be it hidden, missing or unreadable.

    Args:
        tally: Of all images.
        hidden: How many undecided ones the view does not show.
    """
    if not tally.present:
        return Remaining()
    if tally.undecided:
        short, aren_t = f"{tally.undecided:,} to go", "isn't" if hidden == 1 else "aren't"
        if not hidden:
            return Remaining(short)
        text = f"{counted(hidden, 'undecided picture')} {aren_t} shown."
        return Remaining(short, text, NextStep.SHOW_ALL)
    left = [
        f"{tally.missing:,} {'is' if tally.missing == 1 else 'are'} missing" * bool(tally.missing),
        f"{tally.unreadable:,} can't be read" * bool(tally.unreadable),
    ]
    left = [*filter(None, left)]
    kind = "readable picture" if left else "picture"
    count = tally.readable
    who = f"All {counted(count, kind)} are" if count != 1 else f"The {kind} is"
    text = f"{'; '.join([f'{who} checked', *left])}."
    if not count:
        text = "No picture can be checked: " + ", ".join(left) + "."
    skipped = f" {counted(tally.skipped, 'picture')} skipped." if tally.skipped else ""
    if tally.missing:
        return Remaining(f"{tally.missing:,} missing", text + skipped, NextStep.FIND_MISSING)
    if tally.unreadable:
        return Remaining(
            f"{tally.unreadable:,} unreadable", text + skipped, NextStep.SHOW_UNREADABLE
        )
    return Remaining("none to go", text + skipped, NextStep.EXPORT)
