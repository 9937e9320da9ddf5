"""Caches the vectors of prompts, so that known names need no text encoder at the next start."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from nameplate.domain.messages import Message
from nameplate.storage.caches.vector_store import Vector, VectorStore

_VERSION: Final = 1
"""Increased when tokenization or pooling changes, so that old vectors are not used."""


class TextCache:
    """The vectors of one model's prompts, in the file of the embedding cache.

    The file is opened for each call: there are few, and nothing has to be closed.

    Attributes:
        problem: What was wrong with the file; None while all is well.
    """

    def __init__(self, folder: Path, fingerprint: str, size: int) -> None:
        """Touch no file yet.

        Args:
            folder: Of the embedding cache.
            fingerprint: Of the model.
            size: Numbers in a vector.
        """
        self.problem: Message | None = None
        self._folder = folder
        self._model = f"text-{_VERSION}-{fingerprint}"
        self._size = size

    def find(self, prompts: Iterable[str]) -> dict[str, Vector]:
        """Return the cached vectors (float32, D) of `prompts`."""
        names = {_name(prompt): prompt for prompt in prompts}
        with self._open() as store:
            found = store.recall(names)
            self.problem = self.problem or store.problem
        return {names[name]: vector for name, vector in found.items()}

    def store(self, vectors: Mapping[str, Vector]) -> None:
        """Store the vectors (float32, D, finite) of prompts."""
        with self._open() as store:
            store.keep({_name(prompt): vector for prompt, vector in vectors.items()})
            self.problem = self.problem or store.problem

    def _open(self) -> VectorStore:
        return VectorStore(self._folder, self._model, size=self._size)


def _name(prompt: str) -> str:
    """Return a prompt's key: of fixed length, and different from all keys of files."""
    digest = hashlib.blake2b(prompt.encode("utf-8", "surrogatepass"), digest_size=16)
    return f"prompt-{digest.hexdigest()}"
