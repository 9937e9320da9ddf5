"""The sentences in the panel of a comparison."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from nameplate.domain.text import deferred
from nameplate.features.agreement.comparison import Comparison
from nameplate.features.agreement.kappa import strength_of
from nameplate.features.agreement.matching import ImageMatch
from nameplate.features.agreement.merging import Merge, Rule
from nameplate.features.agreement.words import (
    agreement_text,
    category_text,
    kappa_numbers,
    rough_text,
)
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.wording.texts import listed, sentence, sentences, tr, trn, what_of

_MOST_NAMES: Final = 5
_LONGEST: Final = 40

TAKE_OVER: Final = deferred("Take over theirs")


def agreement_sentence(found: Comparison) -> str:
    """Return how far two people agree."""
    agreement = found.agreement
    if not agreement.images:
        return tr("No picture was checked by both of you.")
    share = agreement_text(agreement)
    if agreement.kappa is None:
        return trn(
            "You agree on {share} of the {count:,} picture you both checked.",
            "You agree on {share} of the {count:,} pictures you both checked.",
            agreement.images,
            share=share,
        )
    text = trn(
        "You agree on {share} of the {count:,} picture you both checked: {strength}.",
        "You agree on {share} of the {count:,} pictures you both checked: {strength}.",
        agreement.images,
        share=share,
        strength=what_of(strength_of(agreement.kappa)),
    )
    return sentences(text, rough_text(agreement))


def counts_sentence(match: ImageMatch, found: Comparison) -> str:
    """Return how many pictures are in both projects, and who decided about them."""
    both, kappa = len(match.ids), found.agreement.kappa
    if match.by_path:
        said = trn(
            "{count:,} picture in both projects, {by_path:,} matched by path alone.",
            "{count:,} pictures in both projects, {by_path:,} matched by path alone.",
            both,
            by_path=match.by_path,
        )
    else:
        said = trn(
            "{count:,} picture in both projects.", "{count:,} pictures in both projects.", both
        )
    said = sentences(
        said,
        tr(
            "Checked by you alone: {mine:,}, by them alone: {theirs:,}, by neither: {neither:,}.",
            mine=len(found.mine_alone),
            theirs=len(found.theirs_alone),
            neither=found.undecided,
        ),
        _left_out(match),
    )
    if kappa is not None:
        numbers = kappa_numbers(found.agreement)
        said = sentences(said, tr("Cohen's kappa: {kappa}.", kappa=numbers))
    if found.by_name:
        kappas = [f"{one_line(n)} {kappa_numbers(a, is_short=True)}" for n, a in found.by_name]
        said = sentences(said, tr("Kappa by name: {kappas}.", kappas=_some(kappas)))
    return said


def _left_out(match: ImageMatch) -> str:
    """Return how many pictures are not compared, and why."""
    mine, theirs = match.mine_alone, match.theirs_alone
    alone = tr("{mine:,} only in yours, {theirs:,} in theirs.", mine=mine, theirs=theirs)
    copies = tr("{count:,} left out: identical copies.", count=match.ambiguous)
    changed = tr("{count:,} left out: different pictures at the same path.", count=match.changed)
    return sentences(
        alone if mine or theirs else "",
        copies if match.ambiguous else "",
        changed if match.changed else "",
    )


def difference_sentence(found: Comparison, image: int) -> str:
    """Return both decisions about the image with this id; empty if they are equal."""
    place = int(np.searchsorted(found.disagreed, image))
    if place == len(found.disagreed) or found.disagreed[place] != image:
        return ""
    mine, theirs = found.mine_there[place], found.theirs_there[place]
    you, they = (_short(category_text(found.categories[one])) for one in (int(mine), int(theirs)))
    return tr("This picture: you {yours}, they {theirs}", yours=you, theirs=they)


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
    stay = differ - replaced - cleared
    parts = (
        trn(
            "{count:,} label that only they checked",
            "{count:,} labels that only they checked",
            taken,
            zero="",
        ),
        trn(
            "{count:,} new name ({names})",
            "{count:,} new names ({names})",
            names,
            zero="",
            names=_some(found.new_names),
        ),
        tr("{count:,} of theirs in place of yours", count=replaced) if replaced else "",
        tr("{count:,} become undecided", count=cleared) if cleared else "",
    )
    count, is_any = taken + replaced, any(parts)
    button = trn("Take over {count:,} label", "Take over {count:,} labels", count)
    text = tr("There is nothing to take over.")
    if is_any:
        text = tr("To take over: {what}.", what=listed(parts))
    kept = tr("Where you differ, {count:,} of yours stay.", count=stay) if stay else ""
    return Preview(sentences(text, kept), button if count else tr(TAKE_OVER), is_any)


def taken_over_text(merged: Merge, name: str) -> str:
    """Return what was taken over from the project of this name."""
    cleared, added = merged.cleared, merged.added
    said = [
        trn(
            "{count:,} label taken over from {project}",
            "{count:,} labels taken over from {project}",
            merged.taken + merged.replaced,
            project=name,
        ),
        trn("{count:,} became undecided", "{count:,} became undecided", cleared, zero=""),
        trn("{count:,} name added", "{count:,} names added", added, zero=""),
    ]
    if merged.makes_multi:
        said.append(tr("pictures may have several labels from now on"))
    return sentence(listed(said))


def _some(texts: Sequence[str]) -> str:
    """Return the first few of `texts`, and how many more there are."""
    return listed([*map(_short, texts[:_MOST_NAMES]), *texts[_MOST_NAMES:]], _MOST_NAMES)


def _short(text: str) -> str:
    return shortened(one_line(text), _LONGEST)
