"""The sentences in the panel of a comparison."""

from typing import Final, NamedTuple

import numpy as np

from nameplate.features.agreement.comparison import Comparison
from nameplate.features.agreement.kappa import strength_of
from nameplate.features.agreement.matching import ImageMatch
from nameplate.features.agreement.merging import Rule
from nameplate.features.agreement.words import (
    agreement_text,
    category_text,
    kappa_numbers,
    rough_text,
)
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of

_MOST_NAMES: Final = 5
_LONGEST: Final = 40


def agreement_sentence(found: Comparison) -> str:
    """Return how far two people agree."""
    agreement = found.agreement
    if not agreement.images:
        return "No picture was checked by both of you."
    both = counted(agreement.images, "picture")
    share = f"You agree on {agreement_text(agreement)} of the {both} you both checked"
    if agreement.kappa is None:
        return f"{share}."
    return f"{share}: {what_of(strength_of(agreement.kappa))}. {rough_text(agreement)}".rstrip()


def counts_sentence(match: ImageMatch, found: Comparison) -> str:
    """Return how many pictures are in both projects, and who decided about them."""
    how = f", {match.by_path:,} matched by path alone" if match.by_path else ""
    mine, theirs = len(found.mine_alone), len(found.theirs_alone)
    sentences = [f"{counted(len(match.ids), 'picture')} in both projects{how}."]
    neither = f"by neither: {found.undecided:,}"
    sentences.append(f"Checked by you alone: {mine:,}, by them alone: {theirs:,}, {neither}.")
    if match.mine_alone or match.theirs_alone:
        sentences.append(f"{match.mine_alone:,} only in yours, {match.theirs_alone:,} in theirs.")
    if match.ambiguous:
        sentences.append(f"{match.ambiguous:,} left out: identical copies.")
    if match.changed:
        sentences.append(f"{match.changed:,} left out: different pictures at the same path.")
    if found.agreement.kappa is not None:
        sentences.append(f"Cohen's kappa: {kappa_numbers(found.agreement)}.")
    if found.by_name:
        kappas = [f"{one_line(n)} {kappa_numbers(a, is_short=True)}" for n, a in found.by_name]
        sentences.append(f"Kappa by name: {_some(kappas)}.")
    return " ".join(sentences)


def difference_sentence(found: Comparison, image: int) -> str:
    """Return both decisions about the image with this id; empty if they are equal."""
    place = int(np.searchsorted(found.disagreed, image))
    if place == len(found.disagreed) or found.disagreed[place] != image:
        return ""
    mine, theirs = found.mine_there[place], found.theirs_there[place]
    you, they = (_short(category_text(found.categories[one])) for one in (int(mine), int(theirs)))
    return f"This picture: you {you}, they {they}"


class Preview(NamedTuple):
    """The effects of a merge in a sentence, the text of its button, and whether there are any."""

    text: str
    button: str
    is_any: bool


def preview_of(found: Comparison, rule: Rule) -> Preview:
    """Return the effects of merging their decisions."""
    taken, differ, names = len(found.theirs_alone), len(found.disagreed), len(found.new_names)
    replaced = {Rule.THEIRS: differ, Rule.NEWEST: found.theirs_newer}.get(rule, 0)
    cleared = differ if rule is Rule.NONE else 0
    parts = [f"{counted(taken, 'label')} that only they checked"] if taken else []
    parts += [f"{counted(names, 'new name')} ({_some(found.new_names)})"] if names else []
    parts += [f"{replaced:,} of theirs in place of yours"] if replaced else []
    parts += [f"{cleared:,} become undecided"] if cleared else []
    stay = differ - replaced - cleared
    kept = f" Where you differ, {stay:,} of yours stay." if stay else ""
    is_any = bool(taken or names or replaced or cleared)
    count = taken + replaced
    button = f"Take over {counted(count, 'label')}" if count else "Take over theirs"
    if not is_any:
        return Preview(f"There is nothing to take over.{kept}", button, is_any)
    return Preview(f"To take over: {', '.join(parts)}.{kept}", button, is_any)


def _some(texts: tuple[str, ...] | list[str]) -> str:
    """Return the first few of `texts`, and how many more there are."""
    more = f" and {len(texts) - _MOST_NAMES:,} more" if len(texts) > _MOST_NAMES else ""
    return ", ".join(map(_short, texts[:_MOST_NAMES])) + more


def _short(text: str) -> str:
    return shortened(one_line(text), _LONGEST)
