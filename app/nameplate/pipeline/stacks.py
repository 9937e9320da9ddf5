"""Has a feature find which images belong together."""

from nameplate.domain.images import ImageTable
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import Stacks, no_stacks
from nameplate.system.features import answers


def find_stacks(images: ImageTable, cancel: CancelToken) -> Stacks:
    """Return which images belong together; where no feature finds that, each stands alone.

    Raises:
        CancelledError: `cancel` was set.
    """
    return next(answers("stacks", images, cancel), no_stacks(len(images)))
