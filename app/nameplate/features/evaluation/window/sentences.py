"""What the panel “How right is it?” says of the comparison itself, in sentences."""

from collections.abc import Sequence
from typing import Final

from nameplate.domain.messages import Message
from nameplate.features.evaluation.comparing import Question, TruthFrom
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.sentences import copies_sentences
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of

_LONGEST: Final = 40
_MOST_LISTED: Final = 4


def what_is_compared(figures: Figures) -> str:
    """Return what is compared with what, and what that is worth."""
    count = counted(len(figures.judged), "picture")
    texts = [f"What the program would label, against {_truth(figures.question)} of {count}."]
    texts += [f"{what_of(one)}." for one in copies_sentences(figures.findings.copies)]
    if learned := len(figures.findings.unseen):
        texts.append(
            f"It learned from {counted(learned, 'picture')} of these; each is judged by "
            "what it says without having learned from that picture."
        )
    elif figures.names_only is None:
        texts.append("By names only: nothing was learned from decisions.")
    if figures.question.source is TruthFrom.DECISIONS:
        texts.append(f"{what_of(Message('decisions-not-random'))}.")
    return " ".join(texts)


def missing_sentence(figures: Figures) -> str:
    """Return how many pictures are missing before there are figures; empty for none."""
    if not figures.missing:
        return ""
    if figures.question.source is TruthFrom.DECISIONS:
        return (
            f"Not enough yet: {counted(figures.missing, 'more decision')}. Decide about pictures "
            "as chance brings them, not only about those that look wrong."
        )
    more = counted(figures.missing, "more picture")
    return f"Not enough yet: {more} whose truth is known, and that can be read."


def strangers_sentence(figures: Figures) -> str:
    """Return which pictures and names of the truth are not known; empty where all are."""
    found = figures.findings
    texts = list[str]()
    if found.unknown_names:
        total = sum(found.unknown_names.values())
        is_none = "is none" if len(found.unknown_names) == 1 else "are none"
        names = [f"{name} ({count:,})" for name, count in found.unknown_names.items()]
        texts.append(
            f"{counted(len(names), 'name')} of the truth {is_none} of yours and can never be "
            f"given, so {counted(total, 'picture')} cannot be right: {_some(names)}."
        )
    if found.unknown_images:
        count = counted(len(found.unknown_images), "row")
        texts.append(f"{count} of the table name no picture here: {_some(found.unknown_images)}.")
    if found.contradicted:
        count = counted(len(found.contradicted), "picture")
        texts.append(
            f"{count} stand in the table with different labels, and the last one counts: "
            f"{_some(found.contradicted)}."
        )
    return " ".join(texts)


def shown_sentence(count: int, what: str) -> str:
    """Return which pictures the grid shows."""
    verb = "is shown" if count == 1 else "are shown"
    return f"“How right is it?”: {counted(count, 'picture')} {what} {verb}."


def age_sentence(at: str, *, is_old: bool) -> str:
    """Return when figures were made, and whether they are of now."""
    text = f"Worked out {at}"
    if not is_old:
        return f"{text}."
    of = "decisions, names or pictures"
    return f"{text}, before the last {of}; they are worked out anew when it is quiet."


def _truth(question: Question) -> str:
    match question.source:
        case TruthFrom.DECISIONS:
            return "your decisions"
        case TruthFrom.FOLDERS:
            return "the folders' names"
        case TruthFrom.TABLE:
            name = question.table.name if question.table else ""
            return f"the labels in “{shortened(one_line(name), _LONGEST)}”"


def _some(texts: Sequence[str]) -> str:
    listed = [shortened(one_line(text), _LONGEST) for text in texts[:_MOST_LISTED]]
    more = len(texts) - len(listed)
    return ", ".join(listed) + (f" and {more:,} more" if more else "")
