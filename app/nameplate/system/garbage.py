"""Collects Python's garbage when it is told to, where Python itself does not."""

import gc


def collect_due() -> None:
    """Run the garbage collection that is due, on this thread."""
    limits = zip(gc.get_count(), gc.get_threshold(), strict=True)
    due = [generation for generation, (count, most) in enumerate(limits) if count > most]
    if due:
        gc.collect(due[-1])
