"""What random checks say of the labels of each name."""

from dataclasses import dataclass

import numpy as np

from nameplate.features.promise.rules.at_any_time import Rest, checks_to_say, rest_of
from nameplate.features.promise.rules.promises import Outcome, Promise


@dataclass(frozen=True, slots=True)
class NameChecks:
    """The random checks of the labels that are the same.

    Attributes:
        label: The code of the label.
        labels: How many labels there are.
        checks: How many of them were checked.
        wrong: How many of these were wrong.
        rest: How many others are wrong; after too few checks, how many more it takes to say that.
    """

    label: int
    labels: int
    checks: int
    wrong: int
    rest: Rest | int


def checks_by_name(promise: Promise, most: int) -> list[NameChecks]:
    """Return the checks of the labels that came with the pictures, of the `most` wrong ones first.

    Those of one label are a random sample of its labels. What is said of the rest holds for each
    by itself with the certainty of the promise, whenever one asks.
    """
    of, plan = promise.labels, promise.plan
    places = np.searchsorted(of.ids, promise.checked_ids)
    is_wrong = np.array([one.outcome is not Outcome.RIGHT for one in promise.checks], np.bool_)
    codes = of.concepts[places]
    labels = np.bincount(of.concepts)
    checks, wrong = (np.bincount(one, minlength=len(labels)) for one in (codes, codes[is_wrong]))
    share = wrong / np.maximum(checks, 1)
    worst = np.lexsort((-labels, -share * (labels - checks)))
    found = list[NameChecks]()
    for code in worst[labels[worst] > 0][:most].tolist():
        numbers = int(labels[code]), int(checks[code]), int(wrong[code])
        more = checks_to_say(*numbers[:2])
        rest = more or rest_of(*numbers, plan.risk, plan.overlooked)
        found.append(NameChecks(code, *numbers, rest))
    return found
