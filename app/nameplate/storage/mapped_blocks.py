"""Arrays that lie in a temporary file, so that a large folder takes little memory."""

import mmap
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

_STEP: Final = mmap.ALLOCATIONGRANULARITY


class MappedBlocks:
    """Makes arrays in one file, which is gone with the last of them, also after a crash.

    The system writes it when it needs the memory for something else. Where the disk is full, or
    there is no place for a file, an array is in memory.
    """

    def __init__(self, folder: Callable[[], Path]) -> None:
        """Make no file yet; `folder` returns where to, and makes the folder."""
        self._folder, self._end = folder, 0
        self._file: IO[bytes] | None = None

    def __call__(self, shape: tuple[int, int], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return an array of NaN with a shape and a type."""
        content = np.full(shape, np.nan, dtype)
        if not content.size:
            return content
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder())  # noqa: SIM115 - closed below
                weakref.finalize(self, self._file.close)  # each array keeps the file by itself
            # Written, and not left as a hole: a full disk is an error here, not a crash later.
            self._file.seek(self._end)
            self._file.write(content.data)
            self._file.flush()
            mapped = mmap.mmap(self._file.fileno(), content.nbytes, offset=self._end)
        except (OSError, ValueError):
            return content
        self._end += -(-content.nbytes // _STEP) * _STEP
        return np.frombuffer(mapped, dtype).reshape(shape)
