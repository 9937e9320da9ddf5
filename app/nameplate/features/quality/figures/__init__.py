"""Figures of labels with a known truth: shares, confusions, thresholds; reports of them."""
