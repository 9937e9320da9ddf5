"""Has a feature find which images belong together."""

from nameplate.domain.images import ImageTable
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import Stacks, no_stacks
from nameplate.system.features import features, resolve


def find_stacks(images: ImageTable, cancel: CancelToken) -> Stacks:
    """Return which images belong together; where no feature finds that, each stands alone.

    Raises:
        CancelledError: `cancel` was set.
    """
    for feature in features():
        if feature.stacks:
            found: Stacks = resolve(feature, feature.stacks)(images, cancel)
            return found
    return no_stacks(len(images))
