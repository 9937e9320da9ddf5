"""Records of named labels, for tests of the figures."""

from collections.abc import Sequence

import numpy as np

from nameplate.domain.labels import LabelSets
from nameplate.features.quality.records import Records


def records_of(names: Sequence[str], truth: Sequence[str], labels: Sequence[str]) -> Records:
    """Return images with labels and truth, several names as `cat dog`, none as an empty text."""
    sets, keys = LabelSets(), {name: key for key, name in enumerate(names)}
    codes = (
        np.array([sets.code_of([keys[name] for name in text.split()]) for text in side], np.int32)
        for side in (labels, truth)
    )
    return Records(dict(enumerate(names)), sets, *codes)
