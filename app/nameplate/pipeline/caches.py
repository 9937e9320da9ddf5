"""The embedding and prompt caches on disk: open, measure and clear them."""

from contextlib import suppress

from nameplate.domain.messages import Message
from nameplate.inference.model import LoadedModel
from nameplate.storage.caches.cache_file import FILE_NAME, SUFFIXES
from nameplate.storage.caches.embedding_cache import EmbeddingCache, TextCache, default_folder


def text_cache(model: LoadedModel) -> TextCache:
    """Return this person's cache of prompt embeddings for `model`."""
    return TextCache(default_folder(), model.fingerprint, model.manifest.embedding_size)


def cache_size() -> int:
    """Return the bytes that cached embeddings of images and prompts take on disk."""
    file, size = default_folder() / FILE_NAME, 0
    for suffix in SUFFIXES:
        with suppress(OSError):
            size += file.with_name(file.name + suffix).stat().st_size
    return size


def clear_caches() -> Message | None:
    """Delete all cached embeddings; images are then encoded again. Other windows may be open.

    Slow: not for the window's thread.

    Returns:
        Why it failed; None on success.
    """
    with EmbeddingCache(default_folder(), "") as store:
        store.clear()
        return store.problem
