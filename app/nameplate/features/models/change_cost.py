"""Estimates the cost of switching models: images to embed again, and the time it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.progress import CancelToken
from nameplate.inference.manifest import fingerprint
from nameplate.model_hub.installed import manifest_of
from nameplate.pipeline.reading.embedding import cache_of
from nameplate.storage.speeds import measured_speeds

_BLOCK_SIZE: Final = 4096


@dataclass(frozen=True, slots=True)
class ChangeCost:
    """How many of all images have to be read with another model, and at what speed if known."""

    title: str
    to_read: int
    total: int
    speed: float | None

    @property
    def seconds(self) -> float | None:
        """The estimated duration; None if the speed is unknown."""
        return self.to_read / self.speed if self.speed else None


def cost_of_change(
    folder: Path, paths: Sequence[Path], *, device: str, use_cache: bool, cancel: CancelToken
) -> ChangeCost:
    """Count the images of `paths` that the model in `folder` has to embed; does not load it.

    A renamed image counts, though the cache will be found to know its content.

    Raises:
        ModelError: The folder is no model's, or a file of it is missing.
    """
    manifest = manifest_of(folder)
    known = 0
    if use_cache and paths:
        with cache_of(fingerprint(folder, manifest), *manifest.sizes) as cache:
            for start in range(0, len(paths), _BLOCK_SIZE):
                cancel.raise_if_cancelled()
                known += len(cache.find(paths[start : start + _BLOCK_SIZE]).indices)
    speed = measured_speeds().get((manifest.id, device))
    return ChangeCost(manifest.title, len(paths) - known, len(paths), speed)
