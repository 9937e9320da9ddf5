"""What it costs to go on with another model: which images it has to read, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.inference.manifest import fingerprint
from nameplate.model_hub.library import manifest_of
from nameplate.pipeline.embedding import cache_of
from nameplate.pipeline.speeds import measured_speeds

_AT_A_TIME: Final = 4096


@dataclass(frozen=True, slots=True)
class ChangeCost:
    """What has to be read again.

    Attributes:
        title: The other model's name.
        to_read: Images that it has not seen yet.
        total: Images that there are.
        speed: Images per second that were measured with it here; None where none was.
    """

    title: str
    to_read: int
    total: int
    speed: float | None

    @property
    def seconds(self) -> float | None:
        """How long the reading will take; None where that is not known."""
        return self.to_read / self.speed if self.speed else None


def cost_of_change(
    folder: Path,
    paths: Sequence[Path],
    *,
    device: str,
    use_cache: bool,
    cancel: CancelToken,
) -> ChangeCost:
    """Count what the model in `folder`, which is not loaded for it, has to read of `paths`.

    An image that was renamed since it was read counts, though it will turn out to be known.

    Args:
        folder: Of the other model.
        paths: The images that are open.
        device: That the other model will most probably run on.
        use_cache: Whether the cache will be asked.
        cancel: Looked at between blocks.

    Raises:
        ModelError: The folder is no model's, or a file of it is missing.
        CancelledError: `cancel` was set.
    """
    manifest = manifest_of(folder)
    known = 0
    if use_cache and paths:
        with cache_of(fingerprint(folder, manifest), manifest.embedding_size) as cache:
            for start in range(0, len(paths), _AT_A_TIME):
                if cancel.is_cancelled:
                    raise CancelledError
                known += len(cache.find(paths[start : start + _AT_A_TIME]).indices)
    speed = measured_speeds().get((manifest.id, device))
    return ChangeCost(manifest.title, len(paths) - known, len(paths), speed)
