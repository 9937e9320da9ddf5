"""Picture files: finding, checking and decoding them, and making thumbnails."""

from typing import Final

DECODE_VERSION: Final = 2
"""Increased when files decode to other pixels, so that caches do not return old results."""
