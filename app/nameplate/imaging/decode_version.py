"""The version of the pixels that `imaging.decode` returns, for the keys of caches."""

from typing import Final

DECODE_VERSION: Final = 2
"""Increased when files decode to other pixels, so that caches do not return old results."""
