"""What was computed once and is kept on disk: how much it is, and how to be rid of it."""

from contextlib import suppress

from nameplate.inference.model import LoadedModel
from nameplate.storage.cache_file import FILE_NAME, SUFFIXES
from nameplate.storage.embedding_cache import default_folder
from nameplate.storage.text_cache import TextCache
from nameplate.storage.vector_store import VectorStore


def text_cache(model: LoadedModel) -> TextCache:
    """Return the cache of this person's machine for the prompts of `model`."""
    return TextCache(default_folder(), model.fingerprint, model.manifest.embedding_size)


def cache_size() -> int:
    """Return how many bytes the embeddings of images and prompts take on disk."""
    file, size = default_folder() / FILE_NAME, 0
    for suffix in SUFFIXES:
        with suppress(OSError):
            size += file.with_name(file.name + suffix).stat().st_size
    return size


def clear_caches() -> str:
    """Drop all embeddings, which costs encoding the images again; other windows may go on.

    Takes a while: not for the window's thread.

    Returns:
        Why it could not be done, as a sentence; empty where it was.
    """
    with VectorStore(default_folder(), "") as store:
        store.clear()
        return store.problem
