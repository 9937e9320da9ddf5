"""Where images stand among each other is kept small and still says how alike they are."""

import numpy as np

from nameplate.domain.embeddings import ImageVectors, unit
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.pages.selection import projections
from nameplate.scoring.whitening import FOR_GROUPS, WhitenedSpace, in_blocks


def test_what_is_kept_takes_half_the_memory_and_gives_the_same_cosines():
    embeddings = unit(np.random.default_rng(0).standard_normal((1500, 32))).astype(np.float32)
    blocks = in_blocks(embeddings)
    (found,) = projections([*map(ImageVectors.of, blocks)], CancelToken())
    exact = WhitenedSpace.of(embeddings, FOR_GROUPS).place(blocks)
    kept = found.astype(np.float32)
    assert found.nbytes == exact.nbytes // 2
    assert np.abs(kept @ kept.T - exact @ exact.T).max() < 1e-3
