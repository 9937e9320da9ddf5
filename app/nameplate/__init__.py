"""Nameplate: label pictures by naming things."""

import os  # and nothing that `python -m nameplate` would find in the current folder first

__version__ = "1.0.0"

# Before numpy is loaded. Our matrix products are small, and threads of their own, which wait for
# each other in turns that burn a core, make them up to ten times slower beside other work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
