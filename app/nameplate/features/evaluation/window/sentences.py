"""What the accuracy panel says of the comparison itself, in sentences."""

from collections.abc import Sequence
from typing import Final

from nameplate.features.evaluation.comparing import Question, TruthFrom
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.sentences import copies_sentences, delivered_sentences
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of

_LONGEST: Final = 40
_MOST_LISTED: Final = 4


def headline(figures: Figures) -> str:
    """Return what share is right, and of what; of pictures that you all checked just that."""
    found, counts = figures.findings, figures.findings.delivered
    if is_all_checked(figures):
        return f"You checked all {counted(counts['images'], 'picture')}."
    share, what = found.judged.share, "suggestions"
    if found.as_labelled is not None:
        share, what = found.as_labelled, "labels"
    return "" if share.value is None else f"{share.value:.0%} of {share.of:,} {what} are right."


def is_all_checked(figures: Figures) -> bool:
    """Whether the truth is what you decided, and nothing is left that a program labels."""
    counts = figures.findings.delivered
    is_own = figures.question.source is TruthFrom.DECISIONS
    return is_own and 0 < counts["images"] == counts["checked"]


def explanation(figures: Figures) -> str:
    """Return how the share in the headline came about, and what it says about other pictures."""
    found, truth = figures.findings, truth_text(figures.question)
    shown = found.as_labelled or found.judged.share
    alone = found.judged.share
    if shown.value is None or shown.interval is None:
        return ""
    if is_all_checked(figures):
        share = f"{alone.count:,} of {alone.of:,}, {shown.value:.0%}"
        return f"Without you, the suggestions would have been right for {share}."
    said = [f"Compared with {truth}: {shown.count:,} of {shown.of:,} are the same."]
    low, high = shown.interval
    said.append(f"Of more pictures like these, expect {low:.0%} to {high:.0%} to be right.")
    if found.as_labelled is not None and alone.value is not None:
        said.append(f"The suggestions alone: {alone.value:.0%}.")
    return " ".join(said)


def who_labelled(figures: Figures) -> str:
    """Return who labelled the pictures, as a person counts them; empty where you checked none."""
    if is_all_checked(figures):
        return ""
    said = delivered_sentences(figures.findings.delivered)
    return " ".join(f"{what_of(one)}." for one in said)


def what_to_know(figures: Figures) -> str:
    """Return how far the figures can be relied on, and what learning is worth."""
    found = figures.findings
    texts = [f"{what_of(one)}." for one in copies_sentences(found.copies)]
    if len(found.unseen):
        texts.append("Each picture is judged by suggestions that didn't learn from it.")
    by_decisions = figures.question.source is TruthFrom.DECISIONS
    if by_decisions and figures.names_only is not None:
        alone = figures.names_only.is_right
        texts.append(f"Names alone: {int(alone.sum()):,} of {len(alone):,} right.")
    if by_decisions and not is_all_checked(figures):
        texts.append("Did you check easy or hard ones first? Then the rest will differ.")
    return " ".join(texts)


def missing_sentence(figures: Figures) -> str:
    """Return how many pictures are missing before there are figures; empty for none."""
    if not figures.missing:
        return ""
    if figures.question.source is TruthFrom.DECISIONS:
        return (
            f"Check {counted(figures.missing, 'more picture')} to see how many suggestions are "
            "right. Likely mistakes come first on pages: the share may be low at first."
        )
    return f"Not enough to compare: {counted(figures.missing, 'more picture')} needed."


def strangers_sentence(figures: Figures) -> str:
    """Return which pictures and names of the truth are not known; empty where all are."""
    found = figures.findings
    texts = list[str]()
    if found.unknown_names:
        total = sum(found.unknown_names.values())
        names = [f"{name} ({count:,})" for name, count in found.unknown_names.items()]
        texts.append(
            f"{counted(len(names), 'name')} not among yours, so {counted(total, 'picture')} "
            f"can't be right: {_some(names)}."
        )
    if found.unknown_images:
        count, rows = len(found.unknown_images), counted(len(found.unknown_images), "row")
        match = "matches" if count == 1 else "match"
        texts.append(f"{rows} of the table {match} no picture here: {_some(found.unknown_images)}.")
    if found.contradicted:
        count = counted(len(found.contradicted), "picture")
        texts.append(
            f"{count} with two labels in the table; the last counts: {_some(found.contradicted)}."
        )
    return " ".join(texts)


def shown_sentence(count: int, what: str) -> str:
    """Return which pictures the grid shows."""
    verb = "is shown" if count == 1 else "are shown"
    return f"Accuracy: {counted(count, 'picture')} {what} {verb}."


def age_sentence(at: str, *, is_old: bool) -> str:
    """Return when figures were made, and whether they are of now."""
    return f"From {at}, before your last change." if is_old else f"From {at}."


def truth_text(question: Question) -> str:
    """Return what suggestions are compared with."""
    match question.source:
        case TruthFrom.DECISIONS:
            return "your labels"
        case TruthFrom.FOLDERS:
            return "folder names"
        case TruthFrom.TABLE:
            name = question.table.name if question.table else ""
            return f"the labels in “{shortened(one_line(name), _LONGEST)}”"


def _some(texts: Sequence[str]) -> str:
    listed = [shortened(one_line(text), _LONGEST) for text in texts[:_MOST_LISTED]]
    more = len(texts) - len(listed)
    return ", ".join(listed) + (f" and {more:,} more" if more else "")
