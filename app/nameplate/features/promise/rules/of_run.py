"""A promise about a random sample that holds for the run it was drawn from, too."""

from dataclasses import replace
from typing import Final

import numpy as np

from nameplate.domain.changes import Settings
from nameplate.domain.concepts import Concept
from nameplate.domain.images import is_other_content
from nameplate.domain.labels import NO_LABEL, DecidedBy
from nameplate.domain.messages import Message
from nameplate.features.promise.rules.counts import allowed_wrong
from nameplate.features.promise.rules.promises import Plan, Promise, PromisedLabels, surest
from nameplate.features.promise.rules.stages import make_plan
from nameplate.features.promise.rules.state import kept_promise
from nameplate.project.digests import rules_digest
from nameplate.project.labelling import Circumstances
from nameplate.project.project import Project
from nameplate.project.samples import Sample
from nameplate.scoring.proposals import proposed

_LABELS: Final = 1_000_000
"""Of a run: for more of them a plan does not differ, and for fewer it asks for too many checks."""

_SCALE: Final = 1_000_000
"""Of least probabilities, so that a person can copy them."""


def offer_of_run(
    project: Project, now: Circumstances, target: float
) -> tuple[PromisedLabels, int, float] | Message | None:
    """Return which labels can be promised for the run; else why none can; None without a sample.

    With the labels, which are a random sample of those of the run, how many images they were chosen
    from, and the probability from which on the run has such labels.

    The first quarter of the sample decides the least probability, and the labels are those of the
    others: so nothing of what is checked has decided what is promised.
    """
    sample, images = project.sample, project.images
    if sample is None:
        return None
    rows = images.rows_of(np.arange(1, len(sample) + 1))
    if why := _why_not(project, now):
        return why
    pilot, others = np.split(rows, [len(rows) // 4])
    sets, suggestions, concepts = project.labels.sets, now.suggestions, project.concepts
    _, probability = proposed(suggestions, pilot, project.settings, concepts, sets)
    places = surest(probability, target)
    if not len(places):
        return Message("run-promise-none-sure")
    least = float(np.floor(float(probability[places].min()) * _SCALE)) / _SCALE
    raised = raised_to(least, concepts, project.settings)
    codes, probability = proposed(suggestions, others, raised[1], raised[0], sets)
    has_label = (codes != NO_LABEL) & ~np.isnan(probability)
    if (project.labels.decided_by[others[has_label]] == DecidedBy.PERSON).any():
        return Message("run-promise-decided")
    codes, shown = codes[has_label], np.clip(probability[has_label], 0, 1).astype(np.float32)
    labels = PromisedLabels(images.ids[others[has_label]], codes, shown)
    return labels, len(others), least


def _why_not(project: Project, now: Circumstances) -> Message | None:
    """Return what of a sample would make a promise about its run false; None for nothing."""
    sample, images, classifier = project.sample, project.images, now.suggestions.classifier
    if sample is None or classifier is None:
        return Message("run-promise-nothing-suggested")
    rows = images.rows_of(np.arange(1, len(sample) + 1))
    reasons = (
        (now.model != sample.model_name, Message("run-promise-model", {"model": sample.model})),
        (classifier.decider is not DecidedBy.AUTO, Message("run-promise-learned")),
        (sample.rules != rules_digest(project), Message("run-promise-rules")),
        (sample.repeated > 0, Message("run-promise-repeated", {"count": sample.repeated})),
        (images.is_removed[rows].any(), Message("run-promise-decided")),
        (_is_changed(project, sample), Message("run-promise-changed")),
    )
    return next((why for is_so, why in reasons if is_so), None)


def _is_changed(project: Project, sample: Sample) -> bool:
    """Whether a file of a sample is known to hold something else than the run read."""
    images = project.images
    rows = images.rows_of(np.arange(1, len(sample) + 1))
    is_other = is_other_content(images.contents[rows], sample.contents)
    return bool(is_other.any()) or not images.changed.keys().isdisjoint(rows.tolist())


def promised_least(project: Project) -> float | None:
    """Return from which probability on the labels of the run are promised; None for no promise."""
    promise, sample = kept_promise(project), project.sample
    if promise is None or sample is None or sample.rules != rules_digest(project):
        return None
    if _is_changed(project, sample):
        return None
    return promise.run_least if holds_for_run(promise) else None


def raised_to(
    least: float, concepts: tuple[Concept, ...], settings: Settings
) -> tuple[tuple[Concept, ...], Settings]:
    """Return names and settings by which no label is applied below a probability."""
    raised = tuple(
        c if c.threshold is None else replace(c, threshold=max(c.threshold, least))
        for c in concepts
    )
    return raised, replace(settings, minimum=max(settings.minimum, least))


def with_run(plan: Plan, target: float) -> Plan | None:
    """Return a plan by which a promise about a sample holds for its run, too; None for none.

    It looks where both plans are content, `plan` for the sample alone and the one for the run, and
    lets false promises of each pass no more often than the risk.
    """
    pairs = zip(plan.looks, _of_run(target, plan).looks, strict=False)
    looks = tuple(look for look in map(max, pairs) if look < plan.population - plan.allowed)
    return replace(plan, looks=looks) if looks else None


def holds_for_run(promise: Promise) -> bool:
    """Whether the checks of a promise are enough for its run, too, whoever made its plan.

    Where nearly all labels of the sample were checked one by one they are right, and the run is as
    it was; and a part of them that was chosen after the checks is no random sample.
    """
    plan, wrong = promise.plan, promise.wrong
    is_whole = promise.population == len(promise.labels)
    if promise.run_least is None or not is_whole or wrong >= len(plan.looks):
        return False
    of_run = _of_run(promise.target, plan).looks
    is_strict = len(plan.looks) <= len(of_run) and all(
        mine >= least for mine, least in zip(plan.looks, of_run, strict=False)
    )
    return is_strict and len(promise.checks) >= plan.looks[wrong]


def _of_run(target: float, plan: Plan) -> Plan:
    """Return the plan for a run, whose labels nobody corrects, with the risk of `plan`."""
    allowed, overlooked = allowed_wrong(target, _LABELS), plan.overlooked
    return make_plan(_LABELS, allowed, plan.risk, overlooked=overlooked, is_corrected=False)
