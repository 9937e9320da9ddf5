import numpy as np

from nameplate.domain.progress import CancelToken
from nameplate.features.models.doctor import cache_size, clear_caches
from nameplate.inference.model import load_model
from nameplate.pipeline.prompt_encoder import text_cache
from nameplate.pipeline.reading.embedding import embed_images, open_embedding_cache


def test_clearing_leaves_nothing_and_a_window_that_is_open_goes_on(tiny_model, coloured):
    model = load_model(tiny_model, device="cpu")
    paths = sorted(coloured.rglob("*.png"))
    assert cache_size() == 0
    text_cache(model).store({"red": np.ones(model.manifest.embedding_size, np.float32)})
    with open_embedding_cache(model) as cache:
        list(embed_images(range(len(paths)), paths, model, cache=cache, cancel=CancelToken()))
        assert len(cache.find(paths).indices) == len(paths)
        before = cache_size()
        assert clear_caches() is None
        assert len(cache.find(paths).indices) == 0
        assert text_cache(model).find(["red"]) == {}
        list(embed_images(range(len(paths)), paths, model, cache=cache, cancel=CancelToken()))
        assert len(cache.find(paths).indices) == len(paths)
        assert cache.problem is None
    assert 0 < cache_size() <= before
