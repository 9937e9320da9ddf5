"""Findings: values of images that a feature's job computes and the filter tests."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """A property of images that a feature computes in a job, and that a filter can ask for.

    Attributes:
        key: What is typed before the colon, as in `odd:mistake`; no other condition has it.
        title: The submenu of the filter's menu.
        words: What is typed after the colon, and what each means in a few words.
        none: What another word is, such as "no doubtful label".
        values: What is asked for besides these words: `days`, as in `taken:2024-06`, or a part of
            one of the `texts` that are found, as in `camera:x100`. Neither has another word.
        orders: What comes first, rising and falling, where pictures can be sorted by it.
    """

    key: str
    title: str
    words: tuple[tuple[str, str], ...]
    none: str = ""
    values: Literal["", "days", "texts"] = ""
    orders: tuple[str, str] | None = None
