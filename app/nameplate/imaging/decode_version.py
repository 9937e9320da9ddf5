"""Which pixels `imaging.decode` makes of a file; apart, for caches that decode nothing."""

from typing import Final

DECODE_VERSION: Final = 2
"""Raised when a file would come out with other pixels, so that no cache serves the old ones."""
