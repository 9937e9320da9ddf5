"""Cohen's kappa: the agreement of two people beyond chance."""

import math
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from nameplate.features.quality.records import Records

_LEAST_IMAGES: Final = 100
_LEAST_APART: Final = 20  # decided differently; ADR 28 has how often the interval holds the truth


class Kappa(NamedTuple):
    """Cohen's kappa.

    Attributes:
        value: In [-1, 1]; None, since undefined, where both used one and the same category alone.
        interval: Its 95% interval; None without a value, or where all agree: a width of zero would
            claim certainty.
        is_rough: Whether it rests on too few images, or too few that differ, for its interval.
    """

    value: float | None
    interval: tuple[float, float] | None
    is_rough: bool


def kappa_of(records: Records) -> Kappa:
    """Return the agreement of labels and opinions beyond chance, as a share of the possible one.

    (observed - expected) / (1 - expected), of J. Cohen, “A Coefficient of Agreement for Nominal
    Scales”, Educational and Psychological Measurement 20 (1960), 37-46. The interval is that of the
    large-sample standard error of J. L. Fleiss, J. Cohen and B. S. Everitt, “Large Sample Standard
    Errors of Kappa and Weighted Kappa”, Psychological Bulletin 72 (1969), 323-327. Sets of several
    names are categories.
    """
    mine, theirs, counts = records.pairs
    images, agreed = len(records), records.share.count
    is_rough = images < _LEAST_IMAGES or images - agreed < _LEAST_APART
    rows, columns = (np.zeros(len(records.sets), np.int64) for _ in range(2))
    np.add.at(rows, mine, counts)
    np.add.at(columns, theirs, counts)
    by_chance = int(np.sum(rows * columns))  # of all pairs of both people's decisions; exact
    if not images or by_chance == images**2:
        return Kappa(None, None, is_rough)
    expected = by_chance / images**2
    kappa = (agreed / images - expected) / (1 - expected)
    shares, row_shares, column_shares = counts / images, rows / images, columns / images
    is_same = mine == theirs
    own = (row_shares + column_shares)[mine[is_same]]
    cross = column_shares[mine[~is_same]] + row_shares[theirs[~is_same]]
    alike = float(np.sum(shares[is_same] * (1 - own * (1 - kappa)) ** 2))
    apart = (1 - kappa) ** 2 * float(np.sum(shares[~is_same] * cross**2))
    centre = (kappa - expected * (1 - kappa)) ** 2
    variance = (alike + apart - centre) / (images * (1 - expected) ** 2)
    if variance <= 1e-12:
        return Kappa(kappa, None, is_rough)
    half = NormalDist().inv_cdf(0.975) * math.sqrt(variance)
    return Kappa(kappa, (max(-1.0, kappa - half), min(1.0, kappa + half)), is_rough)
