"""Nameplate: label pictures by naming things."""

from typing import Final

__version__: Final = "0.1.0"
